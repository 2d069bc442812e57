"""What every record type can be relied on to do when it is written."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dump import dump, moved
from tests.inherited.values import change, full, plain_fields
from threadline.kernel import rows, verbs
from threadline.kernel.access import NAMED, POLICY, reach
from threadline.kernel.cards import SHARED, Card
from threadline.kernel.changes import Change
from threadline.kernel.door import exchange_values
from threadline.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from threadline.kernel.listing import list_page
from threadline.kernel.past import as_of
from threadline.kernel.records import Record
from threadline.kernel.registry import RecordType
from threadline.kernel.testing import World, fresh
from threadline.kernel.undo import undo


def card_like(record: Record) -> None:
    """The record's card says what the record says."""
    card, now = Card.objects.get(pk=record.pk), fresh(record)
    assert {n: getattr(card, n) for n in SHARED} == {n: getattr(now, n) for n in SHARED}
    assert (card.key, card.kind, card.workspace_id) == (now.key, now.kind, now.workspace_id)


def values_of(record: Record, declared: RecordType) -> dict[str, Any]:
    """The logged values of a record as the database has them."""
    return exchange_values(declared, fresh(record), {})


def changes_of(record: Record) -> list[Change]:
    """The record's log, oldest first."""
    return list(Change.objects.filter(card_id=record.pk).order_by("pk"))


def test_the_least_record_is_its_companys_and_nobody_elses(world: World, declared: RecordType) -> None:
    record = world.make(declared.kind)
    assert (record.version, record.revision, record.state) == (1, 1, declared.states[0].name)
    assert record.key.startswith(f"{declared.model.prefix}-")
    assert reach(world.viewer, declared.model).filter(pk=record.pk).exists()
    assert not reach(world.stranger, declared.model).filter(pk=record.pk).exists()
    card_like(record)


def test_a_full_sample_keeps_what_it_was_given(world: World, declared: RecordType) -> None:
    values = world.sample(declared.kind)
    record = world.make(declared.kind, **values)
    for name in (n for n, raw in values.items() if raw is not None):
        field = declared.by_name[name]
        assert getattr(fresh(record), field.attname) == field.kind.clean(values[name], world.pm), name


def test_making_one_leaves_one_line_in_the_log(world: World, declared: RecordType) -> None:
    values = world.needed(declared.kind)
    record = verbs.create(world.pm.through("api"), declared.kind, values, why="because")
    [line] = changes_of(record)
    assert (line.actor_id, line.actor_name, line.face) == (world.pm.member_id, world.pm.name, "api")
    assert (line.action, line.why, line.version) == ("create", "because", 1)
    assert line.diff["title"] == [None, fresh(record).title]


def test_each_field_changes_alone_and_the_log_says_so(world: World, declared: RecordType) -> None:
    record = full(world, declared)
    for field in plain_fields(declared):
        before, was = fresh(record), values_of(record, declared)
        change(world, record, field)
        now, line = fresh(record), changes_of(record)[-1]
        assert now.version == before.version + 1, field.name
        assert now.revision == before.revision + (field.name in declared.meaning), field.name
        assert (line.actor_id, line.face, line.action) == (world.pm.member_id, "web", "update"), field.name
        assert line.diff[field.name] == [was[field.name], values_of(record, declared)[field.name]], field.name
        assert line.version == now.version, field.name
        card_like(record)


def test_saying_the_same_again_writes_nothing(world: World, declared: RecordType) -> None:
    values = world.sample(declared.kind)
    record = world.make(declared.kind, **values)
    before = dump()
    verbs.update(world.pm, declared.kind, record.pk, values)
    assert moved(before) == []


def test_blank_needed_fields_are_refused_and_nothing_is_kept(world: World, declared: RecordType) -> None:
    values = world.needed(declared.kind)
    record = world.make(declared.kind)
    before = dump()
    for field in declared.required:
        for blank in (None, "", "   ") if isinstance(values[field.name], str) else (None,):
            with pytest.raises(Invalid) as refused:
                verbs.create(world.pm, declared.kind, {**values, field.name: blank})
            assert field.name in {p.field for p in refused.value.problems}
            with pytest.raises(Invalid):
                verbs.update(world.pm, declared.kind, record.pk, {field.name: blank})
    assert moved(before) == []


NEVER_SET = ("id", "workspace", "workspace_id", "number", "key", "version", "revision", "created_at", "updated_at",
             "archived_at", "created_by", "custom", "is_staff", "role", "votes", "rate_limit", "owner__password",
             "owner_id", "__class__", "")  # fmt: skip


def test_what_nobody_may_set_is_refused(world: World, declared: RecordType) -> None:
    """B2: mass assignment, on making and on changing, of everything that is not a settable field."""
    record, values = world.make(declared.kind), world.needed(declared.kind)
    readonly = [f.name for f in declared.by_name.values() if f.readonly]
    before = dump()
    unknown = [name for name in NEVER_SET if name not in declared.by_name or declared.by_name[name].readonly]
    for name in (*unknown, *readonly, *declared.computed_by_name):
        for raw in ("1", str(rows.new_id()), 7, None):
            with pytest.raises(Invalid) as refused:
                verbs.create(world.owner, declared.kind, {**values, name: raw})
            assert name in {p.field for p in refused.value.problems}, name
            with pytest.raises(Invalid):
                verbs.update(world.owner, declared.kind, record.pk, {name: raw})
    assert moved(before) == []


def test_a_later_writer_gets_a_conflict_and_changes_nothing(world: World, declared: RecordType) -> None:
    """F7: two who read the same version; the second is told."""
    record = world.make(declared.kind)
    verbs.update(world.pm, declared.kind, record.pk, {"title": "First"}, expect=1)
    before = dump()
    for late in (
        lambda: verbs.update(world.owner, declared.kind, record.pk, {"title": "Second"}, expect=1),
        lambda: verbs.archive(world.owner, declared.kind, record.pk, expect=1),
    ):
        with pytest.raises(Conflict) as lost:
            late()
        assert lost.value.current == 2
    assert moved(before) == []


def test_each_role_writes_what_the_policy_says(world: World, declared: RecordType) -> None:
    """Make, change, trash and talk: the table of the policy, tried one by one."""
    policy = POLICY[declared.group]
    record, values = world.make(declared.kind), world.needed(declared.kind)
    for actor in world.roles:
        tries: dict[str, Any] = {
            "create": lambda who: verbs.create(who, declared.kind, values),
            "update": lambda who: verbs.update(who, declared.kind, record.pk, {"title": f"By {who.role}"}),
            "archive": lambda who: verbs.restore(who, declared.kind, verbs.archive(who, declared.kind, record.pk).pk),
            "comment": lambda who: verbs.comment(who, record.pk, "A word"),
        }
        for verb, attempt in tries.items():
            if actor.role in policy[verb]:
                attempt(actor)
                continue
            before = dump()
            with pytest.raises(Forbidden):
                attempt(actor)
            assert moved(before) == [], (actor.role, verb)


def test_the_trash_hides_it_and_gives_it_back(world: World, declared: RecordType) -> None:
    record = world.make(declared.kind, title="Quokkawatch")
    verbs.archive(world.pm, declared.kind, record.pk)
    assert list_page(world.pm, declared, "quokkawatch").rows == []
    assert [r["key"] for r in list_page(world.pm, declared, archived=True).rows] == [record.key]
    with pytest.raises(NotFound):
        verbs.update(world.pm, declared.kind, record.pk, {"title": "In the trash"})
    card_like(record)
    verbs.restore(world.pm, declared.kind, record.key)
    assert [r["key"] for r in list_page(world.pm, declared, "quokkawatch").rows] == [record.key]
    assert list_page(world.pm, declared, archived=True).rows == []
    assert [line.action for line in changes_of(record)] == ["create", "archive", "restore"]
    card_like(record)


def test_a_change_of_every_field_is_undone_as_one(world: World, declared: RecordType) -> None:
    record = full(world, declared)
    was, batch = values_of(record, declared), rows.new_id()
    for field in plain_fields(declared):
        change(world, record, field)
    Change.objects.filter(card_id=record.pk, action="update").update(batch=batch)
    assert values_of(record, declared) != was
    undo(world.pm, batch)
    assert values_of(record, declared) == was
    card_like(record)


def test_making_and_trashing_are_undone(world: World, declared: RecordType) -> None:
    made, thrown = rows.new_id(), rows.new_id()
    record = verbs.create(world.pm, declared.kind, world.needed(declared.kind), batch=made)
    verbs.archive(world.pm, declared.kind, record.pk, batch=thrown)
    undo(world.pm, thrown)
    assert fresh(record).archived_at is None
    undo(world.pm, made)
    assert fresh(record).archived_at is not None
    card_like(record)


def test_somebody_elses_batch_is_undone_by_heads_only(world: World, declared: RecordType) -> None:
    batch = rows.new_id()
    record = verbs.create(world.pm, declared.kind, world.needed(declared.kind), batch=batch)
    for actor in (world.viewer, world.contributor, world.pmm):
        with pytest.raises(Forbidden):
            undo(actor, batch)
    with pytest.raises(NotFound):
        undo(world.stranger, batch)
    undo(world.admin, batch)
    assert fresh(record).archived_at is not None


def test_it_can_be_read_as_it_stood_at_any_moment(world: World, declared: RecordType) -> None:
    record = full(world, declared)
    seen = [(rows.now(), values_of(record, declared))]
    for field in plain_fields(declared):
        change(world, record, field)
        seen.append((rows.now(), values_of(record, declared)))
    for at, was in seen:
        then = as_of(world.pm, fresh(record), at)
        assert then is not None
        assert {n: v for n, v in then.items() if n in was} == was
    assert as_of(world.pm, fresh(record), fresh(record).created_at.replace(year=2020)) is None


def test_a_record_kept_for_named_people_is_not_lost_to_everybody(world: World, declared: RecordType) -> None:
    record = world.make(declared.kind)
    verbs.update(world.pm, declared.kind, record.pk, {"confidentiality": NAMED, "owner": None})
    assert reach(world.pm, declared.model).filter(pk=record.pk).exists()
    assert not reach(world.owner, declared.model).filter(pk=record.pk).exists()


@pytest.mark.parametrize("nobody", ["no such person", 7, {"id": "x"}, ["list"]])
def test_readers_who_are_nobody_here_are_refused(world: World, declared: RecordType, nobody: Any) -> None:
    """A2: also South's people."""
    values = world.needed(declared.kind)
    record = world.make(declared.kind)
    before = dump()
    for wrong in (nobody, str(world.stranger.member_id), world.stranger.member.handle):
        for attempt in (
            lambda wrong=wrong: verbs.create(world.pm, declared.kind, values, readers=[wrong]),
            lambda wrong=wrong: verbs.name_readers(world.pm, record.pk, [wrong]),
        ):
            with pytest.raises(Invalid) as refused:
                attempt()
            assert {p.field for p in refused.value.problems} == {"readers"}
    assert moved(before) == []
