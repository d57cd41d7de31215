"""The types that a field can have; a type put here is complete, and nothing else has to know of it."""
