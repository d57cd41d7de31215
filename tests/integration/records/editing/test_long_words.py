"""Forms with 300 kB where a word belongs: they are answered as quickly as others, and nothing typed is lost."""

import html
from functools import partial

from tests.support.kinds import FIELDS, declare
from tests.support.measuring.processor_time import cpu_seconds, hash_seconds, least_cpu_seconds
from tests.support.people import Person

LONG = "ﷺ" * 100_000  # one letter that stands for eighteen
MOST_HASHES = 0.4  # about 100 ms, beside what the same text takes in a field that there is not
PIPELINE, PROFILE = "/settings/pipeline", "/settings/profile"


def sent(alice: Person, path: str, **fields: str):
    return alice.client.post(path, data={"csrf_token": alice.token("/import"), **fields})


FORMS = [
    ("/applications", {"company": "A", "title": "B"}, "status"),
    ("/applications", {"company": "A", "title": "B"}, "work_mode"),
    ("/applications", {"company": "A", "title": "B"}, "tags"),
    ("/applications", {"company": "A", "title": "B"}, "deadline"),
    ("/applications", {"company": "A"}, "title"),
    ("/tasks", {"title": "B"}, "application_id"),
    ("/tasks", {"title": "B"}, "done_at"),
    ("/contacts", {"name": "B"}, "application_ids"),
    ("/interviews", {"kind": "phone"}, "time_zone"),
    (PIPELINE, {}, "label.applied"),
    (PIPELINE, {}, "category.applied"),
    (f"{PIPELINE}/stages", {"category": "applied"}, "label"),
    (f"{PIPELINE}/stages", {"label": "Take-home"}, "category"),
    (f"{PIPELINE}/rejected/retire", {}, "to"),
    (FIELDS, {"kind": "applications", "type": "choice"}, "label"),
    (FIELDS, {"kind": "applications", "type": "choice", "label": "Mood"}, "choices"),
    (PROFILE, {"name": "Alice"}, "time_zone"),
    ("/settings/zone", {}, "time_zone"),
]


def test_no_form_does_much_with_a_long_word(alice) -> None:
    alice.add(company="Globex")
    token, of_a_hash = alice.token("/import"), hash_seconds()
    dear = {}

    def send(path: str, others: dict[str, str], field: str) -> None:
        alice.client.post(path, data={"csrf_token": token, **others, field: LONG})

    for path, others, field in FORMS:
        send(path, others, "nothing")
        most = cpu_seconds(partial(send, path, others, "nothing")) + MOST_HASHES * of_a_hash
        spent = least_cpu_seconds(partial(send, path, others, field), most)
        if spent > most:
            dear[f"{path} {field}"] = (spent, most)

    assert not dear


def test_a_word_that_is_no_choice_comes_back_whole_and_once(alice) -> None:
    own = declare(alice, "Mood", "choice", choices="Good\nBad")

    for field in ("status", own):
        answer = sent(alice, "/applications", company="A", title="B", **{field: LONG})

        assert answer.status_code == 422
        copies = html.unescape(answer.text).count(LONG)
        assert copies == 1, field
