"""Reading pay, and telling whose money a sign such as ``$`` is."""
