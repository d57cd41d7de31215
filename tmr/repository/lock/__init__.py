"""The lock of an account: what opens the key of its records, and in which sessions they are open."""
