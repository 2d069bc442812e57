"""A workspace's own field of each type, on every record type."""

from __future__ import annotations

from typing import Any

import pytest

from threadline.house import furnishing as house
from threadline.kernel import verbs
from threadline.kernel.changes import Change
from threadline.kernel.customs import CustomField, own_fields
from threadline.kernel.errors import Invalid
from threadline.kernel.listing import list_page, row_of
from threadline.kernel.query import QueryError
from threadline.kernel.registry import RecordType
from threadline.kernel.testing import World, fresh

TYPES = [str(value) for value, _ in CustomField._meta.get_field("type").choices or ()]


def pair(world: World, of_type: str) -> tuple[Any, Any, str]:
    """Two values of an own field's type, and a query that finds the second only."""
    people = str(world.pm.member_id), str(world.owner.member_id)
    return {
        "text": ("first words", "second words", "our_own:second"),
        "number": (3, 4.5, "our_own>4"),
        "money": (1200, 99, "our_own<100"),
        "date": ("2026-01-02", "2026-02-03", "our_own>2026-01-31"),
        "choice": ("Red", "Blue", "our_own:blue"),
        "person": (*people, f"our_own:{world.owner.member.handle}"),
        "link": ("https://one.example/", "https://two.example/", 'our_own:"two.example"'),
    }[of_type]


@pytest.mark.parametrize("of_type", TYPES)
def test_it_is_kept_listed_sorted_found_logged(world: World, declared: RecordType, of_type: str) -> None:
    choices = ["Red", "Blue"] if of_type == "choice" else []
    house.add_field(world.owner, declared.kind, {"label": "Our own", "type": of_type, "choices": choices})
    first, second, query = pair(world, of_type)
    one = world.make(declared.kind, world.owner, our_own=first)
    two = world.make(declared.kind, world.owner)
    verbs.update(world.owner, declared.kind, two.pk, {"our_own": second})
    assert (fresh(two).version, fresh(two).revision) == (2, 1)
    assert Change.objects.filter(card_id=two.pk).latest("pk").diff == {"our_own": [None, second]}
    assert row_of(world.viewer, declared, one.key)["our_own"] == first
    assert [r["key"] for r in list_page(world.owner, declared, query).rows] == [two.key]
    for sort in ("our_own", "-our_own"):
        ordered = [r["key"] for r in list_page(world.owner, declared, f"sort:{sort}", limit=1).rows]
        assert ordered[0] in (one.key, two.key)
    assert {r["our_own"] for r in list_page(world.owner, declared, names=["our_own"]).rows} == {first, second}
    verbs.update(world.owner, declared.kind, two.pk, {"our_own": None})
    assert fresh(two).custom == {}
    assert [r["key"] for r in list_page(world.owner, declared, "our_own:none").rows] == [two.key]


@pytest.mark.parametrize("of_type", TYPES)
def test_it_refuses_what_it_cannot_hold(world: World, declared: RecordType, of_type: str) -> None:
    choices = ["Red"] if of_type == "choice" else []
    house.add_field(world.owner, declared.kind, {"label": "Our own", "type": of_type, "choices": choices})
    unfit = {
        "text": {"a": 1},
        "number": "many",
        "money": "1e999",
        "date": "2026-02-31",
        "choice": "Green",
        "person": str(world.stranger.member_id),
        "link": "javascript:alert(1)",
    }[of_type]
    with pytest.raises(Invalid) as refused:
        world.make(declared.kind, world.owner, our_own=unfit)
    assert [p.field for p in refused.value.problems] == ["our_own"]


def test_it_is_souths_own(world: World, declared: RecordType) -> None:
    south = world.actor("owner", "south")
    house.add_field(south, declared.kind, {"label": "Their own", "type": "text"})
    assert "their_own" not in own_fields(world.owner, declared.kind)
    with pytest.raises(Invalid):
        world.make(declared.kind, world.owner, their_own="x")
    for query in ("their_own:x", "sort:their_own"):
        with pytest.raises(QueryError):
            list_page(world.owner, declared, query)
