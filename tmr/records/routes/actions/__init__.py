"""Routes of what can be done to one record by a click, beside editing it."""
