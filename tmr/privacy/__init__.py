"""What is the user's by right: taking everything along, and leaving nothing behind."""
