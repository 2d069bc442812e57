"""RICE: the formula, and how wide a score becomes when its inputs have no source.

Formula and scales: Sean McBride, "RICE: Simple prioritization for product managers", Intercom,
2016. Four guesses multiplied look exact and are not; so an input that nobody can point to a
source for counts as a range, and the score with it.

How wide is a plain rule of ours, meant to be understood at a glance, not a statistic:

* reach and effort, ±50 %: whoever estimates from memory is not surprised by half or half as
  much again; beyond that they would have looked it up.
* impact, one step down and one up its scale: the steps are words, and neighbours are what
  people disagree on.
* confidence, 50 to 100 %, and lower if it was given lower: saying how sure one is without a
  reason says little, and 50 % is the lowest the method gives to anything but a long shot.

Zero is no range: a reach of nobody stays nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from threadline.kernel import fields
from threadline.kernel.access import Actor

FORMULA = "reach × impact × confidence ÷ effort"
IMPACTS = ((3.0, "Massive (3)"), (2.0, "High (2)"), (1.0, "Medium (1)"), (0.5, "Low (0.5)"), (0.25, "Minimal (0.25)"))
_STEPS = sorted(value for value, _ in IMPACTS)
INPUTS = (("reach", "people a quarter"), ("impact", ""), ("confidence", "%"), ("effort", "person-months"))
_HOW = {
    "reach": "without a source, half to half as much again",
    "effort": "without a source, half to half as much again",
    "impact": "without a source, one step down to one step up",
    "confidence": "without a source, 50 to 100 %",
}


class Impact(fields.Choice):
    """A number of the impact scale, also by its word; compares as a number."""

    compare = "number"

    def __init__(self) -> None:
        super().__init__(IMPACTS)
        words = {label.split(" ")[0].lower(): value for value, label in IMPACTS}
        self._said = {**words, **{label.lower(): value for value, label in IMPACTS}}

    def clean(self, raw: Any, actor: Actor) -> Any:
        """The number, from 2, "2", "high" or "High (2)"; raises Refused for what lies between."""
        word = raw.strip().lower() if isinstance(raw, str) else raw
        if word is None or word == "":
            return None
        try:
            number = self._said[word] if word in self._said else float(word)
        except (TypeError, ValueError):
            number = None
        if isinstance(raw, bool) or number not in _STEPS:
            raise fields.Refused("Impact is one of 3, 2, 1, 0.5, 0.25: massive, high, medium, low, minimal.")
        return number


def score(reach: float, impact: float, confidence: float, effort: float) -> float:
    """Reach (people a quarter) × impact × confidence (per cent) / effort (person-months, above 0)."""
    return reach * impact * confidence / 100.0 / effort


def spread(name: str, value: float) -> tuple[float, float]:
    """The lowest and highest an unsourced input may be."""
    if name == "impact":
        at = min(range(len(_STEPS)), key=lambda i: abs(_STEPS[i] - value))
        return _STEPS[max(at - 1, 0)], _STEPS[min(at + 1, len(_STEPS) - 1)]
    if name == "confidence":
        return min(value, 50.0), 100.0
    return value * 0.5, value * 1.5


@dataclass(frozen=True, slots=True)
class Input:
    """One of the four numbers: what it is, where it comes from, and how far it may be off."""

    name: str
    unit: str
    value: float | None
    source: str
    on: date | None
    sourced: bool
    low: float | None
    high: float | None
    problem: str


@dataclass(frozen=True, slots=True)
class ScoreCard:
    """A feature's score with its range. All three are None while an input is missing."""

    formula: str
    inputs: tuple[Input, ...]
    low: float | None
    likely: float | None
    high: float | None
    missing: tuple[str, ...]
    unsourced: tuple[str, ...]

    @property
    def certain(self) -> bool:
        """Whether every input has a source, so that the score is one number."""
        return self.likely is not None and not self.unsourced


def score_card(given: Mapping[str, tuple[float | None, str, date | None]]) -> ScoreCard:
    """The card for inputs by name, each (value, source, as of)."""
    inputs = tuple(_input(name, unit, *given[name]) for name, unit in INPUTS)
    missing = tuple(i.name for i in inputs if i.value is None)
    unsourced = tuple(i.name for i in inputs if i.value is not None and not i.sourced)
    low = likely = high = None
    if not missing:
        by = {i.name: i for i in inputs}
        low = _of(by, reach="low", impact="low", confidence="low", effort="high")
        likely = _of(by, reach="value", impact="value", confidence="value", effort="value")
        high = _of(by, reach="high", impact="high", confidence="high", effort="low")
    return ScoreCard(FORMULA, inputs, low, likely, high, missing, unsourced)


def _of(by: Mapping[str, Input], **ends: str) -> float:
    return score(**{name: float(getattr(by[name], end)) for name, end in ends.items()})


def _input(name: str, unit: str, value: float | None, source: str, on: date | None) -> Input:
    sourced = bool(source.strip())
    if value is None:
        return Input(name, unit, None, source, on, sourced, None, None, "Missing.")
    low, high = (value, value) if sourced else spread(name, value)
    problem = "" if sourced else f"No source: counts as {low:g} to {high:g} ({_HOW[name]})."
    return Input(name, unit, value, source, on, sourced, low, high, problem)
