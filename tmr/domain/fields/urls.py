"""When two addresses lead to the same posting."""

import base64
import hashlib
import re
from urllib.parse import parse_qsl, urlencode, urlsplit

from tmr.domain.fields.type import Wire

# Parameters that say how a person came to a page, by their exact names: any other may name the posting itself, such as
# "reference", "refnr" or "source_id". With each group, who writes it.
_TRACKING = frozenset(
    (
        # Google Analytics: the names in its documentation of campaign URLs, and its own marks
        *("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id", "utm_source_platform"),
        *("utm_creative_format", "utm_marketing_tactic", "_ga", "_gl", "srsltid"),
        # Google Ads and Display
        *("gclid", "gclsrc", "dclid", "gbraid", "wbraid"),
        # Meta, Microsoft, X, TikTok, Yandex
        *("fbclid", "igshid", "msclkid", "twclid", "ttclid", "yclid"),
        # LinkedIn: job alerts, search and mails
        *(
            "trk",
            "trkinfo",
            "trkemail",
            "trackingid",
            "refid",
            "lipi",
            "licu",
            "li_fat_id",
            "midtoken",
            "midsig",
            "ebp",
        ),
        # Mailchimp, HubSpot, Marketo
        *("mc_cid", "mc_eid", "_hsenc", "_hsmi", "hsctatracking", "mkt_tok"),
        # Matomo
        *("mtm_source", "mtm_medium", "mtm_campaign", "mtm_keyword", "mtm_content", "pk_campaign", "pk_kwd"),
        # Greenhouse and Lever: where the applicant comes from (gh_jid is the posting)
        *("gh_src", "lever-source", "lever-source[]", "lever-origin"),
        # Workday and SmartRecruiters; Indeed and job boards in general
        *("source", "src", "ref"),
    )
)
_TEXT_FRAGMENT = ":~:"  # words to scroll to (WICG, Text Fragments)
_NUMBER = re.compile(r"\d{3}")
_NAMES_SOMETHING = re.compile(r"[/=]|\d{3}")


def url_hash(url: Wire) -> str | None:
    """Return a short hash that is the same for all spellings of one address, or None for what is no text."""
    if not isinstance(url, str):
        return None
    digest = hashlib.sha256(normalised_url(url).encode()).digest()
    return base64.b64encode(digest[:12]).decode()


def normalised_url(url: str) -> str:
    """Return ``url`` without scheme, ``www.``, trailing slash, tracking parameters, and place on the page.

    A fragment that names something, such as ``#/job/1``, is kept.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return url
    query = urlencode(sorted(_kept(parts.query))) if parts.query else ""
    fragment = _fragment(parts.fragment) if parts.fragment else ""
    return f"{host}{parts.path.rstrip('/')}?{query}{fragment and '#'}{fragment}"


def names_one_posting(url: Wire) -> bool:
    """Whether an address has a number, as those of single postings do and those of pages with all vacancies do not."""
    return isinstance(url, str) and bool(_NUMBER.search(normalised_url(url).partition("/")[2]))


def _kept(query: str) -> list[tuple[str, str]]:
    """Return the parameters that are no tracking; one without a value counts, since it may be the posting's number."""
    pairs = parse_qsl(query, keep_blank_values=True)
    return [(key, value) for key, value in pairs if key.lower() not in _TRACKING]


def _fragment(fragment: str) -> str:
    """Return a fragment if it names something: a path, a parameter, or three digits in a row; else ""."""
    text = fragment.partition(_TEXT_FRAGMENT)[0].rstrip("/")
    if "=" in text and "/" not in text:
        text = urlencode(_kept(text))
    return text if _NAMES_SOMETHING.search(text) else ""
