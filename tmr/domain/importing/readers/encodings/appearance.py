"""Which encoding bytes are in when nothing in them says so: Windows-1252 unless the evidence for another is strong."""

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from tmr.domain.importing.readers.encodings.letters import KOREAN, LANGUAGES, Alphabet

DEFAULT = "cp1252"
MOST_WORDS = 5_000
LONGEST_WORD = 60

_CJK = r"\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff"
_CJK_RUN = re.compile(f"([A-Za-z])?([{_CJK}]+)([A-Za-z])?")
_CJK_MARKS = re.compile(r"[\u3000-\u3004\u3008-\u303f\uff01-\uff60・ー①-⑳㈱㈲]")
# The first bytes of the letters that texts are full of, by the order in which each standard lists its letters.
_COMMON = {
    "shift_jis": ("cp932", ((0x82, 0x83), (0x88, 0x98)), 0x40),
    "gb18030": ("gb18030", ((0xB0, 0xD7),), 0xA1),
    "big5": ("cp950", ((0xA4, 0xC6),), 0x40),
    "euc_kr": ("cp949", ((0xB0, 0xC8),), 0xA1),
}
# Bytes that are letters beside ASCII letters. All the encodings here agree on ASCII.
_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
# What stands inside or at the end of a word in no language, but is a letter in another encoding.
_NEVER_IN_WORDS = frozenset("¹³¼½¾¢£¤¥¦§¨¬¯±²µ¶¸÷×‡†‰„•ˆ˜˙˘˛˝ˇ©®√∫∂∑∏≈≠≤≥∞◊\u00ad¿¡")
_MAY_PRECEDE = frozenset("¿¡„£¥§©•±¨")
_MAY_FOLLOW = frozenset("©®²³§†‡")
# "œ" begins another syllable than "ś" does: sœur, œil, fœtus; never at an end or before these.
_WRONG_LIGATURE = re.compile(r"œ(?:$|[wkpmrzlyaęąćź])|Œ[wlrpk]")


def encoding_by_appearance(sample: bytes) -> str:
    """Return the name of the encoding of a sample that is not ASCII and not UTF-8."""
    words = _words(sample)
    eastern, script = _eastern(sample), _of_another_script(words)
    # Capitals of Cyrillic are common Chinese too, but no Chinese word has an odd number of bytes.
    if script and (not eastern or any(len(word) % 2 for word in words)):
        return script
    if eastern:
        return eastern
    doubts = {name: _doubt(words, name) for name in LANGUAGES}
    best = min(doubts, key=lambda name: doubts[name])
    total = sum(words.values())
    is_strong = doubts[best] <= 0.02 and doubts[DEFAULT] >= 0.15 and doubts[DEFAULT] * total >= 1
    return best if is_strong or (doubts[DEFAULT] >= 1 and doubts[best] < 0.5) else DEFAULT


def _eastern(sample: bytes) -> str | None:
    """Return the encoding in which nearly all is common letters of Japanese, Chinese or Korean, in words of several."""
    shares = {name: _share_of_common(sample, name) for name in _COMMON}
    if shares["euc_kr"] >= 0.95:
        return "euc_kr"
    best = max(("shift_jis", "gb18030", "big5"), key=lambda name: shares[name])
    return best if shares[best] >= 0.75 else None


def _share_of_common(sample: bytes, name: str) -> float:
    codec, leads, least_trail = _COMMON[name]
    try:
        text = codecs.getincrementaldecoder(codec)().decode(sample)
    except UnicodeError:
        return 0
    counts: Counter[str] = Counter()
    longest = 0
    for before, run, after in _CJK_RUN.findall(text):
        longest = max(longest, len(run))
        if len(run) > 1 or not (before or after):  # one letter amid Latin ones is an accent that was misread
            counts.update(run)
    total = sum(not char.isascii() for char in text)
    good = sum(count for char, count in counts.items() if _is_common(char.encode(codec), leads, least_trail))
    if name == "euc_kr" and sum(counts[char] for char in KOREAN) * 4 < good:
        return 0
    return (good + len(_CJK_MARKS.findall(text))) / total if longest > 1 else 0


def _is_common(encoded: bytes, leads: Iterable[tuple[int, int]], least_trail: int) -> bool:
    return any(low <= encoded[0] <= high for low, high in leads) and encoded[-1] >= least_trail


def _words(sample: bytes) -> Counter[bytes]:
    words: Counter[bytes] = Counter()
    for match in _WORD.finditer(sample):
        word = match[0][:LONGEST_WORD]
        if not word.isascii():
            words[word] += 1
            if len(words) >= MOST_WORDS:
                break
    return words


def _of_another_script(words: Counter[bytes]) -> str | None:
    """Return the encoding in which nearly all words of two letters and more are Cyrillic, or Greek."""
    scores = {name: _whole_words(words, name, script) for name, script in (("cp1251", "а-яё"), ("cp1253", "ά-ώ"))}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] >= 0.8 else None


def _whole_words(words: Counter[bytes], name: str, small: str) -> float:
    """Return the share of words that are whole and rightly spelled: capitals first or throughout, ς at the end only."""
    capital = {"а-яё": "А-ЯЁЂЃЄЅІЇЈЉЊЋЌЎЏҐ", "ά-ώ": "ΆΈ-ΏΑ-Ϋ"}[small]
    small += {"а-яё": "ђѓєѕіїјљњћќўџґ", "ά-ώ": "ΐ"}[small]
    spelled = re.compile(rf"(?:[{capital}]?[{small}]+|[{capital}]+)")
    good = total = 0
    for word, count in words.items():
        try:
            text = word.decode(name).strip("«»“”„–—’‘…№·")
        except UnicodeError:
            total += count
            continue
        if len(text) > 1:
            total += count
            good += count * bool(spelled.fullmatch(text) and "ς" not in text[:-1])
    return good / total if total > 0 and any(len(word) > 2 for word in words) else 0


def _doubt(words: Counter[bytes], name: str) -> float:
    """Return the share of words with letters or marks that the likeliest language does not write so; 1 if not text.

    For the default the two likeliest languages count together: a list of a person has companies of several countries.
    """
    try:
        texts = [(word.decode(name), count) for word, count in words.items()]
    except UnicodeError:
        return 1
    languages = LANGUAGES[name]
    spoken = [language for language in languages if _is_spoken(language, texts)]
    unions = [language.letters for language in spoken] or [frozenset[str]()]
    if name == DEFAULT:
        unions = [one | other for one in unions for other in unions]
    total = sum(count for _, count in texts) or 1
    wrong = sum(count for text, count in texts if _is_misspelled(text))
    rest = [(text, count) for text, count in texts if not _is_misspelled(text)]
    return (wrong + min(_foreign(rest, letters) for letters in unions)) / total


def _is_spoken(language: Alphabet, texts: Sequence[tuple[str, int]]) -> bool:
    letters = {char for text, _ in texts for char in text}
    return bool(letters & language.sure) and not letters & language.never


def _foreign(texts: Iterable[tuple[str, int]], letters: frozenset[str]) -> int:
    return sum(count for text, count in texts if any(_is_letter(char) and char not in letters for char in text))


def _is_letter(char: str) -> bool:
    return not char.isascii() and char.isalpha() and char not in "ªº"


def _is_misspelled(word: str) -> bool:
    """Whether a mark is inside the word, or a capital that is not ASCII amid its small letters."""
    for at, char in enumerate(word):
        if char.isascii():
            continue
        before, after = word[at - 1 : at].isalpha(), word[at + 1 : at + 2].isalpha()
        if char in _NEVER_IN_WORDS and ((before and after) or (before and char not in _MAY_FOLLOW)):
            return True
        if char in _NEVER_IN_WORDS and after and char not in _MAY_PRECEDE:
            return True
        if char.isupper() and word[at - 1 : at].islower():
            return True
    return bool(_WRONG_LIGATURE.search(word))
