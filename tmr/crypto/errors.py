"""What can go wrong in this room."""


class DecryptionError(Exception):
    """A sealed value did not open. One error for every cause, so that it tells an attacker nothing."""


class KeyringError(Exception):
    """The keyring is missing, readable by others, malformed, or lacks a key that the data needs."""
