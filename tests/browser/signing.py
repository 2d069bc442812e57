"""Being signed in: with a session made here, or through the form where signing in is what is tried."""

from __future__ import annotations

from django.conf import settings
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from threadline.kernel.members import User
from threadline.kernel.testing import PASSWORD


def sign_in(page: Page, server: LiveServer, email: str) -> None:
    """Give the browser a session of this person's; it is on no page yet. Two pages less for every test."""
    made = Client()
    made.force_login(User.objects.get(email=email), settings.AUTHENTICATION_BACKENDS[0])
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": made.cookies[name].value, "url": server.url}])


def sign_in_by_form(page: Page, server: LiveServer, email: str) -> None:
    page.goto(f"{server.url}/accounts/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/w/**")
