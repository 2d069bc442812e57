"""Keys to the API: who may make them, what they open, and what ends them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from threadline.house import tokens
from threadline.kernel import rows
from threadline.kernel.changes import Change
from threadline.kernel.errors import Forbidden, Invalid, NotFound
from threadline.kernel.members import Token
from threadline.kernel.testing import PASSWORD, World, fresh

pytestmark = pytest.mark.django_db


def test_a_key_opens_the_workspace_it_was_made_in_as_the_member_who_made_it(world: World) -> None:
    _, text = tokens.create(world.pm, name="Script", scopes=["write"])
    actor = tokens.authenticate(text)
    assert actor is not None
    assert (actor.workspace, actor.member_id, actor.role) == (world.north, world.pm.member_id, "product_manager")
    assert actor.scopes == {"read", "write"}
    assert actor.extra["token_kind"] == "personal"
    assert actor.workspace.fields_version == world.north.fields_version


def test_the_text_is_kept_nowhere_and_the_log_names_the_key_only(world: World) -> None:
    token, text = tokens.create(world.pm, name="Script", scopes=["read"])
    kept = str(list(Token.objects.values())) + str(list(Change.objects.values()))
    assert text.split("_")[2] not in kept
    [change] = Change.objects.filter(kind="token")
    assert change.diff["name"] == [None, "Script"]
    assert change.actor_id == world.pm.member_id
    assert token.prefix == text.split("_")[1]


@pytest.mark.parametrize("spoil", [
    lambda t: t[:-1] + ("a" if t[-1] != "a" else "b"),
    lambda t: t[:20] + ("a" if t[20] != "a" else "b") + t[21:],
    lambda t: t[3:],
    lambda t: t + "x",
    lambda t: t.upper(),
    lambda t: "tl_" + "é" * 12 + t[15:],
    lambda t: "",
])  # fmt: skip
def test_a_key_with_a_wrong_letter_opens_nothing(world: World, spoil: object) -> None:
    _, text = tokens.create(world.pm, name="Script", scopes=["read"])
    assert tokens.authenticate(spoil(text)) is None  # type: ignore[operator]


def test_a_right_name_with_another_secret_opens_nothing(world: World) -> None:
    _, first = tokens.create(world.pm, name="One", scopes=["read"])
    _, second = tokens.create(world.pm, name="Two", scopes=["admin"])
    body = "_".join(["tl", first.split("_")[1], second.split("_")[2][:-6]])
    assert tokens.authenticate(body + tokens._check(body)) is None


def test_a_key_ends_when_it_is_revoked_expires_or_its_member_leaves(world: World) -> None:
    texts = [tokens.create(world.pm, name=f"Key {n}", scopes=["read"]) for n in range(3)]
    tokens.revoke(world.pm, texts[0][0].pk)
    assert tokens.authenticate(texts[0][1]) is None
    Token.objects.filter(pk=texts[1][0].pk).update(expires_at=rows.now() - timedelta(seconds=1))
    assert tokens.authenticate(texts[1][1]) is None
    assert tokens.authenticate(texts[2][1]) is not None
    member = world.member("product_manager")
    member.left_at = rows.now()
    member.save()
    assert tokens.authenticate(texts[2][1]) is None


def test_a_key_ends_with_its_user(world: World) -> None:
    _, text = tokens.create(world.pm, name="Script", scopes=["read"])
    user = world.user("product_manager")
    user.is_active = False
    user.save()
    assert tokens.authenticate(text) is None


def test_a_changed_password_ends_the_keys_made_before_it(world: World) -> None:
    token, before = tokens.create(world.pm, name="Before", scopes=["read"])
    user = world.user("product_manager")
    user.set_password("another good horse")
    user.save()
    assert tokens.authenticate(before) is None
    assert not tokens.works(Token.objects.select_related("member__user").get(pk=token.pk))
    token, after = tokens.create(world.pm, name="After", scopes=["read"])
    assert tokens.authenticate(after) is not None
    assert tokens.works(Token.objects.select_related("member__user").get(pk=token.pk))


def test_checking_a_password_ends_nothing(world: World) -> None:
    _, text = tokens.create(world.pm, name="Script", scopes=["read"])
    assert fresh_user(world).check_password(PASSWORD)
    assert tokens.authenticate(text) is not None


def fresh_user(world: World) -> object:
    return fresh(world.user("product_manager"))  # type: ignore[arg-type]


def test_the_role_is_read_at_each_use(world: World) -> None:
    _, text = tokens.create(world.pm, name="Script", scopes=["write"])
    member = world.member("product_manager")
    member.role = "viewer"
    member.save()
    actor = tokens.authenticate(text)
    assert actor is not None
    assert not actor.may("create", "inbound")


def test_use_is_noted_once_a_day(world: World, django_assert_num_queries: object) -> None:
    token, text = tokens.create(world.pm, name="Script", scopes=["read"])
    tokens.authenticate(text)
    assert fresh(token).last_used_on == rows.now().date()  # type: ignore[arg-type]
    with django_assert_num_queries(1):  # type: ignore[operator]
        tokens.authenticate(text)


def test_a_key_cannot_make_one_that_opens_more(world: World) -> None:
    _, text = tokens.create(world.owner, name="Narrow", scopes=["write"])
    narrow = tokens.authenticate(text)
    assert narrow is not None
    with pytest.raises(Forbidden):
        tokens.create(narrow, name="Wide", scopes=["read"])


def test_service_keys_need_the_right_to_manage_members(world: World) -> None:
    with pytest.raises(Forbidden):
        tokens.create(world.pm, name="Bot", scopes=["read"], kind="service")
    token, _ = tokens.create(world.admin, name="Bot", scopes=["read"], kind="service")
    assert token.kind == "service"


def test_only_ones_own_keys_are_seen_and_revoked_except_by_heads(world: World) -> None:
    mine, _ = tokens.create(world.pm, name="Mine", scopes=["read"])
    for actor in (world.pmm, world.stranger, world.viewer):
        assert tokens.listed(actor) == []
        with pytest.raises(NotFound):
            tokens.revoke(actor, mine.pk)
    assert [t.pk for t in tokens.listed(world.admin)] == [mine.pk]
    tokens.revoke(world.admin, str(mine.pk))
    assert fresh(mine).revoked_at is not None  # type: ignore[arg-type]


@pytest.mark.parametrize(("field", "value"), [
    ("name", "  "), ("name", "x" * 121), ("name", "a\x00b"), ("scopes", []), ("scopes", ["everything"]),
    ("kind", "robot"), ("days", 0), ("days", 100_000),
])  # fmt: skip
def test_nonsense_is_refused_by_the_name_of_the_field(world: World, field: str, value: object) -> None:
    with pytest.raises(Invalid) as caught:
        tokens.create(world.owner, **{"name": "Script", "scopes": ["read"], field: value})  # type: ignore[arg-type]
    assert [p.field for p in caught.value.problems] == [field]
