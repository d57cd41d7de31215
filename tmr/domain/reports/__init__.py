"""What a search adds up to for others, such as an employment office."""
