"""Pages that are made for others: proof of search."""
