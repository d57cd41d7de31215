"""Jobs, mails, reminders and rate limits."""
