"""Where a text stands in others, in time that grows with their length alone."""


class Finder:
    """Finds ``text``, whatever its case unless that is kept; a match is as long as ``text``.

    A regular expression that ignores case would start again at each letter: 299 times ``a`` and a ``b`` would cost 300
    steps for each ``a`` of a note.
    """

    def __init__(self, text: str, *, is_case_kept: bool) -> None:
        self._is_case_kept = is_case_kept
        self._text = self._folded(text)

    def first(self, text: str) -> int:
        """Return where the text stands first, or -1."""
        return self._folded(text).find(self._text)

    def replaced(self, text: str, new: str, most: int = -1) -> str:
        """Return ``text`` with ``new`` at the first ``most`` places, or at all of them; matches do not overlap."""
        folded, parts, after = self._folded(text), [], 0
        while most and (at := folded.find(self._text, after)) >= 0:
            parts += [text[after:at], new]
            after, most = at + len(self._text), most - 1
        return "".join([*parts, text[after:]])

    def _folded(self, text: str) -> str:
        return text if self._is_case_kept else _lower(text)


def _lower(text: str) -> str:
    """Return ``text`` in small letters, each in its place: ``İ`` becomes two and stays, and ``ς`` is a ``σ``."""
    lower = text.lower()
    if len(lower) != len(text):
        lower = "".join(small if len(small := letter.lower()) == 1 else letter for letter in text)
    return lower.replace("ς", "σ")
