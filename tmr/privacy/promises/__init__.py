"""The public page of promises, how this installation keeps them, and reports of security problems."""
