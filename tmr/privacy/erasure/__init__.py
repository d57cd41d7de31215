"""Erasing all records or the whole account, and the ledger of what was erased."""
