"""What the files of other products hold: which of their columns become which fields.

A leaf registers its presets; choosing one, by naming it as the source of a file or by bringing a
file with its columns, decides the columns it knows. All others are guessed as ever, and a person
sees and can change every one before anything is brought in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from threadline.exchange.mapping import plain_name


@dataclass(frozen=True)
class Preset:
    """One product's export. ``columns`` maps column to target; ``marks`` are columns that only it has.

    ``name`` is the source that records from it carry; column names count in any spelling.
    """

    name: str
    label: str
    kind: str
    columns: dict[str, str]
    marks: tuple[str, ...] = ()
    constants: dict[str, str] = field(default_factory=dict)

    @property
    def plain(self) -> dict[str, str]:
        """The columns as names are compared."""
        return {plain_name(column): target for column, target in self.columns.items()}


_presets: dict[tuple[str, str], Preset] = {}


def offer(*presets: Preset) -> None:
    """Register presets; a name stands for one preset of a kind."""
    for preset in presets:
        if (preset.kind, preset.name) in _presets:
            raise RuntimeError(f"two presets of {preset.kind} are called {preset.name}")
        _presets[preset.kind, preset.name] = preset


def offered(kind: str) -> list[Preset]:
    """The presets for files of a kind, as they were registered."""
    return [p for (k, _), p in _presets.items() if k == kind]


def preset_for(kind: str, source: str, columns: Sequence[str]) -> Preset | None:
    """The preset that was named, else the one whose own columns are all here."""
    there = {plain_name(c) for c in columns}
    named = _presets.get((kind, source.strip().lower()))
    if named is not None:
        return named if there & named.plain.keys() else None
    return next((p for p in offered(kind) if p.marks and {plain_name(m) for m in p.marks} <= there), None)
