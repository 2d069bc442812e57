"""Every kind of page of the sample company, found by following its links: nothing for axe, nothing cut off.

One page of each route is looked at, and each type's own detail page, in the light and the dark theme, with more
contrast, and 320 pixels wide. A page that is added later is looked at without a word here.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from tests.browser.test_accessibility import wrong_in_any_look
from tests.crawl import Shape, crawl
from threadline.demo import load as loading
from threadline.faces.web import detail
from threadline.kernel.members import Member
from threadline.kernel.testing import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PARTS = 2  # each loads the company for itself, so that several processes share the pages


def one_of_each(view: Any, values: dict[str, str]) -> Shape:
    """A page of each route, and of each type the page that shows one record."""
    kind = values["key"].partition("-")[0] if view is detail.show else ""
    return id(view), kind, values.get("place", "")


@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_is_accessible_and_fits(browser: Browser, live_server: LiveServer, part: int) -> None:
    workspace = loading.load()
    client = Client()
    owner = Member.objects.select_related("user").get(workspace=workspace, role="owner")
    owner.user.set_password(PASSWORD)
    owner.user.save()
    client.force_login(owner.user, settings.AUTHENTICATION_BACKENDS[0])
    found = crawl(client.get, [f"/w/{workspace.slug}/"], shape=one_of_each)
    pages = [page.address for page in found if page.is_html]
    assert len(pages) > 100
    wrong = wrong_in_any_look(browser, live_server, owner.user.email, pages[part::PARTS])
    assert not wrong, "\n".join(f"{address}: {one}" for address, said in wrong.items() for one in said)
