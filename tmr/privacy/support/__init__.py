"""Support access: granted by a person, used by support."""
