"""Signing in, the second step of it, and the devices that are signed in."""
