"""Coming in: a first workspace, an invitation by mail, and everything that must not work (row B3)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage
from django.test import Client

from threadline.faces.web.tests.conftest import Site
from threadline.kernel import rows
from threadline.kernel.members import Invitation, Member, User
from threadline.kernel.workspaces import Workspace


@pytest.fixture
def invite(site: Site, mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Any) -> Any:
    def send(email: str, role: str = "contributor") -> str:
        with django_capture_on_commit_callbacks(execute=True):
            answer = site.post("members/invite", {"email": email, "role": role}, "owner")
        assert answer.status_code == 303, answer.content.decode()
        found = re.search(r"http://testserver(/join/\S+)", str(mailoutbox[-1].body))
        assert found
        return found[1]

    return send


def person(email: str, *, verified: bool = False) -> tuple[User, Client]:
    user = User.objects.create_user(email, "correct horse battery")
    EmailAddress.objects.create(user=user, email=email, verified=verified, primary=True)
    client = Client()
    client.force_login(user)
    return user, client


def test_a_new_person_founds_a_workspace(db: None) -> None:
    user, client = person("ada@new.example")
    assert client.get("/").headers["Location"] == "/welcome"
    answer = client.post("/welcome", {"name": "Ada Games", "slug": "ada-games"})
    assert answer.headers["Location"] == "/w/ada-games/start/products"
    assert Member.objects.get(user=user).role == "owner"
    assert b"A good day to begin" in client.get("/w/ada-games/").content
    assert client.get("/").headers["Location"] == "/w/ada-games/"


@pytest.mark.parametrize("slug", ["admin", "api", "north", "Ü", "a--b"])
def test_reserved_taken_and_unfit_short_names_are_refused(site: Site, slug: str) -> None:
    _, client = person("ada@new.example")
    answer = client.post("/welcome", {"name": "Ada", "slug": slug})
    assert answer.status_code == 422
    assert b'id="id_slug-error"' in answer.content
    assert Workspace.objects.count() == 2


def test_the_link_in_the_mail_lets_its_address_in(site: Site, invite: Any) -> None:
    link = invite("zoe@new.example", "contributor")
    anonymous = Client().get(link)
    assert b"Sign up" in anonymous.content
    assert f"/accounts/signup/?next={link.replace('/', '%2F')}".encode() in anonymous.content
    user, client = person("zoe@new.example")
    assert client.get(link).status_code == 200
    assert not Member.objects.filter(user=user).exists(), "looking is not joining"
    # Another role in the form is not what was offered.
    answer = client.post(link, {"role": "owner", "workspace": "south"})
    assert answer.headers["Location"] == "/w/north/"
    member = Member.objects.get(user=user)
    assert (member.role, member.workspace) == ("contributor", site.world.north)
    assert EmailAddress.objects.get(user=user).verified, "who held the mail has shown the address is theirs"
    assert client.post(link).status_code == 404


def test_signing_up_leads_back_to_the_invitation(site: Site, invite: Any) -> None:
    link = invite("zoe@new.example")
    client = Client()
    sent = {"email": "zoe@new.example", "password1": "a long enough password 9"}
    answer = client.post(f"/accounts/signup/?next={link}", sent)
    assert answer.headers["Location"] == link
    assert client.post(link).headers["Location"] == "/w/north/"


def test_another_address_is_told_so_and_kept_out(invite: Any) -> None:
    link = invite("zoe@new.example", "admin")
    user, client = person("eve@evil.example")
    assert b"another address" in client.get(link).content
    assert client.post(link).status_code == 403
    assert not Member.objects.filter(user=user).exists()


def test_old_withdrawn_and_false_links_are_all_nothing(site: Site, invite: Any) -> None:
    _, client = person("zoe@new.example")
    old = invite("zoe@new.example")
    Invitation.objects.update(expires_at=rows.now() - timedelta(seconds=1))
    withdrawn = invite("zoe@new.example")
    ident = Invitation.objects.get(revoked_at=None, expires_at__gt=rows.now()).pk
    assert site.post(f"members/invitations/{ident}/withdraw", role="owner").status_code == 303
    bodies = set()
    for link in (old, withdrawn, f"/join/{'x' * 43}", "/join/x"):
        assert client.post(link).status_code == 404
        bodies.add(client.get(link).content)
    assert len(bodies) == 1


def test_links_are_not_guessed_for_long(db: None) -> None:
    client = Client()
    codes = [client.get(f"/join/{n:043d}").status_code for n in range(25)]
    assert codes[:20] == [404] * 20
    assert codes[-1] == 429


def test_the_welcome_page_offers_only_what_the_address_was_proved_for(site: Site, invite: Any) -> None:
    invite("zoe@new.example")
    _, unproved = person("zoe@new.example", verified=False)
    assert b"You are expected" not in unproved.get("/welcome").content
    ident = Invitation.objects.get().pk
    assert unproved.post(f"/welcome/join/{ident}").status_code == 404
    EmailAddress.objects.update(verified=True)
    assert b"You are expected" in unproved.get("/welcome").content
    assert unproved.post(f"/welcome/join/{ident}").headers["Location"] == "/w/north/"


@pytest.mark.parametrize("role", ["product_manager", "product_marketer", "contributor", "viewer"])
def test_only_heads_let_people_in_and_out(site: Site, role: str) -> None:
    victim = site.world.member("admin")
    attempts = [
        ("members/invite", {"email": "x@new.example", "role": "viewer"}),
        (f"members/{victim.pk}/role", {"role": "viewer"}),
        (f"members/{victim.pk}/remove", {}),
        (f"members/{site.world.member(role).pk}/role", {"role": "owner"}),
    ]
    for path, data in attempts:
        assert site.post(path, data, role).status_code == 403, path
    victim.refresh_from_db()
    assert (victim.role, victim.left_at) == ("admin", None)
    assert not Invitation.objects.exists()


def test_heads_change_roles_from_the_page_and_the_last_owner_stays(site: Site) -> None:
    viewer = site.world.member("viewer")
    assert site.post(f"members/{viewer.pk}/role", {"role": "contributor"}, "admin").status_code == 303
    viewer.refresh_from_db()
    assert viewer.role == "contributor"
    assert site.post("profile/leave", role="owner").status_code == 403
    assert site.post("profile/leave", role="admin").status_code == 303
    assert site.get("", "admin").status_code == 404
