"""Undo, redo, the trash, and what a record was before."""
