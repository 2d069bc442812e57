"""One edit makes exactly its dependants suspect, in a graph of 10,000 records, at a price that does not grow.

No test asserts wall time. Measured in November 2026 on two cores, nine edits with 23 to 192 dependants: 1 to 14 ms for
the edit and 3 to 12 ms to name its dependants with SQLite, 4 to 8 and 2 to 3 ms with PostgreSQL; 100 ms was the aim.
"""

from __future__ import annotations

import random
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from threadline.inbound.requirements.models import Requirement
from threadline.kernel import rows, verbs
from threadline.kernel.cards import Card
from threadline.kernel.door import card_of
from threadline.kernel.links import Link
from threadline.kernel.testing import World, fresh
from threadline.kernel.thread import suspects

MANY, EACH = 10_000, 3


@pytest.fixture
def graph(world: World) -> tuple[list[Requirement], dict[UUID, set[str]]]:
    """10,000 requirements, each resting on up to three earlier ones; and who rests on whom."""
    chance, first = random.Random(20), world.make("requirement", title="The first shall stand.")
    made = [first]
    for number in range(2, MANY + 1):
        made.append(
            rows.blank(Requirement, workspace_id=first.workspace_id, number=number, state="proposed",
                       title=f"Requirement {number} shall stand.", owner_id=world.pm.member_id)
        )  # fmt: skip
    rows.insert(*made[1:])
    rows.insert(*(card_of(one, 1_000_000 + at) for at, one in enumerate(made[1:])))
    citing: dict[UUID, set[str]] = {}
    links = []
    for at, one in enumerate(made[1:], 1):
        for target in chance.sample(made[:at], min(EACH, at)):
            citing.setdefault(target.pk, set()).add(one.key)
            links.append(
                rows.blank(Link, workspace_id=one.workspace_id, source_id=one.pk, target_id=target.pk,
                           kind="depends_on", seen_revision=1)
            )  # fmt: skip
    rows.insert(*links)
    assert Card.objects.filter(kind="requirement").count() == MANY
    return made, citing


def edit(world: World, one: Any, values: dict[str, Any]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        verbs.update(world.pm, "requirement", one.pk, values)
    return len(asked)


def test_one_edit_makes_exactly_its_dependants_suspect(
    world: World, graph: tuple[list[Requirement], dict[UUID, set[str]]]
) -> None:
    made, citing = graph
    small = world.make("requirement", world.stranger)
    one = made[4]
    assert len(citing[one.pk]) > 10
    assert suspects(world.pm) == []
    verbs.update(world.pm, "requirement", one.pk, {"rationale": "Said elsewhere", "owner": None})
    assert suspects(world.pm) == []  # the reason is not the meaning
    before = dict(Card.objects.exclude(pk=one.pk).values_list("pk", "updated_at"))
    price = edit(world, one, {"title": "The fifth shall fall."})
    found = suspects(world.pm, limit=20_000)
    assert {s.source_key for s in found} == citing[one.pk]
    assert {s.target_key for s in found} == {one.key}
    # Nothing is spread: no dependant was written, and what it costs is what it costs without any.
    assert dict(Card.objects.exclude(pk=one.pk).values_list("pk", "updated_at")) == before
    with CaptureQueriesContext(connection) as asked:
        verbs.update(world.stranger, "requirement", small.pk, {"title": "The lonely one shall fall."})
    assert price == len(asked)
    with CaptureQueriesContext(connection) as asked:
        suspects(world.pm, limit=20_000)
    assert len(asked) == 1
    assert fresh(one).revision == 2
