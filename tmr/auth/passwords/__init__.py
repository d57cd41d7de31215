"""Passwords: the rule, the hash, changing one, resetting one."""
