"""What a posting or a mail that a person brings says, read by rules: no network, no guess that changes anything."""
