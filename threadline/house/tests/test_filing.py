"""Files: size, content and name are checked here, not believed (attack rows A4, C4, E2)."""

from __future__ import annotations

import pytest

from threadline.house import filing
from threadline.kernel import past, undo
from threadline.kernel.errors import Forbidden, Invalid, NotFound
from threadline.kernel.files import Attachment
from threadline.kernel.registry import kinds
from threadline.kernel.testing import World, fresh

KIND = next(iter(kinds())).kind
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


def left_behind(world: World) -> list[str]:
    place = filing.folder() / world.north.pk.hex
    return [p.name for p in place.rglob("*") if p.is_file()] if place.exists() else []


def test_bytes_come_back_as_they_went_in(world: World) -> None:
    made = filing.attach(world.pm, world.make(KIND), "screen.png", [PNG[:10], PNG[10:]])
    assert (made.content_type, made.size) == ("image/png", len(PNG))
    assert filing.path_of(filing.file_of(world.viewer, made.pk)).read_bytes() == PNG


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\a.png", "a.png"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("a\x00b.txt", "ab.txt"),
        ("..", "file"),
        ("", "file"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_a_name_is_shown_and_never_a_path(given: str, kept: str) -> None:
    assert filing.clean_file_name(given) == kept


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("a.svg", b"<svg onload=alert(1)>", "application/octet-stream"),
        ("a.html", b"<script>", "application/octet-stream"),
        ("a.xml", b"<?xml", "application/octet-stream"),
        ("a.png.html", PNG, "application/octet-stream"),
        ("a.html", PNG, "application/octet-stream"),
        ("a.txt", b"<script>", "text/plain"),
        ("a.pdf", b"%PDF-1.7", "application/pdf"),
    ],
)
def test_what_a_file_is_comes_from_its_content(name: str, head: bytes, kind: str) -> None:
    assert filing.content_type_of(name, head) == kind


def test_a_picture_that_is_none_is_refused(world: World) -> None:
    with pytest.raises(Invalid):
        filing.attach(world.pm, world.make(KIND), "a.png", [b"<script>alert(1)</script>"])
    assert left_behind(world) == []


def test_too_large_and_empty_files_leave_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filing, "LARGEST", 100)
    record = world.make(KIND)
    for chunks in ([b"x" * 60, b"x" * 60], []):
        with pytest.raises(Invalid):
            filing.attach(world.pm, record, "a.bin", chunks)
    assert left_behind(world) == []
    assert not Attachment.objects.exists()


def test_strangers_and_viewers(world: World) -> None:
    record = world.make(KIND)
    made = filing.attach(world.pm, record, "a.txt", [b"words"])
    with pytest.raises(NotFound):
        filing.file_of(world.stranger, made.pk)
    with pytest.raises(NotFound):
        filing.attach(world.stranger, record.pk, "b.txt", [b"x"])
    with pytest.raises(Forbidden):
        filing.attach(world.viewer, record.pk, "b.txt", [b"x"])
    with pytest.raises(Forbidden):
        filing.remove_file(world.viewer, made.pk)
    with pytest.raises(NotFound):
        filing.remove_file(world.stranger, made.pk)


def test_a_file_of_a_hidden_record_is_hidden(world: World) -> None:
    record = world.make(KIND, confidentiality=2)
    made = filing.attach(world.pm, record, "a.txt", [b"words"])
    with pytest.raises(NotFound):
        filing.file_of(world.owner, made.pk)


def test_removing_a_file_can_be_undone(world: World) -> None:
    record = world.make(KIND)
    made = filing.attach(world.pm, record, "a.txt", [b"words"])
    filing.remove_file(world.pm, made.pk)
    with pytest.raises(NotFound):
        filing.file_of(world.pm, made.pk)
    undo.undo(world.pm, past.history(world.pm, fresh(record))[0].batch)
    assert filing.file_of(world.pm, made.pk).name == "a.txt"
