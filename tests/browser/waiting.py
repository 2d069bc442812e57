"""Waiting for what a page writes in the background, as long as it takes within reason."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Go on as soon as it holds; fail when it never does."""
    for _ in range(200):
        if holds():
            return
        page.wait_for_timeout(50)
    assert holds()
