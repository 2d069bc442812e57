"""Every page of every record type, for every role: there, refused, or as if it were not there."""

from __future__ import annotations

import re

import pytest
from django.db.utils import OperationalError
from django.test import Client

from threadline.faces.web.places import FIXED
from threadline.faces.web.tests.conftest import Site
from threadline.kernel import verbs
from threadline.kernel.actions import actions_on
from threadline.kernel.members import Role
from threadline.kernel.registry import kinds, type_of
from threadline.kernel.testing import PASSWORD, World

KINDS = [t.kind for t in kinds()]
READ = ("", "/history", "/history?from=2026-01-01&to=2030-01-01", "?as_of=2030-01-01", "?all=1")
FIXED_PAGES = (
    "", "review", "review?mine=0", "search", "search?q=words", "trash", "notifications", "notifications?unread=1",
    "members", "settings", "settings/products", "settings/teams", "settings/fields", "settings/tags", "profile",
    "tokens",
)  # fmt: skip


@pytest.mark.parametrize("role", Role.values)
def test_pages_of_the_workspace_are_there_for_everybody_in_it(site: Site, role: str) -> None:
    for page in FIXED_PAGES:
        answer = site.get(page, role)
        assert answer.status_code == 200, page
        assert answer.headers["Cache-Control"] == "private, no-store", page
        assert "Cookie" in answer.headers["Vary"], page


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("role", Role.values)
def test_pages_of_a_record_are_readable_for_every_role(site: Site, role: str, kind: str) -> None:
    world, declared = site.world, type_of(kind)
    record = world.make(kind, world.actor("owner"), **world.sample(kind, world.owner))
    for below in READ:
        assert site.get(f"{record.key}{below}", role).status_code == 200, below
    for asked in ("", "?q=updated<30d", "?q=nothing-has-these-words", "?archived=1", "?columns=title,tags"):
        assert site.get(f"{declared.path}/{asked}", role).status_code == 200, asked


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("role", Role.values)
def test_forms_are_there_for_those_who_may_and_refused_to_the_others(site: Site, role: str, kind: str) -> None:
    world, declared = site.world, type_of(kind)
    actor, record = world.actor(role), world.make(kind, world.owner)
    expected = {"edit": "update", "files": "update", **({"cite": "update"} if declared.cites else {})}
    for page, verb in expected.items():
        wanted = 200 if actor.may(verb, declared.group) else 403
        assert site.get(f"{record.key}/{page}", role).status_code == wanted, page
    assert site.get(f"{declared.path}/new", role).status_code == (200 if actor.may("create", declared.group) else 403)
    for action in actions_on(kind):
        wanted = 200 if actor.may(action.verb, declared.group) else 403
        assert site.get(f"{record.key}/do/{action.name}", role).status_code == wanted, action.name


@pytest.mark.parametrize("kind", KINDS)
def test_for_a_stranger_nothing_of_north_is_there(site: Site, stranger: Client, kind: str) -> None:
    record = site.world.make(kind, site.world.owner)
    theirs = site.world.make(kind, site.world.actor("owner", "south"))
    for path in (f"{record.key}", f"{record.key}/edit", f"{type_of(kind).path}/", "members", ""):
        answer = stranger.get(f"/w/north/{path}")
        assert answer.status_code == 404, path
        assert record.title.encode() not in answer.content
    verbs.archive(site.world.actor("owner", "south"), kind, theirs)
    assert stranger.post(f"/w/north/{record.key}/archive").status_code == 404


def test_absent_and_forbidden_are_the_same_page(site: Site, stranger: Client) -> None:
    record = site.world.make(KINDS[0], site.world.owner)
    hidden = site.world.make(KINDS[0], site.world.owner, confidentiality=2)
    prefix = record.key.partition("-")[0]
    bodies = set()
    for key in (f"{prefix}-999", hidden.key):
        body = site.get(key).content.decode()
        assert body.count(key) == 1  # the address that was asked for, on paper alone
        bodies.add(re.sub(r'(csrfmiddlewaretoken" value="|"csrf": ?"|&amp;after=)[^"]*', "", body.replace(key, "")))
    assert len(bodies) == 1
    assert len({stranger.get("/w/north/").content, stranger.get("/w/nowhere/").content}) == 1


def test_whoever_is_not_signed_in_is_asked_to(world: World) -> None:
    for path in ("/w/north/", "/w/north/members", "/welcome"):
        answer = Client().get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/accounts/login/?next={path}")
    assert Client().get("/").headers["Location"] == "/accounts/login/"


def test_somebody_who_left_finds_nothing(site: Site) -> None:
    assert site.get("", "viewer").status_code == 200
    site.world.member("viewer").__class__.objects.filter(pk=site.world.viewer.member_id).update(
        left_at="2026-01-01T00:00Z"
    )
    assert site.get("", "viewer").status_code == 404


def test_a_deactivated_user_finds_nothing(site: Site) -> None:
    user = site.world.user("viewer")
    assert site.get("", "viewer").status_code == 200
    user.is_active = False
    user.save()
    assert site.get("", "viewer").status_code in (302, 404)


def test_no_record_type_hides_behind_a_page_of_the_house() -> None:
    assert [t.path for t in kinds() if t.path in FIXED] == []


def test_paths_of_types_are_the_only_lists(site: Site) -> None:
    for path in ("nothing/", f"{type_of('key_result').kind}/", "Features/"):
        assert site.get(path).status_code == 404, path


def test_what_breaks_says_so_and_no_more(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*given: object, **named: object) -> None:
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr("threadline.kernel.search.find", broken)
    client = site.client()
    client.raise_request_exception = False
    answer = client.get("/w/north/search", {"q": "words"})
    assert answer.status_code == 500
    assert b"Something broke" in answer.content
    assert b"a secret of ours" not in answer.content
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_a_false_host_is_answered_with_a_page(db: None) -> None:
    answer = Client(raise_request_exception=False).get("/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert b"cannot be read" in answer.content
    assert b"evil.example" not in answer.content


def test_a_first_visit_has_nothing_to_say(site: Site) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": site.world.user("viewer").email, "password": PASSWORD})
    assert b"signed in as" not in client.get("/w/north/").content


def test_a_busy_database_is_no_fault_and_says_what_to_do(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def waiting(*given: object, **named: object) -> None:
        raise OperationalError("database is locked: another writer held it for 20 seconds")

    monkeypatch.setattr("threadline.kernel.search.find", waiting)
    client = site.client()
    client.raise_request_exception = False
    answer = client.get("/w/north/search", {"q": "words"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert b"Busy just now" in answer.content


def test_what_is_refused_is_said_among_the_rooms(site: Site, world: World) -> None:
    """Where people can go on: with the rooms beside it, and for what is missing with a search."""
    made = world.make("feature", title="Here")
    missing = site.get("F-999")
    forbidden = site.post(f"{made.key}/archive", {}, "viewer")
    for answer, status in ((missing, 404), (forbidden, 403)):
        assert answer.status_code == status
        assert b"/w/north/features/" in answer.content  # a room
    assert b'id="q"' in missing.content
    assert b'id="q"' not in forbidden.content
    asked = site.client().get("/w/north/F-999", headers={"Accept": "application/json"})
    assert asked.json()["title"] == "Nothing is here"
    inside = site.client().get("/w/north/F-999", headers={"X-Part": "panel"})
    assert inside.status_code == 404
    assert b"Nothing is here" in inside.content
    assert b"<html" not in inside.content


def test_a_search_that_finds_nothing_says_what_to_try(world: World, client: Client) -> None:
    world.make("feature", title="Resume a raid")
    client.force_login(world.user("product_manager"), "allauth.account.auth_backends.AuthenticationBackend")
    page = client.get("/w/north/search", {"q": "raid zeppelin", "kind": "feature"}).content.decode()
    assert "Nothing found" in page
    assert 'href="/w/north/search?q=raid"' in page
    assert "Look in every kind of record" in page
    assert "Resume a <mark>raid</mark>" in client.get("/w/north/search", {"q": "raid"}).content.decode()
