"""When an interview is: by the calendar in a mail, or by the words of its text."""
