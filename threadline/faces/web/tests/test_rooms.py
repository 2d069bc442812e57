"""The side: rooms that exist, the way one is in opened, nothing counted twice."""

from __future__ import annotations

from typing import Any

import pytest

from threadline.faces.web import rooms
from threadline.faces.web.tests.conftest import Site

HOME = "/w/north/"


def room(label: str, path: str, kind: str = "", **counts: int) -> dict[str, Any]:
    groups = rooms.side(rooms.Where(HOME, HOME + path, kind), counts)
    return next(p for g in groups for p in g["places"] if p["label"] == label)


def test_a_room_leads_to_its_first_list_and_opens_when_one_is_in_it() -> None:
    closed, opened = room("Strategy", ""), room("Strategy", "key-results/")
    assert closed["href"] == f"{HOME}objectives/"
    assert "below" not in closed
    lists = [(p["label"], p["current"]) for p in opened["below"]]
    assert lists[:2] == [("Objectives", False), ("Key results", True)]
    assert [label for label, current in lists if current] == ["Key results"]


def test_a_record_is_in_the_room_of_its_type() -> None:
    assert room("Strategy", "O-1", "objective")["below"][0]["current"]


def test_a_room_of_one_page_is_that_page() -> None:
    assert room("The thread", "thread")["current"]
    assert "below" not in room("The thread", "thread")


def test_what_waits_is_counted_once() -> None:
    feedback = room("Feedback", "feedback/inbox", feedback=120)
    assert feedback["count"] == "99+"
    first, *others = feedback["below"]
    assert (first["count"], first["current"]) == ("99+", True)
    assert others
    assert {(p["count"], p["current"]) for p in others} == {("", False)}


@pytest.mark.parametrize("path", ["features/", "F-1", "F-1/history", "features/new"])
def test_pages_say_in_which_room_one_is(site: Site, path: str) -> None:
    site.world.make("feature")
    assert '<a href="/w/north/features/" aria-current="page">Features' in site.text(path)


def test_exactly_one_place_is_where_one_is(site: Site) -> None:
    site.world.make("objective")
    for path in ("", "review", "objectives/", "O-1", "feedback/inbox", "feedback/", "contacts/"):
        side = site.text(path).partition('id="rooms"')[2].partition("</nav>")[0]
        assert side.count('aria-current="page"') == 1, path


def test_the_kept_side_is_the_one_that_would_be_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    where = [rooms.Where(HOME, HOME + path, kind) for path, kind in (
        ("", ""), ("F-1", "feature"), ("F-2", "feature"), ("features/", "feature"), ("O-1", "objective"),
        ("feedback/inbox", ""), ("feedback/", "feedback"), ("feedback/new", ""), ("search", ""),
    )]  # fmt: skip
    kept = [rooms.side_html(one, {"feedback": 3}) for one in where for _ in range(2)]
    drawn = []
    for one in where:
        rooms._drawn.clear()
        monkeypatch.setattr(rooms, "_spot", lambda where: where.path)
        drawn += [rooms.side_html(one, {"feedback": 3})] * 2
    assert kept == drawn
    assert rooms.side_html(where[0], {"feedback": 4}) != kept[0]


def test_a_place_that_is_added_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    where = rooms.Where(HOME, HOME, "")
    monkeypatch.setattr(rooms, "_tops", [*rooms.tops()])
    assert "Elsewhere" not in rooms.side_html(where, {})
    rooms.top("Elsewhere", "elsewhere")
    assert "Elsewhere" in rooms.side_html(where, {})
    monkeypatch.undo()
    rooms.of_workspace.cache_clear()
    rooms._paths.cache_clear()
    rooms._drawn.clear()
