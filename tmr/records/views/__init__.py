"""Views of lists that a person saves under a name."""
