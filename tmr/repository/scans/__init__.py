"""Looking through all records of a kind, and what a process keeps of that until something changes."""
