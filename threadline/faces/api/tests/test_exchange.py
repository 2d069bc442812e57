"""Files through the API: sent whole, matched, looked at, started, undone; and lists fetched as files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from threadline.exchange import uploads
from threadline.exchange.runs import ImportRun
from threadline.faces.api.openapi import openapi_document
from threadline.faces.api.tests.asking import Answer, Api
from threadline.faces.api.tests.test_openapi import Truth
from threadline.inbound.feedback.models import Feedback
from threadline.kernel.testing import World
from threadline.kernel.worker import run_due

pytestmark = pytest.mark.django_db
MakeApi = Callable[..., Api]
FILE = b"review,stars\nThe map never loads.,2\nToo slow.,many\n"
SEND = "imports?kind=feedback&source=app&name=r.csv"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: LazySettings) -> None:
    """Uploads go to a folder of the test."""
    settings.DATA_DIR = tmp_path


def send(mine: Api, content: bytes = FILE, path: str = SEND, kind: str = "text/csv", **headers: str) -> Answer:
    return mine.ask("POST", path, content, Content_Type=kind, **headers)


def fetched(mine: Api, path: str) -> tuple[int, Any, bytes]:
    response = mine.client.get(f"/api/v1/{path}", headers=mine.given)
    body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    return response.status_code, response.headers, body


def test_a_file_is_sent_matched_started_and_undone(api: MakeApi, world: World) -> None:
    mine = api()
    truth = Truth(openapi_document(world.pm))
    made = send(mine)
    truth.check(made, "post", "/imports")
    assert (made.status, made["state"], made["report"]["create"]) == (201, "previewed", 2)
    one = f"imports/{made['id']}"
    assert {p["to"] for p in made["mapping"]["pairs"]} == {"body"}
    pairs = [{"column": "review", "to": "body"}, {"column": "stars", "to": "rating", "out_of": 5}]
    matched = mine.patch(one, {"mapping": {"pairs": pairs, "constants": {"channel": "app_review"}}})
    truth.check(matched, "patch", "/imports/{ident}")
    assert (matched["report"]["create"], matched["report"]["bad"]) == (1, 1)
    refused = mine.post(f"{one}/start", {})
    assert (refused.status, refused.pointers) == (422, ["/skip_bad"])
    status, headers, body = fetched(mine, f"{one}/rejected")
    assert (status, headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert int(headers["Content-Length"]) == len(body)
    assert "Expected a number" in next(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))["why not"]
    started = mine.post(f"{one}/start", {"skip_bad": True})
    truth.check(started, "post", "/imports/{ident}/start")
    assert started["state"] == "running"
    assert mine.post(f"{one}/start", {"skip_bad": True}).status == 409
    run_due()
    done = mine.get(one)
    assert (done["state"], done["counts"]["created"]) == ("done", 1)
    assert Feedback.objects.values_list("rating", "channel").get() == (4, "app_review")
    truth.check(mine.get("imports"), "get", "/imports")
    undone = mine.post(f"{one}/undo")
    truth.check(undone, "post", "/imports/{ident}/undo")
    assert undone["state"] == "undone"
    assert not Feedback.objects.filter(archived_at=None).exists()
    assert mine.post(f"{one}/undo").status == 409


@pytest.mark.parametrize(
    ("path", "content", "kind", "status"),
    [
        (SEND, FILE, "multipart/form-data; boundary=x", 415),
        (SEND, FILE, "", 415),
        (SEND, b"", "text/csv", 415),  # nothing has no type
        (SEND, b"\n", "text/csv", 422),
        (SEND, b"%PDF-1.7", "text/csv", 422),
        ("imports?kind=feedback&source=app", b"[1,", "application/json", 422),
        ("imports?kind=nothing&source=x", FILE, "text/csv", 422),
        ("imports?kind=feedback", FILE, "text/csv", 422),
        ("imports?kind=feedback&source=%00", FILE, "text/csv", 422),
        ("imports?kind=feedback&source=x&batch=y", FILE, "text/csv", 422),
    ],
)
def test_odd_files_are_problems(api: MakeApi, path: str, content: bytes, kind: str, status: int) -> None:
    found = send(api(), content, path, kind)
    assert found.status == status, found
    assert found.headers["Content-Type"] == "application/problem+json"
    assert not ImportRun.objects.exists()


def test_a_file_too_large_is_refused_by_its_length(api: MakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "LARGEST", 10)
    assert send(api()).status == 413
    assert send(api(), Idempotency_Key="k").status == 400


def test_odd_mappings_are_problems(api: MakeApi) -> None:
    mine = api()
    one = f"imports/{send(mine)['id']}"
    for body in (
        {},
        {"mapping": 1},
        {"mapping": {"pairs": {}}},
        {"mapping": {"pairs": [{"column": "review", "to": "owner__password"}]}},
        {"mapping": {"constants": {"channel": "smoke"}}},
        {"mapping": {}, "state": "done"},
    ):
        assert mine.patch(one, body).status == 422, body
    assert mine.get(one)["state"] in ("previewed", "uploaded")


def test_anothers_import_is_not_there(api: MakeApi, world: World) -> None:
    one = f"imports/{send(api())['id']}"
    for other in (api("product_marketer"), api("viewer"), api("contributor"), api("product_manager", "south")):
        for method, path, body in (
            ("GET", one, None),
            ("GET", f"{one}/rejected", None),
            ("PATCH", one, {"mapping": {}}),
            ("POST", f"{one}/start", {}),
            ("POST", f"{one}/cancel", None),
            ("POST", f"{one}/resume", None),
            ("POST", f"{one}/undo", None),
        ):
            assert other.ask(method, path, body).status == 404, (method, path)
        assert other.get("imports")["data"] == []
    assert api("admin").get(one).status == 200
    assert api("viewer").ask("POST", SEND, FILE, Content_Type="text/csv").status == 403
    assert api(scope="read").ask("POST", SEND, FILE, Content_Type="text/csv").status == 403
    assert Api().ask("POST", SEND, FILE, Content_Type="text/csv").status == 401
    assert ImportRun.objects.count() == 1


def test_an_import_not_begun_is_forgotten(api: MakeApi) -> None:
    mine = api()
    one = f"imports/{send(mine)['id']}"
    assert mine.post(f"{one}/cancel").status == 204
    assert mine.get(one).status == 404


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "json"])
def test_a_list_is_fetched_as_a_file(api: MakeApi, world: World, file_format: str) -> None:
    world.make("account", title="Acme", annual_revenue=100)
    world.make("account", title="Borealis", annual_revenue=900)
    status, headers, body = fetched(api(), f"accounts/export?format={file_format}&q=annual_revenue>500&fields=title")
    assert status == 200
    assert headers["Content-Disposition"] == f'attachment; filename="accounts.{file_format}"'
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "private, no-store"
    if file_format == "json":
        assert [row["title"] for row in json.loads(body)] == ["Borealis"]
    assert (b"Acme" in body) is False


def test_an_export_tells_no_more_than_the_list(api: MakeApi, world: World) -> None:
    world.make("account", title="Acme", annual_revenue=12_345)
    _, _, body = fetched(api("viewer"), "accounts/export")
    assert b"Acme" in body
    assert b"12345" not in body
    for asked in (
        "fields=annual_revenue",
        "q=annual_revenue>1",
        "q=sort:annual_revenue",
        "fields=owner__password",
        "format=pdf",
    ):
        assert fetched(api("viewer"), f"accounts/export?{asked}")[0] == 422, asked
    assert b"Acme" not in fetched(api("product_manager", "south"), "accounts/export")[2]
    assert fetched(Api(client=Client()), "accounts/export")[0] == 401
