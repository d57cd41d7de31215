"""Files in sealed chunks."""
