"""Whether the grid stays smooth while one moves in it by key: a large page of a large search beside a small one."""

import os
import statistics

from playwright.sync_api import Page, sync_playwright

COLUMNS = (
    "company title status location work_mode employment_type salary_min source applied_on deadline_on follow_up_on tags"
)
FLAGS = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
# Down the page, across, back up with Shift held, which paints a range that grows to the whole page.
KEYS = (
    ["ArrowDown"] * 120
    + ["ArrowRight"] * 12
    + ["PageUp", "PageDown"] * 10
    + ["Shift+ArrowUp"] * 110
    + ["Shift+Home", "Escape", "Control+Home", "Control+a", "Escape"]
)
LONG_FRAME_MS = 50
# Times what the scripts do for a key, from before the first listener to after the last one, and notes long frames.
WATCH = """() => {
    keys = [];
    frames = [];
    let start = 0;
    addEventListener("keydown", () => { start = performance.now() }, true);
    addEventListener("keydown", () => { keys.push(performance.now() - start) });
    new PerformanceObserver((list) => frames.push(...list.getEntries().map(({ duration }) => duration)))
        .observe({ type: "long-animation-frame" });
}"""
Row = tuple[str, str, str]


def measure_keys(port: int, people: list) -> list[Row]:
    """Return what a key costs on a page of each person's applications; nothing without a browser."""
    chromium = os.environ.get("TMR_TEST_CHROMIUM")
    if not chromium:
        return [("moving in the grid by key", "", "TMR_TEST_CHROMIUM names no browser")]
    for client in people:
        client.post("/applications/view", columns=COLUMNS.split(), per_page="100")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS.split())
        pages = [_opened(browser, port, client.cookies) for client in people]
        (small, _), (large, frames) = [_walk(page) for page in pages]
        browser.close()
    long = sum(1 for frame in frames if frame > LONG_FRAME_MS)
    longest = f"longest {max(frames, default=0):.0f} ms" if frames else f"none over {LONG_FRAME_MS} ms"
    return [
        ("a key in the grid, 25 rows, median", f"{small:.2f} ms", ""),
        ("a key in the grid, 100 of 5,000 rows", f"{large:.2f} ms", f"{large / small:.1f} x that of 25 (aim: 4)"),
        (f"frames over {LONG_FRAME_MS} ms while moving", f"{long} of {len(KEYS)} keys", f"{longest} (aim: 0)"),
    ]


def _opened(browser, port: int, cookies: dict[str, str]) -> Page:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    url = f"http://localhost:{port}"
    context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])
    page = context.new_page()
    page.goto(f"{url}/applications")
    return page


def _walk(page: Page) -> tuple[float, list[float]]:
    """Press all keys; return the median time that the scripts take for one, and the long frames."""
    page.locator("td[data-field]").first.focus()
    page.evaluate(WATCH)
    for key in KEYS:
        page.keyboard.press(key)
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)))")
    return statistics.median(page.evaluate("keys")), page.evaluate("frames")
