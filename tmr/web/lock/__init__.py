"""What a request gets while the records of its account are closed."""
