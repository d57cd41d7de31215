"""Names by which someone who hears a page tells its buttons and links apart."""

import re


def names(page: str) -> list[str]:
    """Return the name of every link and button that says nothing by itself."""
    return re.findall(r'aria-label="([^"]+)"[^>]*>(?:⋯|Join|Edit|Delete)', page) + re.findall(
        r'<span class="sr">(More for [^<]+)</span>', page
    )


def test_what_can_be_done_with_a_line_or_card_is_named_after_it(alice) -> None:
    for company in ("Ørsted", "Acme"):
        application = alice.add(company=company, title="Engineer")
        for note in ("They called", "I wrote"):
            alice.post("/events", type="note", note=note, application_id=application, panel=application)
    alice.post(
        "/interviews",
        application_id=application,
        kind="technical",
        starts_at="2099-01-02T10:00",
        place="https://meet.example/1",
    )

    board, page = (names(alice.get(path).text) for path in ("/board", f"/applications/{application}"))

    assert {"Move Engineer at Ørsted", "Move Engineer at Acme"} <= set(board)
    assert sum(bool(re.fullmatch(r"More for Note of \d+ \w+, \d\d:\d\d", name)) for name in page) == 2
    assert "Join Technical" in " ".join(page)
