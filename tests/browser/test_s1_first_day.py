"""Scenario S1: from nothing to a company with people, the sample and back, and everything on a second server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from threadline.tests.test_serve import eventual_status, free_ports

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PEOPLE = ["ann", "bo", "cy", "di", "eli", "flo"]
WORD = "a long word of Fay's"
Server = Callable[[str], tuple[str, Path]]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Start the product on an empty folder as `make run` does; its address and folder."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(name: str) -> tuple[str, Path]:
        port, events = free_ports(2)
        folder = tmp_path / name
        given = {"PORT": str(port), "EVENTS_PORT": str(events), "DATA_DIR": str(folder), "QUICK_PASSWORDS": "yes"}
        kept = {n: v for n, v in os.environ.items() if n not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "BASE_URL")}
        env = {**kept, **given, "EMAIL_URL": "console://"}
        subprocess.run([sys.executable, "-m", "threadline", "migrate"], env=env, check=True, stdout=subprocess.DEVNULL)
        command = [sys.executable, "-m", "threadline", "serve"]
        started.append(subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        assert eventual_status(port) == 404  # there is no such file, and somebody says so
        return f"http://127.0.0.1:{port}", folder

    yield begin
    for process in started:
        process.terminate()
        process.communicate(timeout=30)


def found(page: Page, address: str) -> None:
    """An account and a workspace, by the pages of the first run."""
    page.goto(address)
    expect(page.get_by_role("heading", name="Nothing is here yet")).to_be_visible()
    page.get_by_role("link", name="Make an account").click()
    page.fill("[name=email]", "fay@first.example")
    page.fill("[name=password1]", WORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/welcome")
    page.fill("[name=name]", "First Light")
    page.fill("[name=slug]", "first-light")
    page.get_by_role("button", name="Start", exact=True).click()
    page.fill("[name=products]", "Harbour Desk\n- Web\n- Mobile app")
    page.get_by_role("button", name="Continue").click()
    for n, name in enumerate(PEOPLE):
        page.fill(f"[name=email-{n}]", f"{name}@first.example")
    page.select_option("[name=role-5]", label="Viewer")
    page.get_by_role("button", name="Invite and continue").click()
    expect(page.get_by_role("heading", name="Where do you want to begin?")).to_be_visible()


def test_the_first_day_from_nothing_to_a_second_server(browser: Browser, page: Page, server: Server) -> None:
    address, folder = server("first")
    page.set_default_timeout(60_000)
    found(page, address)
    page.goto(f"{address}/w/first-light/members")
    for name in PEOPLE:
        expect(page.get_by_text(f"{name}@first.example").first).to_be_visible()

    page.goto(f"{address}/sample")  # looked at, and taken away again
    page.get_by_role("button", name="Load the sample company").click()
    page.wait_for_url("**/w/**")
    page.goto(f"{address}/w/kittiwake/features/")
    assert page.locator("tbody tr").count() > 5
    page.goto(f"{address}/w/kittiwake/settings/backups")
    expect(page.get_by_text("from a workspace of your own")).to_be_visible()
    page.goto(f"{address}/sample")
    page.get_by_role("button", name="Remove it").first.click()
    page.locator("dialog[open]").get_by_role("button", name="Remove it").click()
    expect(page.get_by_role("button", name="Load the sample company")).to_be_visible()

    page.goto(f"{address}/w/first-light/feedback/new")
    page.fill("[name=body]", "The ferry times are wrong every Sunday.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto(f"{address}/w/first-light/settings")
    page.get_by_role("link", name="Backups").click()
    page.get_by_role("button", name="Make an archive now").click()
    download = page.get_by_role("link", name="Download")
    expect(download).to_be_visible()
    download.click()
    page.fill("[name=password]", WORD)
    with page.expect_download() as coming:
        page.keyboard.press("Enter")
    archive = folder.parent / "kept.zip"
    coming.value.save_as(archive)

    second, _ = server("second")
    elsewhere = browser.new_context().new_page()
    elsewhere.set_default_timeout(60_000)
    elsewhere.goto(second)
    elsewhere.set_input_files("[name=file]", archive)
    elsewhere.get_by_role("button", name="Bring it in").click()
    elsewhere.wait_for_url("**/accounts/login/")
    elsewhere.fill("[name=login]", "fay@first.example")
    elsewhere.fill("[name=password]", WORD)
    elsewhere.keyboard.press("Enter")
    elsewhere.wait_for_url("**/w/first-light/**")
    elsewhere.goto(f"{second}/w/first-light/feedback/")
    expect(elsewhere.get_by_text("The ferry times are wrong every Sunday.").first).to_be_visible()
    elsewhere.goto(f"{second}/w/first-light/members")
    expect(elsewhere.get_by_text("flo@first.example").first).to_be_visible()
    elsewhere.goto(f"{second}/begin")  # nobody else fills a server that is in use
    elsewhere.wait_for_url("**/w/first-light/**")
    elsewhere.context.close()
