"""The link of a posting: the page's own address for itself where it can be trusted, without what tracks people."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from tmr.domain.capture.page.markup import Page
from tmr.domain.fields.type import is_web_address

# Parameters that name the posting on boards and career pages; they stay whatever else is known of an address.
_NAMES = re.compile(
    r"jk|vjk|gh_jid|jid|jobid|job_id|job|id|currentjobid|jl|joblistingid|posting|postingid|posting_id|position_id"
    r"|positionid|"
    r"offer|offerid|offer_id|oferta|offre|reqid|req_id|requisition|requisitionid|reference|refnr|stelle|stellenid"
    r"|vacancy|vacancyid|vac|"
    r"pnr|p|ashby_jid|lever_id|jobnumber|jobno|nr|no|kennziffer|ausschreibung",
    re.IGNORECASE,
)
_TRACKS = re.compile(
    r"utm_.*|_ga|_gl|gclid|fbclid|msclkid|mc_.*|mtm_.*|pk_.*|trk.*|tracking.*|refid|lipi|source|src|ref|referrer"
    r"|referer|"
    r"gh_src|lever-.*|trid|tk|from|vjs|pid|sc_.*|rltr|sort|q|o|query|search|searchid|keywords?|position|pos|pagenum"
    r"|page|origin|sid|cid|eid|ebp|midtoken|midsig|cmp|campaign|medium|channel|lang|language|display|locale|advn|adid"
    r"|sjdu|acatk|"
    r"pub|xkcb|camk|alid|hsctatracking|mkt_tok|share|s|l|where|what|radius|currentpage|apply|iis|iisn|codes"
    r"|departmentid"
    r"|jobboard|board|"
    r"recommended.*|savedsearch.*|ncid|li_.*|rx_.*|jobpipeline|partner|partnerid|affiliate|clickid|session.*"
    r"|sessionid",
    re.IGNORECASE,
)
_NUMBER_OF_POSTING = re.compile(r"\d{5,}")
_SAYS_ALL = ("jk", "vjk")  # of an address that names a posting by this and nothing else
_LINKEDIN_SEARCH = re.compile(r"/jobs/(?:search|collections)\b")
_ID = re.compile(r"[\w-]*\d[\w-]*|[\w-]{12,}")
_IN_TEXT = re.compile(r"https?://[^\s<>\"'„“”«»]{4,2000}", re.IGNORECASE)
_APPLY = re.compile(
    r"apply|bewerb|mehr|more|details|postul|candidat|inscrib|solicit|link|enlace|lien|url|web", re.IGNORECASE
)
_CLOSERS = ".,;:!?)]}>*_"


def link_of_page(page: Page, url: str) -> str:
    """Return the link to keep for a page that came from ``url``; "" if nothing tells its address."""
    said = [link for link in (page.canonical, page.metas.get("og:url", "")) if is_web_address(link)]
    if not is_web_address(url):
        return without_tracking(said[0]) if said else ""
    for link in said:
        if _is_same_posting(link, url):
            return _with_names(without_tracking(link), url)
    return without_tracking(url)


def without_tracking(url: str) -> str:
    """Return a link without parameters that only say how a person came there, and without a place on its page."""
    try:
        parts = urlsplit(url)
        pairs = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return url
    if _LINKEDIN_SEARCH.search(parts.path) and (job := dict(pairs).get("currentJobId", "")).isdigit():
        return urlunsplit((parts.scheme, parts.netloc, f"/jobs/view/{job}", "", ""))
    is_named = _NUMBER_OF_POSTING.search(parts.path) or any(key in _SAYS_ALL for key, _ in pairs)
    kept = [
        (key, value)
        for key, value in pairs
        if (_NAMES.fullmatch(key) and value not in parts.path.split("/")) or not (is_named or _TRACKS.fullmatch(key))
    ]
    fragment = parts.fragment if "/" in parts.fragment or re.search(r"=|\d{3}", parts.fragment) else ""
    fragment = "" if fragment.startswith(":~:") else fragment
    query = parts.query if len(kept) == len(pairs) else urlencode(kept)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, fragment))


def link_in_text(lines: list[str]) -> str:
    """Return the link in a text that leads to the posting: one beside words such as "apply", else the first."""
    found = [(line, link) for line in lines for link in links_in(line)]
    if not found:
        return ""
    near = [link for line, link in found if _APPLY.search(line.partition("http")[0])]
    return without_tracking((near or [link for _, link in found])[0])


def links_in(line: str) -> list[str]:
    """Return the links in a line, without the marks behind them."""
    found = [match[0].rstrip(_CLOSERS) for match in _IN_TEXT.finditer(line)]
    return [link for link in found if is_web_address(link)]


def _is_same_posting(link: str, url: str) -> bool:
    one, other = urlsplit(link), urlsplit(url)
    if (one.hostname or "").removeprefix("www.") != (other.hostname or "").removeprefix("www."):
        return False
    path = one.path.rstrip("/")
    if path == other.path.rstrip("/"):
        return True
    ids = set(_ID.findall(other.path)) | {value for _, value in parse_qsl(other.query) if _ID.fullmatch(value)}
    return bool(path) and any(part in ids for part in _ID.findall(one.path))


def _with_names(link: str, url: str) -> str:
    """Return a canonical link with the parameters of the address that name the posting, where it has lost them."""
    parts, here = urlsplit(link), urlsplit(url)
    if parts.path.rstrip("/") != here.path.rstrip("/"):
        return link
    known = parse_qsl(parts.query)
    lost = [
        (key, value)
        for key, value in parse_qsl(here.query)
        if _NAMES.fullmatch(key)
        and key.lower() not in ("p", "id", "job", "offer", "no", "nr")
        and key not in dict(known)
        and value not in parts.path.split("/")
    ]
    return urlunsplit(parts._replace(query=urlencode([*known, *lost]))) if lost else link
