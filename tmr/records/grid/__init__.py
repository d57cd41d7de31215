"""The grid of one kind, and search."""
