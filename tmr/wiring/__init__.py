"""Puts the rooms together: settings in, what a process or a command works with out."""
