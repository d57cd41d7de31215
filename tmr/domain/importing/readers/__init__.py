"""Reads files and cells as other programs wrote them."""
