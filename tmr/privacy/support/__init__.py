"""Support access: people grant it, and support accounts use it."""
