"""Workbooks: Excel's, old and new, and OpenDocument spreadsheets, read a sheet at a time within limits."""
