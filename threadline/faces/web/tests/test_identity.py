"""Mails name this server by BASE_URL, whatever the Host header said (attack row: poisoned reset link)."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from allauth.core import context
from django.core.mail import EmailMessage
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings

from threadline.faces.web.assets import WEB
from threadline.faces.web.identity import AccountAdapter
from threadline.faces.web.templatetags.look import browser, sentence_case
from threadline.house import tokens
from threadline.kernel.members import Token
from threadline.kernel.testing import World


@override_settings(BASE_URL="https://line.example.org", ALLOWED_HOSTS=["*"])
def test_links_in_mails_come_from_base_url(mailoutbox: list[EmailMessage]) -> None:
    request: Any = RequestFactory().get("/accounts/password/reset/", headers={"host": "evil.example"})
    with context.request_context(request):
        AccountAdapter(request).send_mail(
            "account/email/password_reset_key",
            "ann@line.example.org",
            {
                "password_reset_url": request.build_absolute_uri("/accounts/password/reset/key/1-abc/"),
                "user": None,
            },
        )
    [mail] = mailoutbox
    assert "https://line.example.org/accounts/password/reset/key/1-abc/" in mail.body
    assert "evil.example" not in f"{mail.subject} {mail.body}"


# ---- signing in -------------------------------------------------------------------------

PASSWORD = "correct horse battery"


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> HttpResponse:
    return client.post("/accounts/login/", {"login": email, "password": password, **more})


def test_the_session_is_a_new_one_after_signing_in(world: World) -> None:
    client = Client()
    client.get("/accounts/login/")
    client.cookies["sessionid"] = "a" * 32  # fixed by somebody else
    user = world.user("viewer")
    assert sign_in(client, user.email).status_code == 302
    first = client.cookies["sessionid"].value
    assert first != "a" * 32
    client.post("/accounts/logout/")
    old = Client()
    old.cookies["sessionid"] = first
    assert old.get("/w/north/").status_code == 302, "a session that was ended stays ended"


ELSEWHERE = (
    "//evil.example", "/\\evil.example", "https://evil.example/", "https:evil.example", "javascript:alert(1)",
    "\t//evil.example", "http:///evil.example", "////evil.example",
)  # fmt: skip


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nobody_is_sent_elsewhere_after_signing_in(world: World, target: str) -> None:
    answer = sign_in(Client(), world.user("viewer").email, next=target)
    where = answer.headers.get("Location", "/")
    assert where.startswith("/")
    assert not where.startswith(("//", "/\\"))


def test_a_local_target_is_kept(world: World) -> None:
    answer = sign_in(Client(), world.user("viewer").email, next="/w/north/features/")
    assert answer.headers["Location"] == "/w/north/features/"


def test_guessing_a_password_is_stopped(world: World) -> None:
    email, client = world.user("viewer").email, Client()
    for _ in range(6):
        sign_in(client, email, "wrong horse battery")
    sign_in(Client(), email)  # right now, even the right password must wait
    assert "_auth_user_id" not in client.session
    other = Client()
    sign_in(other, email)
    assert "_auth_user_id" not in other.session


def test_a_changed_password_ends_other_sessions_and_keys(world: World) -> None:
    user = world.user("product_manager")
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        assert sign_in(client, user.email).status_code == 302
        assert client.get("/w/north/").status_code == 200
    token, text = tokens.create(world.pm, name="t", scopes=["read"])
    assert tokens.authenticate(text) is not None
    sent = {"oldpassword": PASSWORD, "password1": "another long password 7", "password2": "another long password 7"}
    assert here.post("/accounts/password/change/", sent).status_code == 302
    assert here.get("/w/north/").status_code == 200, "where it was changed one stays"
    assert elsewhere.get("/w/north/").status_code in (302, 404)
    assert tokens.authenticate(text) is None
    assert not tokens.works(Token.objects.select_related("member__user").get(pk=token.pk))


@pytest.mark.parametrize(
    "path", ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/email/",
             "/accounts/password/change/", "/accounts/2fa/", "/accounts/sessions/", "/accounts/2fa/webauthn/",
             "/accounts/logout/"],
)  # fmt: skip
def test_pages_of_the_account_are_there(world: World, path: str) -> None:
    client = Client()
    if path not in ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"):
        sign_in(client, world.user("viewer").email)
    answer = client.get(path)
    assert answer.status_code == 200
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert b"<script>" not in answer.content
    assert b" style=" not in answer.content


def test_a_second_factor_is_set_up_only_after_the_password_again(world: World) -> None:
    client = Client()
    sign_in(client, world.user("viewer").email)
    for path in ("/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/"):
        answer = client.get(path)
        assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    for path in ("/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert b"<script>" not in answer.content, path


# ---- forms from elsewhere (row C9) ------------------------------------------------------


def test_no_form_from_elsewhere_is_taken(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.user("owner"))
    record = world.make("feature")
    below = ("edit", "archive", "comments", "watch", "do/plan_feature")
    house = ("members/invite", "settings", "tokens", "profile", "profile/theme", "profile/leave", "notifications/read")
    for path in (*(f"{record.key}/{p}" for p in below), *house, "features/new", "features/bulk", "features/views"):
        answer = client.post(f"/w/north/{path}", {"title": "x"})
        assert answer.status_code == 403, path
        assert b"out of date" in answer.content
    for path in ("/welcome", "/accounts/login/", "/accounts/logout/"):
        assert client.post(path, {}).status_code == 403, path


def test_looking_writes_nothing(world: World) -> None:
    client = Client()
    client.force_login(world.user("owner"))
    record = world.make("feature")
    for path in (
        f"{record.key}/archive",
        f"{record.key}/watch",
        "notifications/read",
        "profile/leave",
        "features/bulk",
    ):
        assert client.get(f"/w/north/{path}").status_code == 405, path


def test_pages_may_not_be_framed_and_say_where_they_come_from(world: World) -> None:
    client = Client()
    client.force_login(world.user("owner"))
    headers = client.get("/w/north/").headers
    assert headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/150.0 Safari/537.36 Edg/150.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari on iPhone"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "Unknown"),
    ],
)
def test_a_session_is_named_by_its_browser_in_words(agent: str, words: str) -> None:
    assert browser(agent) == words


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("Change Password", "Change password"),
        ("\n    Reset My Password\n", "\n    Reset my password\n"),
        ("IP Address", "IP address"),
        ("Back to Threadline", "Back to Threadline"),
        ("Trust this Browser?", "Trust this browser?"),
        ("Done. Sign In", "Done. Sign in"),
        ("Signup", "Sign up"),
    ],
)
def test_headings_are_written_as_the_rest_of_the_product(theirs: str, ours: str) -> None:
    assert sentence_case(theirs) == ours


# ---- mails ------------------------------------------------------------------------------


def mails_of_allauth() -> list[str]:
    """The mails that it can send here, by their template; codes to sign in with are not offered."""
    found = []
    for app in ("account", "mfa"):
        folder = Path(str(find_spec(f"allauth.{app}").origin)).parents[1] / "templates" / app / "email"  # type: ignore[union-attr]
        names = sorted(one.name.removesuffix("_subject.txt") for one in folder.glob("*_subject.txt"))
        found += [f"{app}/email/{name}" for name in names if not name.endswith("_code")]
    return found


@pytest.mark.parametrize("name", mails_of_allauth())
def test_every_mail_about_an_account_is_in_our_words(name: str, mailoutbox: list[EmailMessage]) -> None:
    own = WEB / "django_templates"
    assert (own / f"{name}_message.txt").is_file(), "the library's own words would be sent"
    assert (own / f"{name}_subject.txt").is_file()
    request = RequestFactory().get("/")
    said = {"activate_url": "https://a.example/c", "password_reset_url": "https://a.example/p", "ip": "192.0.2.1",
            "email": "o'neil@a.example", "signup_url": "https://a.example/s", "user_agent": "A & B", "timestamp": "now",
            "deleted_email": "x@a.example", "from_email": "x@a.example", "to_email": "y@a.example"}  # fmt: skip
    with context.request_context(request):
        AccountAdapter(request).send_mail(name, "somebody@a.example", said)
    [mail] = mailoutbox
    assert mail.subject.startswith("Threadline: ")
    assert "!" not in mail.subject + mail.body
    assert "&#" not in mail.body
    assert "&amp;" not in mail.body
    assert str(mail.body).rstrip().endswith("Threadline at testserver")
    assert "\n\n\n" not in str(mail.body).strip()


def test_a_changed_password_is_told_by_mail(world: World, mailoutbox: list[EmailMessage]) -> None:
    user, client = world.user("viewer"), Client()
    user.set_password(PASSWORD)
    user.save()
    sign_in(client, user.email)
    changed = {"oldpassword": PASSWORD, "password1": "another-long-word-7", "password2": "another-long-word-7"}
    assert client.post("/accounts/password/change/", changed).status_code == 302
    told = [mail for mail in mailoutbox if mail.to == [user.email]]
    assert [mail.subject for mail in told] == ["Threadline: Your password was changed"]
    assert "From the address 127.0.0.1" in told[0].body
