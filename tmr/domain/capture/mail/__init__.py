"""Reads a mail about a job search: its kind, its company and role, and the time of an interview."""
