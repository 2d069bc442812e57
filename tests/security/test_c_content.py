"""C: what people write stays text on every page that the walk meets, in headers, mails and files.

C1 and C2 (Markdown, pasted markup) are proved where text is rendered; C10 needs a browser.
ROWS.md says where.
"""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.mail import EmailMessage
from django.test import Client

from tests.security.attack import send, taken_back
from tests.security.operations import operations
from tests.security.routes import routes
from tests.security.scene import PAYLOAD, PICTURE, Scene
from tests.security.site import Site
from threadline.house import filing, membership
from threadline.house import furnishing as house
from threadline.kernel.errors import Invalid
from threadline.kernel.files import Attachment

ELSEWHERE = ("//evil.example/", "/\\evil.example", "https:evil.example", "https://evil.example/", "\t//evil.example",
             "javascript:alert(1)", "http://testserver.evil.example/", "////evil.example")  # fmt: skip
RETURNS = ("next", "return", "return_to", "redirect", "redirect_to", "url", "back", "continue", "came_from")


class Acting(HTMLParser):
    """Collects what in a page could act and is not of our own templates."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        data = given.get("type") == "application/json"  # never run, and read by nothing of ours
        if tag == "script" and not data and not given.get("src", "").startswith("/static/"):
            self.found.append(f"<script {given}>")
        if tag in ("img", "iframe", "object", "embed", "base", "style", "frame", "applet"):
            self.found.append(f"<{tag} {given}>")
        if tag == "meta" and given.get("http-equiv", "").lower() == "refresh" and "//" in given.get("content", ""):
            self.found.append(f"<meta {given}>")
        for name, value in given.items():
            if name.startswith("on") or name in ("style", "srcdoc"):
                self.found.append(f"{tag} {name}={value}")
            if name in ("href", "src", "action", "formaction") and not _harmless(value):
                self.found.append(f"{tag} {name}={value}")


def _harmless(address: str) -> bool:
    return not address.strip().lower().startswith(("javascript:", "data:", "vbscript:", "//"))


def test_no_page_acts_on_what_people_wrote(site: Site) -> None:
    """C3, C6, E11: names of records, files, tags, views, products, people, own fields and remarks hold a script."""
    assert sum(PAYLOAD.partition('"')[0] in page.text for page in site.pages) > 50
    for page in site.pages:
        if "html" not in page.headers.get("Content-Type", ""):
            continue
        acting = Acting()
        acting.feed(page.text)
        assert acting.found == [], page.address
        assert "21513" not in page.text, f"{page.address} ran a template"


def test_every_page_says_what_it_may_do(site: Site) -> None:
    """C4, C9, C10: a policy without inline script, no framing, no sniffing, on every page and file."""
    for page in site.pages:
        policy = page.headers["Content-Security-Policy"]
        assert "unsafe" not in policy, page.address
        assert "frame-ancestors 'none'" in policy or "sandbox" in policy, page.address
        assert page.headers["X-Content-Type-Options"] == "nosniff", page.address
        assert page.headers["X-Frame-Options"] == "DENY", page.address


def test_a_file_is_served_as_what_it_is_or_not_at_all(site: Site) -> None:
    """C4, C5: whatever is no page is offered for download, or shown in a sandbox."""
    others = [p for p in site.pages if "html" not in p.headers.get("Content-Type", "")]
    assert others
    for page in others:
        shown = page.headers.get("Content-Disposition", "")
        assert shown.startswith("attachment") or "sandbox" in page.headers["Content-Security-Policy"], page.address


@pytest.mark.parametrize(
    "name",
    ['a"\r\nX-Evil: 1.png', "a\nb.csv", "../../etc/passwd", "C:\\x\\y.csv", "\u202egpj.exe", "a\x00.csv", "-", "ü.txt"],
)
def test_a_files_name_is_no_header_and_no_path(scene: Scene, name: str) -> None:
    """C4, C5, E2: line ends, quotes, paths, reversed text and NUL in the name of a file."""
    record = scene.north.bare["feature"]
    made = filing.attach(scene.world.pm, record, name, [PICTURE if name.endswith(".png") else b"words"])
    answer = scene.browser("viewer").get(f"/w/north/files/{made.pk}")
    assert answer.status_code == 200
    assert "X-Evil" not in answer.headers
    assert not set("\r\n/\\\x00\u202e") & set(Attachment.objects.get(pk=made.pk).name)
    assert "\n" not in answer.headers["Content-Disposition"]
    assert filing.path_of(made).name == made.pk.hex


@pytest.mark.parametrize(
    "name", ["Eve\r\nBcc: all@else.example", "Eve\nSubject: Win", f"{PAYLOAD}", "{{7171*3}} %s {0}"]
)
def test_a_name_in_a_mail_is_text_in_one_line(
    scene: Scene, mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Any, name: str
) -> None:
    """C5, E11: names of people and of the workspace in the subject and text of an invitation."""
    for change in (
        lambda: membership.change_profile(scene.world.owner, {"name": name}),
        lambda: house.change_workspace(scene.world.owner, {"name": name}),
    ):
        try:
            change()
        except Invalid:
            continue
    with django_capture_on_commit_callbacks(execute=True):
        membership.invite(scene.world.owner, "guest@else.example", "viewer")
    message = mailoutbox[-1].message()
    assert mailoutbox[-1].recipients() == ["guest@else.example"]
    assert "Bcc" not in message
    assert len(message.get_all("Subject")) == 1
    assert "\n" not in mailoutbox[-1].subject
    assert "21513" not in mailoutbox[-1].body
    assert message.get_content_type() == "text/plain"


# ---- redirects (C8) ---------------------------------------------------------------------


def local(where: str) -> bool:
    """Whether a browser stays with this server."""
    return where.startswith("/") and not where.startswith(("//", "/\\", "/\t")) and "evil.example" not in where


def test_no_form_sends_anybody_elsewhere(scene: Scene, site: Site) -> None:
    """C8: every form and link of the walk, with a place to go on to in the form, the address and the referrer."""
    redirects = 0
    for number, (role, form) in enumerate(site.forms):
        evil = ELSEWHERE[number % len(ELSEWHERE)]
        asked = "&".join(f"{name}={evil}" for name in RETURNS)
        data: dict[str, Any] = {**form.sent(), **dict.fromkeys(RETURNS, evil)}
        data |= {name: SimpleUploadedFile("a.csv", b"title\nx\n") for name in form.files}
        join = "&" if "?" in form.action else "?"
        address = f"{form.action}{join}{asked}" if form.method == "post" else form.action
        told = send(scene.browser(role), form.method.upper(), address, data, headers={"Referer": evil})
        redirects += bool(told.where)
        assert not told.where or local(told.where), (form.action, evil, told.where)
    assert redirects > 20


@pytest.mark.parametrize("evil", ELSEWHERE)
@pytest.mark.parametrize(
    "path", ["/accounts/login/", "/accounts/signup/", "/accounts/logout/", "/accounts/reauthenticate/"]
)
def test_nobody_is_sent_elsewhere_by_an_account_page(scene: Scene, path: str, evil: str) -> None:
    """C8: ``next`` while signing in, up, out and again."""
    client = scene.browser("viewer") if path in ("logout", "reauthenticate") else Client()
    person = {"login": scene.world.user("viewer").email, "email": "new@else.example", "password1": "a long password 7"}
    for asked in (f"/accounts/{path}/?next={evil}", f"/accounts/{path}/"):
        told = send(client, "POST", asked, {**person, "password": "correct horse battery", "next": evil})
        assert not told.where or local(told.where), told.where


# ---- forms from elsewhere (C9) ----------------------------------------------------------


def test_no_form_is_taken_without_its_token(scene: Scene, site: Site) -> None:
    """C9: every form that writes, sent from another place: refused, nothing written."""
    strict = {role: Client(enforce_csrf_checks=True) for role in ("owner", "product_manager", "viewer")}
    for role, client in strict.items():
        client.cookies = scene.browser(role).cookies
    tried = 0
    for role, form in site.forms:
        if form.method == "post":
            data = {n: v for n, v in form.sent().items() if n != "csrfmiddlewaretoken"}
            told = send(strict[role], "POST", form.action, data, headers={"Origin": "https://evil.example"})
            assert (told.status, told.moved) == (403, ()), (form.action, str(told))
            tried += 1
    assert tried > 50


@pytest.mark.parametrize("route", [r for r in routes() if not r.params], ids=lambda r: r.name)
def test_no_address_is_taken_without_a_token(route: Any, scene: Scene) -> None:
    """C9: also signing in and out, before and after."""
    for client in (Client(enforce_csrf_checks=True), _strict(scene)):
        told = send(client, "POST", route.at(), {"login": "x", "password": "y"})
        assert not told.moved
        assert told.status in (403, 405), str(told)


def _strict(scene: Scene) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.cookies = scene.browser("owner").cookies
    return client


@pytest.mark.parametrize("one", [o for o in operations() if o.method != "GET" and not o.slots], ids=str)
@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/x-www-form-urlencoded"])
def test_no_browser_writes_to_the_api_for_somebody_else(scene: Scene, one: Any, kind: str) -> None:
    """C9: a signed-in browser without the token, with JSON under the types that need no question beforehand."""
    body = json.dumps({"title": "Taken", "name": "Taken", "label": "Taken"})
    told = send(_strict(scene), one.method, one.at(), body, content_type=kind,
                headers={"Origin": "https://evil.example"})  # fmt: skip
    assert (told.status, told.moved) == (403, ()), str(told)


def test_with_its_token_the_same_form_is_taken(scene: Scene, site: Site) -> None:
    """Otherwise the refusals above would prove nothing."""
    form = next(f for role, f in site.forms if role == "product_manager" and f.action.endswith("/comments"))
    client = Client(enforce_csrf_checks=True)
    client.cookies = scene.browser("product_manager").cookies
    with taken_back():
        page = client.get(form.page).content.decode()
        token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
        answer = client.post(form.action, {**form.sent(), "csrfmiddlewaretoken": token})
    assert answer.status_code == 303
