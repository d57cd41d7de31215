"""Reads the rows of a table as records, in the way that its plan says."""
