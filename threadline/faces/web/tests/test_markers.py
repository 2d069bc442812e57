"""Attack row C3: markup, quotes and template language in any text stay text on every page."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest

from threadline.faces.web.tests.conftest import Site
from threadline.house import filing, membership, viewing
from threadline.house import furnishing as house
from threadline.kernel import verbs
from threadline.kernel.actions import actions_on
from threadline.kernel.errors import Invalid
from threadline.kernel.registry import kinds, type_of
from threadline.kernel.testing import World

MARKER = "<script>alert(1)</script>\"'{{7171*3}}{% raw %}<img src=x onerror=alert(2)>"
KINDS = [t.kind for t in kinds()]
PLAIN = ("text", "markdown")


class Inert(HTMLParser):
    """Collects whatever in a page could act that our own templates do not put there."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        data = given == {"type": "application/json", "id": given.get("id")}  # no browser runs it
        if tag == "script" and not data and not str(given.get("src", "")).startswith("/static/"):
            self.found.append(f"<script> {given}")
        if tag in ("img", "iframe", "object", "embed", "base", "style"):
            self.found.append(f"<{tag}> {given}")
        for name, value in attrs:
            if name.startswith("on") or name == "style" or str(value or "").strip().lower().startswith("javascript:"):
                self.found.append(f"{tag} {name}={value}")


def check(markup: str, where: str) -> None:
    page = Inert()
    page.feed(markup)
    assert page.found == [], where
    assert "21513" not in markup, f"{where}: a template was run"
    assert "<img src=x" not in markup, where


def marked(world: World, kind: str) -> dict[str, Any]:
    """The fullest values of a type, the marker in every text."""
    declared, values = type_of(kind), world.sample(kind, world.owner)
    for name in values:
        field = declared.by_name[name]
        if field.kind.name in PLAIN and isinstance(values[name], str):
            values[name] = MARKER[: field.kind.longest]
    return values


@pytest.fixture
def marked_house(site: Site) -> Site:
    """Names of people, products, teams, tags, views and own fields hold the marker too."""
    world = site.world
    owner = world.owner
    membership.change_profile(owner, {"name": MARKER, "job_title": MARKER})
    house.change_workspace(owner, {"name": MARKER})
    house.add_product(owner, MARKER)
    house.add_team(owner, MARKER, members=[owner.member_id])
    for kind in KINDS:
        house.add_field(owner, kind, {"label": MARKER, "name": "mark", "type": "text"})
        house.add_field(owner, kind, {"label": MARKER, "name": "pick", "type": "choice", "choices": [MARKER]})
        viewing.save_view(owner, kind, {"name": MARKER[:80], "query": '"<script>"', "shared": True})
    owner.workspace.refresh_from_db()
    return site


@pytest.mark.parametrize("kind", KINDS)
def test_no_text_of_a_record_acts(marked_house: Site, kind: str) -> None:
    site, world, declared = marked_house, marked_house.world, type_of(kind)
    owner = world.actor("owner")
    owner.workspace.refresh_from_db()
    record = world.make(kind, owner, **{**marked(world, kind), "mark": MARKER, "pick": MARKER, "owner": "me"})
    verbs.tag(owner, record, [MARKER[:50].replace(",", " ")])
    verbs.comment(owner, record, MARKER)
    filing.attach(owner, record, f"{MARKER}.txt", [b"words"])
    verbs.update(owner, kind, record, {"title": f"{MARKER} again"}, why=MARKER)
    pages = [record.key, *(f"{record.key}/{p}" for p in ("edit", "history", "files", "cite"))]
    pages += [f"{record.key}?as_of=2030-01-01", f"{record.key}/history?from=2020-01-01&to=2030-01-01"]
    pages += [f"{record.key}/do/{a.name}" for a in actions_on(kind)]
    lists = [
        "",
        "?q=group:owner",
        "?q=group:product",
        f"?columns=title,tags,mark,pick,owner,{declared.columns[1]}",
        "new",
    ]
    pages += [f"{declared.path}/{p}" for p in lists]
    for page in pages:
        answer = site.get(page, "owner")
        assert answer.status_code in (200, 404), page
        check(answer.content.decode(), page)


def test_no_name_of_the_house_acts(marked_house: Site) -> None:
    site = marked_house
    for page in ("", "members", "settings", "settings/products", "settings/teams", "settings/fields", "settings/tags",
                 "profile", "tokens", "notifications", "review", "trash", "/welcome"):  # fmt: skip
        check(site.text(page, "owner"), page)


@pytest.mark.parametrize("page", ["search", "{path}/", "trash", "review", "notifications", "settings/fields"])
@pytest.mark.parametrize("name", ["q", "columns", "view", "cursor", "before", "record", "as_of", "kind"])
def test_nothing_in_an_address_acts(site: Site, page: str, name: str) -> None:
    path = page.format(path=type_of(KINDS[0]).path)
    for text in (MARKER, f'state:"{MARKER}"', f"{MARKER}:1", "group:" + MARKER):
        answer = site.get(path, **{name: text})
        assert answer.status_code < 500, (path, name)
        check(answer.content.decode(), f"{path}?{name}")


def test_what_a_form_is_refused_for_is_shown_as_text(site: Site) -> None:
    declared = type_of(KINDS[0])
    sent = {f.name: MARKER for f in declared.by_name.values() if not f.readonly}
    answer = site.post(f"{declared.path}/new", sent, "owner")
    assert answer.status_code in (303, 422)
    check(answer.content.decode(), "refused form")
    for path, data in (
        ("members/invite", {"email": MARKER, "role": MARKER}),
        ("settings/fields", {"label": MARKER, "type": MARKER, "kind": MARKER}),
        ("settings", {"name": MARKER * 9, "currency": MARKER}),
        ("tokens", {"name": MARKER * 9, "scope": MARKER}),
        ("profile", {"name": "", "handle": MARKER, "theme": MARKER}),
        ("/welcome", {"name": MARKER, "slug": MARKER}),
    ):
        answer = site.post(path, data, "owner")
        assert answer.status_code < 500, path
        check(answer.content.decode(), path)


def test_a_found_word_is_marked_and_still_text(site: Site) -> None:
    world = site.world
    world.make(KINDS[0], world.owner, title=f"needle {MARKER}")
    markup = site.text("search", q="needle")
    check(markup, "search")
    assert "<mark>needle</mark>" in markup


def test_a_name_may_not_be_an_address(world: World) -> None:
    with pytest.raises(Invalid):
        membership.change_profile(world.owner, {"name": "https://evil.example"})
