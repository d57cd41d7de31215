"""One day of a person: what can be done to the lines of Today, and what belongs to the next interview."""
