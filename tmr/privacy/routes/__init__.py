"""Routes of export and erasure."""
