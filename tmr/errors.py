"""The one error that an operator reads on the command line."""


class OperatorError(Exception):
    """Something that the operator can put right. The command line prints the message, without a traceback."""
