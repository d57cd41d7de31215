"""The types that a field can have. A new one is a class here; only a new way to show or type it needs more."""
