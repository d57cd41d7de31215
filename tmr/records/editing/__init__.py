"""Changes to records, and all that belongs to a change."""
