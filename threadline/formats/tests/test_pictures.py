"""Pictures from outside: no bomb, and nothing told of where they were taken."""

from __future__ import annotations

import struct
import zlib

import pytest

from threadline.formats.pictures import cleaned
from threadline.formats.refusal import Unreadable

PLACE = b"59.9139N 10.7522E marker-77"


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int = 2, height: int = 2, *more: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    rows = zlib.compress((b"\0" + b"\1\2\3" * 2) * 2)
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def segment(sign: int, content: bytes) -> bytes:
    return bytes([0xFF, sign]) + struct.pack(">H", len(content) + 2) + content


def jpeg(width: int = 2, height: int = 2, *more: bytes) -> bytes:
    frame = segment(0xC0, struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0")
    return b"\xff\xd8" + b"".join(more) + frame + segment(0xDA, b"\1\1\0\0\x3f\0") + b"\1\2\3\xff\xd9"


def exif(orientation: int) -> bytes:
    table = b"II" + struct.pack("<HIH", 42, 8, 2)
    table += struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0) + struct.pack("<HHII", 0x8825, 4, 1, 99) + PLACE
    return segment(0xE1, b"Exif\0\0" + table)


def webp(width: int, height: int, *more: bytes) -> bytes:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBP" + b"VP8X" + struct.pack("<I", 10) + b"\x0c\0\0\0" + size + b"".join(more)
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize(
    "bomb",
    [png(50_000, 50_000), jpeg(50_000, 50_000), webp(50_000, 50_000), b"GIF89a" + struct.pack("<HH", 50_000, 50_000)],
    ids=["png", "jpeg", "webp", "gif"],
)
def test_a_bomb_is_refused(bomb: bytes) -> None:
    """E8: 50,000 by 50,000 pixels, whatever the form, by the numbers in its head alone."""
    with pytest.raises(Unreadable, match="50,000 by 50,000"):
        cleaned(bomb)


@pytest.mark.parametrize(
    "picture",
    [
        png(2, 2, chunk(b"eXIf", PLACE), chunk(b"tEXt", b"Comment\0" + PLACE), chunk(b"iTXt", PLACE)),
        jpeg(2, 2, exif(1), segment(0xED, PLACE), segment(0xFE, PLACE)),
        webp(2, 2, b"EXIF" + struct.pack("<I", len(PLACE)) + PLACE + b"\0" * (len(PLACE) % 2)),
        png() + PLACE,
    ],
    ids=["png", "jpeg", "webp", "behind the end"],
)
def test_what_a_camera_tells_is_taken_out(picture: bytes) -> None:
    """E8: place, time and remarks leave; the picture stays."""
    assert PLACE in picture
    kept = cleaned(picture)
    assert PLACE not in kept
    assert cleaned(kept) == kept


def test_the_picture_itself_stays_as_it_was() -> None:
    assert cleaned(png(2, 2, chunk(b"gAMA", b"\0\0\xb1\x8f"))) == png(2, 2, chunk(b"gAMA", b"\0\0\xb1\x8f"))
    assert cleaned(jpeg(2, 2, segment(0xE2, b"ICC_PROFILE"))) == jpeg(2, 2, segment(0xE2, b"ICC_PROFILE"))


def test_a_turned_picture_stays_turned() -> None:
    kept = cleaned(jpeg(2, 2, exif(6)))
    assert PLACE not in kept
    assert b"Exif\0\0MM" in kept
    assert struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0) in kept


@pytest.mark.parametrize(
    "bad", [b"\xff\xd8\xff\xe1\xff", b"\xff\xd8\xff\xc0\0\2", b"GIF89a\1", b"\xff\xd8\xff\xe0\0\x04abcd"]
)
def test_a_damaged_one_is_refused_in_words(bad: bytes) -> None:
    with pytest.raises(Unreadable):
        cleaned(bad)


def test_other_bytes_are_left_alone() -> None:
    assert cleaned(b"%PDF-1.7 and more") == b"%PDF-1.7 and more"
