"""CPU of our process and of the database together, taken from two kinds of work in turns.

The machine is shared and its speed moves from second to second. So what is compared is run
alternately, in short blocks, and the middle of the blocks is taken.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

Thunk = Callable[[], object]
# Gives the next so many pieces of work, prepared: preparing is not timed.
Source = Callable[[int], list[Thunk]]


class Meter:
    """Seconds of CPU spent by this process, and by the database's processes of these ids."""

    def __init__(self, processes: tuple[int, ...] = ()) -> None:
        self._paths = [Path(f"/proc/{pid}/schedstat") for pid in processes]

    def read(self) -> float:
        """CPU seconds so far; only differences mean anything."""
        there = sum(int(path.read_text().split()[0]) for path in self._paths)
        return time.process_time() + there / 1e9


@dataclass
class Taken:
    """What was measured of one kind of work: CPU per piece (a mean for each block), wall time of each piece."""

    blocks: list[float] = field(default_factory=list)
    walls: list[float] = field(default_factory=list)

    @property
    def cpu(self) -> float:
        """CPU seconds per piece: the middle block."""
        return median(self.blocks)


def quantile(values: list[float], share: float) -> float:
    """The value below which ``share`` of the values lie, the nearest one of them."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def in_turns(
    sources: Mapping[str, Source], meter: Meter, *, seconds: float, block: int, most: int = 60, least: int = 5
) -> dict[str, Taken]:
    """Run blocks of each kind of work in turns for about ``seconds``; what each took.

    The order is turned round every time, so that none always comes after the same other.
    """
    taken = {name: Taken() for name in sources}
    for source in sources.values():  # the first ones fill caches
        for thunk in source(2):
            thunk()
    gc.collect()
    until, names = time.monotonic() + seconds, list(sources)
    for turn in range(most):
        if turn >= least and time.monotonic() > until:
            break
        for name in names if turn % 2 else reversed(names):
            _block(taken[name], sources[name](block), meter)
    return taken


def _block(taken: Taken, thunks: list[Thunk], meter: Meter) -> None:
    before = meter.read()
    for thunk in thunks:
        began = time.perf_counter()
        thunk()
        taken.walls.append(time.perf_counter() - began)
    taken.blocks.append((meter.read() - before) / len(thunks))


def yardstick(count: int) -> list[Thunk]:
    """A fixed piece of work, to tell a slower machine from slower code between runs."""
    rows = [(n, str(n), n * 0.5) for n in range(1_000)]

    def work() -> object:
        return sorted(({"a": a, "b": b, "c": c} for a, b, c in rows), key=lambda row: row["b"])

    return [work] * count
