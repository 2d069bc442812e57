"""Recordings of interviews: larger than other files, never held in memory, given in parts, only with consent."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile

from threadline.faces.web import uploading
from threadline.house import filing
from threadline.inbound.research import consenting
from threadline.inbound.research.models import Interview
from threadline.inbound.research.tests.test_screens import client
from threadline.kernel import verbs
from threadline.kernel.errors import Invalid
from threadline.kernel.testing import World

MB = 1024 * 1024


@pytest.fixture(autouse=True)
def _small_limits(tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files go to a folder of the test; 100 bytes at most, recordings 1 MB."""
    settings.DATA_DIR = tmp_path
    settings.RECORDING_MB = 1
    monkeypatch.setattr(filing, "LARGEST", 100)


@pytest.fixture
def talk(world: World) -> Interview:
    """An interview with somebody who agreed to be recorded."""
    person = world.make("participant", title="P7")
    world.make("consent", participant=person.key, take_part=True, recording=True)
    made: Interview = world.make("interview", participant=person.key)
    return made


def bytes_of(size: int) -> Iterator[bytes]:
    """So many bytes, in parts."""
    while size > 0:
        yield b"\x01" * min(size, 64 * 1024)
        size -= 64 * 1024


def test_a_recording_of_an_interview_may_be_larger_and_nothing_else(world: World, talk: Interview) -> None:
    assert filing.attach(world.pm, talk.pk, "talk.MP3", bytes_of(MB)).size == MB
    refused = [(talk, "talk.mp3", MB + 1, "1 MB"), (talk, "talk.txt", 101, "0 MB"),
               (world.make("study"), "talk.mp3", 101, "0 MB")]  # fmt: skip
    for record, name, size, said in refused:
        with pytest.raises(Invalid, match=f"Too large: {said}"):
            filing.attach(world.pm, record.pk, name, bytes_of(size))
    left = [p for p in filing.folder().rglob("*") if p.is_file()]
    assert len(left) == 1, "what was refused leaves nothing behind"


def test_a_recording_is_never_held_in_memory(world: World, talk: Interview, settings: LazySettings) -> None:
    settings.RECORDING_MB = 60
    tracemalloc.start()
    filing.attach(world.pm, talk.pk, "talk.mp4", bytes_of(50 * MB))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8 * MB


def test_an_upload_may_weigh_more_only_where_files_of_records_go(settings: LazySettings) -> None:
    settings.RECORDING_MB = 500
    assert uploading.most_of("/w/north/IV-1/files") > 500 * MB
    assert uploading.most_of("/api/v1/interviews/IV-1/files") > 500 * MB
    assert uploading.most_of("/w/north/feedback/import") == uploading.MOST
    settings.RECORDING_MB = 25
    assert uploading.most_of("/w/north/IV-1/files") == uploading.MOST


def test_who_has_not_agreed_is_not_recorded(world: World) -> None:
    person = world.make("participant", title="P8")
    world.make("consent", participant=person.key, take_part=True)
    quiet = world.make("interview", participant=person.key)
    with pytest.raises(Invalid, match="not agreed to be recorded"):
        filing.attach(world.pm, quiet.pk, "talk.mp3", [b"sound"])
    answer = client(world).post(f"/w/north/{quiet.key}/files", {"file": SimpleUploadedFile("talk.mp3", b"sound")})
    assert answer.status_code == 422
    assert "not agreed to be recorded" in answer.content.decode()
    assert filing.attach(world.pm, quiet.pk, "notes.txt", [b"words"]).size == 5
    unknown = world.make("interview")
    assert filing.attach(world.pm, unknown.pk, "talk.mp3", [b"sound"]).size == 5


@pytest.mark.parametrize(
    ("asked", "status", "said", "body"),
    [("bytes=0-3", 206, "bytes 0-3/10", b"0123"), ("bytes=4-", 206, "bytes 4-9/10", b"456789"),
     ("bytes=-2", 206, "bytes 8-9/10", b"89"), ("bytes=-99", 206, "bytes 0-9/10", b"0123456789"),
     ("bytes=8-99", 206, "bytes 8-9/10", b"89"), ("bytes=10-", 416, "bytes */10", b""),
     ("bytes=-0", 416, "bytes */10", b""), ("bytes=3-1", 200, "", b"0123456789"),
     ("bytes=0-1,4-5", 200, "", b"0123456789"), ("items=0-1", 200, "", b"0123456789"), ("", 200, "", b"0123456789")],
)  # fmt: skip
def test_a_player_asks_for_parts(
    world: World, talk: Interview, asked: str, status: int, said: str, body: bytes
) -> None:
    filing.attach(world.pm, talk.pk, "talk.mp3", [b"0123456789"])
    answer: Any = client(world).get(f"/w/north/{talk.key}/media", headers={"Range": asked} if asked else {})
    assert (answer.status_code, answer.get("Content-Range", "")) == (status, said)
    assert b"".join(answer) == body
    if status != 416:
        assert (answer["Accept-Ranges"], answer["Content-Length"]) == ("bytes", str(len(body)))


@pytest.mark.parametrize("scopes", [["recording"], None])
def test_without_consent_there_is_no_recording_any_more(world: World, talk: Interview, scopes: Any) -> None:
    made = filing.attach(world.pm, talk.pk, "talk.mp3", [b"0123456789"])
    assert client(world, slug="south").get(f"/w/north/{talk.key}/media").status_code == 404
    assert talk.participant is not None
    consenting.withdraw_consent(world.pm, consent=talk.participant.consents.get().pk, scopes=scopes)
    for place in (f"{talk.key}/media", f"files/{made.pk}"):
        assert client(world).get(f"/w/north/{place}", headers={"Range": "bytes=0-1"}).status_code == 404, place
    if scopes:
        assert filing.files_of(world.pm, verbs.card(world.pm, talk.pk)) == []
