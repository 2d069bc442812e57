"""The house: products, teams, own fields, tags, views; who may, and whose they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from threadline.house import furnishing as house
from threadline.house import viewing
from threadline.kernel import verbs
from threadline.kernel.access import Actor, reach
from threadline.kernel.changes import Change
from threadline.kernel.comments import Notification
from threadline.kernel.customs import own_fields
from threadline.kernel.errors import Forbidden, Invalid, NotFound
from threadline.kernel.listing import list_page
from threadline.kernel.members import TeamMember
from threadline.kernel.registry import kinds, type_of
from threadline.kernel.tags import Tag
from threadline.kernel.testing import World, fresh

KIND = next(iter(kinds())).kind

CONFIGURING: list[tuple[str, Callable[[Actor, World], Any]]] = [
    ("workspace", lambda a, w: house.change_workspace(a, {"name": "Better"})),
    ("product", lambda a, w: house.add_product(a, "Orbit")),
    ("change product", lambda a, w: house.change_product(a, w.product().pk, {"name": "Orbit"})),
    ("team", lambda a, w: house.add_team(a, "Core")),
    ("field", lambda a, w: house.add_field(a, KIND, {"label": "Region", "type": "text"})),
]


@pytest.mark.parametrize(("name", "attempt"), CONFIGURING)
@pytest.mark.parametrize("role", ["product_manager", "product_marketer", "contributor", "viewer"])
def test_only_heads_change_the_house(world: World, role: str, name: str, attempt: Any) -> None:
    with pytest.raises(Forbidden):
        attempt(world.actor(role), world)


@pytest.mark.parametrize(("name", "attempt"), CONFIGURING)
def test_heads_may_and_it_is_logged(world: World, name: str, attempt: Any) -> None:
    attempt(world.admin, world)
    last = Change.objects.filter(workspace=world.north).order_by("-pk").first()
    assert last is not None
    assert (last.actor_id, last.card_id) == (world.admin.member_id, None)


def test_souths_rows_do_not_exist_in_north(world: World) -> None:
    south = world.actor("owner", "south")
    product, team = house.add_product(south, "Theirs"), house.add_team(south, "Theirs")
    field, view = (
        house.add_field(south, KIND, {"label": "Theirs", "type": "text"}),
        viewing.save_view(south, KIND, {"name": "Theirs", "shared": True}),
    )
    attempts: list[Callable[[], Any]] = [
        lambda: house.change_product(world.owner, product.pk, {"name": "Ours"}),
        lambda: house.add_product(world.owner, "Ours", parent=product.pk),
        lambda: house.change_team(world.owner, team.pk, {"name": "Ours"}),
        lambda: house.remove_team(world.owner, team.pk),
        lambda: house.change_field(world.owner, field.pk, {"label": "Ours"}),
        lambda: viewing.save_view(world.owner, KIND, {"name": "Ours"}, view.pk),
        lambda: viewing.remove_view(world.owner, view.pk),
    ]
    for attempt in attempts:
        with pytest.raises(NotFound):
            attempt()
    with pytest.raises(Invalid):
        house.add_team(world.owner, "Ours", members=[str(world.stranger.member_id)])
    assert {fresh(product).name, fresh(team).name, fresh(field).label, fresh(view).name} == {"Theirs"}


def test_products_are_a_tree_without_loops(world: World) -> None:
    top = house.add_product(world.owner, "Suite")
    part = house.add_product(world.owner, "Suite", parent=top.pk)
    assert (part.slug, part.parent_id) == ("suite-2", top.pk)
    with pytest.raises(Invalid):
        house.change_product(world.owner, top.pk, {"parent": part.pk})
    with pytest.raises(Invalid):
        house.change_product(world.owner, top.pk, {"parent": top.pk})


def test_a_teams_people_are_exactly_those_named(world: World) -> None:
    team = house.add_team(world.owner, "Core", members=[world.pm.member_id, world.pmm.member_id])
    house.change_team(world.owner, team.pk, {"members": [world.pm.member_id, world.viewer.member_id]})
    assert set(TeamMember.objects.filter(team=team).values_list("member_id", flat=True)) == {
        world.pm.member_id,
        world.viewer.member_id,
    }
    with pytest.raises(Invalid):
        house.add_team(world.owner, "core")


# ---- own fields -------------------------------------------------------------------------


@pytest.mark.parametrize("type_name", ["text", "number", "money", "date", "choice", "person", "link"])
def test_an_own_field_of_each_type_holds_a_value(world: World, type_name: str) -> None:
    values = {"label": "Our Field", "type": type_name, "choices": ["Red", "Blue"] if type_name == "choice" else []}
    made = house.add_field(world.owner, KIND, values)
    raw = {
        "text": "word", "number": 3, "money": 12, "date": "2026-01-02", "choice": "Red",
        "person": str(world.pm.member_id), "link": "https://x.example/",
    }[type_name]  # fmt: skip
    record = world.make(KIND, world.actor("owner"), our_field=raw)
    assert made.name == "our_field"
    [row] = list_page(world.owner, type_of(KIND), names=["our_field"]).rows
    assert row["our_field"] == fresh(record).custom["our_field"] == raw


@pytest.mark.parametrize(
    "label", ["Title", "state", "Tag", "Sort", "group", "id", "Updated", "Key", "'; DROP TABLE", "日本", "1"]
)
def test_an_own_fields_name_is_safe_and_its_own(world: World, label: str) -> None:
    try:
        made = house.add_field(world.owner, KIND, {"label": label, "type": "text"})
    except Invalid:
        return
    assert made.name not in type_of(KIND).by_name
    list_page(world.owner, type_of(KIND), f"sort:{made.name} {made.name}:x", names=[made.name])


def test_a_choice_field_needs_choices_and_a_type_is_a_known_one(world: World) -> None:
    for values in ({"type": "choice"}, {"type": "choice", "choices": ["a", "A"]}, {"type": "json"}, {}):
        with pytest.raises(Invalid):
            house.add_field(world.owner, KIND, {"label": "Colour", **values})


def test_a_hidden_own_field_keeps_its_values(world: World) -> None:
    made = house.add_field(world.owner, KIND, {"label": "Shade", "type": "text"})
    record = world.make(KIND, world.owner, shade="dark")
    house.change_field(world.owner, made.pk, {"archived": True})
    assert "shade" not in own_fields(world.owner, KIND)
    house.change_field(world.owner, made.pk, {"archived": False})
    assert "shade" in own_fields(world.owner, KIND)
    assert fresh(record).custom == {"shade": "dark"}


# ---- tags -------------------------------------------------------------------------------


def test_two_tags_renamed_to_one_word_become_one(world: World) -> None:
    record, other = world.make(KIND), world.make(KIND)
    verbs.tag(world.pm, record, ["slow", "lag"])
    verbs.tag(world.pm, other, ["lag"])
    house.rename_tag(world.owner, Tag.objects.get(name="lag").pk, "Slow")
    rows = list_page(world.pm, type_of(KIND), "tag:slow", names=["tags"]).rows
    assert [row["tags"] for row in rows] == [["slow"], ["slow"]]
    house.remove_tag(world.owner, Tag.objects.get(name="slow").pk)
    assert not Tag.objects.exists()


def test_a_word_on_hidden_records_is_told_to_heads_alone_and_counted_for_nobody(world: World) -> None:
    hidden, other = world.make(KIND, world.owner, confidentiality=2), world.make(KIND)
    verbs.tag(world.owner, hidden, ["merger", "lag"])
    verbs.tag(world.pm, other, ["lag"])
    assert {t.name: t.uses for t in house.tags_of(world.viewer)} == {"lag": 1}  # type: ignore[attr-defined]
    assert {t.name: t.uses for t in house.tags_of(world.admin)} == {"lag": 1, "merger": 0}  # type: ignore[attr-defined]
    assert {t.name: t.uses for t in house.tags_of(world.owner)} == {"lag": 2, "merger": 1}  # type: ignore[attr-defined]


# ---- views ------------------------------------------------------------------------------


def test_my_view_is_mine_and_a_shared_one_everybodys(world: World) -> None:
    viewing.save_view(world.pm, KIND, {"name": "Mine", "query": "owner:me"})
    viewing.save_view(world.pm, KIND, {"name": "Ours", "query": "", "shared": True})
    assert [v.name for v in viewing.views_of(world.pm, KIND)] == ["Ours", "Mine"]
    assert [v.name for v in viewing.views_of(world.viewer, KIND)] == ["Ours"]


def test_a_viewer_keeps_views_but_shares_none(world: World) -> None:
    view = viewing.save_view(world.viewer, KIND, {"name": "Mine"})
    for ref in (None, view.pk):
        with pytest.raises(Forbidden):
            viewing.save_view(world.viewer, KIND, {"name": "Ours", "shared": True}, ref)


def test_somebody_elses_own_view_does_not_exist(world: World) -> None:
    view = viewing.save_view(world.pm, KIND, {"name": "Mine"})
    with pytest.raises(NotFound):
        viewing.remove_view(world.owner, view.pk)
    shared = viewing.save_view(world.pm, KIND, {"name": "Ours", "shared": True})
    with pytest.raises(Forbidden):
        viewing.remove_view(world.pmm, shared.pk)
    viewing.remove_view(world.owner, shared.pk)


@pytest.mark.parametrize(
    "values",
    [{"query": "nonsense:1"}, {"query": "sort:owner__password"}, {"columns": ["secret"]}, {"owner": "x"}, {"name": ""}],
)
def test_a_view_holds_only_what_a_query_may(world: World, values: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        viewing.save_view(world.pm, KIND, {"name": "View", **values})


# ---- notifications ----------------------------------------------------------------------


def test_one_reads_ones_own_notifications_only(world: World) -> None:
    record = world.make(KIND, world.owner, owner=str(world.pm.member_id))
    [told] = Notification.objects.filter(card_id=record.pk)
    assert house.read_notifications(world.viewer, [told.pk]) == 0
    assert house.read_notifications(world.pm, ["nonsense", str(told.pk)]) == 1
    assert house.read_notifications(world.pm) == 0
    assert reach(world.pm, type(record)).count() == 1
