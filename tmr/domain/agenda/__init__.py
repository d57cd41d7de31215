"""What has a date."""
