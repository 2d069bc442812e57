"""Pictures from outside: refused when they unfold to more than a screen ever shows, kept without what they tell.

A camera writes where and when and by whom into a picture. That is taken out and nothing is
decoded for it: the parts of a file are copied or left out as they stand.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from threadline.formats.refusal import Unreadable

MOST_PIXELS = 100_000_000
WIDEST = 30_000  # pixels of one side
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_TELLS = frozenset({b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"})
_WEBP_TELLS = frozenset({b"EXIF", b"XMP "})
_EXIF = b"Exif\x00\x00"
_ORIENTATION = 0x0112


def cleaned(content: bytes) -> bytes:
    """A picture without what it tells of place, time and person; other bytes as they are.

    Raises Unreadable for one that is damaged at its beginning or unfolds to too much.
    """
    try:
        if content.startswith(_PNG):
            return _png(content)
        if content.startswith(b"\xff\xd8\xff"):
            return _jpeg(content)
        if content[:6] in (b"GIF87a", b"GIF89a"):
            _measured(*struct.unpack_from("<HH", content, 6))
        elif content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            return _webp(content)
    except (struct.error, IndexError):
        raise Unreadable("This picture is damaged.") from None
    return content


def _measured(width: int, height: int) -> None:
    if max(width, height) > WIDEST or width * height > MOST_PIXELS:
        raise Unreadable(f"The picture has {width:,} by {height:,} pixels, which no screen shows. Make it smaller.")


def _png(content: bytes) -> bytes:
    kept, at = [_PNG], len(_PNG)
    while at + 12 <= len(content):
        size, name = struct.unpack_from(">I4s", content, at)
        if name == b"IHDR":
            _measured(*struct.unpack_from(">II", content, at + 8))
        if name not in _PNG_TELLS:
            kept.append(content[at : at + 12 + size])
        at += 12 + size
        if name == b"IEND":
            return b"".join(kept)  # what hangs on behind is no part of a picture
    return b"".join([*kept, content[at:]])


def _segments(content: bytes) -> Iterator[tuple[int, int, int]]:
    """The parts of a JPEG before its first scan: their sign, where they begin, where they end."""
    at = 2
    while at < len(content):
        if content[at] != 0xFF:
            raise Unreadable("This picture is damaged.")
        sign = content[at + 1]
        if sign == 0xFF:  # filling
            at += 1
            continue
        if sign in (0x01, *range(0xD0, 0xD8)):
            yield sign, at, at + 2
            at += 2
            continue
        size = struct.unpack_from(">H", content, at + 2)[0]
        if sign == 0xDA:
            yield sign, at, len(content)
            return
        yield sign, at, at + 2 + max(size, 2)
        at += 2 + max(size, 2)


def _jpeg(content: bytes) -> bytes:
    kept = [content[:2]]
    for sign, begin, end in _segments(content):
        part = content[begin:end]
        if 0xC0 <= sign <= 0xCF and sign not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", part, 5)
            _measured(width, height)
        if sign == 0xE1:
            turned = _orientation(part[4:])
            if turned > 1:
                kept.append(_turned(turned))
        elif sign not in (0xED, 0xFE):  # press notes and remarks; profiles of colour stay
            kept.append(part)
    return b"".join(kept)


def _orientation(said: bytes) -> int:
    """How a picture is to be turned, from 1 to 8; 0 where it does not say."""
    if not said.startswith(_EXIF):
        return 0
    body = said[6:]
    order = {b"II": "<", b"MM": ">"}.get(body[:2])
    if order is None or len(body) < 10:
        return 0
    first = struct.unpack_from(f"{order}I", body, 4)[0]
    if first + 2 > len(body):
        return 0
    count = struct.unpack_from(f"{order}H", body, first)[0]
    for n in range(min(count, 200)):
        at = first + 2 + 12 * n
        if at + 12 > len(body):
            break
        if struct.unpack_from(f"{order}H", body, at)[0] == _ORIENTATION:
            value = int(struct.unpack_from(f"{order}H", body, at + 8)[0])
            return value if 1 <= value <= 8 else 0
    return 0


def _turned(orientation: int) -> bytes:
    """A part of a JPEG that says how to turn it and nothing else."""
    table = struct.pack(">2sHIH", b"MM", 42, 8, 1) + struct.pack(">HHIHHI", _ORIENTATION, 3, 1, orientation, 0, 0)
    said = _EXIF + table
    return b"\xff\xe1" + struct.pack(">H", len(said) + 2) + said


def _webp(content: bytes) -> bytes:
    kept, at = [], 12
    while at + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, at)
        end = at + 8 + size + size % 2
        part = content[at:end]
        if name == b"VP8X":
            width, height = (1 + int.from_bytes(part[p : p + 3], "little") for p in (12, 15))
            _measured(width, height)
            part = part[:8] + bytes([part[8] & ~0x0C]) + part[9:]  # it has neither Exif nor XMP any more
        elif name == b"VP8 ":
            width, height = struct.unpack_from("<HH", part, 14)
            _measured(width & 0x3FFF, height & 0x3FFF)
        elif name == b"VP8L":
            bits = struct.unpack_from("<I", part, 9)[0]
            _measured((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        if name not in _WEBP_TELLS:
            kept.append(part)
        at = end
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body
