"""Who may do what, and which rows there are for whom."""

from __future__ import annotations

from typing import Any

import pytest

from threadline.kernel import rows, search, verbs
from threadline.kernel.access import NAMED, POLICY, TEAM, WORKSPACE, actor_of, reach
from threadline.kernel.cards import Card
from threadline.kernel.errors import Forbidden, NotFound
from threadline.kernel.listing import count_of, list_page
from threadline.kernel.members import Role
from threadline.kernel.registry import kinds, type_of
from threadline.kernel.testing import World

LETTERS = {
    "owner": "O",
    "admin": "A",
    "product_manager": "P",
    "product_marketer": "K",
    "contributor": "C",
    "viewer": "V",
}
# The table said a second time, on purpose: a change of policy is to be made twice.
EXPECTED = {
    "inbound": {
        "read": "OAPKCV", "read_private": "OAPK", "comment": "OAPKC", "create": "OAP", "update": "OAP",
        "decide": "OAP", "archive": "OAP", "bulk": "OAP",
    },
    "intake": {
        "read": "OAPKCV", "read_private": "OAPK", "comment": "OAPKC", "create": "OAPKC", "update": "OAPK",
        "decide": "OAPK", "archive": "OAP", "bulk": "OAPK",
    },
    "outbound": {
        "read": "OAPKCV", "read_private": "OAPK", "comment": "OAPKC", "create": "OAPK", "update": "OAPK",
        "decide": "OAPK", "archive": "OAPK", "bulk": "OAPK",
    },
    "lifecycle": {
        "read": "OAPKCV", "read_private": "OAPK", "comment": "OAPKC", "create": "OAPK", "update": "OAPK",
        "decide": "OAPK", "archive": "OAPK", "bulk": "OAPK",
    },
    "research": {
        "read": "OAPKCV", "read_private": "OAP", "comment": "OAPKC", "create": "OAPKC", "update": "OAPKC",
        "decide": "OAPKC", "archive": "OAPKC", "bulk": "OAP",
    },
    "people": {
        "read": "OAPKCV", "read_private": "OA", "comment": "OAPKC", "create": "OAP", "update": "OAP",
        "decide": "OAP", "archive": "OAP", "bulk": "OAP",
    },
    "workspace": {
        "read": "OAPKCV", "share": "OAPK", "configure": "OA", "members": "OA", "tokens": "OAPKCV", "undo_others": "OA",
    },
}  # fmt: skip


def test_the_policy_is_what_was_agreed() -> None:
    assert {g: {v: {LETTERS[r] for r in roles} for v, roles in verbs_.items()} for g, verbs_ in POLICY.items()} == {
        g: {v: set(letters) for v, letters in verbs_.items()} for g, verbs_ in EXPECTED.items()
    }


def test_every_role_is_in_the_table_and_every_type_in_a_group() -> None:
    assert set(LETTERS) == set(Role.values)
    assert {t.group for t in kinds()} <= set(POLICY)


@pytest.mark.parametrize("group", sorted(EXPECTED))
def test_each_role_may_what_the_table_says_and_nothing_else(world: World, group: str) -> None:
    for actor in world.roles:
        for verb, letters in EXPECTED[group].items():
            allowed = LETTERS[actor.role] in letters
            assert actor.may(verb, group) == allowed
            if not allowed:
                with pytest.raises(Forbidden):
                    actor.need(verb, group)
        assert not actor.may("fly", group)


def test_an_unknown_role_may_nothing(world: World) -> None:
    member = world.member("viewer")
    member.role = "superuser"
    actor = actor_of(member)
    assert not any(actor.may(verb, group) for group, verbs_ in POLICY.items() for verb in verbs_)
    world.make("feature")
    assert not reach(actor, Card).exists()
    with pytest.raises(Forbidden):
        actor.need("create", "inbound")


@pytest.mark.parametrize(
    ("scopes", "can", "cannot"),
    [
        ({"read"}, ["read inbound", "read_private intake"], ["create inbound", "members workspace"]),
        ({"write"}, ["create inbound", "comment inbound"], ["read inbound", "configure workspace"]),
        ({"read", "write"}, ["read inbound", "decide inbound"], ["members workspace", "tokens workspace"]),
        ({"admin"}, ["members workspace", "configure workspace"], ["read inbound", "update inbound"]),
        (set(), [], ["read inbound", "comment inbound"]),
    ],
)
def test_a_key_opens_its_scopes_alone(world: World, scopes: set[str], can: list[str], cannot: list[str]) -> None:
    actor = world.actor("owner", scopes=frozenset(scopes))
    assert all(actor.may(*one.split()) for one in can)
    assert not any(actor.may(*one.split()) for one in cannot)


def test_a_scope_gives_nothing_the_role_has_not(world: World) -> None:
    actor = world.actor("viewer", scopes=frozenset({"read", "write", "admin"}))
    assert not actor.may("create", "inbound")
    assert not actor.may("members")


def test_without_the_read_scope_there_are_no_rows(world: World) -> None:
    world.make("feature")
    assert not reach(world.actor("owner", scopes=frozenset({"write"})), Card).exists()


def test_who_has_left_acts_no_more(world: World) -> None:
    member = world.member("product_manager")
    member.left_at = rows.now()
    with pytest.raises(Forbidden):
        actor_of(member)
    other = world.member("admin")
    other.user.is_active = False
    with pytest.raises(Forbidden):
        actor_of(other)


# ---- reach --------------------------------------------------------------------------------


def sees(world: World, record: Any) -> set[str]:
    """Roles that the record exists for, by every way of reading; all ways must agree."""
    found = set()
    for actor in world.roles:
        declared = type_of(record)
        ways = [
            reach(actor, type(record)).filter(pk=record.pk).exists(),
            reach(actor, Card).filter(pk=record.pk).exists(),
            record.key in [r["key"] for r in list_page(actor, declared).rows],
            count_of(actor, declared)[0] == 1,
            record.key in [h.key for h in search.find(actor, "needle")],
            _found(actor, record),
        ]
        assert len(set(ways)) == 1, (actor.role, ways)
        if ways[0]:
            found.add(actor.role)
    return found


def _found(actor: Any, record: Any) -> bool:
    try:
        verbs.card(actor, record.key)
    except NotFound:
        return False
    return True


@pytest.mark.parametrize("kind", [t.kind for t in kinds()])
def test_a_plain_record_is_for_everybody_here_and_for_nobody_else(world: World, kind: str) -> None:
    record = world.make(kind, title="Needle")
    assert sees(world, record) == set(Role.values)
    for way in (reach(world.stranger, type(record)), reach(world.stranger, Card).filter(pk=record.pk)):
        assert not way.exists()
    assert list_page(world.stranger, type_of(kind)).rows == []
    assert search.find(world.stranger, "needle") == []
    with pytest.raises(NotFound):
        verbs.card(world.stranger, str(record.pk))


def test_a_team_record_is_for_the_teams_of_its_product_and_its_owner(world: World) -> None:
    atlas, boreal = world.product("Atlas"), world.product("Boreal")
    world.team("Atlas team", world.contributor, products=[atlas])
    world.team("Boreal team", world.viewer, products=[boreal])
    world.team("Empty", world.pmm, products=[])
    record = world.make(
        "feature", title="Needle", product="Atlas", confidentiality=TEAM, owner=str(world.admin.member_id)
    )
    assert sees(world, record) == {"contributor", "admin"}


def test_a_team_record_of_no_product_is_its_owners(world: World) -> None:
    world.team("Team", world.contributor, products=[world.product("Atlas")])
    assert sees(world, world.make("feature", title="Needle", confidentiality=TEAM, owner="me")) == {"product_manager"}


def test_a_named_record_is_for_those_named_and_its_owner(world: World) -> None:
    """Not even for the owner of the workspace: a role is no key to what was told in confidence."""
    record = verbs.create(
        world.pm,
        "feature",
        {"title": "Needle", "confidentiality": NAMED, "owner": str(world.pmm.member_id)},
        readers=[str(world.viewer.member_id)],
    )
    assert sees(world, record) == {"product_manager", "product_marketer", "viewer"}


def test_readers_named_once_are_no_team(world: World) -> None:
    made = verbs.create(
        world.pm, "feature", {"title": "Needle", "confidentiality": NAMED}, readers=[str(world.viewer.member_id)]
    )
    verbs.update(world.pm, "feature", made, {"confidentiality": TEAM, "owner": "me"})
    assert sees(world, made) == {"product_manager"}


def test_opened_again_it_is_for_everybody(world: World) -> None:
    record = world.make("feature", title="Needle", confidentiality=NAMED)
    verbs.update(world.pm, "feature", record, {"confidentiality": WORKSPACE})
    assert sees(world, record) == set(Role.values)


def test_teams_and_readers_of_another_workspace_open_nothing(world: World) -> None:
    """Rows that no verb would write, as if somebody had: the condition names the workspace each time."""
    record = world.make("feature", title="Needle", confidentiality=NAMED)
    stranger = world.stranger
    Card.objects.get(pk=record.pk).readers.create(workspace=world.south, member_id=stranger.member_id)
    Card.objects.get(pk=record.pk).readers.create(workspace=world.north, member_id=stranger.member_id)
    assert not reach(stranger, Card).filter(pk=record.pk).exists()
    assert not reach(stranger, type(record)).filter(pk=record.pk).exists()


def test_reach_says_the_same_when_it_is_filtered_and_counted(world: World) -> None:
    for i in range(3):
        world.make("feature", title=f"Open {i}")
    world.make("feature", actor=world.owner, title="Closed", confidentiality=NAMED)
    seen = reach(world.viewer, type_of("feature").model)
    assert seen.count() == 3 == len(seen.exclude(title="x")) == seen.filter(archived_at=None).count()
    assert not seen.filter(title="Closed").exists()
