"""The locale of an account: suggested by the browser at sign-up, chosen in the settings."""

import json
import re
import zipfile
from io import BytesIO

from tests.support.people import PASSWORD, Person

SETTINGS = "/settings"
CHOSEN = re.compile(r'<option value="(\w*)" selected>', re.ASCII)


def sign_up(app, languages: str) -> Person:
    ada = Person(app, "ada@example.org")
    data = {"email": ada.email, "password": PASSWORD, "csrf_token": ada.token("/signup")}
    assert ada.client.post("/signup", data=data, headers={"Accept-Language": languages}).status_code == 303
    return ada


def chosen(person: Person) -> str:
    select = re.search(r'<select name="locale".*?</select>', person.get(SETTINGS).text, re.DOTALL)
    return CHOSEN.search(select[0])[1]


def test_sign_up_takes_the_locale_of_the_browser(app) -> None:
    assert chosen(sign_up(app, "de-AT,de;q=0.9,en;q=0.8")) == "en_AT"


def test_american_english_counts_once_the_clock_is_american_too(app) -> None:
    ada = sign_up(app, "en-US,en;q=0.9")
    before = chosen(ada)
    data = {"time_zone": "America/Chicago", "csrf_token": ada.token(SETTINGS)}
    ada.client.post("/settings/zone", data=data, headers={"Accept-Language": "en-US,en;q=0.9"})

    assert (before, chosen(ada)) == ("", "en_US")


def test_a_long_list_of_languages_is_read_in_part(app) -> None:
    assert chosen(sign_up(app, ",".join(["tlh"] * 400) + ",de")) == ""


def test_the_settings_change_it_and_show_an_example(alice) -> None:
    before = alice.get(SETTINGS).text
    saved = alice.post("/settings/profile", page=SETTINGS, locale="en_US")
    page = alice.get(SETTINGS).text

    assert "29 Nov 2026, 14:30 · 1,234.50 · week begins on Monday" in before
    assert saved.status_code == 303
    assert "Nov 29, 2026, 2:30\u00a0PM · 1,234.50 · week begins on Sunday" in page


def test_the_example_follows_the_choice_before_it_is_saved(alice) -> None:
    page = alice.get(SETTINGS).text
    choosing = alice.htmx_get(f"{SETTINGS}?locale=en_US").text
    unknown = alice.htmx_get(f"{SETTINGS}?locale=xx").text

    assert re.search(r'<select name="locale"[^>]* hx-get="/settings"[^>]* hx-select="#locale-example"', page)
    assert "Nov 29, 2026, 2:30\u00a0PM · 1,234.50 · week begins on Sunday" in choosing
    assert "29 Nov 2026, 14:30" in unknown
    assert chosen(alice) == ""


def test_the_settings_refuse_another_locale(alice) -> None:
    alice.post("/settings/profile", page=SETTINGS, locale="en_DE")
    refused = alice.post("/settings/profile", page=SETTINGS, locale="de_DE")

    assert refused.status_code == 422
    assert 'id="locale-error"' in refused.text
    assert chosen(alice) == "en_DE"


def test_a_form_without_it_keeps_it(alice) -> None:
    alice.post("/settings/profile", page=SETTINGS, locale="en_DE")
    alice.post("/settings/profile", page=SETTINGS, name="Alice")

    assert chosen(alice) == "en_DE"


def test_the_export_has_it(alice) -> None:
    alice.post("/settings/profile", page=SETTINGS, locale="en_DE")
    archive = alice.post("/settings/privacy/export", page="/settings/privacy").data

    assert json.loads(zipfile.ZipFile(BytesIO(archive)).read("settings.json"))["locale"] == "en_DE"
