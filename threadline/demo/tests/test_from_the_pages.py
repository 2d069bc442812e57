"""The sample company from the pages: whose it is, who can sign in, and that nothing of it stays."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.dump import dump
from threadline.demo import load as loading
from threadline.kernel.members import Member, User
from threadline.kernel.testing import World
from threadline.kernel.workspaces import Workspace

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


def test_a_sample_is_its_loaders_alone_and_goes_whole(world: World) -> None:
    user, other = world.user("viewer"), world.user("owner")
    before, members_before = dump(), Member.objects.count()
    client = Client()
    client.force_login(user)
    page = client.get("/sample").content.decode()
    assert "Load the sample company" in page
    assert client.get("/sample/load").status_code == 405
    answer = client.post("/sample/load")
    sample = Workspace.objects.get(is_sample=True)
    assert answer.headers["location"] == f"/w/{sample.slug}/"
    members = Member.objects.filter(workspace=sample).select_related("user")
    assert [m.role for m in members if m.user_id == user.pk] == ["owner"]
    others = [m.user for m in members if m.user_id != user.pk]
    assert len(others) == members.count() - 1 > 5
    assert all(not one.is_active and not one.has_usable_password() for one in others)
    assert all(one.email.endswith(".sample.invalid") for one in others)
    assert client.get(f"/w/{sample.slug}/features/").status_code == 200
    assert "Remove it" in client.get("/sample").content.decode()
    client.post("/sample/load")
    assert Workspace.objects.filter(is_sample=True).count() == 1

    stranger = Client()
    stranger.force_login(other)
    assert stranger.get(f"/w/{sample.slug}/").status_code == 404
    stranger.post("/sample/remove")
    assert loading.sample_of(user) == sample

    client.post("/sample/remove")
    assert not Workspace.objects.filter(is_sample=True).exists()
    assert not User.objects.filter(email__endswith=".sample.invalid").exists()
    after = dump()
    records = {name for name in before if name.startswith(("inbound_", "kernel_card", "kernel_link", "kernel_change"))}
    assert records
    assert {name for name in records if before[name] != after[name]} == set()
    assert Member.objects.count() == members_before


@pytest.mark.parametrize("address", ["/sample", "/sample/load", "/sample/remove"])
def test_nobody_loads_it_without_signing_in(address: str, db: None) -> None:
    answer = Client().post(address) if address != "/sample" else Client().get(address)
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("/accounts/login/")
    assert not Workspace.objects.exists()
