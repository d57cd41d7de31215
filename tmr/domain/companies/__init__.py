"""What a search says of companies, which have no records of their own."""
