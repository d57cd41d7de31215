"""Reads the markup of a page in one pass: its lines, what its head says, and the data in it."""
