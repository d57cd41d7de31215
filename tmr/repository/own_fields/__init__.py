"""The fields that people declare themselves, and the values that records have in them."""
