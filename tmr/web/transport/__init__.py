"""Requests and responses as they come and go."""
