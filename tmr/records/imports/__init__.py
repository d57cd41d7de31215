"""Imports of files and of pasted rows."""
