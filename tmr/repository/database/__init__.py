"""Connections, migrations, dumps, and work across owners."""
