"""The types that a field can have; a new type is written here, and nothing else changes."""
