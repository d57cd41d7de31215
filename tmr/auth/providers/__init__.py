"""Signing in with Google or another OpenID provider."""
