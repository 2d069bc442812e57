"""What holds for every verb of every record type's own."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from tests.dump import dump, moved
from tests.inherited.values import raw_values
from threadline.kernel import rows
from threadline.kernel.access import POLICY
from threadline.kernel.actions import Action, actions_on
from threadline.kernel.changes import Change
from threadline.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from threadline.kernel.registry import Field, RecordType
from threadline.kernel.testing import World


def arguments(world: World, act: Action[Any]) -> dict[str, Any]:
    """A likely value for each argument that the verb needs."""
    given = {}
    for param in act.params:
        if param.required:
            raw = raw_values(world, Field(param.name, label=param.label, kind=param.kind))[0]
            given[param.name] = [raw] if param.many else raw
    return given


def test_each_verb_says_what_it_does(declared: RecordType) -> None:
    for act in actions_on(declared.kind):
        assert act.label, act.name
        assert len(act.help) > 20, f"{act.name}: the docstring is the help of the button"
        assert act.verb in POLICY[declared.group], act.name
        assert set(act.states) <= set(declared.state_by_name), act.name


def test_a_verb_is_refused_to_whoever_may_not_and_in_the_wrong_state(world: World, declared: RecordType) -> None:
    for act in actions_on(declared.kind):
        record, given = world.make(declared.kind), arguments(world, act)
        stale = record.version + 5
        for actor in world.roles:
            if actor.role not in POLICY[declared.group][act.verb]:
                before = dump()
                with pytest.raises(Forbidden):
                    act(actor, **{act.subject: record.pk}, **given)
                assert moved(before) == [], (act.name, actor.role)
        before = dump()
        with pytest.raises(NotFound):
            act(world.stranger, **{act.subject: record.pk}, **given)
        with pytest.raises(Conflict):
            act(world.pm, **{act.subject: record.pk}, expect=stale, **given)
        with pytest.raises(Invalid if act.possible(record) else Conflict):
            act(world.pm, **{act.subject: record.pk}, **given, nonsense=1)
        assert moved(before) == [], act.name


def test_a_verb_takes_nothing_of_anothers_company(world: World, declared: RecordType) -> None:
    """A2, A5: South's record as the subject or as an argument of a verb."""
    for act in actions_on(declared.kind):
        record, given = world.make(declared.kind), arguments(world, act)
        theirs = world.make(declared.kind, world.stranger)
        references = [p for p in act.params if p.kind.name == "reference"]
        foreign = {p.name: str(world.make(p.kind.kind, world.stranger).pk) for p in references}
        before = dump()
        with pytest.raises(NotFound):
            act(world.owner, **{act.subject: theirs.pk}, **given)
        for param in references:
            value = [foreign[param.name]] if param.many else foreign[param.name]
            with pytest.raises((Invalid, NotFound, Conflict)):
                act(world.owner, **{act.subject: record.pk}, **{**given, param.name: value})
        assert moved(before) == [], act.name


def test_a_verb_that_is_possible_leaves_its_name_in_the_log(world: World, declared: RecordType) -> None:
    """Either it acts, logged under its name with a version more, or it says what is wrong with what it was given."""
    for act in actions_on(declared.kind):
        record, batch = world.make(declared.kind), rows.new_id()
        if not act.possible(record):
            continue
        given = {act.subject: record.pk, **arguments(world, act)}
        try:
            with transaction.atomic():
                act(world.owner.through("api"), **given, why="to see", batch=batch)
        except (Invalid, Conflict):  # the values were likely, not right
            continue
        lines = Change.objects.filter(batch=batch)
        assert lines, act.name
        assert {(line.action, line.face) for line in lines} == {(act.name, "api")}
        assert {line.why for line in lines} <= {"to see", *given.values()}  # a verb that asks for the reason logs that
        assert {line.actor_id for line in lines} == {world.owner.member_id}
