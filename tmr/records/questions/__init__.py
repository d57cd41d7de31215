"""The questions of all interviews in one list, to prepare the next one from."""
