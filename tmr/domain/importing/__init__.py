"""Reads the files that people bring, in any encoding and layout; it proposes, and never decides silently."""
