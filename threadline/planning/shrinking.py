"""A plan of one release, made smaller before it is solved; what comes out is as good.

With one release and no buffers an item is in or out, so what only one other item needs can be
counted with that one, what costs nothing with the one thing it needs, and what earns nothing and
nobody needs is out. This is what is done to precedence graphs before a knapsack over them is solved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from threadline.planning.model import Flags, Floats, Ints, Pair, Problem


class Shrinking:
    """Merges items, those ``held`` excepted, while any rule applies; ``kept`` are those that others went into."""

    def __init__(self, values: Floats, effort: Floats, requires: Sequence[Pair], held: Flags) -> None:
        self.value, self.effort, self.held = values.copy(), effort.copy(), held
        self.into = list(range(len(values)))
        self.needs: list[set[int]] = [set() for _ in values]
        self.needed: list[set[int]] = [set() for _ in values]
        for f, g in requires:
            if f != g:
                self.needs[f].add(g)
                self.needed[g].add(f)
        while self._once():
            pass
        self.kept = [f for f, into in enumerate(self.into) if into == f]

    def of(self) -> Ints:
        """Where each item is among the kept ones; -1 for out."""
        at = {f: i for i, f in enumerate(self.kept)} | {-1: -1}
        found = np.zeros(len(self.into), dtype=np.int64)
        for f in range(len(found)):
            head = f
            while head >= 0 and self.into[head] != head:
                head = self.into[head]
            found[f] = at[head]
        return found

    def pairs(self, of: Ints) -> list[Pair]:
        """(f, g) among the kept ones: f needs g."""
        return [(int(of[f]), int(of[g])) for f in self.kept for g in sorted(self.needs[f])]

    def merge(self, into: int, item: int) -> None:
        """Count ``item`` with ``into``; what needs either needs both."""
        self.into[item] = into
        if into >= 0:
            self.value[into] += self.value[item]
            self.effort[into] += self.effort[item]
        for g in self.needs[item]:
            self.needed[g].discard(item)
            if into >= 0 and g != into:
                self.needs[into].add(g)
                self.needed[g].add(into)
        for f in self.needed[item]:
            self.needs[f].discard(item)
            if into >= 0 and f != into:
                self.needs[f].add(into)
                self.needed[into].add(f)
        self.needs[item], self.needed[item] = set(), set()

    def _once(self) -> int:
        """Apply every rule to every item; how many gave way."""
        gave = self._shortcuts()
        alike: dict[frozenset[int], int] = {}
        for item in range(len(self.into)):
            if self.into[item] != item or self.held[item]:
                continue
            into, free = self._goes(item), not self.effort[item].any()
            if into is None and free and self.value[item] >= 0 and not self.needed[item]:
                other = alike.setdefault(frozenset(self.needs[item]), item)
                into = other if other != item else None
            if into is not None:
                self.merge(into, item)
                gave += 1
        return gave

    def _goes(self, item: int) -> int | None:
        needs, needed = self.needs[item], self.needed[item]
        if self.value[item] <= 0 and not needed:
            return -1
        if self.value[item] <= 0 and len(needed) == 1:
            (into,) = needed
            return None if self.held[into] else into
        if self.value[item] >= 0 and len(needs) == 1 and not self.effort[item].any():
            (into,) = needs
            return None if self.held[into] else into
        return None

    def _shortcuts(self) -> int:
        """Take out what already follows: f needs h when f needs g and g needs h."""
        waiting = [len(needs) for needs in self.needs]
        ready, reach, gave = [f for f, count in enumerate(waiting) if not count], [0] * len(waiting), 0
        while ready:
            item = ready.pop()
            through = 0
            for g in self.needs[item]:
                through |= reach[g]
            for g in [g for g in self.needs[item] if through >> g & 1]:
                self.needs[item].discard(g)
                self.needed[g].discard(item)
                gave += 1
            reach[item] = through
            for g in self.needs[item]:
                reach[item] |= 1 << g
            for f in self.needed[item]:
                waiting[f] -= 1
                if not waiting[f]:
                    ready.append(f)
        return gave


def shrunk(problem: Problem) -> tuple[Problem, Ints] | None:
    """The smaller problem and where each item went in it (-1: out); None where these rules do not hold."""
    if problem.releases > 1 or problem.kappa or problem.mix or problem.published is not None:
        return None
    held = (problem.must_by >= 0) | (problem.fixed >= 0) | (problem.earliest > 0) | (problem.due < 0)
    for pair in (*problem.excludes, *problem.together, *problem.after):
        held[list(pair)] = True
    work = Shrinking(problem.values, problem.effort, problem.requires, held)
    kept, of = work.kept, work.of()

    def moved(pairs: Sequence[Pair]) -> list[Pair]:
        return [(int(of[f]), int(of[g])) for f, g in pairs]

    smaller = replace(
        problem,
        values=work.value[kept],
        effort=work.effort[kept],
        spread=problem.spread[kept],
        due=problem.due[kept],
        earliest=problem.earliest[kept],
        must_by=problem.must_by[kept],
        fixed=problem.fixed[kept],
        requires=work.pairs(of),
        after=moved(problem.after),
        excludes=moved(problem.excludes),
        together=moved(problem.together),
        category=None,
    )
    return smaller, of
