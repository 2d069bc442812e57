"""What moved since it was read: many records in one statement say the same as each alone."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from threadline.kernel import past, verbs
from threadline.kernel.testing import World, fresh


def test_values_before_a_version_are_those_that_changed_since(world: World) -> None:
    record = world.make("objective", title="First", body="Words")
    verbs.update(world.pm, "objective", record, {"title": "Second"})
    verbs.update(world.pm, "objective", record, {"title": "Third"})
    assert past.before(world.pm, fresh(record), 1) == {"title": "First"}
    assert past.before(world.pm, fresh(record), 3) == {}


def test_many_at_once_equal_each_alone(world: World) -> None:
    made = [world.make("objective", title=f"Aim {n}") for n in range(3)]
    for n, record in enumerate(made):
        for step in range(n):
            verbs.update(world.pm, "objective", record, {"title": f"Aim {n}.{step}"}, why=f"reason {step}")
    read = [("objective", r.pk, 1) for r in made] + [("objective", made[2].pk, 2)]
    with CaptureQueriesContext(connection) as asked:
        found = past.moved(world.pm, read)
    assert len(asked) == 1
    assert [m.diff for m in found] == [past.since(world.pm, *one) for one in read]
    assert (found[2].who, found[2].why) == (world.pm.name, "reason 1")
    assert past.moved(world.pm, []) == []
