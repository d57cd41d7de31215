"""Access tokens for a person's own scripts, made and revoked in the settings."""
