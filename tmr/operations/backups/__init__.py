"""Backups: made, kept, stamped and restored."""
