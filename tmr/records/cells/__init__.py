"""Many cells of a list at once: pasted, filled, cleared or replaced."""
