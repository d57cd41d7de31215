"""Files and pasted rows on their way in."""
