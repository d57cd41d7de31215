"""Every page, wide and narrow, light and dark: accessible, nothing wider than the screen, nothing left in storages."""

from collections.abc import Iterator, Sequence
from itertools import chain
from urllib.parse import urlsplit

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import appoint, authenticator_on, cell, new_email, sign_up, watched_pages
from tests.support.devices.screen_reader import faults_of
from tests.support.paths import SAMPLES
from tests.support.people import PASSWORD

AXE = Axe().axe_script
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
PROPERTIES = (
    "title",
    "company",
    "location",
    "salary_min",
    "follow_up_on",
    "tags",
    "excitement",
    "url",
    "job_description",
    "notes",
)


def walk(page: Page):
    """Visit every page and state, naming each."""
    yield "import"
    page.goto("/import")
    page.locator("#file").set_input_files(SAMPLES / "reactive-resume.csv")
    page.click("button:has-text('Preview')")
    expect(page.locator("button:has-text('Import 20 applications')")).to_be_visible()
    yield "proposal"
    page.click("button:has-text('Import 20 applications')")
    expect(page.locator("#import-result")).to_be_visible()
    yield "result"
    page.goto("/applications")
    yield "grid"
    page.locator("summary >> text=Filter").click()
    yield "filter"
    page.goto("/applications?q=zzz")
    yield "nothing"
    page.goto("/applications?new=1")
    yield "new"
    page.goto("/applications")
    cell(page, "company").locator("a").click()
    page.wait_for_url("**/applications/*")
    yield "record"
    place = page.url.split("?")[0]
    for name in PROPERTIES:
        page.goto(f"{place}?edit={name}")
        yield f"record, {name} edited"
    for summary in ("[aria-label='More actions']", "#record-steps > .closing > summary"):
        page.goto(place)
        if page.locator(summary).first.is_visible():
            page.locator(summary).first.click()
            yield f"record, {summary} open"
    page.goto(f"{place}?edit=all")
    yield "record, every field edited"
    page.fill("#url", "javascript:alert(1)")
    page.click("button:has-text('Save')")
    expect(page.locator("#url-error")).to_be_visible()
    yield "refused"
    for what in ("data", "account"):
        page.goto(f"/settings/privacy?erase={what}")
        yield f"erase {what}"
    page.goto("/settings/sessions")
    yield "devices"
    page.goto("/settings")
    yield "account"
    page.goto("/settings/security")
    yield "security"
    page.goto("/settings/security/log")
    yield "log"
    page.goto("/reauthenticate?next=/settings/sessions")
    yield "confirm"
    confirm_anew(page)
    page.goto("/settings/security/totp")
    yield "authenticator"
    code = authenticator_on(page).code()
    page.fill("#code", code)
    page.click("button:has-text('Turn on')")
    expect(page.locator("#recovery-codes li")).to_have_count(10)
    yield "recovery codes"
    page.goto("/settings/security")
    yield "security with a factor"
    page.goto("/nowhere")
    yield "error"
    page.goto("/offline")
    yield "offline"


def confirm_anew(page: Page) -> None:
    """Confirm who it is on the page that asks: a slow machine takes longer to get here than that holds."""
    page.fill("#password", PASSWORD)
    page.click("main button:has-text('Confirm')")
    page.wait_for_url("**/settings/sessions")


def walk_support(page: Page, email: str):
    """Visit what support sees, naming each page: the person whose walk it is has a second factor, and allows it."""
    page.goto("/settings/privacy/support-grants")
    page.check("input[value=records]")
    page.click("text=Allow and get the code")
    code = page.locator("#support-code").inner_text()
    yield "support's code"
    appoint(email)
    page.goto("/support")
    yield "support"
    page.fill("#code", code)
    page.keyboard.press("Enter")
    expect(page.locator(".support-banner")).to_be_visible()
    yield "what support sees"
    page.click("main a:has-text('Applications')")
    page.wait_for_url("**/applications")
    yield "a list that support sees"
    page.locator("main li a").first.click()
    page.wait_for_url("**/applications/*")
    yield "a record that support sees"


def walk_locked(page: Page):
    """Visit the pages of the lock, naming each; at the end the records are locked."""
    page.goto("/settings/privacy/lock")
    yield "lock"
    page.fill("#password", PASSWORD)
    page.click("button:has-text('Show my recovery code')")
    page.fill("#recovery_code", page.locator("#recovery-code").inner_text())
    yield "lock, its code typed back"
    page.click("main button:has-text('Lock my records')")
    expect(page.locator("#lock-state")).to_have_attribute("data-state", "locked")
    yield "lock that is on"
    page.goto("/more")
    page.click("main button:has-text('Lock now')")
    expect(page.locator("h1")).to_have_text("Your records are locked")
    page.goto("/unlock")
    yield "locked"


def walk_second_step(page: Page, email: str):
    """Sign out and visit the page that asks for a code, naming it."""
    page.context.clear_cookies()
    page.goto("/login")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click("button:has-text('Sign in'):not(:has-text('passkey'))")
    page.wait_for_url("**/login/2fa")
    yield "second step"


def walk_shared(page: Page):
    """Visit what a program and a coach are given of a search that is there, naming each page."""
    page.goto("/reauthenticate?next=/settings/sessions")
    confirm_anew(page)
    page.goto("/settings/tokens")
    page.click("button:has-text('Create token')")
    expect(page.locator("#token")).to_be_visible()
    yield "new token"
    page.goto("/settings/coach")
    page.check("[name=notes]")
    page.check("[name=pay]")
    page.click("button:has-text('Create link')")
    link, code = page.locator("#coach-link").inner_text(), page.locator("#coach-code").inner_text()
    yield "new coach link"
    page.goto(link)
    yield "coach, code"
    page.fill("#code", code)
    page.click("button:has-text('Show')")
    expect(page.locator("main li a").first).to_be_visible()
    yield "coach"
    page.locator("main li", has_text="Offer").locator("a").first.click()
    page.wait_for_url(f"{link}/*")
    yield "coach, application"


def walk_search(page: Page):
    """Visit every page of a whole search, and the states that it opens, naming each."""
    for empty in EMPTY.split():
        page.goto(f"/{empty}")
        yield f"empty {empty}"
    page.goto("/today")
    page.click("text=Try it with sample data")
    expect(page.locator("[data-line]").first).to_be_visible()
    for path in PLACES.split():
        page.goto(path)
        yield path
    page.goto("/applications?status=offer")
    page.locator("td[data-lead] a").first.click()
    page.wait_for_url("**/applications/*")
    yield "application"
    if page.locator(".segments").is_visible():
        page.locator(".segment", has_text="Posting").click()
        yield "application, posting"
        page.locator(".stage-row > summary").click()
        yield "application, stages"
        page.locator(".segment", has_text="Details").click()
    for summary in page.locator("details.adding > summary").all():
        summary.click()
    yield "application, details"
    page.locator("#panel-interviews .flyout > summary").first.click()
    yield "application, row menu"
    place = page.url.split("?")[0]
    for part in ("draft", "history"):
        page.goto(f"{place}/{part}")
        yield part
    page.goto("/companies")
    page.locator("main [data-open]").first.click()
    page.wait_for_url("**/companies/*")
    yield "company"
    page.goto(place)
    if page.locator(".segments").is_visible():
        page.locator(".segment", has_text="Details").click()
    page.locator("#panel-interviews .flyout > summary").first.click()
    page.locator("#panel-interviews a:has-text('Edit')").first.click()
    expect(page.locator("#panel-interviews li.part [name=preparation]")).to_be_visible()
    yield "part edited"
    page.goto("/documents")
    page.locator("td[data-lead] a").first.click()
    page.wait_for_url("**/documents/*")
    yield "document"
    for plural in ("contacts", "interviews", "tasks", "offers"):
        page.goto(f"/{plural}")
        page.locator("td[data-lead] a").first.click()
        page.wait_for_url(f"**/{plural}/*")
        yield plural
    page.goto("/events?type=status")
    page.locator("td[data-lead] a").first.click()
    page.wait_for_url("**/events/*")
    yield "event"
    page.goto("/board")
    page.locator("li.card").first.focus()
    page.keyboard.press("s")
    yield "move menu"
    page.goto("/settings/calendar")
    page.click("button:has-text('Create link')")
    expect(page.locator("#new-feed")).to_be_visible()
    yield "new feed"
    page.goto("/settings/pipeline")
    page.click("text=Add a stage…")
    page.click("text=Choose a stage…")
    page.locator("main details details summary").first.click()
    yield "retire"
    page.goto("/settings/fields")
    page.fill("#label", "Gut feeling")
    page.select_option("#type", "choice")
    page.fill("#choices", "Good\nBad")
    page.click("button:has-text('Add field')")
    page.locator(".own-field summary").click()
    yield "own field"
    page.goto("/applications")
    page.locator("td[data-lead] a").first.click()
    page.wait_for_url("**/applications/*")
    yield "page with an own field"
    page.goto("/today")
    page.keyboard.press("Control+k")
    yield "palette"


EMPTY = "today board calendar activity insights contacts offers/compare search companies questions undo trash"
PLACES = (
    "/today /applications /contacts /interviews /tasks /offers /documents /events /board /calendar "
    "/calendar?view=agenda /activity /activity?by=week /activity?by=application "
    "/insights /offers/compare /search?q=data /more /settings /settings/pipeline "
    "/settings/calendar /settings/mails /settings/privacy /interviews?new=1 /documents?new=1 /import?kind=contacts "
    "/companies /questions /report /settings/fields /capture /calendar/new /settings/privacy/support-grants "
    "/undo /trash /applications/totals /applications/replace "
    "/applications/columns /applications/columns/status /applications/columns/salary_min"
)

# Addresses to GET that no walk has to visit, and why.
SENDS_ON = "sends on to another page"
FILE = "a file that is saved"
FOR_PROGRAMS = "read by programs"
PART = "a part that a page asks for"
MAILED = "a button behind a link in a mail; every walk sees what is said when such a link has expired"
NOT_WALKED = {
    "/.well-known/change-password": SENDS_ON,
    "/.well-known/security.txt": FOR_PROGRAMS,
    "/api/v1/<kind:kind>": FOR_PROGRAMS,
    "/api/v1/export": FOR_PROGRAMS,
    "/auth/google/callback": SENDS_ON,
    "/calendar/feed/<token>.ics": FOR_PROGRAMS,
    "/documents/<uuid:record_id>/file": FILE,
    "/events/<uuid:record_id>/files/<int:number>": FILE,
    "/export/<kind:kind>.csv": FILE,
    "/favicon.ico": FOR_PROGRAMS,
    "/healthz": FOR_PROGRAMS,
    "/import/<uuid:import_id>/left/<int:position>": FILE,
    "/manifest.webmanifest": FOR_PROGRAMS,
    "/metrics": FOR_PROGRAMS,
    "/readyz": FOR_PROGRAMS,
    "/reset/<token>": MAILED,
    "/robots.txt": FOR_PROGRAMS,
    "/service-worker.js": FOR_PROGRAMS,
    "/sessions/end/<token>": MAILED,
    "/settings/privacy/exports": PART,
    "/settings/privacy/exports/<uuid:export_id>.zip": FILE,
    "/settings/security/log.csv": FILE,
    "/settings/security/passkeys": SENDS_ON,
    "/understood": PART,
    "/verify/<token>": MAILED,
}


# The heads of a list that begin before the one before them ends, in a list that nobody has scrolled.
COVERED_HEADS = """() => [...document.querySelectorAll("[data-grid] thead th")].filter((head) =>
  head.previousElementSibling?.getBoundingClientRect().right > head.getBoundingClientRect().left + 1
).map((head) => head.textContent.trim())"""


# Buttons that touch the text above them, that stand beside a field and not at its input, or that hang over an input.
ASKEW = """() => {
  const at = (element) => element.getBoundingClientRect();
  const middle = (element) => at(element).top + at(element).height / 2;
  const isSeen = (element) => at(element).height > 1;
  const touching = [...document.querySelectorAll("main p")].filter((text) => {
    const next = text.nextElementSibling;
    const button = next?.matches(".btn") ? next : next?.querySelector(":scope > .btn:first-child");
    if (!button || !isSeen(text) || !isSeen(button) || middle(button) < at(text).bottom) return false;
    return at(button).top - at(text).bottom < 4;
  });
  const beside = [...document.querySelectorAll("main .row > .field + .btn")].filter((button) => {
    const field = button.previousElementSibling;
    const isBeside = at(button).left > at(field).left + 8 && at(button).top < at(field).bottom;
    return isBeside && !field.querySelector(".error") && Math.abs(at(button).bottom - at(field).bottom) > 4;
  });
  const inside = [...document.querySelectorAll("main .dated > button")].filter((button) =>
    isSeen(button) && Math.abs(middle(button) - middle(button.parentElement)) > 2
  );
  return [...touching, ...beside, ...inside].map((element) => element.outerHTML.slice(0, 120));
}"""


class Eye:
    """Looks at each state of a page in both colour schemes, and keeps what is wrong with it."""

    # The rules that read colours. All others read what is the same in both schemes, and are asked once.
    OF_COLOURS = ("color-contrast", "link-in-text-block")

    def __init__(self, page: Page) -> None:
        self.page = page
        self.problems: dict[str, dict[str, list[str]]] = {"light": {}, "dark": {}}
        self.covered: dict[str, list[str]] = {}
        self.askew: dict[str, list[str]] = {}
        self.heard: dict[str, list[str]] = {}
        self.kept: dict[str, list[int]] = {}
        self.paths: set[str] = set()

    def look(self, name: str) -> None:
        self.paths.add(urlsplit(self.page.url).path)
        self.kept[name] = self.page.evaluate("[localStorage.length, sessionStorage.length]")
        self.page.evaluate(AXE)
        self.covered[name] = self.page.evaluate(COVERED_HEADS)
        self.askew[name] = self.page.evaluate(ASKEW)
        self.heard[name] = faults_of(self.page)
        self.problems["light"][name] = self._violations() + self._width()
        self.page.emulate_media(color_scheme="dark")
        self.problems["dark"][name] = self._violations(runOnly=self.OF_COLOURS) + self._width()
        self.page.emulate_media(color_scheme="light")

    def _violations(self, **options: Sequence[str]) -> list[str]:
        # Nothing else is read, and to describe every node that passes takes axe most of its time.
        asked = {"resultTypes": ["violations"], **options}
        violations = self.page.evaluate("options => axe.run(options).then(({violations}) => violations)", asked)
        return [f"{violation['id']}: {violation['nodes'][0]['html'][:120]}" for violation in violations]

    def _width(self) -> list[str]:
        width, screen = self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        return [f"{width} px wide on {screen}"] if width > screen else []


@pytest.fixture(scope="module", params=[WIDE, NARROW], ids=["1440", "360"])
def page_for_axe(request: pytest.FixtureRequest, chromium: Browser, address: str) -> Iterator[Page]:
    """A page at this size, a phone's with touch; past the policy of the app, since axe is a script of its own."""
    is_phone = request.param is NARROW
    shape = {"viewport": request.param, "has_touch": is_phone, "is_mobile": is_phone}
    with watched_pages(chromium, address) as open_page:
        yield open_page(color_scheme="light", reduced_motion="reduce", bypass_csp=True, **shape)


@pytest.fixture(scope="module")
def whole_search(page_for_axe: Page) -> Eye:
    """The pages of a whole search, walked once for both colour schemes: some 70 states, in most of a minute."""
    eye = Eye(page_for_axe)
    page_for_axe.context.clear_cookies()
    sign_up(page_for_axe, new_email(f"whole search {page_for_axe.viewport_size}"))
    for name in chain(walk_search(page_for_axe), walk_shared(page_for_axe)):
        eye.look(name)
    return eye


@pytest.fixture(scope="module")
def every_page(page_for_axe: Page) -> Eye:
    """Every other page and state, walked once for both colour schemes."""
    eye = Eye(page_for_axe)
    page_for_axe.context.clear_cookies()
    for path in ("/", "/login", "/signup", "/forgot", "/privacy", "/security/report", "/reset/x"):
        page_for_axe.goto(path)
        eye.look(path)
    email = new_email(f"every page {page_for_axe.viewport_size}")
    sign_up(page_for_axe, email)
    eye.look("empty")
    for name in chain(
        walk(page_for_axe),
        walk_support(page_for_axe, email),
        walk_locked(page_for_axe),
        walk_second_step(page_for_axe, email),
    ):
        eye.look(name)
    return eye


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_a_whole_search(whole_search: Eye, scheme: str) -> None:
    results = whole_search.problems[scheme]

    assert {name: problems for name, problems in results.items() if problems} == {}


def test_no_column_that_stands_still_covers_the_next(whole_search: Eye) -> None:
    """Seen failing for the list of contacts: its names covered the first letters of the companies."""
    assert {name: heads for name, heads in whole_search.covered.items() if heads} == {}


def test_no_button_touches_text_or_stands_askew(whole_search: Eye, every_page: Eye) -> None:
    """Seen failing: buttons of calendars hung at the top of their inputs, and “Add to the page” stood at a label."""
    for eye in (whole_search, every_page):
        assert {name: found for name, found in eye.askew.items() if found} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(every_page: Eye, scheme: str) -> None:
    results = every_page.problems[scheme]

    assert {name: problems for name, problems in results.items() if problems} == {}


def test_whatever_is_heard_has_a_name_of_its_own(whole_search: Eye, every_page: Eye) -> None:
    """Seen failing: the stages had nine fields called “Stage name”, and two open forms of an application were alike."""
    for eye in (whole_search, every_page):
        assert {name: faults for name, faults in eye.heard.items() if faults} == {}


def test_p1_browser_storages_stay_empty(whole_search: Eye, every_page: Eye) -> None:
    for eye in (whole_search, every_page):
        assert {name: kept for name, kept in eye.kept.items() if kept != [0, 0]} == {}


def test_every_page_of_the_app_is_walked_or_named_with_a_reason(app, whole_search: Eye, every_page: Eye) -> None:
    """Seen failing: the pages of the coach, of support and of the lock were in no walk."""
    rules, at = app.url_map.iter_rules(), app.url_map.bind("")
    pages = {rule.rule for rule in rules if "GET" in rule.methods and rule.endpoint != "static"}
    paths = (whole_search.paths | every_page.paths) - {"/nowhere", "/reset/x"}

    walked = {at.match(path, return_rule=True)[0].rule for path in paths}

    assert pages - walked == set(NOT_WALKED)


def test_back_after_sign_out_shows_nothing(page: Page) -> None:
    page.goto("/settings/privacy")
    page.click("button:has-text('Sign out')")
    expect(page.locator("text=Start your search")).to_be_visible()

    page.go_back()

    expect(page.locator("h1")).to_have_text("Sign in")


def test_an_injected_button_does_nothing(page: Page) -> None:
    """The nonce gate strips htmx attributes that the server did not stamp."""
    page.watch.may_err = True

    page.evaluate(
        """() => {
            const button = document.createElement("button");
            button.id = "injected";
            button.setAttribute("hx-post", "/logout");
            document.getElementById("main").append(button);
            htmx.process(button);
        }"""
    )

    assert page.locator("#injected").get_attribute("hx-post") is None


PAYLOADS = [
    '"><script>alert(1)</script>',
    "<img src=x onerror=alert(1)>",
    "'-alert(1)-'",
    "<svg/onload=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "{{constructor.constructor('alert(1)')()}}",
    "<a href=javascript:alert(1)>x</a>",
    "<template><script>alert(1)</script></template>",
    '<hx-partial hx-target="#main"><script>alert(1)</script></hx-partial>',
    '<button hx-get="/logout" hx-trigger="load">',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u2028<script>alert(1)</script>",
]


def test_i1_no_payload_runs_anywhere(page: Page) -> None:
    ran: list[str] = []
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    own = [payload for payload in PAYLOADS if len(payload) < 40][:3]
    for payload in own:
        page.goto("/settings/fields")
        page.fill("#label", payload)
        page.select_option("#type", "choice")
        page.fill("#choices", "\n".join(own))
        page.click("button:has-text('Add field')")
    expect(page.locator(".own-field")).to_have_count(len(own))
    rows = "".join(
        ",".join('"' + cell.replace('"', '""') + '"' for cell in (*[payload] * 5, *own)) + "\r\n"
        for payload in PAYLOADS
    )
    labels = ",".join('"' + label.replace('"', '""') + '"' for label in own)
    content = f"company,title,location,tags,notes,{labels}\r\n{rows}".encode()
    page.goto("/import")
    page.locator("#file").set_input_files({"name": "x.csv", "mimeType": "text/csv", "buffer": content})
    page.click("button:has-text('Preview')")
    page.click(f"button:has-text('Import {len(PAYLOADS)} applications')")
    page.goto("/applications")
    expect(page.locator("#record-rows > tr")).to_have_count(len(PAYLOADS))
    for row in range(len(PAYLOADS)):
        cell(page, "location", row).focus()
        page.keyboard.press("Enter")
        page.keyboard.type("z")
        page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")  # the last of these is saved before the page is left
    links = [anchor.get_attribute("href") for anchor in page.locator("td[data-field=company] a").all()]
    for link in links:
        page.goto(link)
        page.goto(f"{link}?edit=all")
        page.fill("#company", "")
        page.click("button:has-text('Save')")
        expect(page.locator("#company-error")).to_be_visible()

    assert ran == []
