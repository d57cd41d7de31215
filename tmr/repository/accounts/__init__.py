"""The account of one owner: sessions, factors, tokens, the security log."""
