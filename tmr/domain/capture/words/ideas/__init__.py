"""What words of letters mean, and which of them tell a kind of letter."""
