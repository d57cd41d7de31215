"""Writing values for people: cells, dates, salaries, and the time zone they are in."""
