"""Signing in, and the devices that are signed in."""
