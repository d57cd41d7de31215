"""Sealing, wrapping and keyed hashing. Bytes in, bytes out; nothing here knows what it protects."""
