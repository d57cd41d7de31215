"""Access for others: feeds, support grants, legal orders."""
