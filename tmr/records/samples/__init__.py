"""Sample data to look around in."""
