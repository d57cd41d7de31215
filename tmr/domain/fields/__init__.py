"""Fields and kinds: what a value is, and how it is read and written."""
