"""Files through the API: how they are sent, what is refused, how they come back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.dump import dump
from threadline.faces.api.tests.asking import Api
from threadline.faces.api.tests.test_callers import signed_in
from threadline.house import filing
from threadline.kernel.access import NAMED
from threadline.kernel.testing import World

pytestmark = pytest.mark.django_db
MakeApi = Callable[..., Api]
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"


def form(name: str, content: bytes, part: str = "file") -> bytes:
    """A form with one file, as a browser or curl -F sends it."""
    return encode_multipart(BOUNDARY, {part: SimpleUploadedFile(name, content)})


def put(mine: Api, key: str, name: str, content: bytes) -> Any:
    return mine.post(f"features/{key}/files", form(name, content), Content_Type=MULTIPART_CONTENT)


def fetched(mine: Api, ident: str) -> Any:
    """The answer with the bytes, unread."""
    return mine.client.get(f"/api/v1/files/{ident}/content", headers=mine.given)


def test_a_file_goes_up_as_a_form_and_comes_back_as_a_download(world: World, api: MakeApi) -> None:
    record, mine = world.make("feature"), api()
    made = put(mine, record.key, "Sketch.png", PICTURE)
    assert (made.status, made["name"], made["content_type"], made["size"]) == (201, "Sketch.png", "image/png", 40)
    assert mine.get(f"features/{record.key}/files")["data"] == [made.json]
    assert mine.get(f"files/{made['id']}").json == made.json
    answer = fetched(mine, made["id"])
    assert b"".join(answer.streaming_content) == PICTURE
    assert answer["Content-Disposition"] == 'attachment; filename="Sketch.png"'
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert (answer["Content-Length"], answer["Cache-Control"]) == ("40", "private, no-store")


def test_a_file_goes_up_as_it_is(world: World, api: MakeApi) -> None:
    record, mine = world.make("feature"), api()
    made = mine.post(f"features/{record.key}/files?name=notes.txt", b"Words", Content_Type="text/plain")
    assert (made.status, made["name"], made["size"]) == (201, "notes.txt", 5)
    assert mine.post(f"features/{record.key}/files", b"Words", Content_Type="text/plain")["name"] == "file"


@pytest.mark.parametrize(
    ("name", "content"),
    [("x.svg", SVG), ("x.html", b"<script>alert(1)</script>"), ("x.xml", b"<?xml version='1.0'?>"),
     ("x.pdf", b"%PDF-1.7 /JavaScript"), ("x.png.html", PICTURE), ("x.exe", b"MZ"), ("page", b"<html>")],
)  # fmt: skip
def test_what_could_act_is_bytes_to_download(world: World, api: MakeApi, name: str, content: bytes) -> None:
    """Whatever its name or content says, a browser is told neither to show nor to guess."""
    record, mine = world.make("feature"), api()
    answer = fetched(mine, put(mine, record.key, name, content)["id"])
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_what_cannot_be_taken_is_refused_and_leaves_nothing(
    world: World, api: MakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, mine, viewer, reading = world.make("feature"), api(), api("viewer"), api(scope="read")
    place = f"features/{record.key}/files"
    monkeypatch.setattr(filing, "LARGEST", 100)
    before = dump()
    for refused, status in [
        (put(mine, record.key, "x.png", SVG), 422),
        (put(mine, record.key, "x.txt", b""), 422),
        (put(mine, record.key, "x.txt", b"x" * 101), 422),
        (put(mine, record.key, "x.txt", b"x" * 100_000), 413),
        (mine.post(place, b"x" * 101, Content_Type="text/plain"), 422),
        (mine.post(place, form("x.txt", b"x", "other"), Content_Type=MULTIPART_CONTENT), 422),
        (mine.post(place, b"nonsense", Content_Type=MULTIPART_CONTENT), 422),
        (mine.post(place, b"nonsense", Content_Type="multipart/form-data"), 400),
        (mine.post(place, b"a=b", Content_Type="application/x-www-form-urlencoded"), 415),
        (mine.post(place, b"x", Content_Type="text/plain", Idempotency_Key="k"), 400),
        (mine.post("features/F-404/files", b"x", Content_Type="text/plain"), 404),
        (viewer.post(place, b"x", Content_Type="text/plain"), 403),
        (reading.post(place, b"x", Content_Type="text/plain"), 403),
    ]:
        assert refused.status == status, (status, refused)
    assert dump() == before


def test_a_file_is_as_far_away_as_its_record(world: World, api: MakeApi) -> None:
    record, mine, other = world.make("feature", confidentiality=NAMED), api(), api("viewer")
    ident = put(mine, record.key, "x.txt", b"x")["id"]
    stranger = Api({"Authorization": api("product_manager", slug="south").given["Authorization"]})
    for nobody in (other, stranger):
        assert nobody.get(f"files/{ident}").status == nobody.delete(f"files/{ident}").status == 404
        assert nobody.get(f"files/{ident}/content").status == 404
    assert Client().get(f"/api/v1/files/{ident}/content").status_code == 401
    assert mine.delete(f"files/{ident}").status == 204
    assert mine.get(f"files/{ident}").status == mine.get(f"files/{ident}/content").status == 404


def test_a_signed_in_browser_sends_a_file_with_the_header_alone(world: World) -> None:
    """The token in the form's body, which a page of another site could not know, is not looked for."""
    record, mine = world.make("feature"), signed_in(world)
    assert put(mine, record.key, "x.txt", b"x").status == 201
    token = mine.given.pop("X-CSRFToken")
    body = encode_multipart(BOUNDARY, {"csrfmiddlewaretoken": token, "file": SimpleUploadedFile("x.txt", b"x")})
    for content, kind in ((body, MULTIPART_CONTENT), (b"broken", "multipart/form-data")):
        assert mine.post(f"features/{record.key}/files", content, Content_Type=kind).status == 403
