"""Mails that are made to take long, or to do harm: they are read in part, in time, and without an error."""

import base64
import datetime as dt

import pytest

from tests.support.measuring.processor_time import hash_seconds, least_cpu_seconds
from tmr.domain.capture.mail.reader import read_mail

SIZE = 150_000
MOST_HASHES = 2.0
NOW = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
HEAD = "From: A <a@a.example>\nSubject: Your application\nDate: Mon, 30 Nov 2026 10:00:00 +0100\nMIME-Version: 1.0\n"


def _filled(piece: str) -> str:
    return piece * (SIZE // len(piece))


def _text(body: str) -> str:
    return f"{HEAD}Content-Type: text/plain\n\nYour application for the job of Baker: interview.\n{body}"


def _calendar(body: str) -> str:
    return f"{HEAD}Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\n{body}"


def _nested() -> str:
    parts = [f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(5_000)]
    return HEAD + "".join(parts) + "Content-Type: text/plain\n\nyour application"


def _messages() -> str:
    return HEAD + "Content-Type: message/rfc822\n\n" * 10_000 + "\nyour application"


HOSTILE = {
    "parts within each other": _nested(),
    "mails within each other": _messages(),
    "many parts": HEAD
    + 'Content-Type: multipart/mixed; boundary="b"\n'
    + _filled("\n--b\nContent-Type: text/plain\n\nx"),
    "an empty boundary": HEAD + 'Content-Type: multipart/mixed; boundary=""\n' + _filled("\n--\n"),
    "headers without end": HEAD + _filled("X-Header: a\n"),
    "one long header": HEAD + "X-Header: " + _filled("a ") + "\n\nyour application",
    "a long folded header": HEAD + "X-Header: a" + _filled("\n a") + "\n\nyour application",
    "a subject of encoded words": "Subject: " + _filled("=?utf-8?q?a?= ") + "\n" + HEAD + "\n\nyour application",
    "parameters of a header": HEAD + "Content-Type: text/plain" + _filled("; a*0*=utf-8''x") + "\n\nyour application",
    "base64 that is none": HEAD + "Content-Transfer-Encoding: base64\n\n" + _filled("A=*"),
    "quoted-printable of signs": HEAD + "Content-Transfer-Encoding: quoted-printable\n\n" + _filled("=3D=\n"),
    "one line of words": _text(_filled("apply at A ")),
    "names that differ": _text(" ".join(f"at Crumb{chr(97 + n // 26)}{chr(97 + n % 26)} b" for n in range(26 * 26))),
    "names of towns": _text(" ".join(f"at Crumb{chr(97 + n // 26)} in La La Land" for n in range(700))),
    "lines of capitals": _text(_filled("Baker At Crumb & Co\n")),
    "one line of capitals": _text(_filled("Baker At Crumb & Co ")),
    "times in words": _text(_filled("um halb drei nachmittags, half past two, a las 10 y media, at 3 in the evening ")),
    "dates": _text(_filled("12.12. um 12 ")),
    "dates in lines": _text(_filled("12.12.2026 um 12\n")),
    "weekdays": _text(_filled("on Monday at 4 ")),
    "numbers": _text(_filled("1 ")),
    "blanks": _text(" " * SIZE + "x"),
    "headers of quotes": _text(_filled("From: a\nTo: b\n")),
    "beginnings of quotes": _text(_filled("On 1 ")),
    "lines that begin quotes": _text(_filled("Am 1.1. schrieb\n")),
    "marks on one letter": _text("a" + _filled("\u0301")),
    "a calendar of folded lines": _calendar("SUMMARY:" + _filled("a\n ")),
    "a calendar of blocks": _calendar(_filled("BEGIN:X\n")),
    "a calendar of parameters": _calendar("DTSTART" + _filled(';A="b"') + ":20261201T100000"),
    "a calendar of empty parameters": _calendar("A" + ";" * 400 + "\n"),
    "a calendar of quotes": _calendar("A" + _filled(';"')),
    "a line of dashes": _text("-" * 60_000),
    "one line of dashes": "-" * 60_000,
    "headers of folded lines": "A: b\r\n" + " c\r\n" * 30,
    "a parameter of signs": HEAD + 'Content-Type: text/plain;a="' + ";" * 60_000 + "\n\nyour application",
    "parts with a parameter of signs": HEAD
    + 'Content-Type: multipart/mixed; boundary="b"\n\n'
    + ('--b\nContent-Type: text/plain;a="' + ";" * 60_000 + "\n\nx\n") * 59,
    "parts with headers without end": HEAD
    + 'Content-Type: multipart/mixed; boundary="b"\n\n'
    + ("--b\n" + "a:b\n" * 3_000 + "\nx\n") * 59,
    "subjects of mails that are attached": HEAD
    + 'Content-Type: multipart/mixed; boundary="b"\n\n'
    + ("--b\nContent-Type: message/rfc822\n\nSubject: " + "=?a?q?" * 330 + "\n\n") * 59,
    "an address of brackets": HEAD.replace("A <a@a.example>", "(" * 490) + "\n\nyour application",
    "an address of groups": HEAD.replace("A <a@a.example>", "a:" * 245) + "\n\nyour application",
    **{
        f"a text in {charset}": f"{HEAD}Content-Type: text/plain; charset={charset}\n\n{'a' * 100}-{'9' * SIZE}"
        for charset in ("punycode", "idna", "utf-7", "unicode_escape", "iso-2022-kr", "hz-gb-2312")
    },
    "HTML within HTML": HEAD + "Content-Type: text/html\n\n" + _filled("<div><p>apply</b>"),
}


@pytest.fixture(scope="module")
def one_hash():
    return hash_seconds()


@pytest.mark.parametrize("mail", HOSTILE.values(), ids=list(HOSTILE))
def test_w1_no_mail_takes_longer_than_its_length_allows(mail, one_hash):
    content, limit = mail.encode(), MOST_HASHES * one_hash
    assert least_cpu_seconds(lambda: read_mail(content, NOW), limit) <= limit


@pytest.mark.parametrize(
    "start",
    [
        *("DTSTART:99999999T999999", "DTSTART:00010101T000000Z", "DTSTART;TZID=No/Where:20261201T100000", "DTSTART:"),
        *("DTSTART;TZID=:20261201T100000", "DTSTART:20261201", "DTSTART:20261201T100000\nDURATION:P99DT999H9999M"),
        "DTSTART:20261201T100000\nDTEND:19000101T000000",
    ],
)
def test_w1_dates_that_are_none_are_left_out_of_an_interview(start):
    read = read_mail(_calendar(f"SUMMARY:Interview for the job\n{start}\n").encode(), NOW, "Europe/Berlin")
    assert read.interview is None or read.interview.starts_at == "2026-12-01T10:00"
    assert read.interview is None or (read.interview.duration == 0 and read.interview.zone == "")


@pytest.mark.parametrize(
    "date", ["31.12.9999", "9999-12-31", "0001-01-01", "1 Jan 0001", "30 Dec 9999", "Fri, 31 Dec 9999 23:59:59 +0000"]
)
@pytest.mark.parametrize("is_forwarded", [False, True])
def test_w1_a_mail_of_no_year_of_ours_is_one_of_now(date, is_forwarded):
    text = "Your application: come to an interview tomorrow at 10:00, on Monday at 11:00 or on 1 January at 9:00."
    headers = f"From: a@a.example\nDate: {date}\nSubject: Interview\n"
    first = "---- Forwarded message ----" if is_forwarded else "MIME-Version: 1.0"
    read = read_mail(f"{first}\n{headers}\n{text}".encode(), NOW)
    assert (read.sent_on, read.interview.starts_at) == ("2026-11-30", "2027-01-01T09:00")


@pytest.mark.parametrize("charset", ["punycode", "idna", "utf-7", "unicode_escape", "raw_unicode_escape", "no-charset"])
def test_w1_a_text_in_a_charset_that_no_mail_program_writes_is_read_as_utf_8(charset):
    text = "Votre candidature est arrivée. \\ud800 +2AA-"
    mail = f"{HEAD}Content-Type: text/plain; charset={charset}\n\n{text}"
    assert text in read_mail(mail.encode(), NOW).text


@pytest.mark.parametrize(
    ("charset", "codec"),
    [
        *(("ISO-8859-15", "iso-8859-15"), ("windows-1252", "cp1252"), ("ks_c_5601-1987", "cp949"), ("UTF8", "utf-8")),
        *(("Shift_JIS", "shift_jis"), ("gb2312", "gb2312"), ("koi8-r", "koi8-r"), ("latin1", "latin-1")),
    ],
)
def test_texts_in_the_charsets_of_mail_programs_are_read(charset, codec):
    said = {"cp949": "지원해", "shift_jis": "応募", "gb2312": "申请", "koi8-r": "заявка"}.get(codec, "candidature à é")
    mail = f"{HEAD}Content-Type: text/plain; charset={charset}\n\nYour application arrived: ".encode()
    assert said in read_mail(mail + said.encode(codec), NOW).text


def test_a_header_of_utf_8_and_other_bytes_is_read():
    mail = HEAD.encode().replace(b"Your application", "Bewerbung – ".encode() + b"f\xfcr B\xe4cker")
    assert read_mail(mail + b"\n\nIhre Bewerbung ist da.", NOW).subject == "Bewerbung – für Bäcker"


@pytest.mark.parametrize("date", ["Thu, 99 Nov 2026 25:61:00 +9900", "1 Jan 99999999999", "\udcff", "x" * 5_000, ""])
def test_w1_a_date_that_is_none_stands_for_now(date):
    mail = f"From: a@a.example\nDate: {date}\nMIME-Version: 1.0\n\nThank you for your application."
    read = read_mail(mail.encode(errors="surrogateescape"), NOW)
    assert (read.kind, read.sent_on) == ("confirmation", "2026-11-30")


def test_f3_an_attachment_s_name_is_read_by_its_end_only_and_its_content_not_at_all():
    secret = base64.b64encode(b"We are happy to offer you the job").decode()
    mail = (
        f'{HEAD}Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\nYour application '
        'arrived.\n--b\nContent-Type: application/pdf; name="../../etc/x.pdf"\nContent-Transfer-Encoding: base64\n\n'
        f"{secret}\n--b--"
    )
    assert "happy" not in read_mail(mail.encode(), NOW).text


def test_i1_scripts_and_hidden_text_of_a_mail_are_not_read():
    mail = (
        f"{HEAD}Content-Type: text/html\n\n<script>We are happy to offer you the job</script>"
        "<p>Your application arrived.</p><style>b{content:'we regret'}</style>"
        "<p style='display:none'>We are happy to offer you the job</p>"
    )
    read = read_mail(mail.encode(), NOW)
    assert read.kind == "confirmation"
    assert "offer" not in read.text
