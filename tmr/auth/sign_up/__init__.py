"""Signing up, and confirming an email address."""
