"""A roadmap of another day is of that day in every field, and two days tell what moved and why."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from threadline.inbound.roadmaps import audiences, comparing, files, queries
from threadline.inbound.roadmaps.items import Shown
from threadline.inbound.roadmaps.tests.days import log_of_days
from threadline.inbound.roadmaps.tests.test_files import text_of
from threadline.kernel import rows, undo, verbs
from threadline.kernel.access import NAMED
from threadline.kernel.changes import Change
from threadline.kernel.links import Link
from threadline.kernel.testing import World, fresh

pytestmark = pytest.mark.django_db
MADE, MOVED, TODAY = date(2026, 10, 1), date(2026, 11, 5), date(2026, 11, 20)
BETWEEN = date(2026, 10, 15)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, world: World) -> Any:
    """Say which day it is."""
    return log_of_days(monkeypatch, MADE)


@pytest.fixture
def plan(world: World, clock: Any) -> Any:
    """A feature with something in every field, beside another; on a roadmap that picks both."""
    atlas, other = world.product("Atlas"), world.product("Borealis")
    feature = world.make(
        "feature", title="Faster", state="planned", horizon="next", product=atlas.pk, owner=world.pm.member_id,
        reach=700, impact="1", confidence=50, effort=2, starts_on="2027-01-04",
    )  # fmt: skip
    dated = world.make("feature", title="Dated", state="building", due_on="2027-02-01", late_on="2027-02-20")
    aim = world.make("objective", title="Quicker answers")
    result = world.make("key_result", objective=aim.pk, metric="Minutes", baseline=30, target=10, unit="minutes")
    verbs.link(world.pm, feature, result, "objective")
    verbs.link(world.pm, dated, aim, "objective")
    verbs.link(world.pm, dated, feature, "depends_on")
    release = world.make("release", title="Lantern", due_on="2027-03-04", product=atlas.pk)
    verbs.link(world.pm, release, feature, "scope")
    team = world.make("delivery_team", title="Desk")
    estimate = world.make("estimate", feature=feature.pk, team=team.pk, low=5, likely=10, high=30)
    notes = [world.make("feedback", title=f"Note {n}", received_on=f"2026-09-0{n}") for n in (1, 2, 3)]
    for note in notes:
        verbs.link(world.pm, feature, note, "evidence")
    roadmap = world.make("roadmap", query="state:planned,building product:Atlas")
    for one in (feature, dated):
        verbs.link(world.pm, roadmap, one, "shows")
    return SimpleNamespace(
        atlas=atlas, other=other, feature=feature, dated=dated, aim=aim, result=result, release=release, team=team,
        estimate=estimate, notes=notes, roadmap=roadmap,
    )  # fmt: skip


def unlink(world: World, source: Any, target: Any, kind: str, why: str = "") -> None:
    link = Link.objects.get(source_id=source.pk, target_id=target.pk, kind=kind)
    verbs.unlink(world.pm, link.pk, why=why)


def everything(world: World, plan: Any) -> None:
    """Change whatever a roadmap reads of."""
    pm = world.pm
    verbs.update(
        pm, "feature", plan.feature.pk,
        {"title": "Slower", "state": "declined", "declined_reason": "No.", "horizon": "now", "product": plan.other.pk,
         "owner": world.admin.member_id, "reach": 1, "effort": 9, "starts_on": None, "due_on": "2028-01-01"},
    )  # fmt: skip
    verbs.update(pm, "feature", plan.dated.pk, {"due_on": "2027-06-01", "late_on": "2027-07-01"}, why="Late.")
    verbs.update(pm, "objective", plan.aim.pk, {"title": "Slower answers"})
    second = world.make("objective", title="Another aim")
    verbs.update(pm, "key_result", plan.result.pk, {"target": 1, "metric": "Hours", "objective": second.pk})
    unlink(world, plan.feature, plan.result, "objective")
    verbs.link(pm, plan.feature, second, "objective")
    unlink(world, plan.dated, plan.feature, "depends_on")
    verbs.update(pm, "release", plan.release.pk, {"title": "Beacon", "due_on": "2027-09-09", "product": plan.other.pk})
    unlink(world, plan.release, plan.feature, "scope")
    verbs.link(pm, world.make("release", title="New", due_on="2027-05-05"), plan.feature, "scope")
    verbs.update(pm, "delivery_team", plan.team.pk, {"title": "Chair"})
    verbs.update(pm, "estimate", plan.estimate.pk, {"low": 50, "likely": 100, "high": 300, "feature": plan.dated.pk})
    unlink(world, plan.feature, plan.notes[0], "evidence")
    verbs.archive(pm, "feedback", plan.notes[1].pk)
    verbs.update(pm, "feedback", plan.notes[2].pk, {"received_on": "2026-11-04"})
    verbs.link(pm, plan.feature, world.make("feedback", title="Later note", received_on="2026-11-05"), "evidence")
    unlink(world, plan.roadmap, plan.dated, "shows")
    verbs.update(pm, "roadmap", plan.roadmap.pk, {"query": "state:idea"})
    verbs.archive(pm, "objective", second.pk)
    verbs.archive(pm, "estimate", plan.estimate.pk)
    verbs.archive(pm, "feature", plan.dated.pk)


def of_day(world: World, plan: Any, audience: str, on: date | None = None) -> Shown:
    found = queries.shown(world.pm, plan.roadmap, audience=audience, on=on)
    return replace(found, on=BETWEEN)


@pytest.mark.parametrize("audience", audiences.FIELDS)
def test_every_field_is_of_the_day(world: World, plan: Any, clock: Any, audience: str) -> None:
    clock(BETWEEN)
    was = of_day(world, plan, audience)
    if audience == "team":
        (item,) = [i for i in was.items if i["title"] == "Faster"]
        lacking = {*audiences.FIELDS["team"]} - item.keys() - {"critical", "why", "first_on", "slip"}
        assert lacking == {
            "needs",
            "clashes",
            "sure_said",
            "lacks_metric",
        }  # a fixture that leaves out a field tests none
        assert any(i.get("needs") for i in was.items)
    clock(MOVED)
    everything(world, plan)
    clock(TODAY)
    assert of_day(world, plan, audience).items != was.items
    assert of_day(world, plan, audience, BETWEEN) == was


def test_what_was_taken_back_was_never_so_on_any_day(world: World, plan: Any, clock: Any) -> None:
    clock(MOVED)
    batch = rows.new_id()
    verbs.link(world.pm, plan.feature, world.make("objective", title="Undone"), "objective", batch=batch)
    undo.undo(world.pm, batch)
    unlink(world, plan.feature, plan.result, "objective")
    undo.undo(world.pm, Change.objects.latest("pk").batch)
    clock(TODAY)
    assert of_day(world, plan, "team", BETWEEN) == of_day(world, plan, "team")


def test_what_a_query_asks_is_asked_of_the_day(world: World, clock: Any) -> None:
    atlas, other = world.product("Atlas"), world.product("Borealis")
    moved = world.make("feature", title="Moved", state="planned", product=atlas.pk, owner=world.pm.member_id)
    came = world.make("feature", title="Came", state="planned", product=other.pk, owner=world.admin.member_id)
    roadmap = world.make("roadmap", query="product:Atlas owner:me state:planned due_on:none")
    clock(MOVED)
    verbs.update(world.pm, "feature", moved.pk, {"product": other.pk, "owner": world.admin.member_id})
    verbs.update(world.pm, "feature", came.pk, {"product": atlas.pk, "owner": world.pm.member_id})
    clock(TODAY)
    assert [i["title"] for i in queries.shown(world.pm, roadmap).items] == ["Came"]
    assert [i["title"] for i in queries.shown(world.pm, roadmap, on=BETWEEN).items] == ["Moved"]


def test_an_age_in_a_query_is_counted_from_the_day(world: World, clock: Any) -> None:
    world.make("feature", title="Soon", state="planned", due_on="2026-10-10")
    roadmap = world.make("roadmap", query="due_on>30d")
    clock(TODAY)
    assert [i["title"] for i in queries.shown(world.pm, roadmap).items] == ["Soon"]
    assert queries.shown(world.pm, roadmap, on=BETWEEN).items == []


def test_what_was_kept_apart_on_a_day_leaves_no_trace_of_it_outside(world: World, plan: Any, clock: Any) -> None:
    """A7: what everybody may read now and named people alone could then is on no face of that day that leaves."""
    secret = world.make("feature", title="Codename Lute", state="planned", confidentiality=NAMED)
    hidden = world.make("release", title="Codename Oud", due_on="2027-03-03", confidentiality=NAMED)
    verbs.link(world.pm, hidden, plan.feature, "scope")
    verbs.link(world.pm, plan.roadmap, secret, "shows")
    clock(MOVED)
    verbs.update(world.pm, "feature", secret.pk, {"confidentiality": 0, "title": "Strings"})
    verbs.update(world.pm, "release", hidden.pk, {"confidentiality": 0, "title": "Winds"})
    clock(TODAY)
    inside = str(queries.shown(world.pm, plan.roadmap, audience="team", on=BETWEEN))
    assert "Codename Lute" in inside
    assert "Codename Oud" in inside
    for audience in audiences.OUTWARD:
        assert "Codename" not in str(queries.shown(world.pm, plan.roadmap, audience=audience, on=BETWEEN))
        assert "Codename" not in str(comparing.compared(world.pm, plan.roadmap, BETWEEN, TODAY, audience=audience))


# ---- two days -------------------------------------------------------------------------------


def between(world: World, plan: Any, audience: str = "") -> dict[str, comparing.Move]:
    found = comparing.compared(world.pm, plan.roadmap, BETWEEN, TODAY, audience=audience)
    return {m.key or m.title: m for m in found}


Moves = Callable[[World, Any], Any]


def _owner(world: World, plan: Any) -> None:
    verbs.update(world.pm, "feature", plan.feature.pk, {"owner": world.admin.member_id}, why="Because.")


def _product(world: World, plan: Any) -> None:
    verbs.update(world.pm, "feature", plan.feature.pk, {"product": plan.other.pk}, why="Because.")


def _objective(world: World, plan: Any) -> None:
    unlink(world, plan.feature, plan.result, "objective", why="Because.")


def _renamed_aim(world: World, plan: Any) -> None:
    verbs.update(world.pm, "objective", plan.aim.pk, {"title": "Slower answers"}, why="Because.")


def _metric(world: World, plan: Any) -> None:
    verbs.update(world.pm, "key_result", plan.result.pk, {"target": 5}, why="Because.")


def _release(world: World, plan: Any) -> None:
    unlink(world, plan.release, plan.feature, "scope", why="Because.")


def _release_day(world: World, plan: Any) -> None:
    verbs.update(world.pm, "release", plan.release.pk, {"due_on": "2027-04-04"}, why="Because.")


@pytest.mark.parametrize(
    ("move", "field", "was", "now"),
    [
        (_owner, "owner", "Petra Manager", "Adam Admin"),
        (_product, "product", "Atlas", "Borealis"),
        (_objective, "objective", "Quicker answers", None),
        (_objective, "metric", "Minutes: 30 to 10 minutes", None),
        (_renamed_aim, "objective", "Quicker answers", "Slower answers"),
        (_metric, "metric", "Minutes: 30 to 10 minutes", "Minutes: 30 to 5 minutes"),
        (_release, "release", "Lantern", None),
        (_release, "likely_on", date(2027, 3, 4), None),
        (_release_day, "likely_on", date(2027, 3, 4), date(2027, 4, 4)),
    ],
)
def test_two_days_tell_what_moved_and_why(
    world: World, plan: Any, clock: Any, move: Moves, field: str, was: Any, now: Any
) -> None:
    clock(MOVED)
    verbs.update(world.pm, "feature", plan.feature.pk, {"body": "Words."}, why="Something else.")
    move(world, plan)
    clock(TODAY)
    found = between(world, plan)[plan.feature.key]
    assert (found.what, found.was.get(field), found.now.get(field)) == ("moved", was, now)
    assert [r["why"] for r in found.reasons] == ["Because."]
    assert field in found.reasons[0]["about"]
    assert field in found.differs
    keys = {found.key, plan.dated.key} if move is _renamed_aim else {found.key}
    keys |= {plan.release.key} if move is _release_day else set()
    assert between(world, plan).keys() == keys | ({plan.release.key} if move is _release else set())


FORBIDDEN = {"sales": ("owner", "objective", "metric", "teams"),
             "customer": ("owner", "objective", "metric", "teams", "release"),
             "public": ("owner", "objective", "metric", "teams", "release")}  # fmt: skip


@pytest.mark.parametrize("audience", FORBIDDEN)
def test_two_days_tell_no_audience_of_a_field_that_is_not_theirs(
    world: World, plan: Any, clock: Any, audience: str
) -> None:
    """A10: what moved in a field of another audience is absent from two days of a roadmap, and so is why."""
    clock(MOVED)
    for move in (_owner, _objective, _renamed_aim):
        move(world, plan)
    if audience != "sales":
        unlink(world, plan.release, plan.feature, "scope", why="Because.")
        verbs.update(world.pm, "release", plan.release.pk, {"title": "Beacon"}, why="Because.")
    clock(TODAY)
    assert between(world, plan, "team") != {}
    found = between(world, plan, audience)
    if audience == "customer":  # it reads the quarter, which its release no longer says
        assert {m.title: m.differs for m in found.values()} == {"Faster": ["period"]}
    else:
        assert found == {}
    for one in found.values():
        assert not {*one.was, *one.now} & {*FORBIDDEN[audience]}
        assert one.reasons == []


def test_a_reason_of_what_is_out_of_reach_is_not_told(world: World, plan: Any, clock: Any) -> None:
    """A7: why somebody cited an objective kept for named people is not told to others by way of two days."""
    hidden = world.make("objective", title="Oud", confidentiality=NAMED)
    clock(MOVED)
    verbs.link(world.pm, plan.dated, hidden, "objective", why="The merger needs it.")
    unlink(world, plan.dated, plan.aim, "objective", why="Plainly.")
    clock(TODAY)
    mine = comparing.compared(world.pm, plan.roadmap, BETWEEN, TODAY)
    theirs = comparing.compared(world.viewer, plan.roadmap, BETWEEN, TODAY)
    assert "The merger needs it." in str(mine)
    assert "Plainly." in str(theirs)
    assert "merger" not in str(theirs)
    assert "Oud" not in str(theirs)


def test_what_a_changed_query_brought_says_why(world: World, plan: Any, clock: Any) -> None:
    world.make("feature", title="Idea", state="idea")
    clock(MOVED)
    verbs.update(world.pm, "roadmap", plan.roadmap.pk, {"query": "state:planned,building,idea"}, why="Ideas too.")
    clock(TODAY)
    (added,) = comparing.compared(world.pm, fresh(plan.roadmap), BETWEEN, TODAY)
    assert (added.what, added.title, [r["why"] for r in added.reasons]) == ("added", "Idea", ["Ideas too."])


def test_statements_of_a_day_do_not_grow_with_the_items(world: World, plan: Any, clock: Any) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as made:
            queries.shown(world.pm, plan.roadmap, audience="team", on=BETWEEN)
        return len(made)

    clock(MOVED)
    few = count()
    clock(MADE)
    for n in range(12):
        one = world.make("feature", title=f"More {n}", state="planned", product=plan.atlas.pk, due_on="2027-02-01")
        release = world.make("release", title=f"Release {n}", due_on="2027-03-04")
        verbs.link(world.pm, release, one, "scope")
        verbs.link(world.pm, one, plan.result, "objective")
        verbs.link(world.pm, one, plan.notes[0], "evidence")
    clock(MOVED)
    assert len(queries.shown(world.pm, plan.roadmap, on=BETWEEN).items) == 14
    assert count() == few


# ---- pages ----------------------------------------------------------------------------------


def page(world: World, path: str) -> str:
    client = Client()
    client.force_login(world.user("product_manager"))
    answer = client.get(f"/w/north/{path}")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("mode", ["timeline", "horizons", "outcomes"])
def test_a_page_of_a_day_is_of_that_day(world: World, plan: Any, clock: Any, mode: str) -> None:
    clock(MOVED)
    everything(world, plan)
    clock(TODAY)
    was = page(world, f"{plan.roadmap.key}/{mode}?on={BETWEEN}&lanes=objective")
    assert "Faster" in was
    assert ("Minutes: 30 to 10" if mode == "horizons" else "Quicker answers") in was
    assert not [word for word in ("Slower", "Beacon", "Another aim", "Chair", "Hours") if word in was]


def test_a_page_of_two_days_says_whose_it_was_whose_it_is_and_why(world: World, plan: Any, clock: Any) -> None:
    clock(MOVED)
    for move in (_owner, _product, _renamed_aim, _release):
        move(world, plan)
    clock(TODAY)
    text = page(world, f"{plan.roadmap.key}/compare?from={BETWEEN}&to={TODAY}")
    told = ("Owner Petra Manager", "Owner Adam Admin", "Product Atlas", "Product Borealis", "Objective Slower answers",
            "Release Lantern", "No release", "Because.")  # fmt: skip
    assert [words for words in told if words not in text] == []
    outside = page(world, f"{plan.roadmap.key}/compare?from={BETWEEN}&to={TODAY}&as=customer")
    assert "Product Borealis" in outside
    kept = ("Petra Manager", "Adam Admin", "Because.", "answers", "Lantern")
    shown = outside[outside.index("<main") :]
    assert [words for words in kept if words in shown] == []


def _words(name: str, made: bytes) -> bytes:
    """A file without the instant of its making."""
    if name in ("xlsx", "pptx"):
        return text_of(name, made).encode()
    return re.sub(rb"/(CreationDate|ModDate|ID)[^/>]*|<[0-9a-f]{32}>", b"", made)


@pytest.mark.parametrize("name", files.FORMATS)
def test_a_file_of_a_day_is_of_that_day_and_says_it(world: World, plan: Any, clock: Any, name: str) -> None:
    client = Client()
    client.force_login(world.user("product_manager"))
    address = f"/w/north/{plan.roadmap.key}/export?file={name}"
    clock(BETWEEN)
    was = client.get(address).content
    clock(MOVED)
    everything(world, plan)
    clock(TODAY)
    answer = client.get(f"{address}&on={BETWEEN}")
    assert answer["Content-Disposition"].endswith(f'-{BETWEEN}.{name}"')
    assert _words(name, answer.content) == _words(name, was)
    assert _words(name, client.get(address).content) != _words(name, was)
    if name not in ("png", "pdf"):
        day = "As of 2026-10-15" if name == "xlsx" else "As of 15 Oct 2026"
        assert day in text_of(name, answer.content)


def test_the_line_of_a_day_is_not_called_today(world: World, plan: Any, clock: Any) -> None:
    clock(TODAY)
    assert ">15 Oct</text>" in (was := page(world, f"{plan.roadmap.key}/timeline?on={BETWEEN}"))
    assert ">Today</text>" not in was
    assert ">Today</text>" in page(world, f"{plan.roadmap.key}/timeline")
