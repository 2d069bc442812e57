"""What a person feels: from input to the visible result, with 80 ms of network added and 10,000 rows.

``make bench-browser`` prints each figure beside its aim. On a busy machine the figures are
high; what counts there is how they compare with the run before.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, quantiles
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

ROOT = Path(__file__).parent.parent
DIST = ROOT / "threadline" / "faces" / "web" / "static" / "web" / "dist"
PASSWORD = "a-long-word-for-the-bench"
LATENCY = 80  # milliseconds there and back
TIMES = 20
CONTENT = ("", "review", "F-1")

FILL = """
import sys, django
django.setup()
from allauth.account.models import EmailAddress
from bench import company
from threadline.kernel.members import User
company.fill(int(sys.argv[1]), 500)
user = User.objects.get(email=company.ADDRESS)
user.set_password(sys.argv[2])
user.save()
EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
"""

# Notes when an input came in, and when what it should bring about was first drawn.
WATCH = """
window.awaited = (kind, selector, holds) => new Promise((done) => {
  const fits = new Function('one', 'return ' + holds);
  document.addEventListener(kind, (event) => {
    const begun = event.timeStamp;
    const look = () => {
      const found = [...document.querySelectorAll(selector)].some((one) => fits(one));
      if (found) done(performance.now() - begun);
      else if (performance.now() - begun > 8000) done(8000);
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, { capture: true, once: true });
});
window.frames_of = (count, step) => new Promise((done) => {
  const gaps = []; let before = 0; let left = count;
  const next = (now) => {
    if (before) gaps.push(now - before);
    before = now;
    if (step) step();
    if (left-- > 0) requestAnimationFrame(next); else done(gaps);
  };
  requestAnimationFrame(next);
});
new PerformanceObserver((list) => { window.lcp = list.getEntries().at(-1).startTime; })
  .observe({ type: 'largest-contentful-paint', buffered: true });
"""


@dataclass(frozen=True)
class Figure:
    """One line of the table; ``aim`` is the most (or, with ``least``, the least) that it should be."""

    name: str
    value: float
    aim: float
    unit: str
    least: bool = False

    def __str__(self) -> str:
        kept = self.value >= self.aim if self.least else self.value <= self.aim
        return f"{self.name:<44}{self.value:>10.1f} {self.unit:<6}{self.aim:>8g}  {'kept' if kept else 'MISSED'}"


def main() -> None:
    """Fill, serve, measure, print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--features", type=int, default=10_000)
    asked.add_argument("--port", type=int, default=8139)
    asked.add_argument("--at", default="", help="a server that runs already, filled by this bench before")
    given = asked.parse_args()
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        address = given.at or held.enter_context(
            serving(folder, given.port, None, [FILL, str(given.features), PASSWORD])
        )
        found = subprocess.run([ROOT / "tools" / "browser"], capture_output=True, text=True, check=True)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=found.stdout.strip(), args=["--no-sandbox", "--disable-gpu"]
            )
            figures = [*_measure(browser, address), *_sizes()]
            browser.close()
    print(f"{'':<44}{'measured':>10} {'':<6}{'aim':>8}   ({given.features:,} rows, {LATENCY} ms added)")
    print(*figures, sep="\n")


@contextmanager
def serving(folder: Path, port: int, command: list[str] | None, script: list[str]) -> Iterator[str]:
    """A server over a database of its own, filled by a command of ours (if any) and then by a script."""
    settings = {"DATA_DIR": str(folder), "PORT": str(port), "SECRET_KEY": "bench", "PYTHONPATH": str(ROOT)}
    environment = {**os.environ, **settings, "DJANGO_SETTINGS_MODULE": "threadline.settings"}
    run = [sys.executable, "-m", "threadline"]
    subprocess.run([*run, "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL)
    if command:
        subprocess.run([*run, *command], env=environment, check=True, stdout=subprocess.DEVNULL)
    subprocess.run([sys.executable, "-c", *script], env=environment, check=True)
    serving = subprocess.Popen([*run, "serve"], env=environment, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            time.sleep(0.5)
            try:
                urllib.request.urlopen(f"{address}/accounts/login/", timeout=5).close()
                break
            except OSError:
                continue
        yield address
    finally:
        serving.terminate()
        serving.wait()


def _measure(browser: Browser, address: str) -> Iterator[Figure]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, bypass_csp=True)
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(f"{address}/accounts/login/")
    page.fill("[name=login]", "petra@bench.example")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/w/**")
    _slow(context.new_cdp_session(page))
    hot = f"{address}/w/bench/features/"
    yield Figure("LCP, grid (p95)", _p95([_lcp(page, hot) for _ in range(5)]), 1_000, "ms")
    yield Figure("LCP, board (p95)", _p95([_lcp(page, f"{hot}?as=board") for _ in range(5)]), 1_000, "ms")
    for path in CONTENT:
        yield Figure(
            f"LCP, {path or 'Today'} (p95)",
            _p95([_lcp(page, f"{address}/w/bench/{path}") for _ in range(5)]),
            800,
            "ms",
        )
    yield from _grid(page, hot)
    yield from _board(page, hot)
    context.close()


def _slow(session: CDPSession) -> None:
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": LATENCY, "downloadThroughput": -1, "uploadThroughput": -1},
    )


def _lcp(page: Page, address: str) -> float:
    page.goto(address)
    page.wait_for_function("window.lcp > 0")
    page.wait_for_timeout(300)
    return float(page.evaluate("window.lcp"))


def _grid(page: Page, hot: str) -> Iterator[Figure]:
    begun = time.monotonic()
    page.goto(f"{hot}?columns=title,state,effort,score,owner,product&q=sort:title")
    page.wait_for_selector("tl-grid[data-ready]")
    yield Figure("grid ready, rows kept from before", (time.monotonic() - begun) * 1_000, 1_200, "ms")
    yield Figure("elements in the grid's page", page.evaluate("document.querySelectorAll('*').length"), 1_500, "")
    cells = page.locator('tbody tr[data-n] [data-col="2"]')
    cells.first.click()
    edits, selects, panels, sorts, filters = [], [], [], [], []
    for n in range(TIMES):
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.keyboard.type(f"{n + 1}.5")
        edits.append(
            _awaited(
                page,
                "keydown",
                "tbody [data-col='2']",
                f"one.textContent === '{n + 1}.5'",
                lambda: page.keyboard.press("Enter"),
            )
        )
        page.keyboard.press("ArrowUp")
        selects.append(
            _awaited(
                page, "keydown", ".bulk b", f"one.textContent === '{n + 1} selected'", lambda: page.keyboard.press("x")
            )
        )
    page.keyboard.press("Escape")
    for way in ["effort", "title"] * (TIMES // 2):
        head = page.locator(f"th[data-column={way}] .sort")
        sorts.append(
            _awaited(page, "click", f"th[data-column={way}][aria-sort]", "true", lambda head=head: head.click())
        )
    page.locator("#query").focus()
    for word in ["effort>3", "effort>5", "state:idea"] * (TIMES // 3):
        page.locator("#query").fill("")
        page.wait_for_timeout(60)
        page.keyboard.type(word[:-1])
        page.wait_for_timeout(60)
        before = page.locator(".status [role=status]").inner_text()
        filters.append(
            _awaited(
                page,
                "input",
                ".status [role=status]",
                f"one.innerText !== {before!r}",
                lambda word=word: page.keyboard.type(word[-1]),
            )
        )
    page.locator("#query").fill("sort:title")
    cells.first.click()
    for _ in range(6):
        panels.append(_awaited(page, "keydown", ".panel h1", "true", lambda: page.keyboard.press("Space")))
        page.keyboard.press("Escape")
        page.wait_for_timeout(200)
        cells.first.click()
    yield Figure("edit to seen (p95)", _p95(edits), 50, "ms")
    yield Figure("select to seen (p95)", _p95(selects), 50, "ms")
    yield Figure("sort to seen (p95)", _p95(sorts), 50, "ms")
    yield Figure("filter letter to rows (p95)", _p95(filters), 80, "ms")
    yield Figure("panel to its title (p95)", _p95(panels), 50, "ms")
    gaps = page.evaluate("window.frames_of(240, () => { document.querySelector('.grid-scroll').scrollTop += 150; })")
    yield Figure("scrolling, frames a second", 1_000 / mean(gaps), 58, "", least=True)
    yield Figure("scrolling, frames over 25 ms", 100 * sum(g > 25 for g in gaps) / len(gaps), 2, "%")


def _board(page: Page, hot: str) -> Iterator[Figure]:
    page.goto(f"{hot}?as=board")
    page.wait_for_selector("tl-board[data-ready]")
    yield Figure("elements in the board's page", page.evaluate("document.querySelectorAll('*').length"), 1_500, "")
    card = page.locator(".board-card").first.bounding_box()
    assert card is not None
    page.mouse.move(card["x"] + 40, card["y"] + 70)
    page.mouse.down()
    page.mouse.move(card["x"] + 60, card["y"] + 80)
    page.evaluate("window.gaps = null; window.frames_of(90).then((gaps) => { window.gaps = gaps; })")
    for step in range(45):
        page.mouse.move(card["x"] + 60 + step * 12, card["y"] + 80 + step * 4)
    page.wait_for_function("window.gaps !== null")
    yield Figure("drag, time between frames (p95)", _p95(page.evaluate("window.gaps")), 17, "ms")
    page.keyboard.press("Escape")
    page.mouse.up()


def _awaited(page: Page, kind: str, selector: str, holds: str, act: Callable[[], Any]) -> float:
    page.evaluate("([k, s, h]) => { window.result = window.awaited(k, s, h); }", [kind, selector, holds])
    act()
    return float(page.evaluate("window.result"))


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


def _sizes() -> Iterator[Figure]:
    """What a first visit loads: scripts by what imports them, and the stylesheet."""
    import_names = {path.name.removesuffix(".gz"): path.stat().st_size for path in DIST.glob("*.gz")}

    def reached(entry: str) -> set[str]:
        text = (DIST / entry).read_text(encoding="utf-8")
        named = {n for n in import_names if n.startswith("chunk-") and f'from"./{n}"' in text}
        return {entry, *(far for n in named for far in reached(n))}

    entry = {n.partition("-")[0]: n for n in import_names if n.endswith(".js") and not n.startswith("chunk-")}
    for label, names, aim in (
        ("content page", ("app",), 25),
        ("grid", ("app", "grid"), 45),
        ("board", ("app", "board"), 45),
    ):
        files = set().union(*(reached(entry[name]) for name in names))
        yield Figure(f"scripts of a {label}, gzip", sum(import_names[f] for f in files) / 1024, aim, "KB")
    sheet = sum(size for name, size in import_names.items() if name.startswith("app-") and name.endswith(".css"))
    yield Figure("stylesheet of every page, gzip", sheet / 1024, 20, "KB")


if __name__ == "__main__":
    main()
