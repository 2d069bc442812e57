"""Settings of the workspace and one's own, by the pages."""

from __future__ import annotations

import re

import pytest

from threadline.faces.web.tests.conftest import Site
from threadline.kernel.customs import CustomField
from threadline.kernel.members import Member, Team, TeamMember, TeamProduct, Token
from threadline.kernel.tags import Tag
from threadline.kernel.workspaces import Product, Workspace


def post(site: Site, path: str, role: str = "owner", **sent: object) -> None:
    answer = site.post(path, dict(sent), role)
    assert answer.status_code == 303, f"{path}: {answer.status_code} {answer.content.decode()[:2000]}"


def test_the_workspace_gets_another_name(site: Site) -> None:
    post(site, "settings", name="Northern Lights", currency="sek")
    assert "Northern Lights" in site.text("", "viewer")
    assert Workspace.objects.get(slug="north").currency == "SEK"


def test_products_are_added_moved_and_retired(site: Site) -> None:
    post(site, "settings/products", name="Suite")
    suite = Product.objects.get()
    post(site, "settings/products", name="App", parent=str(suite.pk))
    app = Product.objects.get(name="App")
    assert app.parent_id == suite.pk
    post(site, f"settings/products/{app.pk}", name="The app", parent="")
    app.refresh_from_db()
    assert (app.name, app.parent_id) == ("The app", None)
    looped = site.post(f"settings/products/{suite.pk}", {"name": "Suite", "parent": str(suite.pk)}, "owner")
    assert looped.status_code == 422
    post(site, f"settings/products/{app.pk}/retire")
    assert "The app" not in site.text("features/new")
    post(site, f"settings/products/{app.pk}/return")
    assert "The app" in site.text("features/new")


def test_a_team_is_made_changed_and_ended(site: Site) -> None:
    world = site.world
    product = world.product()
    post(site, "settings/teams", name="Core", members=[str(world.pm.member_id)], products=[str(product.pk)])
    team = Team.objects.get()
    assert TeamProduct.objects.get().product_id == product.pk
    assert f'value="{world.pm.member_id}" checked' in site.text(f"settings/teams/{team.pk}", "owner")
    post(site, f"settings/teams/{team.pk}", name="Heart", members=[str(world.viewer.member_id)])
    assert list(TeamMember.objects.values_list("member_id", flat=True)) == [world.viewer.member_id]
    assert not TeamProduct.objects.exists()
    post(site, f"settings/teams/{team.pk}/end")
    assert not Team.objects.exists()


def test_an_own_field_appears_everywhere_at_once(site: Site) -> None:
    post(site, "settings/fields", kind="feature", label="Cost centre", type="choice", choices="Red\nBlue")
    field = CustomField.objects.get()
    assert "Cost centre" in site.text("features/new")
    post(site, "features/new", "product_manager", title="One", cost_centre="Red")
    assert "Red" in site.text("features/", q="cost_centre:red", columns="title,cost_centre")
    post(site, f"settings/fields/{field.pk}", label="Centre", choices="Red\nGreen")
    assert "Green" in site.text("F-1/edit")
    post(site, f"settings/fields/{field.pk}/hide")
    assert "Centre" not in site.text("features/new")
    post(site, f"settings/fields/{field.pk}/show")
    assert "Centre" in site.text("features/new")


def test_tags_are_renamed_and_removed(site: Site) -> None:
    post(site, "features/new", title="One", tags="slow, lag")
    post(site, "settings/tags", tag=str(Tag.objects.get(name="lag").pk), name="slow")
    assert list(Tag.objects.values_list("name", flat=True)) == ["slow"]
    post(site, f"settings/tags/{Tag.objects.get().pk}/remove")
    assert not Tag.objects.exists()


@pytest.mark.parametrize("role", ["product_manager", "product_marketer", "contributor", "viewer"])
def test_settings_are_read_by_all_and_changed_by_heads(site: Site, role: str) -> None:
    product = site.world.product()
    assert ">Change<" not in site.text("settings/products", role)
    for path in (
        "settings",
        "settings/products",
        f"settings/products/{product.pk}",
        f"settings/products/{product.pk}/retire",
    ):
        assert site.post(path, {"name": "Taken"}, role).status_code == 403, path
    assert site.get(f"settings/products/{product.pk}", role).status_code == 403
    assert {Workspace.objects.get(slug="north").name, Product.objects.get().name} == {"North", "Atlas"}


def test_lines_of_south_are_not_there(site: Site) -> None:
    theirs = site.world.product("Theirs", "south")
    for path in (f"settings/products/{theirs.pk}", f"settings/products/{theirs.pk}/retire"):
        assert site.post(path, {"name": "Ours"}, "owner").status_code == 404, path
    for path in ("settings/nothing", f"settings/nothing/{theirs.pk}", f"settings/products/{theirs.pk}/explode"):
        assert site.post(path, {}, "owner").status_code == 404, path
    theirs.refresh_from_db()
    assert theirs.name == "Theirs"


def test_ones_own_profile(site: Site) -> None:
    member = site.world.member("viewer")
    post(site, "profile", "viewer", name="Vito V.", handle="vito", job_title="Watcher", theme="dark")
    member.refresh_from_db()
    assert (member.name, member.handle, member.preferences["theme"]) == ("Vito V.", "vito", "dark")
    assert 'data-theme="dark"' in site.text("", "viewer")
    post(site, "profile/theme", "viewer", theme="")
    assert "data-theme=" not in site.text("", "viewer").split("<body>")[0]
    sent = {"name": "V", "handle": "vito", "role": "owner", "workspace": "south", "left_at": "2020-01-01"}
    site.post("profile", sent, "viewer")
    assert Member.objects.get(pk=member.pk).role == "viewer"


def test_a_key_is_shown_once_and_revoked(site: Site) -> None:
    answer = site.post("tokens", {"name": "Help desk", "scope": "write", "days": "30"})
    found = re.search(r"<code>(tl_\w+)</code>", answer.content.decode())
    assert found
    token = Token.objects.get()
    assert (token.kind, token.scopes) == ("personal", ["write"])
    again = site.text("tokens")
    assert found[1] not in again
    assert "Help desk" in again
    assert site.post(f"tokens/{token.pk}/revoke", role="viewer").status_code == 404
    assert site.post(f"tokens/{token.pk}/revoke").status_code == 303
    assert "Help desk" not in site.text("tokens")
    assert site.post("tokens", {"name": "x", "scope": "admin", "service": "true"}, "viewer").status_code == 403
