"""Reads the files that people bring: any encoding, any layout; proposes, and decides nothing in silence."""
