"""Exporting everything, or one kind of record."""
