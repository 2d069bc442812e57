"""Every kind of damage is found, named, and mended where it can be."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from threadline.house import filing
from threadline.keeping import checks, repair
from threadline.kernel import rows, verbs
from threadline.kernel.cards import SHARED, Card
from threadline.kernel.registry import kinds
from threadline.kernel.testing import World
from threadline.kernel.workspaces import Counter

KINDS = sorted(d.kind for d in kinds())
Found = list[tuple[str, str, int]]


def wrong() -> list[checks.Finding]:
    return [f for f in checks.find_all() if not f.warning]


def told() -> Found:
    return [(f.check, f.repair, f.count) for f in wrong()]


def mend_all() -> None:
    for _ in range(3):
        for finding in wrong():
            repair.mend(finding)


def set_card(record: Any, **columns: Any) -> None:
    Card.objects.filter(pk=record.pk).update(**columns)


def busy(world: World) -> Any:
    """A record that much has happened to."""
    note = world.make("feedback", body="I lost the boss key")
    record = world.make("feature", title="Rejoin", owner="me", product=str(world.product().pk))
    verbs.link(world.pm, record, note, "evidence", quote="boss key")
    verbs.update(world.pm, "feature", record.pk, {"title": "Rejoin a raid", "body": f"See [[{note.key}]]"})
    verbs.comment(world.pm, record, "Agreed @viewer.north")
    verbs.tag(world.pm, record, ["raids"])
    verbs.archive(world.pm, "feature", record.pk)
    verbs.restore(world.pm, "feature", record.pk)
    verbs.confirm(world.pm, verbs.link(world.pm, record, note, "evidence").pk)
    filing.attach(world.pm, record.pk, "a.txt", [b"words"])
    return record


def test_what_the_door_writes_is_whole(world: World) -> None:
    busy(world)
    for kind in KINDS:
        world.make(kind, **world.sample(kind))
    assert wrong() == []


@pytest.mark.weighty
def test_a_card_that_drifted_is_found_and_mended_for_every_type(world: World) -> None:
    drifted = {kind: (world.make(kind), world.make(kind)) for kind in KINDS}
    for record, _ in drifted.values():
        set_card(record, title="Something else")
    assert {(check.endswith("cards"), how, count) for check, how, count in told()} == {(True, "cards", 1)}
    assert sorted(ident for f in wrong() for ident in f.ids) == sorted(record.pk for record, _ in drifted.values())
    mend_all()
    assert wrong() == []
    for kind, (record, other) in drifted.items():
        assert Card.objects.get(pk=record.pk).title == record.title
        assert Card.objects.get(pk=other.pk).kind == kind


def drifts(world: World) -> dict[str, Any]:
    return {
        "title": "x",
        "state": "shipped",
        "owner_id": world.viewer.member_id,
        "product_id": world.product("Other").pk,
        "revision": 9,
        "confidentiality": 2,
        "archived_at": rows.now(),
        "updated_at": rows.now() - timedelta(days=1),
        "number": 4_000,
        "key": "F-4000",
    }


@pytest.mark.weighty
def test_every_shared_column_is_compared(world: World) -> None:
    record = world.make("feature")
    columns = drifts(world)
    assert set(SHARED) <= set(columns)
    for column, value in columns.items():
        set_card(record, **{column: value})
        assert [f.ids for f in wrong() if f.repair == "cards"] == [[record.pk]], column
        mend_all()
        assert wrong() == [], column


def test_a_missing_card_is_made_again_with_its_search_row(world: World) -> None:
    record = world.make("feature", title="Storm warning")
    rows.execute("DELETE FROM kernel_change WHERE card_id = %s", [record.pk])
    rows.execute("DELETE FROM kernel_search WHERE " + search_key(record)[0], [search_key(record)[1]])
    rows.execute("DELETE FROM kernel_card WHERE id = %s", [record.pk])
    assert {f.check for f in wrong()} == {"Features: cards", "Features: history", "Features: search"}
    mend_all()
    assert [f.check for f in wrong()] == ["Features: history"]  # what was said is gone: no repair invents it


def search_key(record: Any) -> tuple[str, Any]:
    if rows.is_postgres():
        return "card_id = %s", record.pk
    return "rowid = %s", Card.objects.get(pk=record.pk).doc


def unindex(record: Any) -> None:
    where, key = search_key(record)
    rows.execute(f"DELETE FROM kernel_search WHERE {where}", [key])


def misword(record: Any) -> None:
    where, key = search_key(record)
    rows.execute(f"UPDATE kernel_search SET body = 'other words' WHERE {where}", [key])


def misplace(record: Any) -> None:
    where, key = search_key(record)
    foreign = "0" * 32
    if rows.is_postgres():
        sql = f"UPDATE kernel_search SET tsv = to_tsvector('english', title) || array_to_tsvector(ARRAY['w{foreign}'])"
        rows.execute(f"{sql} WHERE {where}", [key])
    else:
        rows.execute(f"UPDATE kernel_search SET scope = 'w{foreign} kfeature' WHERE {where}", [key])


@pytest.mark.parametrize("damage", [unindex, misword, misplace])
def test_search_rows_missing_different_or_in_another_place(damage: Callable[[Any], None], world: World) -> None:
    record, other = world.make("feature", title="Storm"), world.make("feature", title="Calm")
    damage(record)
    assert told() == [("Features: search", "search", 1)]
    assert wrong()[0].ids == [record.pk]
    mend_all()
    assert wrong() == []
    assert other.pk not in wrong()


def test_search_rows_of_nothing_are_dropped(world: World) -> None:
    record = world.make("feature")
    if rows.is_postgres():
        strays = [UUID(int=7)]
        rows.execute("SET CONSTRAINTS ALL DEFERRED")
        rows.execute(
            "INSERT INTO kernel_search (card_id, workspace_id, title, body, tsv) VALUES (%s, %s, '', '', '')",
            [strays[0], record.workspace_id],
        )
    else:
        rows.execute("INSERT INTO kernel_search (rowid, scope, title, body) VALUES (900, 'w k', 'x', 'y')")
    assert told() == [("search", "search", 1)]
    mend_all()
    assert wrong() == []


def test_a_counter_behind_is_raised(world: World) -> None:
    world.make("feature")
    last = world.make("feature")
    Counter.objects.filter(kind="feature").update(value=1)
    assert [(f.check, f.repair) for f in wrong()] == [("numbers", "counters")]
    mend_all()
    assert wrong() == []
    assert world.make("feature").number == last.number + 1


def test_a_missing_counter_is_made(world: World) -> None:
    record = world.make("feature")
    Counter.objects.filter(kind="feature").delete()
    mend_all()
    assert Counter.objects.get(kind="feature").value == record.number


def test_gaps_in_the_history_are_found_and_never_invented(world: World) -> None:
    record, other = world.make("feature"), world.make("feature")
    for title in ("Second", "Third"):
        verbs.update(world.pm, "feature", record.pk, {"title": title})
    rows.execute("DELETE FROM kernel_change WHERE card_id = %s AND version = 2", [record.pk])
    assert told() == [("Features: history", "", 1)]
    assert wrong()[0].examples == [record.key]
    rows.execute("DELETE FROM kernel_change WHERE card_id = %s", [other.pk])
    mend_all()
    assert told() == [("Features: history", "", 2)]


def test_a_history_that_ends_too_early_is_found(world: World) -> None:
    record = world.make("feature")
    type(record)._default_manager.filter(pk=record.pk).update(version=2)
    assert told() == [("Features: history", "", 1)]


def test_a_card_without_a_record_waits_for_a_person(world: World) -> None:
    record = world.make("feature")
    rows.execute("DELETE FROM inbound_feature WHERE id = %s", [record.pk])
    assert told() == [("Features: cards", "", 1)]
    assert wrong()[0].examples == [record.key]


def test_references_across_workspaces_are_found_in_any_table(world: World) -> None:
    feature, note = world.make("feature"), world.make("feedback")
    foreign = world.make("feedback", actor=world.stranger)
    account = world.make("account", actor=world.stranger)
    link = verbs.link(world.pm, feature, note, "evidence")
    rows.execute("UPDATE kernel_link SET target_id = %s WHERE id = %s", [foreign.pk, link.pk])
    rows.execute("UPDATE inbound_feedback SET account_id = %s WHERE id = %s", [account.pk, note.pk])
    found = sorted(f.message for f in wrong())
    assert found == [
        "inbound_feedback.account_id points into another workspace.",
        "kernel_link.target_id points into another workspace.",
    ]
    mend_all()
    assert len(wrong()) == 2


def test_links_of_an_undeclared_kind_and_from_the_future(world: World) -> None:
    feature, note = world.make("feature"), world.make("feedback")
    link = verbs.link(world.pm, feature, note, "evidence")
    rows.execute("UPDATE kernel_link SET kind = 'gossip', seen_revision = 5 WHERE id = %s", [link.pk])
    assert [f.message.partition(".")[0] for f in wrong()] == [
        "Links are of a kind that nothing declares",
        "Links have read a revision that does not exist yet",
    ]


def test_files_missing_and_changed(world: World) -> None:
    record = world.make("feature")
    gone, cut, other = (filing.attach(world.pm, record.pk, f"{n}.txt", [b"words"]) for n in "abc")
    filing.path_of(gone).unlink()
    filing.path_of(cut).write_bytes(b"word")
    filing.path_of(other).write_bytes(b"swords"[1:])
    found = {f.message: f.examples for f in wrong()}
    assert found == {"The bytes of files are missing.": [f"a.txt ({gone.pk.hex})"],
                     "The bytes of files are not those that were kept.": [f"b.txt ({cut.pk.hex})"]}  # fmt: skip
    filing.path_of(other).write_bytes(b"sword")
    assert wrong()[1].count == 2


@pytest.mark.parametrize(
    ("version", "warned"),
    [("3.40.1", True), ("3.51.2", True), ("3.7.0", True), ("3.51.3", False), ("3.53.4", False), ("3.6.23", False)],
)
def test_an_engine_that_can_lose_commits_is_named(
    version: str, warned: bool, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    monkeypatch.setattr(checks.connection, "vendor", "sqlite", raising=False)
    monkeypatch.setattr(checks.rows, "fetch", lambda sql: [(version,)])
    found = list(checks.engine())
    assert [f.warning for f in found] == ([True] if warned else [])


def test_progress_is_told(world: World) -> None:
    world.make("feature")
    heard: list[tuple[int, int | None]] = []
    list(checks.find_all(lambda done, total, what: heard.append((done, total))))
    assert heard[0][0] == 0
    assert heard[-1][0] == heard[-1][1] == len(heard) - 1


@pytest.mark.slow
def test_pending_migrations_are_all_that_is_said(place: Any) -> None:
    place.python(
        "from threadline.kernel import rows; rows.execute(\"DELETE FROM django_migrations WHERE app='inbound'\")"
    )
    said = place.run("check", code=1)
    assert [f["check"] for f in said["findings"] if not f["warning"]] == ["migrations"]


@pytest.mark.slow
def test_rows_that_point_nowhere_are_found(sqlite_place: Any) -> None:
    raw = sqlite3.connect(sqlite_place.directory / "threadline.sqlite3")
    raw.execute("INSERT INTO kernel_tag (id, workspace_id, name) VALUES (?, ?, 'stray')", ["1" * 32, "2" * 32])
    raw.commit()
    raw.close()
    said = sqlite_place.run("check", code=1)
    assert [f["check"] for f in said["findings"] if not f["warning"]] == ["references"]


@pytest.mark.slow
def test_check_repairs_and_leaves_by_the_right_code(place: Any) -> None:
    place.run("user", "add", "ana@x.example", "--role", "owner", "--new-workspace", "North")
    place.run("new", "feature", "title=Whole")
    assert place.run("check")["ok"] is True
    place.python("from threadline.kernel.cards import Card; Card.objects.update(title='x')")
    assert place.run("check", code=1)["findings"][-1]["repairable"] is True
    said = place.run("check", "--repair")
    assert said["ok"] is True
    assert len(said["mended"]) == 1
