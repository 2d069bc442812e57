"""Pictures of every screen, to be looked at: wide and narrow, light and dark; empty, as usual, and with 10,000 rows.

``make screenshots`` starts the sample company beside an empty workspace and a large one, follows the
links of their pages, and puts one picture of each kind of page into ``threadline-screens`` below the
folder for temporary files (or ``TO=…``). It also names pages that are wider than the window and
scripts that complained. ``ONLY=inbox`` takes the pages whose address holds that word.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.browser import PASSWORD, ROOT, serving

WIDE: Any = {"width": 1440, "height": 900}
NARROW: Any = {"width": 390, "height": 844}
LOOKS = {
    "wide-light": {"viewport": WIDE, "color_scheme": "light"},
    "wide-dark": {"viewport": WIDE, "color_scheme": "dark"},
    "narrow-light": {"viewport": NARROW, "color_scheme": "light"},
    "narrow-dark": {"viewport": NARROW, "color_scheme": "dark"},
    "wide-forced": {"viewport": WIDE, "color_scheme": "dark", "forced_colors": "active"},
}
USUAL = [name for name in LOOKS if name != "wide-forced"]  # the colours of a system are looked at when asked for
SAMPLE, SAMPLE_WORD = "priya.raman@kittiwake.example", "sample-threadline"
NEWCOMER = "nora@empty.example"
BEGIN = """
import sys, django
django.setup()
from allauth.account.models import EmailAddress
from bench import company
from threadline.house import membership
from threadline.kernel.members import User
company.fill(int(sys.argv[1]), int(sys.argv[1]))
large = User.objects.get(email=company.ADDRESS)
newcomer = User.objects.create_user(sys.argv[3], sys.argv[2], name="Nora New")
membership.found_workspace(newcomer, "Nothing Yet", "empty")
large.set_password(sys.argv[2])
large.save()
for user in (large, newcomer):
    EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
"""
# Pages that every record or every type has are looked at once, those of a room in every room.
ONCE = re.compile(r"(edit|history|cite|files|field/\w+|do/\w+|new|import|trash)$")
LEFT_OUT = re.compile(r"/(export\.|comments/|undo|api/|files/.|here$|news|snapshot)|/(csv|xlsx|json|md|svg)$")
KEY = re.compile(r"^([A-Z][A-Z0-9]*)-\d+")
IDENT = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
MOST = 220


@dataclass(frozen=True)
class Place:
    """One kind of page: how its pictures are named, and where one of its kind is."""

    name: str
    address: str


def main() -> None:
    """Fill, serve, follow the links, take the pictures."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--to", default="", help="the folder for the pictures")
    asked.add_argument("--only", default="", help="only pages whose address holds this")
    asked.add_argument("--looks", default=",".join(USUAL), help="which of " + ", ".join(LOOKS))
    asked.add_argument("--rows", type=int, default=10_000)
    asked.add_argument("--port", type=int, default=8141)
    asked.add_argument("--at", default="", help="a server that runs already, with the sample company in it")
    given = asked.parse_args()
    to = Path(given.to or Path(tempfile.gettempdir()) / "threadline-screens")
    looks = {name: LOOKS[name] for name in given.looks.split(",")}
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        address = given.at or held.enter_context(
            serving(folder, given.port, ["demo"], [BEGIN, str(given.rows), PASSWORD, NEWCOMER])
        )
        found = subprocess.run([ROOT / "tools" / "browser"], capture_output=True, text=True, check=True)
        playwright = held.enter_context(sync_playwright())
        browser = playwright.chromium.launch(
            executable_path=found.stdout.strip(), args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        said = [*_tour(browser, address, SAMPLE, SAMPLE_WORD, to / "usual", looks, given.only)]
        if not given.at:
            some = {n: look for n, look in looks.items() if n in ("wide-light", "narrow-light")}
            said += _tour(browser, address, NEWCOMER, PASSWORD, to / "empty", some, given.only)
            said += _tour(browser, address, "petra@bench.example", PASSWORD, to / "large", some, given.only or "large")
        browser.close()
    print(*said, sep="\n")
    print(f"{len(list(to.rglob('*.png')))} pictures in {to}")


def _tour(
    browser: Browser, address: str, who: str, word: str, to: Path, looks: dict[str, Any], only: str
) -> Iterator[str]:
    entrance = browser.new_context(viewport=WIDE)
    page = entrance.new_page()
    page.goto(f"{address}/accounts/login/")
    page.fill("[name=login]", who)
    page.fill("[name=password]", word)
    page.click("main button[type=submit]")
    page.wait_for_url("**/w/**")
    home = re.sub(r"(/w/[^/]+/).*", r"\1", page.url)
    if only == "large":
        places = [Place(n, home + n) for n in ("features/", "features/?as=board", "feedback/", "feedback/inbox", "")]
    else:
        places = [one for one in follow(entrance, home) if only in one.address]
    state = entrance.storage_state()
    entrance.close()
    to.mkdir(parents=True, exist_ok=True)
    for name, look in looks.items():
        context = browser.new_context(storage_state=state, reduced_motion="reduce", **look)
        for place in places:
            yield from _take(context.new_page(), place, to / f"{named(place.name)}--{name}.png")
        context.close()


def _take(page: Page, place: Place, to: Path) -> Iterator[str]:
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    answer = page.goto(place.address)
    if page.locator("tl-grid, tl-board").count() and page.locator("#island").count():
        page.wait_for_selector("tl-grid[data-ready], tl-board[data-ready]")
    page.wait_for_timeout(150)
    page.screenshot(path=to)
    if answer is not None and answer.status >= 400:
        wrong.append(f"answers {answer.status}")
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        wrong.append("is wider than the window")
    page.close()
    yield from (f"{to.name}: {one}" for one in wrong)


def follow(context: BrowserContext, home: str) -> list[Place]:
    """One place of each kind that the pages below ``home`` lead to, by the order in which they are met."""
    found: dict[str, Place] = {}
    waiting = [home]
    while waiting and len(found) < MOST:
        address = waiting.pop(0)
        name = kind_of(address, home)
        if name in found:
            continue
        answer = context.request.get(address, max_retries=2)
        if not answer.ok or "text/html" not in answer.headers.get("content-type", ""):
            continue
        found[name] = Place(name, address)
        links = [
            plain(urljoin(address, one.replace("&amp;", "&"))) for one in re.findall(r'href="([^"#]+)', answer.text())
        ]
        waiting += [one for one in links if one.startswith(home) and not LEFT_OUT.search(urlsplit(one).path)]
    return list(found.values())


def plain(address: str) -> str:
    """An address without what is asked for, but for the board."""
    parts = urlsplit(address)
    return parts._replace(query="as=board" if "as=board" in parts.query else "").geturl()


def kind_of(address: str, home: str) -> str:
    """What kind of page an address is: numbers of records and most of what is asked for do not matter."""
    parts = urlsplit(address)
    below = IDENT.sub("one", parts.path[len(urlsplit(home).path) :])
    once = ONCE.search(below.rstrip("/"))
    if once:
        return re.sub(r"(field|do)/\w+", r"\1", once[1])
    board = "?as=board" if "as=board" in parts.query else ""
    return KEY.sub(r"\1", below) + board


def named(name: str) -> str:
    """A kind of page as the name of a file."""
    return re.sub(r"[^A-Za-z0-9-]+", "-", name).strip("-") or "today"


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
