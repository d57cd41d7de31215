"""Second factors: authenticator apps, recovery codes and passkeys; and confirming who is there."""
