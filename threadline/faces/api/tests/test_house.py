"""Members, products, tags, views and own fields, as far as the API offers them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail

from tests.dump import dump
from threadline.faces.api.tests.asking import Api
from threadline.kernel import verbs
from threadline.kernel.testing import World, fresh

pytestmark = pytest.mark.django_db
MakeApi = Callable[..., Api]


def test_one_learns_who_one_is(world: World, api: MakeApi) -> None:
    found = api("viewer").get("me")
    assert (found["member"]["id"], found["member"]["role"]) == (str(world.viewer.member_id), "viewer")
    assert found["workspace"]["slug"] == "north"
    assert found["scopes"] == ["read", "write"]
    assert "create" not in found["may"]["inbound"]
    assert "create" in api().get("me")["may"]["inbound"]


def test_addresses_are_for_those_who_manage_members(world: World, api: MakeApi) -> None:
    assert world.roles
    for role in ("viewer", "product_manager"):
        assert "example" not in api(role).get("members").content.decode()
    found = api("admin", scope="admin").get("members")["data"]
    assert {m["email"] for m in found} >= {"viewer@north.example", "owner@north.example"}
    assert not any("south" in m["email"] for m in found)


def test_roles_are_given_from_above_only(world: World, api: MakeApi) -> None:
    everybody = {role: world.member(role) for role in ("owner", "admin", "product_manager", "viewer")}
    admin, owner, manager = (api(r, scope="admin") for r in ("admin", "owner", "product_manager"))
    before = dump()
    for caller, who, role in [
        (manager, "product_manager", "owner"),
        (manager, "viewer", "contributor"),
        (admin, "admin", "owner"),
        (admin, "viewer", "owner"),
        (admin, "viewer", "admin"),
        (admin, "owner", "viewer"),
        (owner, "owner", "viewer"),
    ]:
        assert caller.patch(f"members/{everybody[who].pk}", {"role": role}).status == 403, (who, role)
    assert owner.delete(f"members/{everybody['owner'].pk}").status == 403
    assert admin.patch(f"members/{everybody['viewer'].pk}", {"role": "emperor"}).status == 422
    assert admin.patch(f"members/{everybody['viewer'].pk}", {"role": "viewer", "user": "x"}).status == 422
    stranger = world.member("product_manager", "south")
    assert owner.patch(f"members/{stranger.pk}", {"role": "viewer"}).status == 404
    assert owner.delete(f"members/{stranger.pk}").status == 404
    assert {**dump(), "kernel_user": "", "kernel_member": ""} == {**before, "kernel_user": "", "kernel_member": ""}
    assert admin.patch(f"members/{everybody['viewer'].pk}", {"role": "contributor"})["role"] == "contributor"
    assert owner.patch(f"members/{everybody['viewer'].pk}", {"role": "admin"})["role"] == "admin"
    assert owner.delete(f"members/{everybody['viewer'].pk}").status == 204
    assert fresh(everybody["viewer"]).left_at is not None  # type: ignore[arg-type]


def test_an_invitation_goes_by_mail_and_its_way_in_nowhere_else(
    world: World, api: MakeApi, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    admin = api("admin", scope="admin")
    with django_capture_on_commit_callbacks(execute=True):
        made = admin.post("invitations", {"email": "new@customer.example", "role": "viewer"})
    assert made.status == 201, made
    [message] = mail.outbox
    secret = message.body.rpartition("/join/")[2].split()[0]
    assert secret not in made.content.decode() + admin.get("invitations").content.decode()
    assert [i["email"] for i in admin.get("invitations")["data"]] == ["new@customer.example"]
    assert api("product_manager", scope="admin").get("invitations").status == 403
    assert api("owner", "south", scope="admin").delete(f"invitations/{made['id']}").status == 404
    assert admin.delete(f"invitations/{made['id']}").status == 204
    assert admin.get("invitations")["data"] == []


def test_products_form_a_tree(world: World, api: MakeApi) -> None:
    admin = api("admin", scope="admin")
    whole = admin.post("products", {"name": "Atlas"})
    part = admin.post("products", {"name": "Maps", "parent": whole["id"]})
    assert (whole.status, part["parent"]) == (201, whole["id"])
    assert admin.patch(f"products/{whole['id']}", {"parent": part["id"]}).status == 422
    assert admin.patch(f"products/{part['id']}", {"parent": None, "archived": True})["archived"] is True
    theirs = world.product("Theirs", "south")
    assert admin.patch(f"products/{theirs.pk}", {"name": "Mine"}).status == 404
    assert admin.post("products", {"name": "x", "parent": str(theirs.pk)}).status in (404, 422)
    assert {p["name"] for p in api("viewer").get("products")["data"]} == {"Atlas", "Maps"}
    assert api(scope="admin").post("products", {"name": "x"}).status == 403


def test_tags_are_renamed_and_removed_for_all(world: World, api: MakeApi) -> None:
    feature, admin = world.make("feature"), api("admin", scope="admin")
    verbs.tag(world.pm, feature, ["later", "ui"])
    later, ui = sorted(admin.get("tags")["data"], key=lambda t: t["name"])
    assert admin.patch(f"tags/{later['id']}", {"name": "Someday"})["name"] == "someday"
    assert admin.delete(f"tags/{ui['id']}").status == 204
    assert api().get(f"features/{feature.key}")["tags"] == ["someday"]
    assert api("owner", "south", scope="admin").delete(f"tags/{later['id']}").status == 404
    assert api("owner", "south").get("tags")["data"] == []


def test_views_are_ones_own_until_shared(world: World, api: MakeApi) -> None:
    mine, other = api(), api("viewer")
    made = mine.post("views", {"kind": "feature", "name": "Mine", "query": "owner:me", "columns": ["title", "score"]})
    assert (made.status, made["shared"]) == (201, False)
    one = f"views/{made['id']}"
    assert other.get("views")["data"] == []
    assert other.patch(one, {"name": "x"}).status == other.delete(one).status == 404
    assert mine.patch(one, {"shared": True, "query": "sort:-score"})["query"] == "sort:-score"
    assert [v["name"] for v in other.get("views?kind=features")["data"]] == ["Mine"]
    assert other.get("views?kind=objective")["data"] == []
    assert other.get("views?kind=nothing").status == 422
    assert other.patch(one, {"name": "x"}).status == 403
    assert api(slug="south").delete(one).status == 404
    assert mine.delete(one).status == 204
    for odd in (
        {"kind": "feature"},
        {"kind": "nothing", "name": "x"},
        {"kind": "feature", "name": "x", "query": "nope:1"},
        {"kind": "feature", "name": "x", "columns": ["password"]},
        {"kind": "feature", "name": "x", "owner": "me"},
        {"kind": "feature", "name": "x", "columns": {}},
    ):
        assert mine.post("views", odd).status == 422, odd


def test_an_own_field_is_a_field_like_any_other(world: World, api: MakeApi) -> None:
    admin, mine = api("admin", scope="admin"), api()
    made = admin.post("fields", {"kind": "feature", "label": "Risk", "type": "choice", "choices": ["low", "high"]})
    assert (made.status, made["name"]) == (201, "risk"), made
    feature = mine.post("features", {"title": "x", "risk": "high"})
    assert feature["risk"] == "high"
    assert mine.post("features", {"title": "x", "risk": "none"}).pointers == ["/risk"]
    assert mine.get("features?q=risk:high&fields=risk")["data"][0]["risk"] == "high"
    assert "risk" in mine.get("openapi.json")["components"]["schemas"]["Feature"]["properties"]
    assert "risk" not in api(slug="south").get("openapi.json")["components"]["schemas"]["Feature"]["properties"]
    assert api(slug="south").post("features", {"title": "x", "risk": "high"}).status == 422
    assert api(slug="south").get("features?q=risk:high").status == 422
    assert admin.patch(f"fields/{made['id']}", {"archived": True})["archived"] is True
    assert mine.post("features", {"title": "x", "risk": "high"}).status == 422
    assert api("owner", "south", scope="admin").patch(f"fields/{made['id']}", {"label": "Mine"}).status == 404
    assert api(scope="admin").post("fields", {"kind": "feature", "label": "x", "type": "text"}).status == 403


@pytest.mark.parametrize(
    "name", ["id", "title", "score", "demand", "evidence", "tags", "workspace", "a'b", "x) OR (1=1", "ä", "a" * 41]
)
def test_an_own_field_takes_no_name_that_means_something(world: World, api: MakeApi, name: str) -> None:
    refused = api("admin", scope="admin").post(
        "fields", {"kind": "feature", "label": "x", "name": name, "type": "text"}
    )
    assert refused.status == 422


# ---- teams, the workspace, oneself ------------------------------------------------------


def test_a_team_is_kept_by_those_who_configure(world: World, api: MakeApi) -> None:
    owner, manager = api("owner", scope="admin"), api("product_manager", scope="admin")
    product = owner.post("products", {"name": "Tracker"})["id"]
    for method, path, body in (("POST", "teams", {"name": "x"}), ("GET", "teams", None)):
        assert manager.ask(method, path, body).status == (403 if body else 200)
    made = owner.post("teams", {"name": "Harbour", "members": ["me"], "products": ["Tracker"]})
    assert (made.status, made["name"], made["products"]) == (201, "Harbour", [product])
    assert [m["id"] for m in made["members"]] == [str(world.owner.member_id)]
    one = f"teams/{made['id']}"
    assert manager.patch(one, {"name": "Mine"}).status == manager.delete(one).status == 403
    assert owner.patch(one, {"name": "Quay", "members": []})["members"] == []
    changed = owner.patch(one, {"members": [str(world.viewer.member_id)]})
    assert (changed["name"], len(changed["members"]), changed["products"]) == ("Quay", 1, [product])
    assert owner.post("teams", {"name": "quay"}).pointers == ["/name"]
    assert owner.patch(one, {"members": [str(world.stranger.member_id)]}).pointers == ["/members"]
    assert manager.get("teams")["data"] == [changed.json]
    assert owner.delete(one).status == 204
    assert owner.delete(one).status == owner.patch(one, {"name": "x"}).status == 404


def test_a_list_of_teams_costs_the_same_for_many(
    world: World, api: MakeApi, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    owner = api("owner", scope="admin")
    for number in range(5):
        owner.post("teams", {"name": f"Team {number}", "members": ["me"]})
    with django_assert_max_num_queries(6):
        assert len(owner.get("teams")["data"]) == 5


def test_the_workspace_is_renamed_by_those_who_configure(world: World, api: MakeApi) -> None:
    owner, manager = api("owner", scope="admin"), api("product_manager", scope="admin")
    assert manager.patch("workspace", {"name": "Mine"}).status == 403
    assert owner.patch("workspace", {"currency": "pounds"}).status == 422
    assert owner.patch("workspace", {"slug": "south"}).status == 422
    changed = owner.patch("workspace", {"name": "Norther", "currency": "gbp"})
    assert (changed["name"], changed["currency"], changed["slug"]) == ("Norther", "GBP", "north")
    assert owner.get("me")["workspace"] == changed.json


def test_one_changes_oneself_and_nothing_that_gives_rights(world: World, api: MakeApi) -> None:
    mine = api("viewer")
    changed = mine.patch("me", {"name": "Vera", "handle": "vera.v", "preferences": {"theme": "dark"}})
    assert (changed.status, changed["member"]["name"], changed["member"]["handle"]) == (200, "Vera", "vera.v")
    assert fresh(world.member("viewer")).preferences["theme"] == "dark"
    for body in ({"role": "owner"}, {"email": "x@x.example"}, {"preferences": {"theme": "pink"}}, {"id": 1}):
        assert mine.patch("me", body).status == 422, body
    assert mine.get("me").json == changed.json


def test_an_invitation_is_sent_again_under_another_secret(
    world: World, api: MakeApi, mailoutbox: list[mail.EmailMessage], django_capture_on_commit_callbacks: Any
) -> None:
    owner, manager = api("owner", scope="admin"), api("product_manager", scope="admin")
    with django_capture_on_commit_callbacks(execute=True):
        first = owner.post("invitations", {"email": "guest@else.example", "role": "viewer"})
        assert manager.post(f"invitations/{first['id']}/again").status == 403
        second = owner.post(f"invitations/{first['id']}/again")
    assert second.status == 201
    assert [i["id"] for i in owner.get("invitations")["data"]] == [second["id"]]
    assert owner.post(f"invitations/{first['id']}/again").status == 404
    assert len({m.body for m in mailoutbox}) == 2
