"""Who somebody is, by hand: passkeys, authenticator apps, recovery codes, resets and invitations by mail."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time
from typing import Any

import pytest
from django.core.cache import caches
from django.core.mail import EmailMessage
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.signing import sign_in_by_form
from threadline.kernel.members import Member
from threadline.kernel.testing import PASSWORD, World

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NEW_PASSWORD = "a kettle full of starlings"


def sign_out(page: Page, server: LiveServer) -> None:
    page.goto(f"{server.url}/accounts/logout/")
    page.get_by_role("button", name="Sign Out").click()
    page.wait_for_url(re.compile(r"/$|/accounts/login/"))


def confirm_password(page: Page) -> None:
    """Second factors are set up by whoever knows the password, asked anew."""
    if "reauthenticate" in page.url:
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name="Confirm").click()


def virtual_key(page: Page) -> Any:
    """A passkey built into the machine, whose owner agrees to everything; the browser's end of it."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
               "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session


def code_at(secret: str, moment: float) -> str:
    """RFC 6238 with SHA-1, 30 seconds and six digits: what an authenticator app shows."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(moment) // 30), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def test_the_apps_code_is_the_standards() -> None:
    """RFC 6238, appendix B: SHA-1, the last six of the eight digits printed there."""
    secret = base64.b32encode(b"12345678901234567890").decode()
    for moment, printed in ((59, "94287082"), (1111111109, "07081804"), (2000000000, "69279037")):
        assert code_at(secret, moment) == printed[-6:]


def test_a_passkey_is_set_up_and_signs_in_without_a_password(page: Page, live_server: LiveServer, world: World) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    virtual_key(page)
    sign_in_by_form(page, live_server, world.user("viewer").email)
    page.goto(f"{live_server.url}/accounts/2fa/webauthn/add/")
    confirm_password(page)
    page.get_by_label("Name").fill("My laptop")
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add").click()
    page.wait_for_url(re.compile("/accounts/2fa/(?!webauthn/add)"))
    page.goto(f"{live_server.url}/accounts/2fa/webauthn/")
    expect(page.locator("#main")).to_contain_text("My laptop")
    sign_out(page, live_server)
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/w/north/")
    expect(page.locator("body")).to_contain_text(world.member("viewer").name)
    assert said == []


def test_a_passkey_of_nobody_signs_nobody_in(page: Page, live_server: LiveServer, world: World) -> None:
    assert world.roles
    virtual_key(page)
    page.goto(f"{live_server.url}/accounts/login/")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.goto(f"{live_server.url}/w/north/")
    assert "/accounts/login/" in page.url


def test_an_app_is_set_up_and_asked_for_and_a_recovery_code_helps_once(
    page: Page, live_server: LiveServer, world: World
) -> None:
    email = world.user("viewer").email
    sign_in_by_form(page, live_server, email)
    page.goto(f"{live_server.url}/accounts/2fa/totp/activate/")
    confirm_password(page)
    secret = page.get_by_label("Authenticator secret").input_value()
    assert page.locator("img").bounding_box()["width"] >= 120  # type: ignore[index]
    page.get_by_label("Authenticator code").fill("000000")
    page.get_by_role("button", name="Activate").click()
    expect(page.locator(".error")).to_contain_text("Incorrect code")
    page.get_by_label("Authenticator code").fill(code_at(secret, time.time()))
    page.get_by_role("button", name="Activate").click()
    page.wait_for_url("**/accounts/2fa/recovery-codes/")
    codes = page.get_by_label("Unused codes").input_value().split()
    assert len(codes) == 10
    for entered, opens in (
        ("000000", False),
        ("", True),  # what the app shows by then
        (codes[0], True),
        (codes[0], False),
        (codes[1], True),
    ):
        caches["default"].clear()  # a code works once in its half minute, and a person is not this quick
        page.context.clear_cookies()
        page.goto(f"{live_server.url}/accounts/login/")
        page.fill("[name=login]", email)
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url("**/accounts/2fa/authenticate/**")
        page.fill("[name=code]", entered or code_at(secret, time.time()))
        page.get_by_role("button", name="Sign In").click()
        if opens:
            page.wait_for_url("**/w/north/")
        else:
            expect(page.locator(".error")).to_be_visible()
            page.goto(f"{live_server.url}/w/north/")
            assert "/accounts/" in page.url, "the password alone opens nothing"


def link_of(mailoutbox: list[EmailMessage], live_server: LiveServer) -> str:
    """The way in of the last mail, on the server of the test."""
    [link] = re.findall(r"http://testserver(/\S+)", mailoutbox[-1].body)
    return f"{live_server.url}{link}"


def test_a_forgotten_password_is_set_anew_by_mail(
    page: Page, live_server: LiveServer, world: World, mailoutbox: list[EmailMessage]
) -> None:
    email = world.user("viewer").email
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("Email").fill(email)
    page.get_by_role("button", name="Reset").click()
    expect(page.locator("#main")).to_contain_text("sent you an email")
    page.goto(link_of(mailoutbox, live_server))
    page.fill("[name=password1]", "short")
    page.fill("[name=password2]", "short")
    page.click("main button[type=submit]")
    expect(page.locator(".error").first).to_be_visible()
    page.fill("[name=password1]", NEW_PASSWORD)
    page.fill("[name=password2]", NEW_PASSWORD)
    page.click("main button[type=submit]")
    expect(page.locator("#main")).to_contain_text("password is now changed")
    page.goto(f"{live_server.url}/accounts/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", NEW_PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/w/north/")


def test_somebody_invited_by_mail_signs_up_and_is_here(
    page: Page, browser: Browser, live_server: LiveServer, world: World, mailoutbox: list[EmailMessage]
) -> None:
    sign_in_by_form(page, live_server, world.user("owner").email)
    page.goto(f"{live_server.url}/w/north/members")
    page.get_by_label("Email").fill("guest@else.example")
    page.locator("form.columns [name=role]").select_option("contributor")
    page.get_by_role("button", name="Send invitation").click()
    expect(page.locator("#main")).to_contain_text("guest@else.example")
    context = browser.new_context(locale="en-GB")
    try:
        guest = context.new_page()
        guest.goto(link_of(mailoutbox, live_server))
        expect(guest.locator("#main")).to_contain_text("North")
        guest.get_by_role("link", name="Sign up").click()
        guest.get_by_label("Email").fill("guest@else.example")
        guest.fill("[name=password1]", NEW_PASSWORD)
        guest.click("main button[type=submit]")
        guest.wait_for_url("**/join/**")
        guest.get_by_role("button", name="Join").click()
        guest.wait_for_url("**/w/north/**")
    finally:
        context.close()
    [member] = Member.objects.filter(user__email="guest@else.example")
    assert (member.role, member.workspace_id) == ("contributor", world.north.pk)
