"""Tells encodings apart by how the text reads in each."""
