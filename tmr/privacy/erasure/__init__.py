"""Erasing records or the whole account."""
