"""What can go wrong in this room."""

from tmr.errors import OperatorError


class DecryptionError(Exception):
    """A sealed value did not open. One error for every cause, so that it tells an attacker nothing."""


class KeyringError(OperatorError):
    """The keyring is missing, readable by others, malformed, or lacks a key that the data needs."""
