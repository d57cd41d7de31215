"""Turns at work that keeps a core busy: who has one, and who needs one."""
