"""Who comes and goes: attack rows B1 (own and equal roles, last owner) and B3 (invitations), F5 (names in mails)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage

from threadline.house import membership
from threadline.kernel import rows
from threadline.kernel.access import actor_of
from threadline.kernel.changes import Change
from threadline.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from threadline.kernel.members import Invitation, Member, Role, Token, User
from threadline.kernel.testing import World


def secret_in(mail: EmailMessage) -> str:
    found = re.search(r"http://testserver/join/(\S+)", str(mail.body))
    assert found
    return found[1]


@pytest.fixture
def sent(world: World, mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Any) -> Any:
    """Invites somebody and gives the invitation and the secret from the mail."""

    def send(email: str, role: str, by: Any = None) -> tuple[Invitation, str]:
        with django_capture_on_commit_callbacks(execute=True):
            made = membership.invite(by or world.owner, email, role)
        return made, secret_in(mailoutbox[-1])

    return send


def person(email: str) -> User:
    return User.objects.create_user(email, "correct horse battery")


def owners(world: World) -> list[Member]:
    return list(Member.objects.filter(workspace=world.north, role="owner", left_at=None))


# ---- founding ---------------------------------------------------------------------------


def test_whoever_founds_a_workspace_owns_it(db: None) -> None:
    member = membership.found_workspace(person("ada@new.example"), "New Games", "new-games")
    assert (member.role, member.workspace.slug, member.handle) == ("owner", "new-games", "ada")
    assert Change.objects.filter(workspace=member.workspace, kind="workspace").count() == 1


@pytest.mark.parametrize("slug", ["admin", "w", "API", "", "a b", "-a", "a--b", "ä", "a" * 61, "a/b", "login"])
def test_reserved_and_unfit_short_names_are_refused(db: None, slug: str) -> None:
    with pytest.raises(Invalid) as refused:
        membership.found_workspace(person("ada@new.example"), "New", slug)
    assert refused.value.problems[0].field == "slug"


def test_a_taken_short_name_is_refused(world: World) -> None:
    with pytest.raises(Invalid):
        membership.found_workspace(person("ada@new.example"), "North", "north")


# ---- invitations ------------------------------------------------------------------------


def test_an_invitation_lets_its_address_in_once(world: World, sent: Any) -> None:
    _, secret = sent("zoe@new.example", "contributor")
    user = person("zoe@new.example")
    member = membership.accept_invitation(user, membership.invitation_for(secret))
    assert (member.workspace, member.role) == (world.north, "contributor")
    with pytest.raises(NotFound):
        membership.invitation_for(secret)


def test_an_invitation_read_twice_lets_in_once(world: World, sent: Any) -> None:
    _, secret = sent("zoe@new.example", "contributor")
    first, second = membership.invitation_for(secret), membership.invitation_for(secret)
    membership.accept_invitation(person("zoe@new.example"), first)
    with pytest.raises(NotFound):
        membership.accept_invitation(person("zoe2@new.example"), second)


def test_another_address_cannot_use_it(world: World, sent: Any) -> None:
    _, secret = sent("zoe@new.example", "admin")
    with pytest.raises(Forbidden):
        membership.accept_invitation(person("eve@evil.example"), membership.invitation_for(secret))
    assert membership.invitation_for(secret).accepted_at is None


def test_an_expired_one_is_as_if_it_never_was(world: World, sent: Any) -> None:
    made, secret = sent("zoe@new.example", "viewer")
    Invitation.objects.filter(pk=made.pk).update(expires_at=rows.now() - timedelta(seconds=1))
    with pytest.raises(NotFound):
        membership.invitation_for(secret)


def test_a_withdrawn_one_no_longer_works(world: World, sent: Any) -> None:
    made, secret = sent("zoe@new.example", "viewer")
    membership.withdraw_invitation(world.admin, made.pk)
    with pytest.raises(NotFound):
        membership.invitation_for(secret)


def test_sending_again_ends_the_first(world: World, sent: Any, mailoutbox: list[EmailMessage],
                                      django_capture_on_commit_callbacks: Any) -> None:  # fmt: skip
    made, secret = sent("zoe@new.example", "viewer")
    with django_capture_on_commit_callbacks(execute=True):
        membership.invite_again(world.owner, made.pk)
    with pytest.raises(NotFound):
        membership.invitation_for(secret)
    assert membership.invitation_for(secret_in(mailoutbox[-1])).email == "zoe@new.example"


def test_south_cannot_touch_norths_invitation(world: World, sent: Any) -> None:
    made, _ = sent("zoe@new.example", "viewer")
    stranger = world.actor("owner", "south")
    for attempt in (membership.withdraw_invitation, membership.invite_again):
        with pytest.raises(NotFound):
            attempt(stranger, made.pk)
    assert Invitation.objects.get(pk=made.pk).revoked_at is None


@pytest.mark.parametrize("role", ["product_manager", "product_marketer", "contributor", "viewer"])
def test_only_heads_invite(world: World, role: str) -> None:
    with pytest.raises(Forbidden):
        membership.invite(world.actor(role), "zoe@new.example", "viewer")
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("role", ["owner", "admin"])
def test_an_admin_invites_nobody_as_high_as_themselves(world: World, role: str) -> None:
    with pytest.raises(Forbidden):
        membership.invite(world.admin, "zoe@new.example", role)
    assert not Invitation.objects.exists()


def test_the_secret_is_kept_nowhere(world: World, sent: Any) -> None:
    made, secret = sent("zoe@new.example", "viewer")
    kept = [made.token_hash, *(str(c.diff) for c in Change.objects.all())]
    assert not any(secret in text for text in kept)


def test_many_invitations_in_an_hour_are_too_many(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(membership, "MOST_INVITATIONS_AN_HOUR", 2)
    for n in range(2):
        membership.invite(world.owner, f"z{n}@new.example", "viewer")
    with pytest.raises(Forbidden):
        membership.invite(world.owner, "z3@new.example", "viewer")


@pytest.mark.parametrize("name", ["Win at http://evil.example", "see www.evil.example", "\u202eelpoep"])
def test_a_name_in_a_mail_is_only_a_name(world: World, name: str) -> None:
    try:
        membership.change_profile(world.pm, {"name": name})
    except Invalid:
        return
    assert "\u202e" not in Member.objects.get(pk=world.pm.member_id).name


def test_somebody_who_left_comes_back_as_the_same_member(world: World, sent: Any) -> None:
    gone = world.viewer
    membership.leave(gone)
    _, secret = sent("viewer@north.example", "contributor")
    back = membership.accept_invitation(world.user("viewer"), membership.invitation_for(secret))
    assert (back.pk, back.role, back.left_at) == (gone.member_id, "contributor", None)


def test_a_member_is_not_invited_again(world: World) -> None:
    assert world.viewer
    with pytest.raises(Invalid):
        membership.invite(world.owner, "VIEWER@north.example", "admin")


# ---- roles and departures ---------------------------------------------------------------


@pytest.mark.parametrize("role", Role.values)
def test_nobody_changes_their_own_role(world: World, role: str) -> None:
    actor = world.actor(role)
    for wanted in Role.values:
        with pytest.raises(Forbidden):
            membership.set_role(actor, actor.member_id, wanted)
    assert Member.objects.get(pk=actor.member_id).role == role


@pytest.mark.parametrize(
    ("target", "wanted"), [("owner", "viewer"), ("viewer", "admin"), ("viewer", "owner"), ("contributor", "admin")]
)
def test_an_admin_neither_demotes_nor_promotes_to_their_own_height(world: World, target: str, wanted: str) -> None:
    with pytest.raises(Forbidden):
        membership.set_role(world.admin, world.actor(target).member_id, wanted)
    assert Member.objects.get(pk=world.actor(target).member_id).role == target


def test_a_viewer_demotes_nobody(world: World) -> None:
    with pytest.raises(Forbidden):
        membership.set_role(world.viewer, world.admin.member_id, "viewer")


def test_an_admin_changes_roles_below_theirs_and_an_owner_any(world: World) -> None:
    membership.set_role(world.admin, world.viewer.member_id, "product_manager")
    membership.set_role(world.owner, world.contributor.member_id, "owner")
    assert len(owners(world)) == 2


def test_a_role_lost_a_moment_ago_no_longer_counts(world: World) -> None:
    stale = world.admin
    Member.objects.filter(pk=stale.member_id).update(role="viewer")
    with pytest.raises(Forbidden):
        membership.set_role(stale, world.viewer.member_id, "contributor")


def test_souths_members_do_not_exist_here(world: World) -> None:
    for attempt in (lambda: membership.set_role(world.owner, world.stranger.member_id, "viewer"),
                    lambda: membership.remove_member(world.owner, world.stranger.member_id)):  # fmt: skip
        with pytest.raises(NotFound):
            attempt()


def test_the_last_owner_stays(world: World) -> None:
    with pytest.raises(Forbidden):
        membership.leave(world.owner)
    with pytest.raises(Forbidden):
        membership.remove_member(world.admin, world.owner.member_id)
    assert len(owners(world)) == 1


def test_two_owners_cannot_both_leave(world: World) -> None:
    membership.set_role(world.owner, world.viewer.member_id, "owner")
    second = actor_of(Member.objects.get(pk=world.viewer.member_id))
    membership.leave(world.owner)
    with pytest.raises(Forbidden):
        membership.leave(second)
    assert len(owners(world)) == 1


def test_leaving_ends_tokens_and_access(world: World) -> None:
    member = world.member("contributor")
    Token.objects.create(workspace=world.north, member=member, kind="personal", name="t", prefix="p", secret_hash="h")
    membership.remove_member(world.admin, world.contributor.member_id)
    assert not Token.objects.filter(member=member, revoked_at=None).exists()
    member.refresh_from_db()
    with pytest.raises(Forbidden):
        actor_of(member)


# ---- one's own profile ------------------------------------------------------------------


@pytest.mark.parametrize("field", ["role", "workspace", "user", "joined_at", "id"])
def test_a_profile_sets_nothing_else(world: World, field: str) -> None:
    with pytest.raises(Invalid):
        membership.change_profile(world.viewer, {field: "owner"})


def test_a_handle_is_ones_own(world: World) -> None:
    assert world.pm
    with pytest.raises(Invalid):
        membership.change_profile(world.viewer, {"handle": "..."})
    taken = Member.objects.get(pk=world.pm.member_id)
    Member.objects.filter(pk=taken.pk).update(handle="petra")
    with pytest.raises(Invalid):
        membership.change_profile(world.viewer, {"handle": "Petra"})
    assert membership.change_profile(world.viewer, {"handle": "Vito V."}).handle == "vito.v"


def test_a_preference_is_a_known_one(world: World) -> None:
    assert membership.change_profile(world.viewer, {"preferences": {"theme": "dark"}}).preferences == {"theme": "dark"}
    with pytest.raises(Invalid):
        membership.change_profile(world.viewer, {"preferences": {"theme": "<script>"}})


def test_joining_twice_is_a_conflict(world: World, sent: Any) -> None:
    _, secret = sent("zoe@new.example", "viewer")
    user = person("zoe@new.example")
    found = membership.invitation_for(secret)
    Member.objects.create(workspace=world.north, user=user, name="Zoe", handle="zoe")
    with pytest.raises(Conflict):
        membership.accept_invitation(user, found)
