"""The PostgreSQL that an installation brings along, and the setting up of any other."""
