"""Measure the roadmap's timeline with many bars: ``python -m bench.timeline 300 500``.

For each number of bars a throw-away company, opened in Chromium: the server's time for the page, how many elements
it has, and the gaps between frames while a bar is dragged and while the picture is scrolled. ``--shots`` names a
folder for pictures: wide and narrow, light and dark.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any, Literal

from playwright.sync_api import Browser, Page, sync_playwright

from bench.browser import ROOT, WATCH
from bench.places import environment
from bench.table import aligned

PASSWORD = "sample-threadline"
FILL = """
import sys, random, django
from datetime import timedelta
django.setup()
from threadline.kernel import rows, verbs
from threadline.kernel.access import actor_of, reach
from threadline.kernel.members import Member
from threadline.inbound.features.models import Feature
from threadline.inbound.strategy.models import Objective
actor = actor_of(Member.objects.get(user__email="priya.raman@kittiwake.example"), face="import")
chance, today = random.Random(7), rows.now().date()
aims = list(reach(actor, Objective).values_list("pk", flat=True))
made = []
for number in range(int(sys.argv[1])):
    starts = today + timedelta(days=chance.randrange(-40, 260))
    due = starts + timedelta(days=chance.randrange(8, 70))
    one = verbs.create(actor, "feature", {
        "title": f"{chance.choice(('Faster', 'Shared', 'Quiet', 'Safer'))} part {number} of what crews asked for",
        "starts_on": starts, "due_on": due, "late_on": due + timedelta(days=chance.randrange(2, 30)),
        "state": chance.choice(("candidate", "planned"))})
    verbs.tag(actor, one.pk, ["many"])
    verbs.link(actor, one.pk, chance.choice(aims), "objective")
    if made and number % 4 == 0:
        verbs.link(actor, one.pk, chance.choice(made), "depends_on")
    made.append(one.pk)
road = verbs.create(actor, "roadmap", {"title": "Everything at once", "query": "tag:many", "audience": "team"})
print(road.key)
"""


def main() -> None:
    """One row for each number of bars."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("bars", nargs="*", type=int, default=[300, 500])
    asked.add_argument("--shots", type=Path)
    given = asked.parse_args()
    rows = [("bars", "elements", "page kB", "server ms", "drag p50 / p95 ms", "scroll p50 / p95 ms")]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"))
        for bars in given.bars:
            with ExitStack() as stack:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
                key, address = _company(stack, folder, bars)
                rows.append((str(bars), *_measure(browser, f"{address}/w/kittiwake/{key}/timeline", given.shots, bars)))
                print(rows[-1], flush=True)
        browser.close()
    print(f"\n## Timeline (aim: drag p95 17 ms)\n\n{aligned(rows)}\n")


def _company(stack: ExitStack, folder: Path, bars: int) -> tuple[str, str]:
    port = 8380 + bars % 97
    around = environment(folder) | {"PORT": str(port), "PYTHONPATH": str(ROOT)}
    run = [sys.executable, "-m", "threadline"]
    for command in (["migrate"], ["demo"]):
        subprocess.run([*run, *command], env=around, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    filled = subprocess.run(
        [sys.executable, "-c", FILL, str(bars)], env=around, check=True, stdout=subprocess.PIPE, text=True
    )
    serving = subprocess.Popen([*run, "serve"], env=around, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    stack.callback(serving.wait)
    stack.callback(serving.terminate)
    address = f"http://127.0.0.1:{port}"
    for _ in range(120):
        time.sleep(0.5)
        try:
            urllib.request.urlopen(f"{address}/accounts/login/", timeout=5).close()
            break
        except OSError:
            continue
    return filled.stdout.split()[-1], address


def _measure(browser: Browser, address: str, shots: Path | None, bars: int) -> tuple[str, ...]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, bypass_csp=True)
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(f"{address.split('/w/')[0]}/accounts/login/")
    page.fill("[name=login]", "priya.raman@kittiwake.example")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/w/**")
    took, size = [], 0
    for _ in range(6):
        begun = time.perf_counter()
        answer = context.request.get(address)
        took.append(1_000 * (time.perf_counter() - begun))
        size = len(answer.body())
    page.goto(address)
    page.wait_for_selector("tl-timeline[data-ready]")
    elements = page.evaluate("document.querySelectorAll('*').length")
    scrolled = page.evaluate(
        "() => { const one = document.querySelector('.tline'); let n = 0;"
        " return frames_of(120, () => { n += 1; one.scrollTop = n * 24; one.scrollLeft = (n * 11) % 900; }); }"
    )
    page.evaluate("() => document.querySelector('.tline').scrollTo(0, 0)")
    dragged = _drag(page)
    if shots is not None:
        _shoot(page, shots, bars)
    context.close()
    return (str(elements), f"{size / 1_000:.0f}", f"{median(took[1:]):.0f}", _halves(dragged), _halves(scrolled))


def _drag(page: Page) -> list[float]:
    """Carry the first bar in view to and fro while frames are counted; dropped where it was."""
    spot = page.evaluate(
        "() => { const view = document.querySelector('.tline').getBoundingClientRect();"
        " const one = [...document.querySelectorAll('.tbar[data-n] .likely')].map((b) => b.getBoundingClientRect())"
        " .find((b) => b.left > view.left + 220 && b.right < view.right - 20 && b.width > 40 && b.top > view.top + 60);"
        " return one && { x: one.left + one.width / 2, y: one.top + one.height / 2 }; }"
    )
    page.mouse.move(spot["x"], spot["y"])
    page.mouse.down()
    page.evaluate("() => { window.counted = frames_of(150); }")
    for step in range(120):
        page.mouse.move(spot["x"] + 6 * (step % 40), spot["y"])
    found: list[float] = page.evaluate("() => window.counted")
    page.mouse.move(spot["x"], spot["y"])
    page.mouse.up()
    return found


def _halves(gaps: list[float]) -> str:
    ordered = sorted(gaps)
    return f"{median(ordered):.1f} / {ordered[int(0.95 * (len(ordered) - 1))]:.1f}"


def _shoot(page: Page, shots: Path, bars: int) -> None:
    shots.mkdir(parents=True, exist_ok=True)
    sizes: tuple[tuple[str, Any], ...] = (("wide", (1440, 900)), ("narrow", (390, 844)))
    looks: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for look in looks:
        page.emulate_media(color_scheme=look)
        for name, (width, height) in sizes:
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=shots / f"{bars}-{name}-{look}.png")


if __name__ == "__main__":
    main()
