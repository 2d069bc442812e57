"""Who may call: keys, sessions, scopes, workspaces; and what every answer carries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.test import Client

from tests.dump import dump
from threadline.faces.api import limits
from threadline.faces.api.tests.asking import Api
from threadline.house import tokens
from threadline.kernel import rows
from threadline.kernel.members import Member
from threadline.kernel.testing import World

pytestmark = pytest.mark.django_db
MakeApi = Callable[..., Api]


def signed_in(world: World, role: str = "product_manager", **headers: str) -> Api:
    """A browser that has signed in, and knows its token against forgery."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.user(role), backend=settings.AUTHENTICATION_BACKENDS[0])
    secret = get_token(HttpRequest())
    client.cookies[settings.CSRF_COOKIE_NAME] = secret
    return Api({"X-CSRFToken": secret, **headers}, client)


# ---- keys -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic dXNlcjpwdw==", "Bearer tl_x_y", "tl_x", "Bearer \x00", "Bearer é"]
)
def test_without_a_key_nothing_is_told(world: World, header: str) -> None:
    record = world.make("feature")
    nobody = Api({"Authorization": header} if header else {})
    for path in ("features", f"features/{record.key}", "me", "members", "events", "search?q=x"):
        refused = nobody.get(path)
        assert refused.status == 401, (path, refused)
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    assert nobody.post("features", {"title": "x"}).status == 401
    assert nobody.post("features", {"title": "x"}, Idempotency_Key="k").status == 401


def test_a_key_ends_with_whatever_it_rests_on(world: World, api: MakeApi) -> None:
    def revoke() -> None:
        tokens.revoke(world.pm, tokens.listed(world.pm)[0].pk)

    def change_password() -> None:
        user = world.user("product_manager")
        user.set_password("another good horse")
        user.save()

    def deactivate() -> None:
        type(world.user("product_manager")).objects.update(is_active=False)

    def leave() -> None:
        type(world.member("product_manager")).objects.update(left_at=rows.now())

    for end in (revoke, change_password, leave, deactivate):
        mine = api()
        if end is not deactivate:
            assert mine.get("me").status == 200
        end()
        assert mine.get("me").status == 401
        Member.objects.update(left_at=None)


def test_a_key_opens_one_workspace(world: World, api: MakeApi) -> None:
    mine = api()
    assert mine.get("me?workspace=north").status == 200
    for refused in (
        mine.get("me?workspace=south"),
        mine.get("me", Threadline_Workspace="south"),
        mine.get("me?workspace=nowhere"),
    ):
        assert refused.status == 403
    assert mine.post("features?workspace=south", {"title": "x"}).status == 403


def test_a_key_does_no_more_than_its_scopes(world: World, api: MakeApi) -> None:
    record = world.make("feature")
    reading, writing, whole = (api("owner", scope=s) for s in ("read", "write", "admin"))
    before = dump()
    one = f"features/{record.key}"
    assert reading.get(one).status == 200
    for method, path, body in [
        ("POST", "features", {"title": "x"}),
        ("PATCH", one, {"title": "x"}),
        ("DELETE", one, None),
        ("PUT", f"{one}/watch", None),
        ("POST", f"{one}/plan_feature", None),
        ("POST", "features/bulk", {"action": "archive", "items": [{"ref": record.key}]}),
        ("POST", f"{one}/comments", {"body": "x"}),
        ("POST", "notifications/read", None),
        ("POST", "batches", {"label": "x"}),
        ("POST", f"batches/{rows.new_id()}/undo", None),
        ("POST", "views", {"kind": "feature", "name": "x"}),
    ]:
        assert reading.ask(method, path, body).status == 403, path
    for method, path, body in [
        ("GET", "tokens", None),
        ("POST", "tokens", {"name": "x", "scopes": ["read"]}),
        ("POST", "products", {"name": "x"}),
        ("POST", "invitations", {"email": "a@b.example", "role": "viewer"}),
        ("GET", "invitations", None),
        ("PATCH", f"members/{world.viewer.member_id}", {"role": "admin"}),
        ("POST", "fields", {"kind": "feature", "label": "x", "type": "text"}),
    ]:
        assert writing.ask(method, path, body).status == 403, path
    assert {**dump(), "kernel_member": "", "kernel_user": ""} == {**before, "kernel_member": "", "kernel_user": ""}
    assert whole.get("tokens").status == 200


def test_a_right_taken_away_is_gone_at_once(world: World, api: MakeApi) -> None:
    mine = api()
    assert mine.post("features", {"title": "x"}).status == 201
    member = world.member("product_manager")
    member.role = "viewer"
    member.save()
    assert mine.post("features", {"title": "x"}).status == 403


# ---- sessions ---------------------------------------------------------------------------


def test_a_signed_in_browser_reads_and_writes(world: World) -> None:
    mine = signed_in(world)
    made = mine.post("features", {"title": "From the page"})
    assert made.status == 201, made
    assert made["key"] in mine.get("features").keys


def test_a_page_of_somebody_else_cannot_write(world: World) -> None:
    mine = signed_in(world)
    record = world.make("feature")
    del mine.given["X-CSRFToken"]
    before = dump()
    for headers in ({}, {"X_CSRFToken": "x" * 32}, {"Origin": "https://evil.example"}):
        for method, path, body in (
            ("POST", "features", {"title": "x"}),
            ("DELETE", f"features/{record.key}", None),
            ("PATCH", f"features/{record.key}", {"title": "x"}),
            ("POST", "tokens", {"name": "x"}),
        ):
            assert mine.ask(method, path, body, **headers).status == 403
    assert mine.post("features", b"title=x", Content_Type="text/plain").status == 403
    assert dump() == before


def test_a_session_ends_with_the_password_and_the_user(world: World) -> None:
    mine, user = signed_in(world), world.user("product_manager")
    user.set_password("another good horse")
    user.save()
    assert mine.get("me").status == 401
    mine = signed_in(world)
    assert mine.get("me").status == 200
    user.is_active = False
    user.save()
    assert mine.get("me").status == 401


def test_a_made_up_session_is_nobodys(world: World) -> None:
    client = Client()
    for value in ("x" * 32, "", "../../etc", "\x00"):
        client.cookies[settings.SESSION_COOKIE_NAME] = value
        assert Api(client=client).get("me").status == 401


def test_people_in_several_workspaces_name_one(world: World) -> None:
    user = world.user("product_manager")
    Member.objects.create(workspace=world.south, user=user, name="Petra", handle="petra", role="viewer")
    record = world.make("feature")
    assert signed_in(world).get("features").status == 400
    for found in (
        signed_in(world).get("features?workspace=north"),
        signed_in(world, **{"Threadline-Workspace": "north"}).get("features"),
    ):
        assert found.keys == [record.key]
    assert signed_in(world).get("features?workspace=south").keys == []
    elsewhere, nowhere = (
        signed_in(world).get("features?workspace=east"),
        signed_in(world).get("features/F-404?workspace=north"),
    )
    assert elsewhere.status == nowhere.status == 404
    assert {**elsewhere.json, "request_id": ""} == {**nowhere.json, "request_id": ""}


def test_a_session_costs_two_statements_and_a_key_one(
    world: World, api: MakeApi, django_assert_num_queries: Callable[..., Any]
) -> None:
    world.make("feature")
    mine, browser = api(), signed_in(world)
    mine.get("features"), browser.get("features")
    with django_assert_num_queries(2):
        mine.get("features")
    with django_assert_num_queries(3):
        browser.get("features")


# ---- every answer -----------------------------------------------------------------------


def test_every_answer_stays_out_of_caches(world: World, api: MakeApi) -> None:
    record = world.make("feature")
    answers = [
        api().get("features"),
        api().get(f"features/{record.key}"),
        api().get("nowhere"),
        Api().get("me"),
        api().post("features", {}),
        api().delete(f"features/{record.key}"),
        api().ask("TRACE", "features"),
        signed_in(world).get("me"),
        Api().get("openapi.json"),
    ]
    for answer in answers:
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert {"Authorization", "Cookie"} <= set(answer.headers["Vary"].split(", "))
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert len(answer.headers["Request-Id"]) == 16
        assert "Set-Cookie" not in answer.headers
        if answer.status >= 400:
            assert answer.json["request_id"] == answer.headers["Request-Id"]
            assert answer.json["status"] == answer.status


def test_other_methods_are_named(world: World, api: MakeApi) -> None:
    refused = api().ask("PUT", "features", {})
    assert (refused.status, refused.headers["Allow"]) == (405, "GET, HEAD, OPTIONS, POST")
    assert api().ask("OPTIONS", "features").headers["Allow"] == "GET, HEAD, OPTIONS, POST"
    head = api().ask("HEAD", "features")
    assert (head.status, head.content) == (200, b"")


def test_another_host_name_is_refused(world: World, api: MakeApi) -> None:
    assert api().get("features", Host="evil.example").status == 400


def test_reading_writes_nothing(world: World, api: MakeApi) -> None:
    record, mine, browser = world.make("feature"), api(), signed_in(world)
    before = dump()
    for path in (
        "features",
        f"features/{record.key}?include=links,history,why",
        "me",
        "members",
        "events",
        "search?q=x",
        "suspects",
        "notifications",
        "views",
        "fields",
        "tags",
        "products",
        "batches",
        "openapi.json",
    ):
        assert mine.get(path).status == browser.get(path).status == 200, path
    assert dump() == before


def test_a_failure_of_ours_says_nothing_of_its_cause(
    world: World, api: MakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("the secret is 4711")

    mine = api()
    monkeypatch.setattr("threadline.kernel.listing.list_page", fail)
    failed = mine.get("features")
    assert (failed.status, failed.headers["Content-Type"]) == (500, "application/problem+json")
    assert b"4711" not in failed.content


# ---- limits -----------------------------------------------------------------------------


def test_whoever_asks_too_much_waits(world: World, api: MakeApi, settings: Any) -> None:
    settings.API_UNITS_PER_MINUTE = 12
    mine, other = api(), api("viewer")
    first = mine.get("features")
    assert first.headers["RateLimit-Policy"] == '"default";q=12;w=60'
    assert first.headers["RateLimit"].startswith('"default";r=11;t=')
    assert [mine.post("features", {"title": "x"}).status for _ in range(3)] == [201, 201, 429]
    refused = mine.post("features", {"title": "x"})
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert mine.get("features").status == 200  # a unit is left for something cheaper
    assert other.get("features").status == 200
    assert len(other.get("features")["data"]) == 2


def test_a_bulk_write_costs_its_items(world: World, api: MakeApi, settings: Any) -> None:
    settings.API_UNITS_PER_MINUTE = 50
    items = [{"values": {"title": "x"}}] * 40
    assert api().post("features/bulk", {"action": "create", "items": items}).status == 200
    mine = api()
    assert [mine.post("features/bulk", {"action": "create", "items": items}).status for _ in range(2)] == [200, 429]


def test_a_bucket_fills_again(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.API_UNITS_PER_MINUTE = 60
    clock = [1000.0]
    monkeypatch.setattr("threadline.engine.buckets.time.monotonic", lambda: clock[0])
    assert limits.take("somebody", 60).wait == 0
    assert limits.take("somebody", 10).wait == 10
    clock[0] += 10
    assert limits.take("somebody", 10).wait == 0
    assert limits.take("somebody", 1).wait == 1
