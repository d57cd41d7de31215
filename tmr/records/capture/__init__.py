"""Postings and mails become records: read, shown with where each value is from, and kept when a person says so."""
