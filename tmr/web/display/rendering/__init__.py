"""How templates become pages: their environment, what is rendered once for everyone, white space, compression."""
