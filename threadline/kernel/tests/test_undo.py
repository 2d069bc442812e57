"""Undo: a batch backwards, sparing what moved on since, and itself to be undone."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from threadline.kernel import past, shelving, verbs
from threadline.kernel.access import NAMED, Actor
from threadline.kernel.actions import through_door
from threadline.kernel.changes import Batch
from threadline.kernel.comments import Comment
from threadline.kernel.errors import Conflict, Forbidden, NotFound
from threadline.kernel.links import Link
from threadline.kernel.registry import type_of
from threadline.kernel.testing import World, fresh
from threadline.kernel.undo import undo


@pytest.fixture
def feature(world: World) -> Any:
    return world.make("feature", title="First", body="Body")


def last(actor: Actor, record: Any) -> Any:
    return past.history(actor, fresh(record))[0].batch


def test_a_batch_goes_back_newest_first(world: World, feature: Any) -> None:
    batch = uuid4()
    for title in ("Second", "Third"):
        verbs.update(world.pm, "feature", feature, {"title": title}, batch=batch)
    assert undo(world.pm, batch).reversed == 2
    assert fresh(feature).title == "First"


def test_undo_is_undone_and_redone(world: World, feature: Any) -> None:
    verbs.update(world.pm, "feature", feature, {"title": "Second", "reach": 5})
    batch = last(world.pm, feature)
    for title, reach in (("First", None), ("Second", 5), ("First", None)):
        batch = undo(world.pm, batch).batch
        assert (fresh(feature).title, fresh(feature).reach) == (title, reach)


def test_what_somebody_changed_since_is_kept_and_named(world: World, feature: Any) -> None:
    verbs.update(world.pm, "feature", feature, {"title": "Second", "reach": 5})
    batch = last(world.pm, feature)
    verbs.update(world.owner, "feature", feature, {"title": "Third"})
    done = undo(world.pm, batch)
    assert (fresh(feature).title, fresh(feature).reach) == ("Third", None)
    assert done.kept == [f"{feature.key} title"]


def test_nothing_left_to_undo_is_said(world: World, feature: Any) -> None:
    verbs.update(world.pm, "feature", feature, {"title": "Second"})
    batch = last(world.pm, feature)
    undo(world.pm, batch)
    with pytest.raises(Conflict):
        undo(world.pm, batch)


def test_undoing_a_link_to_a_young_record_does_not_trash_it(world: World, feature: Any) -> None:
    """A link leaves the version at 1, where the creation is."""
    verbs.link(world.pm, feature, world.make("objective"), "objective")
    undo(world.pm, last(world.pm, feature))
    assert fresh(feature).archived_at is None
    assert not Link.objects.exists()


def test_undoing_a_bulk_of_links_trashes_nothing_either(world: World, feature: Any) -> None:
    batch = uuid4()
    verbs.link(world.pm, feature, world.make("objective"), "objective", batch=batch)
    declared = type_of("feature")
    gone = through_door(world.pm, "undo_import", lambda door: shelving.archive_created(door, declared, batch))
    assert gone == 0
    assert fresh(feature).archived_at is None


def test_what_a_batch_made_goes_to_the_trash_and_comes_back(world: World) -> None:
    batch = uuid4()
    made = verbs.create(world.pm, "feature", {"title": "New"}, batch=batch)
    verbs.update(world.pm, "feature", made, {"title": "Newer"}, batch=batch)
    done = undo(world.pm, batch)
    assert fresh(made).archived_at is not None
    undo(world.pm, done.batch)
    assert (fresh(made).archived_at, fresh(made).title) == (None, "Newer")


def test_what_others_have_worked_on_since_is_not_trashed(world: World) -> None:
    batch = uuid4()
    mine, ours = (verbs.create(world.pm, "feature", {"title": t}, batch=batch) for t in ("mine", "ours"))
    verbs.update(world.pm, "feature", mine, {"title": "still mine"})
    verbs.update(world.owner, "feature", ours, {"title": "now ours"})
    assert undo(world.pm, batch).kept == [ours.key]
    assert fresh(mine).archived_at is not None
    assert fresh(ours).archived_at is None


def test_links_come_back_as_they_were(world: World, feature: Any) -> None:
    aim = world.make("feature")
    link = verbs.link(world.pm, feature, aim, "depends_on", quote="this", weight=2)
    verbs.unlink(world.pm, link.pk)
    taken = last(world.pm, feature)
    verbs.update(world.pm, "feature", aim, {"title": "Moved"})
    undo(world.pm, taken)
    back = Link.objects.get()
    assert (back.pk, back.quote, back.weight, back.seen_revision) == (link.pk, "this", 2, 1)  # suspect, as it should be


def test_a_confirmation_is_undone(world: World, feature: Any) -> None:
    aim = world.make("feature")
    link = verbs.link(world.pm, feature, aim, "depends_on")
    verbs.update(world.pm, "feature", aim, {"title": "Moved"})
    verbs.confirm(world.pm, link.pk)
    undo(world.pm, last(world.pm, feature))
    assert Link.objects.get().seen_revision == 1


def test_a_link_is_not_brought_back_to_what_is_out_of_reach(world: World, feature: Any) -> None:
    aim = world.make("feature", owner="me")
    link = verbs.link(world.pm, feature, aim, "depends_on")
    verbs.unlink(world.pm, link.pk)
    batch = last(world.pm, feature)
    verbs.update(world.pm, "feature", aim, {"owner": str(world.owner.member_id)})
    verbs.update(world.owner, "feature", aim, {"confidentiality": NAMED})
    with pytest.raises(Conflict):
        undo(world.pm, batch)
    assert not Link.objects.exists()


def test_a_value_that_points_to_what_is_gone_is_kept_as_it_is(world: World) -> None:
    account = world.make("account")
    note = world.make("feedback", account=account.key, title="A")
    verbs.update(world.pm, "feedback", note, {"account": None, "title": "B"})
    batch = last(world.pm, note)
    verbs.archive(world.pm, "account", account)
    done = undo(world.pm, batch)
    assert (fresh(note).title, fresh(note).account_id) == ("A", None)
    assert done.kept == [f"{note.key} account"]


def test_tags_remarks_and_the_trash_go_back(world: World, feature: Any) -> None:
    verbs.tag(world.pm, feature, ["a"])
    verbs.tag(world.pm, feature, ["b"])
    undo(world.pm, last(world.pm, feature))
    assert list(verbs.card(world.pm, feature).tagged.values_list("tag__name", flat=True)) == ["a"]
    made = verbs.comment(world.pm, feature, "Said too much")
    undo(world.pm, last(world.pm, feature))
    taken = Comment.objects.get(pk=made.pk)
    assert (taken.body, taken.removed_at is not None) == ("", True)
    verbs.archive(world.pm, "feature", feature)
    done = undo(world.pm, last(world.pm, feature))
    assert fresh(feature).archived_at is None
    undo(world.pm, done.batch)
    assert fresh(feature).archived_at is not None


def test_one_undoes_ones_own_and_heads_anybodys(world: World, feature: Any) -> None:
    verbs.update(world.owner, "feature", feature, {"title": "Second"})
    batch = last(world.pm, feature)
    with pytest.raises(Forbidden):
        undo(world.pm, batch)
    with pytest.raises(NotFound):
        undo(world.stranger, batch)
    undo(world.admin, batch)
    assert fresh(feature).title == "First"


@pytest.mark.parametrize("ref", ["", "x", "\x00", UUID(int=7)])
def test_a_batch_that_is_not_there_is_not_found(world: World, ref: Any) -> None:
    with pytest.raises(NotFound):
        undo(world.pm, ref)


def test_a_record_out_of_reach_is_left_alone(world: World, feature: Any) -> None:
    other = world.make("feature", title="Open")
    batch = uuid4()
    for record in (feature, other):
        verbs.update(world.pm, "feature", record, {"title": "Changed"}, batch=batch)
    verbs.update(world.owner, "feature", feature, {"confidentiality": NAMED})
    assert undo(world.pm, batch).reversed == 1
    assert (fresh(feature).title, fresh(other).title) == ("Changed", "Open")


def test_a_named_run_remembers_that_it_was_undone(world: World, feature: Any) -> None:
    run = Batch.objects.create(workspace=world.north, label="Import", member_id=world.pm.member_id)
    verbs.update(world.pm, "feature", feature, {"title": "Imported"}, batch=run.pk)
    undo(world.pm, run.pk)
    run.refresh_from_db()
    assert run.undone_at is not None
