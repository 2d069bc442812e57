"""B: signing in, resets, sessions, invitations, and what the door keeps to itself."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.mail import EmailMessage
from django.test import Client, override_settings

from tests.security.attack import send, taken_back
from tests.security.scene import ROLES, Scene
from threadline.house import membership
from threadline.kernel.errors import KernelError
from threadline.kernel.members import Invitation, Member, Role, User
from threadline.kernel.testing import PASSWORD

RESET = "/accounts/password/reset/"
NEW = {"password1": "another long password 7", "password2": "another long password 7"}


def signed_in(client: Client, email: str, password: str = PASSWORD, **more: Any) -> bool:
    """Whether signing in works just now."""
    answer = client.post("/accounts/login/", {"login": email, "password": password}, **more)
    return answer.status_code == 302


def reset_link(mailoutbox: list[EmailMessage]) -> str:
    """The way in of the last mail, as a path."""
    [link] = re.findall(r"http://testserver(/accounts/password/reset/key/\S+)", mailoutbox[-1].body)
    return str(link)


def use(client: Client, link: str) -> Any:
    """Open a reset link and set a new password by it."""
    opened = client.get(link, follow=True)
    return client.post(opened.redirect_chain[-1][0] if opened.redirect_chain else link, NEW)


# ---- roles (B1) -------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("target", ROLES)
@pytest.mark.parametrize("wanted", ROLES)
def test_nobody_rises_or_fells_by_any_face(scene: Scene, role: str, target: str, wanted: str) -> None:
    """B1: own, equal and higher roles, by form and by API, for every pair; one owner always remains."""
    heights = {r: len(ROLES) - i for i, r in enumerate(ROLES)}
    below = heights[role] > max(heights[target], heights[wanted])
    allowed = role == "owner" or (role == "admin" and below)
    allowed = allowed and role != target
    member = scene.world.actor(target).member_id
    form = send(scene.browser(role), "POST", f"/w/north/members/{member}/role", {"role": wanted})
    api = send(Client(), "PATCH", f"/api/v1/members/{member}", f'{{"role": "{wanted}"}}',
               content_type="application/json", headers={"Authorization": f"Bearer {scene.keys[role]}"})  # fmt: skip
    for told in (form, api):
        assert bool(told.moved) == (allowed and target != wanted), (role, target, wanted, str(told))
        assert told.status in ((200, 303) if allowed else (403, 404)), str(told)


def test_the_last_owner_neither_leaves_nor_is_removed(scene: Scene) -> None:
    """B1: one owner remains."""
    owner = scene.world.owner.member_id
    for role, path in (("owner", "profile/leave"), ("owner", f"members/{owner}/remove"),
                       ("admin", f"members/{owner}/remove")):  # fmt: skip
        told = send(scene.browser(role), "POST", f"/w/north/{path}", {})
        assert told.refused, (role, path, str(told))
    assert Member.objects.filter(workspace=scene.north.workspace, role=Role.OWNER, left_at=None).count() == 1


# ---- invitations (B3) -------------------------------------------------------------------


@pytest.fixture
def invited(scene: Scene, mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Any) -> tuple[str, User]:
    """The secret of an invitation to North, and whom it is for."""
    with django_capture_on_commit_callbacks(execute=True):
        membership.invite(scene.world.owner, "guest@else.example", "viewer")
    [secret] = re.findall(r"/join/(\S+)", mailoutbox[-1].body)
    return secret, User.objects.create_user("guest@else.example", PASSWORD, name="Guest")


def test_an_invitation_gives_what_it_says_and_nothing_that_the_form_adds(
    scene: Scene, invited: tuple[str, User]
) -> None:
    """B3: role and workspace changed in the form."""
    secret, guest = invited
    client = Client()
    client.force_login(guest)
    client.post(f"/join/{secret}", {"role": "owner", "workspace": "south", "email": "x@x.example", "member": "1"})
    [member] = Member.objects.filter(user=guest)
    assert (member.role, member.workspace_id) == ("viewer", scene.north.workspace.pk)


def test_an_invitation_is_nobody_elses_and_used_once(scene: Scene, invited: tuple[str, User]) -> None:
    """B3: other e-mail address, used twice, by its id instead of its secret, by somebody signed out."""
    secret, guest = invited
    for client in (scene.stranger, scene.browser("viewer"), Client()):
        told = send(client, "POST", f"/join/{secret}", {})
        assert not told.moved, str(told)
    ident = Invitation.objects.get(email=guest.email).pk
    client = Client()
    client.force_login(guest)
    # Its address is not proved yet, so the welcome page offers nothing.
    assert send(client, "POST", f"/welcome/join/{ident}", {}).status == 404
    with taken_back():
        EmailAddress.objects.create(user=guest, email=guest.email, verified=True, primary=True)
        assert send(client, "POST", f"/welcome/join/{ident}", {}).moved
        assert not send(scene.stranger, "POST", f"/welcome/join/{ident}", {}).moved
    client.post(f"/join/{secret}", {})
    again = send(client, "POST", f"/join/{secret}", {})
    assert (again.status, again.moved) == (404, ())


# ---- guessing (B7, B8) ------------------------------------------------------------------


@pytest.mark.parametrize("source", ["one", "many"])
def test_guessing_a_password_is_stopped_per_account_and_per_source(scene: Scene, source: str) -> None:
    """B7: for one account from many sources, and for many accounts from one source."""
    emails = [scene.world.user(role).email for role in ROLES]
    for number in range(12):
        email = emails[0] if source == "many" else emails[number % len(emails)]
        place = f"192.0.2.{number if source == 'many' else 1}"
        assert not signed_in(Client(), email, "wrong horse battery", REMOTE_ADDR=place)
    right = {"many": ("198.51.100.7", emails[0]), "one": ("192.0.2.1", emails[0])}[source]
    assert not signed_in(Client(), right[1], REMOTE_ADDR=right[0])


def test_a_made_up_forwarding_header_does_not_make_a_new_source(scene: Scene) -> None:
    """B8: X-Forwarded-For is ignored while no proxy is trusted."""
    emails = [scene.world.user(role).email for role in ROLES]
    for number in range(12):
        forged = {"HTTP_X_FORWARDED_FOR": f"203.0.113.{number}", "HTTP_X_REAL_IP": f"203.0.113.{number}"}
        assert not signed_in(Client(), emails[number % len(emails)], "wrong horse battery", **forged)
    assert not signed_in(Client(), emails[0], HTTP_X_FORWARDED_FOR="203.0.113.99")


@pytest.mark.parametrize(
    ("path", "data"),
    [
        (RESET, {"email": "{email}"}),
        ("/accounts/signup/", {"email": "new{n}@else.example", "password1": "short"}),
        ("/accounts/reauthenticate/", {"password": "wrong horse battery"}),
        ("/accounts/password/change/", {"oldpassword": "wrong horse battery", **NEW}),
        ("/join/" + "x" * 43, {}),
    ],
)
def test_other_doors_are_not_knocked_at_for_long(scene: Scene, path: str, data: dict[str, str]) -> None:
    """B7: reset, sign-up, confirming one's password, changing it, guessing invitations."""
    client = scene.browser("viewer") if path.endswith(("authenticate/", "change/")) else Client()
    user = scene.world.user("viewer")
    statuses = []
    with taken_back():
        for n in range(40):
            sent = {k: v.format(email=user.email, n=n) for k, v in data.items()}
            answer = client.post(path, sent)
            statuses.append(answer.status_code)
            if answer.status_code == 429 or "Too many" in answer.content.decode():
                break
    client.force_login(user) if client is not None and path.endswith("change/") else None
    assert len(statuses) < 40, f"{path} could be tried without end"


def test_codes_of_a_second_factor_are_not_guessed_for_long(scene: Scene) -> None:
    """B7: the second step of signing in."""
    user = scene.world.user("contributor")
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DPEHPK3PXP"})
    client = Client()
    assert client.post("/accounts/login/", {"login": user.email, "password": PASSWORD}).status_code == 302
    said = []
    for n in range(40):
        answer = client.post("/accounts/2fa/authenticate/", {"code": f"{n:06}"})
        said.append(answer.status_code)
        if answer.status_code == 429 or "Too many" in answer.content.decode() or answer.status_code == 302:
            break
    assert len(said) < 40
    assert client.get("/w/north/").status_code == 302


# ---- resets (B8, B9) --------------------------------------------------------------------


@override_settings(ALLOWED_HOSTS=["*"])
def test_the_link_of_a_reset_leads_to_this_server_only(scene: Scene, mailoutbox: list[EmailMessage]) -> None:
    """B8: forged Host, X-Forwarded-Host and Forwarded while somebody else's reset is asked for."""
    names = ("HTTP_HOST", "HTTP_X_FORWARDED_HOST", "HTTP_X_HOST", "HTTP_X_FORWARDED_SERVER")
    forged = {**dict.fromkeys(names, "evil.example"), "HTTP_FORWARDED": "host=evil.example"}
    Client().post(RESET, {"email": scene.world.user("viewer").email}, **forged)
    assert mailoutbox
    assert "evil.example" not in f"{mailoutbox[-1].subject}{mailoutbox[-1].body}"
    assert reset_link(mailoutbox)


def test_a_reset_works_once_and_for_one_address(scene: Scene, mailoutbox: list[EmailMessage]) -> None:
    """B9: reuse; several addresses in one request."""
    user, other = scene.world.user("viewer"), "eve@evil.example"
    Client().post(RESET, {"email": [user.email, other]})
    Client().post(RESET, {"email": f"{user.email},{other}"})
    Client().post(RESET, {"email": f"{user.email}\r\nBcc: {other}"})
    told = [address for mail in mailoutbox for address in mail.recipients()]
    assert user.email not in told or other not in told
    mailoutbox.clear()
    Client().post(RESET, {"email": user.email})
    assert [mail.recipients() for mail in mailoutbox] == [[user.email]]
    link = reset_link(mailoutbox)
    assert use(Client(), link).status_code == 302
    assert signed_in(Client(), user.email, NEW["password1"])
    second = Client()
    use(second, link)
    assert not signed_in(Client(), user.email, "yet another password 8")
    assert "_auth_user_id" not in second.session


@pytest.mark.parametrize("meanwhile", ["password", "address"])
def test_a_reset_ends_with_what_it_was_asked_for(scene: Scene, mailoutbox: list[EmailMessage], meanwhile: str) -> None:
    """B9: after the password was changed, and after the address was."""
    user = scene.world.user("contributor")
    Client().post(RESET, {"email": user.email})
    link = reset_link(mailoutbox)
    if meanwhile == "password":
        user.set_password("changed in between 9")
    else:
        user.email = "moved@else.example"
        EmailAddress.objects.filter(user=user).delete()
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    user.save()
    use(Client(), link)
    user.refresh_from_db()
    assert not user.check_password(NEW["password1"])


def test_asking_for_a_reset_does_not_tell_who_is_here(scene: Scene, mailoutbox: list[EmailMessage]) -> None:
    """B9, A12: the answers for a known and an unknown address are the same."""
    answers = [Client().post(RESET, {"email": e}) for e in (scene.world.user("viewer").email, "nobody@else.example")]
    assert answers[0].status_code == answers[1].status_code == 302
    assert answers[0]["Location"] == answers[1]["Location"]


# ---- sessions (B10) ---------------------------------------------------------------------


def test_a_session_of_somebody_else_cannot_be_ended(scene: Scene) -> None:
    """B10: ending sessions by id ends one's own only."""
    client = Client()
    assert signed_in(client, scene.world.user("viewer").email)
    client.get("/accounts/sessions/")
    theirs = list(UserSession.objects.exclude(user=scene.world.user("viewer")).values_list("pk", flat=True))
    before = set(UserSession.objects.filter(user=scene.world.user("owner")).values_list("session_key", flat=True))
    data = {"action": "end", **dict.fromkeys(("session", "sessions", "id", "pk"), theirs)}
    client.post("/accounts/sessions/", data)
    after = set(UserSession.objects.filter(user=scene.world.user("owner")).values_list("session_key", flat=True))
    assert before == after
    assert scene.browser("owner").get("/w/north/").status_code == 200


def test_somebody_elses_passkey_is_not_there(scene: Scene) -> None:
    """B10, A1: keys by id: renaming and removing."""
    owner = scene.world.user("owner")
    key = Authenticator.objects.create(
        user=owner, type=Authenticator.Type.WEBAUTHN, data={"name": "Hers", "credential": {}}
    )
    client = Client()
    assert signed_in(client, scene.world.user("viewer").email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    for verb in ("remove", "edit"):
        told = send(client, "POST", f"/accounts/2fa/webauthn/keys/{key.pk}/{verb}/", {"name": "Mine"})
        assert told.status in (302, 404), str(told)
        assert not told.moved
    assert Authenticator.objects.get(pk=key.pk).data["name"] == "Hers"


def test_signing_out_ends_the_session_on_the_server(scene: Scene) -> None:
    """B10: a session that was ended stays ended, and signing in makes a new one."""
    client, user = Client(), scene.world.user("viewer")
    client.cookies["sessionid"] = "a" * 32
    assert signed_in(client, user.email)
    first = client.cookies["sessionid"].value
    assert first != "a" * 32
    client.post("/accounts/logout/")
    old = Client()
    old.cookies["sessionid"] = first
    assert old.get("/w/north/").status_code == 302
    assert old.get("/api/v1/me").status_code == 401


def test_a_member_who_left_is_gone_at_once_by_every_face(scene: Scene) -> None:
    """B4: browser, key and reset of somebody whose membership ended a moment ago."""
    membership.remove_member(scene.world.owner, scene.world.contributor.member_id)
    assert scene.browser("contributor").get("/w/north/").status_code == 404
    headers = {"Authorization": f"Bearer {scene.keys['contributor']}"}
    assert Client().get("/api/v1/me", headers=headers).status_code == 401
    with pytest.raises(KernelError):
        membership.change_profile(scene.world.contributor, {"name": "Ghost"})
