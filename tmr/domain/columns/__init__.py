"""What the columns of a list can do: their order and width, what the list is narrowed to by them."""
