"""People, keys and jobs from the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress

from threadline.house import tokens
from threadline.kernel import work
from threadline.kernel.changes import Change
from threadline.kernel.errors import Invalid
from threadline.kernel.jobs import Job
from threadline.kernel.members import Member, User
from threadline.kernel.testing import World
from threadline.kernel.workspaces import Workspace

Run = Callable[..., Any]
GOOD = "quiet harbour lantern"


@pytest.mark.django_db
def test_first_person_founds_a_workspace_and_can_sign_in(run: Run) -> None:
    words = ("user", "add", "Ana@Sea.example", "--name", "Ana Mora", "--new-workspace", "North Sea")
    said = run(*words, "--password-stdin", stdin=f"{GOOD}\n")
    assert said.code == 0
    user, place = User.objects.get(), Workspace.objects.get()
    assert (user.email, user.check_password(GOOD), place.slug) == ("ana@sea.example", True, "north-sea")
    assert Member.objects.get().role == "owner"
    assert EmailAddress.objects.get().verified
    assert run("list", "features").code == 0


def test_add_lets_somebody_into_a_workspace(run: Run, world: World) -> None:
    said = run("user", "add", "new@north.example", "--role", "contributor", "--workspace", "north", "--json")
    assert said.data["role"] == "contributor"
    assert not User.objects.get(email="new@north.example").has_usable_password()
    assert Change.objects.get(kind="member", action="admit").actor_name == "Server operator"
    again = run("user", "add", "new@north.example", "--workspace", "north")
    assert again.code == 5
    assert run("user", "add", "new@north.example", "--workspace", "south").code == 0
    assert run("user", "add", "not-an-address", "--workspace", "north").code == 6
    assert run("user", "add", "x@north.example").code == 2  # which of the two?


def test_a_weak_password_is_refused_and_nobody_is_made(run: Run, world: World) -> None:
    said = run("user", "add", "x@north.example", "--workspace", "north", "--password-stdin", stdin="short\n")
    assert said.code == 6
    assert "password" in said.err
    assert not User.objects.filter(email="x@north.example").exists()


def test_no_command_takes_a_password_as_an_argument(run: Run) -> None:
    for command in ("add", "password"):
        words = run("user", command, "--help").out.split()
        assert [w for w in words if w.startswith("--password")] == ["--password-stdin"]
        assert run("user", command, "x@y.example", "--password", GOOD).code == 2


def test_password_ends_the_keys_made_under_the_old_one(run: Run, world: World) -> None:
    _, text = tokens.create(world.pm, name="k", scopes=["read"])
    assert tokens.authenticate(text) is not None
    email = world.user("product_manager").email
    assert run("user", "password", email, "--password-stdin", stdin=GOOD).code == 0
    assert User.objects.get(email=email).check_password(GOOD)
    assert tokens.authenticate(text) is None
    assert run("user", "password", email, "--password-stdin", stdin="").code == 6
    assert run("user", "password", email).code == 2  # nobody is at the keyboard


def test_role_and_the_last_owner(run: Run, world: World) -> None:
    owner, admin = world.user("owner").email, world.user("admin").email
    assert run("user", "role", owner, "viewer", "--workspace", "north").code == 4
    assert run("user", "role", admin, "owner", "--workspace", "north").code == 0
    assert run("user", "role", owner, "viewer", "--workspace", "north").code == 0
    assert world.member("owner").__class__.objects.get(pk=world.member("owner").pk).role == "viewer"
    assert run("user", "role", admin, "emperor", "--workspace", "north").code == 2
    assert run("user", "role", "nobody@north.example", "viewer", "--workspace", "north").code == 3
    assert run("user", "role", admin, "viewer", "--workspace", "south").code == 3


def test_deactivated_people_cannot_act(run: Run, world: World) -> None:
    owner, viewer = world.user("owner").email, world.user("viewer").email
    assert run("user", "deactivate", owner).code == 4
    assert run("user", "deactivate", viewer).code == 0
    assert run("list", "features", "--as", viewer, "--workspace", "north").code == 3
    assert "deactivated" in run("user", "list", "--workspace", "north").out
    assert run("user", "deactivate", viewer, "--back").code == 0
    assert run("list", "features", "--as", viewer, "--workspace", "north").code == 0


def test_list_tells_people_of_one_or_all_workspaces(run: Run, world: World) -> None:
    world.user("viewer")
    world.actor("owner", "south")
    assert {m["workspace"] for m in run("user", "list", "--json").data["data"]} == {"north", "south"}
    assert {m["workspace"] for m in run("user", "list", "--workspace", "north", "--json").data["data"]} == {"north"}


def test_a_key_is_shown_once_and_works_until_it_is_revoked(pm: Run, world: World) -> None:
    said = pm("token", "create", "reports", "--scopes", "read,write", "--days", "3")
    text = said.out.strip()
    actor = tokens.authenticate(text)
    assert actor is not None
    assert (actor.member_id, actor.scopes) == (world.pm.member_id, frozenset({"read", "write"}))
    assert text not in said.err
    listed = pm("token", "list", "--json")
    assert text.split("_")[2] not in listed.out
    prefix = listed.data["data"][0]["prefix"]
    assert pm("token", "revoke", prefix).code == 0
    assert tokens.authenticate(text) is None
    assert pm("token", "revoke", "nothing").code == 3
    assert pm("token", "create", "x", "--scopes", "everything").code == 6
    assert pm("token", "create", "x", "--service").code == 4


def test_failed_jobs_are_listed_retried_and_discarded(run: Run, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "_declared", dict(work._declared))

    @work.job("test.refused")
    def refused(progress: work.Progress) -> None:
        raise Invalid(("title", "Needed."))

    jobs = [work.enqueue("test.refused") for _ in range(2)]
    assert run("work", "--once", "--json").data == {"run": 2}
    assert "Needed." in run("work", "list").out
    assert run("work", "retry", str(jobs[0].pk)).code == 0
    assert Job.objects.get(pk=jobs[0].pk).state == "waiting"
    assert run("work", "discard", "--all", "--json").data == {"count": 1}
    assert not Job.objects.filter(pk=jobs[1].pk).exists()
    assert run("work", "retry").code == 2
    assert run("work", "retry", str(jobs[1].pk)).code == 3
