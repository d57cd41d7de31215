"""How dates, times and numbers are written where a person is, and how they are read back."""
