"""Reading records from the command line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from threadline.kernel import rows, verbs
from threadline.kernel.changes import Change
from threadline.kernel.registry import kinds
from threadline.kernel.testing import World

Run = Callable[..., Any]
KINDS = sorted(d.kind for d in kinds())


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_can_be_listed_and_read(kind: str, pm: Run, world: World) -> None:
    record = world.make(kind, title="Storm warning")
    [listed] = [row for row in pm("list", kind, "--json").data["data"] if row["key"] == record.key]
    assert listed["title"] == "Storm warning"
    got = pm("get", record.key, "--json").data
    assert (got["id"], got["key"], got["kind"], got["version"]) == (str(record.pk), record.key, kind, 1)
    assert "Storm warning" in pm("get", record.key).out
    assert record.key in pm("search", "storm", "warn").out
    [hit] = pm("search", "storm", "--type", kind, "--json").data["data"]
    assert (hit["id"], hit["key"], hit["kind"]) == (str(record.pk), record.key, kind)


def test_list_filters_sorts_and_chooses_fields(pm: Run, world: World) -> None:
    for title, reach in (("Low", 10), ("High", 900), ("Middle", 50)):
        world.make("feature", title=title, reach=reach, impact=1, confidence=100, effort=1)
    said = pm("list", "features", "reach>20", "sort:-score", "--fields", "title,score", "--json")
    assert [row["title"] for row in said.data["data"]] == ["High", "Middle"]
    assert set(said.data["data"][0]) == {"id", "key", "kind", "version", "revision", "title", "score"}
    assert pm("list", "features", "reach>20", "--count").out == "2\n"


def test_list_for_programs_is_tabs_and_nothing_else(pm: Run, world: World) -> None:
    record = world.make("feature", title="One\tline")
    said = pm("list", "features", "--fields", "key,title,state")
    assert said.out == f"{record.key}\tOne line\tidea\n"
    assert said.err == ""


def test_list_stops_at_its_limit_and_says_so(pm: Run, world: World) -> None:
    for number in range(5):
        world.make("account", title=f"Account {number}")
    said = pm("list", "accounts", "-n", "3")
    assert len(said.out.splitlines()) == 3
    assert "--all" in said.err
    assert pm("list", "accounts", "-n", "3", "--quiet").err == ""
    assert len(pm("list", "accounts", "--all", "--json").data["data"]) == 5


def test_all_pages_are_read(pm: Run, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("threadline.faces.cli.reading.MOST_ROWS", 2)
    made = {world.make("account", title=f"Account {number}").key for number in range(5)}
    assert {row["key"] for row in pm("list", "accounts", "--all", "--json").data["data"]} == made


def test_trash_is_listed_apart_and_still_read(pm: Run, world: World) -> None:
    record = world.make("feature", title="Gone")
    verbs.archive(world.pm, "feature", record.pk)
    assert pm("list", "features").out == ""
    assert "Gone" in pm("list", "features", "--trash").out
    assert pm("get", record.key, "--json").data["archived_at"]


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        (("list", "featurs"), 3, "Did you mean feature"),
        (("list", "features", "scroe>3"), 6, "score"),
        (("list", "features", "--fields", "titel"), 6, "title"),
        (("get", "F-999"), 3, "F-999"),
        (("get", "nonsense"), 3, "nonsense"),
        (("why", "F-999"), 3, "F-999"),
        (("list", "features", "-n", "0"), 2, "0"),
    ],
)
def test_mistakes_are_told_with_what_was_meant(words: tuple[str, ...], code: int, hint: str, pm: Run) -> None:
    said = pm(*words)
    assert (said.code, said.out) == (code, "")
    assert hint in said.err


def test_mistakes_are_json_when_json_was_asked(pm: Run, world: World) -> None:
    said = pm("get", "F-999", "--json")
    assert said.out == ""
    assert '"code":3' in said.err


def test_get_of_one_field_and_of_an_unknown_one(pm: Run, world: World) -> None:
    record = world.make("feature", title="Rejoin", reach=5)
    assert pm("get", record.key, "--fields", "reach", "--json").data["reach"] == 5
    said = pm("get", record.key, "--fields", "raech")
    assert said.code == 6
    assert "Did you mean reach?" in said.err


def test_get_as_it_stood(pm: Run, world: World) -> None:
    record = world.make("feature", title="Now")
    old, at = rows.now() - timedelta(days=10), rows.now() - timedelta(days=5)
    type(record)._default_manager.filter(pk=record.pk).update(created_at=old)
    Change.objects.filter(card_id=record.pk).update(at=old)
    verbs.update(world.pm, "feature", record.pk, {"title": "Later"})
    assert pm("get", record.key, "--as-of", at.date().isoformat(), "--json").data["title"] == "Now"
    assert pm("get", record.key, "--json").data["title"] == "Later"
    assert pm("get", record.key, "--as-of", "2001-01-01").code == 3
    assert pm("get", record.key, "--as-of", "yesterday").code == 6


def test_why_and_trace_tell_the_thread(pm: Run, world: World) -> None:
    note = world.make("feedback", body="I lost the boss key")
    aim = world.make("objective", title="Keep people")
    cites = [{"kind": "evidence", "target": note.key, "quote": "boss key"}, {"kind": "objective", "target": aim.key}]
    feature = verbs.create(world.pm, "feature", {"title": "Rejoin"}, cites=cites)
    why = pm("why", feature.key, "--json").data["why"]
    assert {(n["key"], n["link_kind"], n["quote"]) for n in why} == {
        (note.key, "evidence", "boss key"),
        (aim.key, "objective", ""),
    }
    assert "“boss key”" in pm("why", feature.key).out
    traced = pm("trace", note.key, "--json").data
    assert [n["key"] for n in traced["came_of_it"]] == [feature.key]
    assert [s["name"] for s in traced["thread"] if s["here"]] == ["voices"]
    assert feature.key in pm("trace", note.key).out


def test_private_fields_stay_private(run: Run, world: World) -> None:
    account = world.make("account", title="Acme", annual_revenue=12000)
    viewer = ("--as", world.user("viewer").email, "--workspace", "north")
    assert "12000" not in run("get", account.key, *viewer).out
    assert "annual_revenue" not in run("get", account.key, "--json", *viewer).data
    assert run("list", "accounts", "annual_revenue>5", *viewer).code == 6
    assert "annual_revenue" not in run("types", "account", *viewer).out


def test_a_stranger_sees_nothing(run: Run, world: World) -> None:
    record = world.make("feature", title="Secret plan")
    stranger = ("--as", world.stranger.member.user.email)
    assert run("get", record.key, *stranger).code == 3
    assert run("get", str(record.pk), *stranger).err == run("get", str(record.pk), *stranger).err
    assert run("list", "features", *stranger).out == ""
    assert run("search", "secret", *stranger).out == ""
    assert run("why", record.key, *stranger).code == 3


def test_who_is_asked_for_when_there_is_more_than_one(run: Run, world: World) -> None:
    world.user("viewer")
    world.user("admin")
    said = run("list", "features", "--workspace", "north")
    assert said.code == 2
    assert "THREADLINE_AS" in said.err
    said = run("list", "features", "--workspace", "north", "--as", "admim@north.example")
    assert said.code == 3
    assert "admin@north.example" in said.err
    said = run("list", "features", "--workspace", "nroth")
    assert said.code == 3
    assert "north" in said.err


def test_the_only_person_need_not_be_named(run: Run, world: World) -> None:
    world.user("product_manager")
    assert run("list", "features").code == 0


def test_the_environment_can_say_who(run: Run, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.user("viewer")
    monkeypatch.setenv("THREADLINE_AS", world.user("product_manager").email)
    monkeypatch.setenv("THREADLINE_WORKSPACE", "north")
    assert run("new", "feature", "title=Mine").code == 0


def test_types_tell_fields_states_and_actions(pm: Run) -> None:
    assert {d["path"] for d in pm("types", "--json").data["data"]} == {d.path for d in kinds()}
    feature = pm("types", "feature", "--json").data
    assert "title" in {f["name"] for f in feature["fields"]}
    assert "decline_feature" in {a["name"] for a in feature["actions"]}
    assert "decline_feature" in pm("types", "features").out
