"""Routes of undo, the trash and the history of a record."""
