"""Making and changing records in forms: nothing changes by itself, and two people lose nothing."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest

from threadline.faces.web.tests.conftest import Site
from threadline.house import furnishing as house
from threadline.kernel import verbs
from threadline.kernel.changes import Change
from threadline.kernel.links import Link
from threadline.kernel.registry import kinds, type_of
from threadline.kernel.tags import CardTag
from threadline.kernel.testing import fresh

KINDS = [t.kind for t in kinds()]


class Form(HTMLParser):
    """What a browser would send if the main form were sent as it stands."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.values: dict[str, Any] = {}
        self._select, self._area, self._inside = "", "", False
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {k: v or "" for k, v in attrs}
        if tag == "form":
            self._inside = given.get("class") == "form"
        if not self._inside:
            return
        name = given.get("name", "")
        if tag == "input" and name:
            ticked = given.get("type") not in ("checkbox", "radio") or "checked" in given
            if ticked:
                self.values[name] = given.get("value", "")
        elif tag == "select":
            self._select = name
            self.values[name] = ""
        elif tag == "option" and self._select and "selected" in given:
            self.values[self._select] = given.get("value", "")
        elif tag == "textarea":
            self._area = name
            self.values[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area] += data


def form_of(site: Site, path: str, role: str = "owner") -> dict[str, Any]:
    return Form(site.text(path, role)).values


@pytest.mark.parametrize("kind", KINDS)
def test_a_form_sent_as_it_stands_changes_nothing(site: Site, kind: str) -> None:
    world = site.world
    for type_name in ("text", "number", "money", "date", "choice", "person", "link"):
        choices = ["Red", "Blue"] if type_name == "choice" else []
        house.add_field(world.owner, kind, {"label": f"Own {type_name}", "type": type_name, "choices": choices})
    own = {
        "own_text": "words", "own_number": 2.5, "own_money": 12, "own_date": "2026-01-02", "own_choice": "Red",
        "own_person": str(world.pm.member_id), "own_link": "https://x.example/",
    }  # fmt: skip
    record = world.make(kind, world.owner, **world.sample(kind, world.owner), **own)
    verbs.tag(world.owner, record, ["slow", "lag"])
    changes = Change.objects.count()
    sent = form_of(site, f"{record.key}/edit")
    assert site.post(f"{record.key}/edit", sent, "owner").status_code == 303
    assert Change.objects.count() == changes
    assert fresh(record).version == record.version


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_record_holds_what_the_form_said(site: Site, kind: str) -> None:
    world, declared = site.world, type_of(kind)
    sent = form_of(site, f"{declared.path}/new") | {"tags": "one, two"}
    needed = {n: str(v) for n, v in world.needed(kind, world.owner).items()}
    answer = site.post(f"{declared.path}/new", sent | needed | {"title": "Made by hand"}, "owner")
    assert answer.status_code == 303, answer.content.decode()
    made = declared.model._default_manager.get(title="Made by hand")
    assert answer.headers["Location"] == f"/w/north/{made.key}"
    assert made.owner_id == world.owner.member_id
    assert CardTag.objects.filter(card_id=made.pk).count() == 2


def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(site: Site) -> None:
    answer = site.post("features/new", {"title": "", "body": "long words", "reach": "many"})
    markup = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_reach-error"' in markup
    assert "Expected a number" in markup
    assert "long words" in markup
    assert "These 2 need mending first" in markup or "need mending" in markup


def test_a_reason_given_in_the_address_is_kept(site: Site) -> None:
    note = site.world.make("feedback")
    answer = site.post("features/new", {"title": "For them", "cites": f"evidence:{note.key}"})
    assert answer.status_code == 303
    assert Link.objects.get(target_id=note.pk).kind == "evidence"


def test_save_and_add_another_stays_at_the_form(site: Site) -> None:
    answer = site.post("features/new", {"title": "One", "again": "true"})
    assert answer.headers["Location"] == "/w/north/features/new"


# ---- two at once ------------------------------------------------------------------------


@pytest.fixture
def overtaken(site: Site) -> tuple[Site, Any, dict[str, Any]]:
    """A form that somebody overtook: they changed the title and the effort after it was opened."""
    world = site.world
    record = world.make("feature", title="First", body="Old words", effort=2)
    sent = form_of(site, f"{record.key}/edit", "product_manager")
    verbs.update(world.owner, "feature", record, {"title": "Theirs", "effort": 5})
    return site, record, sent


def test_changes_to_different_fields_are_both_kept(overtaken: tuple[Site, Any, dict[str, Any]]) -> None:
    site, record, sent = overtaken
    assert site.post(f"{record.key}/edit", sent | {"body": "New words"}).status_code == 303
    now = fresh(record)
    assert (now.title, now.effort, now.body) == ("Theirs", 5, "New words")


def test_changes_in_different_places_of_one_text_are_put_together(site: Site) -> None:
    record = site.world.make("feature", body="Players wait. Crews leave.\n\nThe end.")
    sent = form_of(site, f"{record.key}/edit", "product_manager")
    verbs.update(site.world.owner, "feature", record, {"body": "Players wait. Crews stay.\n\nThe end."})
    mine = "Nobody waits. Crews leave.\r\n\r\nThe end.\r\n\r\nAnd more."
    assert site.post(f"{record.key}/edit", sent | {"body": mine}).status_code == 303
    assert fresh(record).body == "Nobody waits. Crews stay.\n\nThe end.\n\nAnd more."


def test_changes_in_one_place_of_a_text_are_shown_side_by_side(site: Site) -> None:
    record = site.world.make("feature", body="Players wait. Crews leave.")
    sent = form_of(site, f"{record.key}/edit", "product_manager")
    verbs.update(site.world.owner, "feature", record, {"body": "Players wait. Crews stay."})
    answer = site.post(f"{record.key}/edit", sent | {"body": "Players wait. Crews come back."})
    assert answer.status_code == 409
    assert "Crews stay." in answer.content.decode()
    assert fresh(record).body == "Players wait. Crews stay."


def test_changes_to_the_same_field_are_shown_side_by_side(overtaken: tuple[Site, Any, dict[str, Any]]) -> None:
    site, record, sent = overtaken
    answer = site.post(f"{record.key}/edit", sent | {"title": "Mine", "body": "New words"})
    markup = answer.content.decode()
    assert answer.status_code == 409
    assert "Theirs" in markup
    assert "Mine" in markup
    assert "Olga Owner saved this" in markup
    assert fresh(record).title == "Theirs"
    again = Form(markup).values
    assert (again["title"], again["body"], again["version"]) == ("Mine", "New words", str(fresh(record).version))


@pytest.mark.parametrize(("keep", "title"), [("mine", "Mine"), ("theirs", "Theirs")])
def test_either_can_be_kept_and_the_rest_is_saved(
    overtaken: tuple[Site, Any, dict[str, Any]], keep: str, title: str
) -> None:
    site, record, sent = overtaken
    shown = site.post(f"{record.key}/edit", sent | {"title": "Mine", "body": "New words"})
    again = Form(shown.content.decode()).values | {"keep.title": keep}
    assert site.post(f"{record.key}/edit", again).status_code == 303
    now = fresh(record)
    assert (now.title, now.body, now.effort) == (title, "New words", 5)


def test_the_same_change_by_two_is_no_conflict(overtaken: tuple[Site, Any, dict[str, Any]]) -> None:
    site, record, sent = overtaken
    assert site.post(f"{record.key}/edit", sent | {"title": "Theirs"}).status_code == 303


def test_a_press_on_an_old_page_does_nothing(site: Site) -> None:
    record = site.world.make("feature")
    verbs.update(site.world.owner, "feature", record, {"title": "Later"})
    answer = site.post(f"{record.key}/do/plan_feature", {"version": "1"})
    assert answer.status_code == 409
    assert fresh(record).state == "idea"


def test_a_reference_out_of_reach_is_left_alone(site: Site) -> None:
    world = site.world
    hidden = world.make("feature", world.owner, title="Hidden part", confidentiality=2)
    record = world.make("feature", world.owner, title="Open", parent=str(hidden.pk))
    sent = form_of(site, f"{record.key}/edit", "product_manager")
    assert "Hidden part" not in site.text(f"{record.key}/edit")
    assert site.post(f"{record.key}/edit", sent | {"body": "More"}).status_code == 303
    assert fresh(record).parent_id == hidden.pk


def test_fields_one_may_not_read_are_neither_shown_nor_taken(site: Site) -> None:
    world = site.world
    account = world.make("account", world.owner, annual_revenue=5_000)
    assert "5,000" not in site.text(account.key, "viewer")
    assert "5,000" in site.text(account.key, "product_manager")
    assert "annual_revenue" not in site.text("accounts/", "viewer")
    for query in ("annual_revenue>1", "sort:-annual_revenue"):
        answer = site.get("accounts/", "viewer", q=query)
        assert answer.status_code == 422, query
    assert site.get("accounts/", "viewer", columns="annual_revenue").status_code == 422
