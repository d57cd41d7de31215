"""Signing up, confirming an email address, and changing it."""
