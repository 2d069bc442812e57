"""What a command says: data to stdout for programs and people, talk to stderr."""

from __future__ import annotations

import os
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import click
import orjson

from threadline.kernel.listing import exported

# Any record may hold what a stranger wrote: what would move a terminal's cursor is not passed on.
_UNSAFE = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\ufffd")
_INLINE: dict[int, str] = {**_UNSAFE, 0x09: " ", 0x0A: " ", 0x0D: " "}
_BLOCK = {n: to for n, to in _UNSAFE.items() if n not in (0x09, 0x0A)}
NARROWEST = 12


def safe(text: Any, *, lines: bool = False) -> str:
    """Text fit for a terminal; on one line unless ``lines``."""
    return str(text).translate(_BLOCK if lines else _INLINE)


def coloured(stream: Any) -> bool:
    """Whether colour is welcome there: a terminal, and nobody has asked for none."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width(text: str) -> int:
    """Columns a text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def cut(text: str, room: int) -> str:
    """The text in at most ``room`` columns."""
    if width(text) <= room:
        return text
    while text and width(text) > room - 1:
        text = text[:-1]
    return text.rstrip() + "…"


def plain(value: Any) -> Any:
    """A value as JSON carries it."""
    if isinstance(value, UUID | date):
        return str(value) if isinstance(value, UUID) else exported(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


@dataclass(frozen=True)
class Talk:
    """How this run of a command wants to be spoken to."""

    json: bool = False
    quiet: bool = False

    @property
    def lively(self) -> bool:
        """Whether a moving progress bar is wanted: somebody watches."""
        return sys.stderr.isatty() and not self.quiet and os.environ.get("TERM") != "dumb"

    def data(self, value: Any) -> None:
        """One JSON document on stdout, indented where a person reads it."""
        options = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z | (orjson.OPT_INDENT_2 if sys.stdout.isatty() else 0)
        click.echo(orjson.dumps(value, default=plain, option=options).decode())

    def line(self, text: str, *, bold: bool = False, dim: bool = False) -> None:
        """One line of data for people."""
        click.echo(click.style(text, bold=bold, dim=dim) if coloured(sys.stdout) and (bold or dim) else text)

    def say(self, text: str) -> None:
        """Talk; silent with ``--quiet``."""
        if not self.quiet:
            click.echo(text, err=True)

    def warn(self, text: str) -> None:
        """Talk that ``--quiet`` does not silence."""
        click.echo(text, err=True)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Rows under headings for a terminal; tabs between bare values for a program."""
        ready = [["" if v is None else safe(exported(v)) for v in row] for row in rows]
        if not sys.stdout.isatty():
            for row in ready:
                click.echo("\t".join(row))
            return
        if ready:
            heads = [c.replace("_", " ") for c in columns]
            widths = fitted([max(map(width, column)) for column in zip(heads, *ready, strict=True)])
            self.line(_laid(heads, widths), dim=True)
            for row in ready:
                self.line(_laid(row, widths))


def fitted(widths: list[int]) -> list[int]:
    """Column widths that fit the terminal: the widest give first."""
    room = shutil.get_terminal_size((100, 24)).columns - 2 * (len(widths) - 1)
    while sum(widths) > room and max(widths) > NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return widths


def _laid(row: Sequence[str], widths: list[int]) -> str:
    cells = [cut(text, room) for text, room in zip(row, widths, strict=True)]
    padded = [text + " " * (room - width(text)) for text, room in zip(cells, widths, strict=True)]
    return "  ".join(padded).rstrip()
