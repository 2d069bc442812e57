"""What the sample company's story is told with: dated writes, each by one person through the door."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from threadline.demo.company import Given
from threadline.kernel import verbs
from threadline.kernel.access import Actor
from threadline.kernel.actions import Action, all_actions
from threadline.kernel.registry import type_of

_REF = re.compile(r"\[\[([a-z0-9-]+)\]\]")
Dated = tuple[str, UUID] | None
Run = Callable[[UUID], Dated]


@dataclass(order=True)
class Step:
    """One write. ``run`` is given the batch it belongs to, and returns what else it dates: ("link", pk)."""

    at: datetime
    order: int
    run: Run = field(compare=False)
    makes: str = field(default="", compare=False)  # the ref it creates
    kind: str = field(default="", compare=False)


class Steps:
    """The steps so far; ``ids`` and ``keys`` are filled as records are made, ``made_at`` before."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.ids: dict[str, UUID] = {}
        self.keys: dict[str, str] = {}
        self.made_at: dict[str, datetime] = {}
        self.verbs: dict[str, Action[Any]] = {a.name: a for a in all_actions()}

    def ordered(self) -> Iterator[Step]:
        """The steps in the order they happened."""
        yield from sorted(self.steps)

    def _add(self, at: datetime, run: Run, *, makes: str = "", kind: str = "") -> None:
        self.steps.append(Step(at, len(self.steps), run, makes, kind))

    def _create(self, at: datetime, actor: Actor, kind: str, ref: str, values: Callable[[], Given]) -> None:
        def run(batch: UUID) -> None:
            self.ids[ref] = verbs.create(actor, kind, _said(values()), batch=batch).pk

        self.made_at[ref] = at
        self._add(at, run, makes=ref, kind=kind)

    def _update(self, at: datetime, actor: Actor, kind: str, ref: str, values: Given, why: str = "") -> None:
        def run(batch: UUID) -> None:
            said = {n: self._text(v) if isinstance(v, str) else v for n, v in values.items()}
            verbs.update(actor, kind, self.ids[ref], said, why=why, batch=batch)

        self._add(at, run)

    def _act(self, at: datetime, actor: Actor, name: str, ref: str, **given: Any) -> None:
        action = self.verbs[name]

        def run(batch: UUID) -> None:
            said: Given = {n: self._text(v) if isinstance(v, str) else v for n, v in given.items()}
            action(actor, batch=batch, **{**said, action.subject: self.ids[ref]})

        self._add(at, run)

    def _link(self, at: datetime, actor: Actor, source: str, target: str, kind: str, quote: str = "") -> None:
        def run(batch: UUID) -> Dated:
            made = verbs.link(actor, self.ids[source], self.ids[target], kind, quote=quote, batch=batch)
            return "link", made.pk

        self._add(at, run)

    def _tag(self, at: datetime, actor: Actor, ref: str, names: list[str]) -> None:
        def run(batch: UUID) -> None:
            verbs.tag(actor, self.ids[ref], names, batch=batch)

        if names:
            self._add(at, run)

    def _text(self, given: str | None) -> str:
        """A text with each ``[[ref]]`` as the key that its record has or will have."""
        return _REF.sub(lambda m: f"[[{self.keys.get(m[1], m[1])}]]", given or "")

    def _number(self) -> None:
        counted: dict[str, int] = {}
        for step in self.ordered():
            if step.makes:
                counted[step.kind] = counted.get(step.kind, 0) + 1
                self.keys[step.makes] = f"{type_of(step.kind).model.prefix}-{counted[step.kind]}"


def _said(values: Given) -> Given:
    return {n: v for n, v in values.items() if v is not None and v != ""}
