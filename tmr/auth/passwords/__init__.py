"""Passwords: which are accepted, how they are hashed, changing one, resetting a forgotten one."""
