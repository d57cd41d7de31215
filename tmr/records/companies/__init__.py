"""Everything with one company, whatever spelling its name has in each record."""
