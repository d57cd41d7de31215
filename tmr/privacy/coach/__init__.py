"""A read-only look at the search for someone that its owner trusts: made in the settings, opened by link and code."""
