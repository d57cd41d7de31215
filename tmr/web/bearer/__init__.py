"""Scripts that come with an access token in place of a session."""
