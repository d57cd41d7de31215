"""Cells of a CSV file: formulas neutralised on the way out, restored on the way in."""

import re

# What spreadsheets take for the start of a formula, full-width forms included. Leading quotes count too, or else a
# cell that already began with one could not be told from an escaped one.
_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
MAY_BEGIN = frozenset("'=+-@\t\r＝＋－＠")  # nearly all cells begin otherwise, and need no closer look
_NEUTRALISED = re.compile(r"'+[=+\-@\t\r＝＋－＠]")


def neutralise(text: str) -> str:
    """Put one ``'`` before what a spreadsheet would run; ``restore`` is its exact inverse."""
    return f"'{text}" if _FORMULA.match(text) else text


def restore(text: str) -> str:
    """Remove the one ``'`` that ``neutralise`` added; any other text is returned as it is."""
    return text[1:] if _NEUTRALISED.match(text) else text
