"""A form has at most so many fields: reading half a million takes seconds, and so does a page that holds them."""

from urllib.parse import parse_qsl

import pytest
from flask import request
from werkzeug.datastructures import MultiDict

from tests.support.locked import lock
from tests.support.measuring.processor_time import hash_seconds, least_cpu_seconds
from tests.support.people import PASSWORD, Browser
from tmr.domain.importing.reading.file import MOST_COLUMNS
from tmr.web.transport.request import MAX_FIELDS, MAX_TYPED_BYTES

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "path", ["/applications", "/applications/bulk", "/settings/pipeline", "/settings/profile", "/lock", "/unlock"]
)
def test_w1_a_form_with_too_many_fields_is_refused_at_every_door(alice, path: str) -> None:
    body = f"csrf_token={alice.token('/import')}"

    refused = alice.client.post(path, data=body + "&a" * MAX_FIELDS, content_type=FORM)
    taken = alice.client.post(path, data=body + "&a" * (MAX_FIELDS - 1), content_type=FORM)

    assert refused.status_code == 413
    assert taken.status_code != 413


def test_w1_strangers_send_no_more_fields_than_others(app) -> None:
    visitor = Browser(app)
    body = f"csrf_token={visitor.token('/login')}"

    for path in ("/login", "/signup", "/forgot", "/coach/" + "a" * 43):
        assert visitor.client.post(path, data=body + "&a" * MAX_FIELDS, content_type=FORM).status_code == 413


def test_the_largest_form_of_a_page_fits() -> None:
    """A proposal of an import: each column has up to three choices, each of its tables and words has some more."""
    assert 3 * MOST_COLUMNS + 1_000 < MAX_FIELDS


@pytest.mark.parametrize("repeated", ["%", "%4", "%41", "%4a%", "%E4%BD%A0"])
def test_w1_a_form_of_a_million_escapes_is_decoded_once_and_quickly(alice, repeated: str) -> None:
    """Seen failing: each form was decoded twice, and signs that escape nothing took half a second."""
    body = f"csrf_token={alice.token('/import')}&a="
    body += repeated * ((MAX_TYPED_BYTES - len(body)) // len(repeated))
    enough = 0.5 * hash_seconds()

    answer = alice.client.post("/lock", data=body, content_type=FORM)
    spent = least_cpu_seconds(lambda: alice.client.post("/lock", data=body, content_type=FORM), enough)

    assert answer.status_code == 404
    assert spent <= enough


@pytest.mark.parametrize(
    "sent",
    [
        "a=%41%e4%bd%a0+%2b%26%3D&b&&=c&a=%&a=%4&d=%zz%C3%A4=e",
        "a===41&b==\r\n=3D&=%3d=&c=%==%3=%%41%",
        "a=_=20 \t\r\n.%20%0D%0A=\n&b=%25%2541%254",
        "%=%&%3=%3&%3D%=%3D%",
    ],
)
def test_i9_a_form_is_decoded_as_browsers_write_it(app, sent: str) -> None:
    with app.test_request_context("/", method="POST", data=sent, content_type=FORM):
        decoded = [*request.form.items(multi=True)]

    assert decoded == [*MultiDict(parse_qsl(sent, keep_blank_values=True)).items(multi=True)]


def test_i9_what_a_browser_escapes_is_read(app) -> None:
    with app.test_request_context("/", method="POST", data="a=%41%e4%bd%a0+%2b%26%3D", content_type=FORM):
        assert request.form["a"] == "A你 +&="


def test_w1_a_page_that_keeps_what_was_typed_is_made_quickly(alice, services, clock) -> None:
    alice.add(company="Narwhal")
    body = f"csrf_token={alice.token('/import')}" + "&a" * (MAX_FIELDS - 1)
    lock(services.repository, alice.owner, clock(), PASSWORD)

    answer = alice.client.post("/applications", data=body, content_type=FORM)
    enough = 0.5 * hash_seconds()
    spent = least_cpu_seconds(lambda: alice.client.post("/applications", data=body, content_type=FORM), enough)

    assert answer.status_code == 423
    assert len(answer.data) < 500_000
    assert spent <= enough
