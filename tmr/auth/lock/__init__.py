"""Opening locked records and closing them: at sign-in, in a form where a page was asked for, and in the menu."""
