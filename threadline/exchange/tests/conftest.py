"""Files written on the spot, taken in and checked as the product manager of North."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from threadline.exchange import carrying, uploads
from threadline.exchange.mapping import Mapping, Pair, from_json, overridden
from threadline.exchange.runs import ImportRun
from threadline.kernel.access import Actor
from threadline.kernel.testing import World

Rows = Sequence[Sequence[Any]]


def as_csv(rows: Rows) -> bytes:
    """Rows, the first of them the header, as CSV."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def pieces(content: bytes, size: int = 100) -> Iterable[bytes]:
    """The content as an upload brings it."""
    return (content[at : at + size] for at in range(0, len(content), size))


class Desk:
    """Takes files in, as one person."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def take(
        self, rows: Rows | bytes, kind: str = "feedback", source: str = "reviews", name: str = "r.csv"
    ) -> ImportRun:
        """A file taken in, with the proposal for its columns."""
        content = rows if isinstance(rows, bytes) else as_csv(rows)
        return uploads.take_in(self.actor, kind, source, name, pieces(content))

    def choose(self, run: ImportRun, *pairs: Pair, **said: Any) -> ImportRun:
        """Match columns by hand, over the proposal."""
        carrying.choose(self.actor, run, overridden(from_json(run.mapping), Mapping(pairs, **said)))
        return run

    def bring(self, run: ImportRun, *, skip_bad: bool = False) -> ImportRun:
        """Check and bring in."""
        carrying.check(self.actor, run)
        carrying.bring_in(self.actor, run, skip_bad=skip_bad)
        run.refresh_from_db()
        return run


@pytest.fixture
def data_dir(tmp_path: Path, settings: LazySettings) -> Path:
    """Uploads go to a folder of the test."""
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def desk(world: World, data_dir: Path) -> Desk:
    """The product manager's."""
    return Desk(world.pm)


@pytest.fixture
def desk_of(data_dir: Path) -> Callable[[Actor], Desk]:
    """Anybody's."""
    return Desk
