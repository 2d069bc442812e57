"""Bytes of a text file as lines of Unicode, in constant memory, whatever the encoding."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

CHUNK = 64 * 1024

_MARKS = [
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
]


def encoding_of(path: Path) -> str:
    """The encoding that a byte order mark declares, or the pattern of NULs betrays, else utf-8."""
    with path.open("rb") as file:
        start = file.read(4096)
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    even, odd = start[0::2].count(0), start[1::2].count(0)
    # In UTF-16, one byte of most characters of Western text is NUL, always on the same side.
    if max(even, odd) > len(start) * 0.3 and min(even, odd) * 10 <= max(even, odd):
        return "utf-16-be" if even > odd else "utf-16-le"
    return "utf-8"


def utf8_chunks(path: Path) -> Iterator[bytes]:
    """The file as UTF-8 without a byte order mark. A file in no declared encoding comes as it is."""
    encoding = encoding_of(path)
    with path.open("rb") as file:
        if encoding == "utf-8":
            while chunk := file.read(CHUNK):
                yield chunk
            return
        if encoding == "utf-8-sig":
            file.seek(len(codecs.BOM_UTF8))
            while chunk := file.read(CHUNK):
                yield chunk
            return
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        while chunk := file.read(CHUNK):
            yield decoder.decode(chunk).encode("utf-8", "replace")
        yield decoder.decode(b"", final=True).encode("utf-8", "replace")


def byte_lines(path: Path, longest: int) -> Iterator[bytes]:
    """Lines of the file as UTF-8 with their ends (LF, CR or CRLF).

    A longer line comes cut to `longest` + 1 bytes, so that the reader can see it was too long.
    """
    rest = b""
    for chunk in utf8_chunks(path):
        pieces = (rest + chunk).splitlines(keepends=True)
        # The last piece may go on in the next chunk, and so may a line end of two bytes.
        rest = pieces.pop() if pieces and not pieces[-1].endswith(b"\n") else b""
        yield from (piece[: longest + 1] for piece in pieces)
        if not rest.endswith(b"\r"):
            rest = rest[: longest + 1]
    if rest:
        yield rest[: longest + 1]


def decoded(line: bytes) -> tuple[str, bool]:
    """The text of a line, and whether it was UTF-8. Other lines are read as Windows-1252.

    Deciding line by line reads files right that were glued together from both.
    """
    try:
        return line.decode("utf-8"), True
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace"), False
