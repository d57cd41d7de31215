"""The records of one owner, sealed."""
