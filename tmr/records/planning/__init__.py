"""What has a date: Today, the calendar, feeds and reminder mails."""
