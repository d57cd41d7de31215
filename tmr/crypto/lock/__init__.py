"""Wraps of a data key under what a person holds, and the keys that are made of that."""
