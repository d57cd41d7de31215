"""What can be wrong with a file."""


class FileRefusedError(ValueError):
    """The file cannot be imported; the message says why and what would help. Nothing was changed."""
