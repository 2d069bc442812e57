"""A progress bar on stderr, for work that takes long enough to wonder about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from threadline.faces.cli.talk import Talk, safe

Tell = Callable[[int, int | None, str], None]


@contextmanager
def progress(talk: Talk, label: str) -> Iterator[Tell]:
    """``tell(done, total, what)``; shown only where somebody watches."""
    if not talk.lively:
        yield lambda done, total, what: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)

        def tell(done: int, total: int | None, what: str) -> None:
            bar.update(task, completed=done, total=total, description=f"{label} {safe(what)}"[:40])

        yield tell
