"""Routes of accounts and sessions."""
