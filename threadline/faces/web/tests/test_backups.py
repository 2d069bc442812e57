"""Archives from the pages: who may have them, what they hold, and how an empty server begins with one."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from threadline.faces.web.tests.test_identity import PASSWORD, sign_in
from threadline.keeping import archives, beginning, restore
from threadline.kernel import work
from threadline.kernel.errors import Conflict, Invalid
from threadline.kernel.jobs import Job
from threadline.kernel.members import Member, Role
from threadline.kernel.testing import World
from threadline.kernel.worker import Lane
from threadline.kernel.workspaces import Workspace

HERE = "/w/north/settings/backups"


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "backups").mkdir()
    monkeypatch.setattr(archives, "folder", lambda: tmp_path / "backups")
    monkeypatch.setattr(beginning, "_folder", lambda: tmp_path / "beginning")


@pytest.fixture
def alone(world: World) -> World:
    """A world whose owner owns all there is."""
    Workspace.objects.exclude(pk=world.north.pk).update(is_sample=True)
    return world


def owner_of(world: World) -> Client:
    client = Client()
    sign_in(client, world.user("owner").email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def made(client: Client) -> str:
    """Have an archive made; its name."""
    assert client.post(HERE).status_code == 303
    job = Job.objects.get(name=archives.JOB)
    declared = work.declared_as(archives.JOB)
    assert declared is not None
    declared.function(_quiet)
    job.delete()
    return archives.archives()[0].name


def _quiet(*_: Any) -> None:
    """A progress that nobody follows."""


def test_an_owner_makes_fetches_and_removes_an_archive(alone: World) -> None:
    alone.make("feature", title="Kept for later")
    client = owner_of(alone)
    assert b"No archive has been made" in client.get(HERE).content
    name = made(client)
    shown = client.get(HERE).content.decode()
    assert name in shown
    answer = client.get(f"{HERE}/{name}")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    held = answer.getvalue()
    with zipfile.ZipFile(BytesIO(held)) as archive:
        assert b"Kept for later" in archive.read("tables/inbound.feature.jsonl")
    assert restore.verify(BytesIO(held))["tables"]
    assert client.post(f"{HERE}/{name}/remove").status_code == 303
    assert client.get(f"{HERE}/{name}").status_code == 404
    assert archives.archives() == []


def test_a_second_wish_finds_the_first_and_either_can_be_given_up(alone: World) -> None:
    client = owner_of(alone)
    for _ in range(2):
        client.post(HERE)
    job = Job.objects.get(name=archives.JOB)
    assert b"An archive is being made" in client.get(HERE).content
    assert client.post(f"{HERE}/cancel").status_code == 303
    Lane(threading.Event()).turn()
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    assert archives.archives() == []


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.OWNER])
def test_nobody_but_an_owner_may(alone: World, role: str) -> None:
    name = made(owner_of(alone))
    client = Client()
    client.force_login(alone.user(role))
    assert b"Only an owner" in client.get(HERE).content
    for answer in (client.post(HERE), client.post(f"{HERE}/{name}/remove")):
        assert answer.status_code == 403
    assert [a.name for a in archives.archives()] == [name]


def test_where_others_own_workspaces_too_it_is_the_operators(world: World) -> None:
    Workspace.objects.update(is_sample=False)
    client = owner_of(world)
    assert b"threadline backup" in client.get(HERE).content
    assert client.post(HERE).status_code == 403
    assert not Job.objects.filter(name=archives.JOB).exists()
    person = world.user("owner")
    for workspace in Workspace.objects.exclude(pk=world.north.pk):
        Member.objects.create(workspace=workspace, user=person, name="Same", handle="same", role="owner")
    assert client.post(HERE).status_code == 303


def test_an_owner_of_the_sample_alone_gets_nothing(world: World) -> None:
    Workspace.objects.update(is_sample=True)
    client = owner_of(world)
    assert b"from a workspace of your own" in client.get(HERE).content
    assert client.post(HERE).status_code == 403


def test_a_session_left_open_does_not_fetch(alone: World) -> None:
    name = made(owner_of(alone))
    client = Client()
    client.force_login(alone.user("owner"))  # signed in, and no password given lately
    answer = client.get(f"{HERE}/{name}")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.get(f"{HERE}/{name}").status_code == 200


@pytest.mark.parametrize("name", ["../threadline.sqlite3", "threadline-20260101-000000.zip", "secret.key"])
def test_only_archives_are_given(alone: World, name: str) -> None:
    (archives.folder() / "secret.key").write_text("secret")
    assert owner_of(alone).get(f"{HERE}/{name}").status_code == 404


def test_the_oldest_go(alone: World) -> None:
    for day in range(archives.KEPT + 3):
        (archives.folder() / f"threadline-202601{day + 10}-000000.zip").write_bytes(b"old")
    name = made(owner_of(alone))
    kept = [a.name for a in archives.archives()]
    assert kept[0] == name
    assert len(kept) == archives.KEPT


def test_a_server_in_use_is_not_begun_anew(world: World) -> None:
    answer = Client().post("/begin", {"file": SimpleUploadedFile("a.zip", b"PK")})
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/accounts/login/"
    assert beginning.state() == {}


@pytest.mark.django_db
def test_of_two_who_send_an_archive_at_once_one_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beginning, "_alone", lambda path: None)  # the first is still at it

    def slow() -> Iterator[bytes]:
        yield b"the first"
        with pytest.raises(Conflict):
            beginning.begin([b"the second"])
        yield b" archive"

    beginning.begin(slow()).join()
    assert (beginning._folder() / "archive.zip").read_bytes() == b"the first archive"
    with pytest.raises(Conflict):
        beginning.begin([b"a third"])


@pytest.mark.django_db
def test_after_a_kill_in_the_middle_another_may_send_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beginning, "_alone", lambda path: None)
    beginning.begin([b"killed"]).join()
    monkeypatch.setattr(beginning, "SILENT", -1.0)
    assert "stopped in the middle" in beginning.state()["failed"]
    beginning.begin([b"again"]).join()
    assert (beginning._folder() / "archive.zip").read_bytes() == b"again"


@pytest.mark.django_db
def test_what_is_too_large_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beginning, "LARGEST", 3)
    for _ in range(2):
        with pytest.raises(Invalid):
            beginning.begin([b"four"])
    assert beginning.state() == {}
    assert not list(beginning._folder().glob("*"))


@pytest.mark.django_db
def test_an_empty_server_says_what_is_wrong_with_an_archive() -> None:
    client = Client()
    assert client.get("/").headers["Location"] == "/begin"
    assert b"Nothing is here yet" in client.get("/begin").content
    assert b"Choose an archive first" in client.post("/begin").content
    beginning._folder().mkdir()
    beginning._carry_out(_written(beginning._folder() / "archive.zip", b"no archive"))
    shown = client.get("/begin").content
    assert b"This is not a whole archive" in shown
    assert not (beginning._folder() / "archive.zip").exists()


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path
