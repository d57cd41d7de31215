"""The promises, and how this installation keeps them."""
