"""Drafts: placeholders are filled in once, and the link opens one mail to one person and nothing else."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tmr.domain.drafts.draft import LANGUAGES, SUBJECT, draft_of, is_plain_address, language_of

VALUES = {"company": "Ørsted & Co", "title": "{me}", "contact": "Mette Holm", "me": "Ada", "applied": "2 Mar 2026"}


def test_placeholders_are_filled_in_once_and_what_is_unknown_stays_and_is_named() -> None:
    draft = draft_of("Betreff: An {Company}\nDear {contact}, as {title} {nothing here} {salary}\n{ me }", VALUES)

    assert draft.subject == "An Ørsted & Co"
    assert draft.text == "Dear Mette Holm, as {me} {nothing here} {salary}\nAda"
    assert draft.unknown == ("nothing here", "salary")
    assert draft_of("No subject", {}).subject == ""


def test_i2_the_link_has_one_address_and_whole_texts() -> None:
    draft = draft_of("Subject: 100 % & more?\nLine one\nbcc=x@evil.example&to=y", VALUES)

    link = urlsplit(draft.link("mette+jobs@example.org"))

    assert (link.scheme, link.path) == ("mailto", "mette+jobs@example.org")
    asked = parse_qs(link.query, strict_parsing=True)
    assert asked == {"subject": ["100 % & more?"], "body": ["Line one\r\nbcc=x@evil.example&to=y"]}


@pytest.mark.parametrize(
    "address",
    ["a@b.example?bcc=x@evil.example", "a@b.example,c@d.example", "a b@c.example", "", "a", "a@b@c", "a%0d@b.example"],
)
def test_i2_what_is_no_single_address_is_left_out(address: str) -> None:
    assert not is_plain_address(address)
    assert draft_of("x", {}).link(address).startswith("mailto:?")


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=list(LANGUAGES))
def test_each_template_that_comes_along_is_filled_in_whole(language) -> None:
    draft = draft_of(language.text, VALUES)

    assert draft.unknown == ()
    assert SUBJECT.match(language.text)["word"] == language.subject
    assert language_of(language.text) == language
    assert draft.subject.endswith("{me}")  # the title of these values
    assert all(value in draft.text for value in ("Ørsted & Co", "Mette Holm", "2 Mar 2026", "Ada"))


def test_a_template_of_ones_own_calls_placeholders_in_its_own_language() -> None:
    draft = draft_of("Objet : {Poste}\n{Prénom}, {ENTREPRISE} {lien} {salaire} {company}", VALUES | {"first name": "M"})

    assert (draft.subject, draft.text) == ("{me}", "M, Ørsted & Co {lien} {salaire} Ørsted & Co")
    assert draft.unknown == ("lien", "salaire")
    assert draft_of("Subject: x\n{Poste}", VALUES).text == "{Poste}"
