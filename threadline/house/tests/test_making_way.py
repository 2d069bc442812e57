"""A field that Threadline comes to declare finds a workspace's own of the same name: that one steps aside, whole."""

from __future__ import annotations

import pytest

from threadline.house import furnishing
from threadline.house.making_way import make_way
from threadline.kernel.customs import CustomField, own_fields
from threadline.kernel.listing import list_page
from threadline.kernel.registry import type_of
from threadline.kernel.testing import World, fresh
from threadline.kernel.workspaces import Workspace

KIND = "feature"


def clash(world: World, name: str, label: str, raw: object, type_name: str = "text") -> object:
    """A record whose own field, made before, has a name that is declared now."""
    made = furnishing.add_field(world.owner, KIND, {"label": "Before", "type": type_name, "name": "before_it_was"})
    record = world.make(KIND, world.owner, before_it_was=raw)
    held = {**fresh(record).custom}
    held[name] = held.pop("before_it_was")
    type(record).objects.filter(pk=record.pk).update(custom=held)
    CustomField.objects.filter(pk=made.pk).update(name=name, label=label)
    return record


@pytest.mark.parametrize(("type_name", "raw"), [("text", 'a "quoted" word'), ("number", 3.5), ("date", "2026-01-02")])
def test_an_own_field_steps_aside_with_its_values(world: World, type_name: str, raw: object) -> None:
    record = clash(world, "budget", "Budget", raw, type_name)
    other = world.make(KIND, world.owner, budget=900)
    before = Workspace.objects.get(pk=world.owner.workspace_id).fields_version
    (said,) = make_way()
    assert said.startswith("The own field Budget of features is now Budget (own), and own_budget in filters")
    assert fresh(record).custom == {"own_budget": raw}  # type: ignore[arg-type]
    assert fresh(other).custom == {}
    assert Workspace.objects.get(pk=world.owner.workspace_id).fields_version > before
    world.owner.workspace.fields_version += 10  # as another request would read it
    assert own_fields(world.owner, KIND)["own_budget"].label == "Budget (own)"
    found = list_page(world.owner, type_of(KIND), "budget>=900", names=["budget", "own_budget"]).rows
    assert [(row["budget"], row["own_budget"]) for row in found] == [(900, None)]
    assert make_way() == []


def test_a_name_that_is_free_is_left_alone_and_a_taken_one_is_not_taken_twice(world: World) -> None:
    furnishing.add_field(world.owner, KIND, {"label": "Allowance", "type": "text"})
    furnishing.add_field(world.owner, KIND, {"label": "Own budget", "type": "text"})
    clash(world, "budget", "Budget", "words")
    assert len(make_way()) == 1
    names = set(CustomField.objects.filter(kind=KIND).values_list("name", flat=True))
    assert names == {"allowance", "own_budget", "own_budget2"}
