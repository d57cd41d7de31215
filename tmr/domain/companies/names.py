"""Which spellings of a company's name mean the same company: case, accents and legal forms make no difference."""

import re

from tmr.domain.fields.folding import searchable

LONGEST = 300
NOTES = "company notes"  # the type of the documents that hold what a person writes about a company
_FORMS = (
    # Of two words or with marks first, so that they are taken whole.
    *("gmbh & co kg", "gmbh & co kgaa", "gmbh und co kg", "ag & co kg", "se & co kg", "se & co kgaa", "ug & co kg"),
    *("sa de cv", "s a de c v", "pty ltd", "pte ltd", "pvt ltd", "co ltd", "sp z o o", "s r o", "d o o", "e v", "e k"),
    *("s a s u", "s a r l", "s p a", "s r l", "s l u", "a s", "a b", "s a s", "s a", "s l", "n v", "b v", "s e", "c v"),
    *("gmbh", "ggmbh", "mbh", "ag", "se", "kg", "kgaa", "ohg", "ug", "ev", "eg", "gbr", "ek", "haftungsbeschrankt"),
    *("inc", "incorporated", "llc", "llp", "lp", "ltd", "limited", "plc", "corp", "corporation", "co", "company"),
    *("aor", "aoer", "s coop", "s l l", "sll", "s c"),
    *("sa", "sas", "sasu", "sarl", "eurl", "snc", "scop", "sl", "slu", "sau", "srl", "spa", "lda", "ltda"),
    *(
        "bv",
        "nv",
        "cv",
        "vof",
        "ab",
        "oy",
        "oyj",
        "as",
        "asa",
        "aps",
        "kft",
        "zrt",
        "sro",
        "doo",
        "spzoo",
        "pty",
        "pte",
    ),
)
_NOT_WORDS = re.compile(r"[^\w&]+")
_AT_END = re.compile(r"(?<=\S) (?:" + "|".join(map(re.escape, _FORMS)) + r")$")
_MOST_FORMS = 4  # at the end of one name, such as “UG (haftungsbeschränkt) & Co. KG”


def company_key(name: str) -> str:
    """Return what all spellings of a company have in common; empty for a name without letters.

    A legal form at the end is left out, unless it is the whole name: ``SE`` and ``Co`` can be what a company is called.
    """
    words = " ".join(_NOT_WORDS.sub(" ", searchable(name[:LONGEST])).split()).removeprefix("the ")
    for _ in range(_MOST_FORMS):
        shorter = _AT_END.sub("", words).removesuffix(" &")
        if shorter == words:
            break
        words = shorter
    return words.replace(" ", "")
