"""The page of an import that waits for its owner."""
