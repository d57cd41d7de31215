"""Reading a whole file and proposing how to import it, and again as the person decides; needs nothing but the file."""
