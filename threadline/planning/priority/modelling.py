"""Ways to score, each with its inputs, its formula and how far an input without a source may be off.

Every method is the same to a caller: named inputs in, one number out, more is better. A score is a range: from
every doubtful input at its worst to every one at its best. How wide a doubtful input is is a plain rule of ours,
not a statistic: half to half as much again for an amount, two steps either way on a scale.

Sources: RICE, S. McBride (Intercom, 2016). ICE, S. Ellis (product) and the school that averages. WSJF, SAFe. CD3,
D. Reinertsen (2009) and J. Arnold. Opportunity score, A. Ulwick (2002). MaxDiff, J. Louviere (1987).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from threadline.later import np
from threadline.planning.priority import chance, scores, weighing

STEPS = 2.0  # either way, for a doubtful input on a scale
Values = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Input:
    """One number that a method asks for. ``less`` when a smaller one is better; ``high`` None for an open amount."""

    name: str
    label: str
    help: str = ""
    unit: str = ""
    low: float = 0.0
    high: float | None = None
    less: bool = False
    weight: float = 1.0
    steps: tuple[float, ...] = ()  # the only values there are

    def doubt(self, value: float) -> tuple[float, float]:
        """The lowest and highest that an unsourced value may stand for."""
        if self.steps:
            at = min(range(len(self.steps)), key=lambda i: abs(self.steps[i] - value))
            return self.steps[max(at - 1, 0)], self.steps[min(at + 1, len(self.steps) - 1)]
        if self.high is None:
            return value * 0.5, value * 1.5
        return max(self.low, value - STEPS), min(self.high, value + STEPS)


@dataclass(frozen=True, slots=True)
class Method:
    """A way to score. ``value`` and ``effort`` are what the plot of value for effort draws, where they are apart."""

    name: str
    label: str
    formula: str
    inputs: tuple[Input, ...]
    score: Callable[[Values], float]
    caution: str = ""
    value: Callable[[Values], float] | None = None
    effort: str = ""

    def input(self, name: str) -> Input | None:
        """The input of that name."""
        return next((i for i in self.inputs if i.name == name), None)


def _scale(name: str, label: str, help_: str, high: float = 10, low: float = 1, *, less: bool = False) -> Input:
    return Input(name, label, help_, low=low, high=high, less=less)


_ORDINAL = "Its inputs are steps on a scale: the score puts things in order, and says nothing of how much more."
_CONFIDENCE = Input("confidence", "Confidence", "100 high, 80 medium, 50 low.", "%", 0, 100)
RICE = Method(
    "rice", "RICE", "reach \u00d7 impact \u00d7 confidence \u00f7 effort",
    (
        Input("reach", "Reach", "People a quarter.", "people a quarter"),
        Input("impact", "Impact", "3 massive, 2 high, 1 medium, 0.5 low, 0.25 minimal.", low=0.25, high=3,
              steps=(0.25, 0.5, 1.0, 2.0, 3.0)),
        _CONFIDENCE,
        Input("effort", "Effort", "Person-months.", "person-months", 0.05, less=True),
    ),
    lambda v: v["reach"] * v["impact"] * v["confidence"] / 100 / v["effort"],
    value=lambda v: v["reach"] * v["impact"] * v["confidence"] / 100, effort="effort",
)  # fmt: skip
_ICE = (
    _scale("ice_impact", "Impact", "1 hardly any, 10 as much as anything could."),
    _scale("ice_confidence", "Confidence", "1 a guess, 10 sure."),
    _scale("ice_ease", "Ease", "1 a quarter's work, 10 an afternoon."),
)


def _ice(v: Values) -> tuple[float, float, float]:
    return v["ice_impact"], v["ice_confidence"], v["ice_ease"]


ICE = Method("ice", "ICE, multiplied", "impact \u00d7 confidence \u00d7 ease", _ICE,
             lambda v: scores.ice_product(*_ice(v)), _ORDINAL)  # fmt: skip
ICE_MEAN = Method("ice_mean", "ICE, averaged", "(impact + confidence + ease) \u00f7 3", _ICE,
                  lambda v: scores.ice_mean(*_ice(v)), _ORDINAL)  # fmt: skip
WSJF = Method(
    "wsjf", "WSJF", "(business value + time criticality + risk reduction) \u00f7 job size",
    (
        _scale("wsjf_value", "Business value", "1, 2, 3, 5, 8, 13, 20: beside the others.", 20),
        _scale("wsjf_urgency", "Time criticality", "How fast the value goes while it waits.", 20),
        _scale("wsjf_risk", "Risk reduction", "What it makes safer or possible.", 20),
        _scale("wsjf_size", "Job size", "Beside the others.", 20, less=True),
    ),
    lambda v: scores.wsjf(v["wsjf_value"], v["wsjf_urgency"], v["wsjf_risk"], v["wsjf_size"]),
    _ORDINAL, lambda v: v["wsjf_value"] + v["wsjf_urgency"] + v["wsjf_risk"], "wsjf_size",
)  # fmt: skip
CD3 = Method(
    "cd3", "Cost of delay", "cost of delay \u00f7 duration",
    (
        Input("cost_of_delay", "Cost of delay", "What a week of waiting costs.", "a week"),
        Input("duration", "Duration", "Weeks of work.", "weeks", 0.1, less=True),
    ),
    lambda v: scores.cd3(v["cost_of_delay"], v["duration"]),
    "The best order for one team without dependencies; with several, let the planner choose.",
    lambda v: v["cost_of_delay"], "duration",
)  # fmt: skip
OPPORTUNITY = Method(
    "opportunity", "Opportunity score", "importance + what satisfaction lacks of it",
    (
        _scale("importance", "Importance", "Share of people who rate it 4 or 5, from 0 to 10.", low=0),
        _scale("satisfaction", "Satisfaction", "Share who are content today, from 0 to 10.", low=0, less=True),
    ),
    lambda v: scores.opportunity(v["importance"], v["satisfaction"]),
    "Of one segment of customers: all of them together hide those who are badly served.",
)  # fmt: skip
MAXDIFF = Method(
    "maxdiff", "MaxDiff share", "how often it would be chosen from all",
    (Input("maxdiff_share", "Share", "From a survey of best and worst.", "%", 0, 100),),
    lambda v: v["maxdiff_share"], "Between the things asked about, and only those.",
)  # fmt: skip
SURE_DRAWS = 2_000  # for each place of a ranking
METHODS = {m.name: m for m in (RICE, ICE, ICE_MEAN, WSJF, CD3, OPPORTUNITY, MAXDIFF)}
_LINE = re.compile(r"^\s*[-*]?\s*(.+?)\s*[:=]\s*(-?\d+(?:[.,]\d+)?)\s*$")
MOST_CRITERIA = 12


def slug(label: str) -> str:
    """The name of a criterion as an input: what it is called, in small letters."""
    return "c_" + re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:50]


def criteria(text: str) -> list[tuple[str, float]]:
    """(criterion, weight) of each line such as ``Revenue: 3``; ValueError for a line that says something else."""
    found = []
    for line in filter(str.strip, text.splitlines()):
        said = _LINE.match(line)
        if said is None:
            raise ValueError(f"\u201c{line.strip()[:60]}\u201d is no criterion with a weight, such as Revenue: 3.")
        weight = float(said[2].replace(",", "."))
        if weight < 0:
            raise ValueError(f"{said[1]}: a weight is 0 or more.")
        found.append((said[1], weight))
    if not found or not any(weight for _, weight in found):
        raise ValueError("Name at least one criterion with a weight above 0, one a line.")
    if len({slug(label) for label, _ in found}) < len(found):
        raise ValueError("Two criteria have the same name.")
    if len(found) > MOST_CRITERIA:
        raise ValueError(f"At most {MOST_CRITERIA} criteria: nobody can weigh more of them.")
    return found


def method_of(name: str, text: str = "") -> Method:
    """The method of that name; ``text`` are the criteria of a weighted one."""
    if name != "weighted":
        return METHODS[name]
    named = criteria(text)
    inputs = tuple(
        replace(_scale(slug(label), label, "0 not at all, 10 wholly.", low=0), weight=w) for label, w in named
    )
    weights = [w for _, w in named]
    formula = " + ".join(f"{w:g} \u00d7 {label}" for label, w in named)
    return Method("weighted", "Weighted", f"({formula}) \u00f7 {sum(weights):g}", inputs,
                  lambda v: weighing.weighted(weights, [v[i.name] for i in inputs]), _ORDINAL)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Given:
    """What was said of one input, and where it comes from; ``low`` and ``high`` where a range was given."""

    value: float
    source: str = ""
    low: float | None = None
    high: float | None = None

    @property
    def sourced(self) -> bool:
        """Whether anybody could check it."""
        return bool(self.source.strip())


@dataclass(frozen=True, slots=True)
class Score:
    """A score as a range; None all three while an input is missing."""

    low: float | None
    likely: float | None
    high: float | None
    missing: tuple[str, ...]
    unsourced: tuple[str, ...]


def ends(asked: Input, given: Given) -> tuple[float, float]:
    """The lowest and highest an input may be: as given, as doubted without a source, else the number itself."""
    if given.low is not None and given.high is not None:
        return given.low, given.high
    return (given.value, given.value) if given.sourced else asked.doubt(given.value)


def score_of(method: Method, given: Mapping[str, Given]) -> Score:
    """The score with its range. Every method only rises, or only falls, with each of its inputs."""
    missing = tuple(i.label for i in method.inputs if i.name not in given)
    unsourced = tuple(i.label for i in method.inputs if i.name in given and not given[i.name].sourced)
    if missing:
        return Score(None, None, None, missing, unsourced)
    worst, best = {}, {}
    for one in method.inputs:
        low, high = ends(one, given[one.name])
        worst[one.name], best[one.name] = (high, low) if one.less else (low, high)
    likely = {name: given[name].value for name in worst}
    return Score(method.score(worst), method.score(likely), method.score(best), (), unsourced)


def sure_places(method: Method, ranked: Sequence[Mapping[str, Given]]) -> list[chance.Place]:
    """How sure each place is: inputs drawn from their ranges, items that have a score in the order of their rank."""
    rows = []
    for at, given in enumerate(ranked):
        drawn = chance.drawn([_ranged(one, given[one.name]) for one in method.inputs], SURE_DRAWS, 1 + at)
        sampled: Any = {one.name: drawn[n] for n, one in enumerate(method.inputs)}
        rows.append(method.score(sampled))
    return chance.places_of(np.array(rows, dtype=float)) if rows else []


def _ranged(asked: Input, given: Given) -> chance.Ranged:
    low, high = ends(asked, given)
    return chance.Ranged(min(low, given.value), given.value, max(high, given.value))


@dataclass(frozen=True, slots=True)
class Move:
    """How an item's place differs between two models, and the input that tells why; None is not scored."""

    item: str
    was: int | None
    now: int | None
    because: str

    @property
    def up(self) -> int:
        """Places gained; below 0 when it falls, 0 when it is scored in only one of them."""
        return 0 if self.was is None or self.now is None else self.was - self.now


def places(scored: Mapping[str, float | None]) -> dict[str, int]:
    """The place of each scored item, best first; equal scores share the better place."""
    known = sorted((s for s in scored.values() if s is not None), reverse=True)
    return {item: known.index(s) + 1 for item, s in scored.items() if s is not None}


def moves(before: Method, after: Method, items: Mapping[str, Mapping[str, Given]]) -> list[Move]:
    """Whose place changes from one model to the other and why, the largest moves first."""
    was = places({item: score_of(before, said).likely for item, said in items.items()})
    now = places({item: score_of(after, said).likely for item, said in items.items()})
    found = []
    for item, said in items.items():
        old, new = was.get(item), now.get(item)
        if old != new:
            found.append(Move(item, old, new, _why(before, after, items, item, said, old, new)))
    return sorted(found, key=lambda m: (m.was is None or m.now is None, -abs(m.up), m.now or 10_000, m.item))


def _why(before: Method, after: Method, items: Mapping[str, Mapping[str, Given]], item: str, said: Mapping[str, Given],
         old: int | None, new: int | None) -> str:  # fmt: skip
    if new is None:
        return f"No score: {_lacking(after, said)}."
    if old is None:
        return f"Scored now: before, {_lacking(before, said)}."
    rising = new < old
    told = [t for t in (_told(i, before, items, item) for i in after.inputs) if t and (t[0] > 0) == rising and t[0]]
    if not told:
        gone = (i for i in before.inputs if after.input(i.name) is None)
        told = [t for t in (_told(i, None, items, item) for i in gone) if t and (t[0] > 0) == rising and t[0]]
    if not told:
        return "Others fell behind it." if rising else "Others moved past it."
    _, _, asked, stands, of, weight_was = (max if rising else min)(told, key=lambda t: t[:2])
    place = f"{asked.label.lower()}, {_ordinal(stands)} of {of}"
    if after.input(asked.name) is None:
        return f"No longer asked: {place}."
    if weight_was and weight_was != asked.weight:
        return f"Weight from {weight_was:g} to {asked.weight:g}: {place}."
    return f"Asked now: {place}."


def _told(
    asked: Input, before: Method | None, items: Mapping[str, Mapping[str, Given]], item: str
) -> tuple[float, float, Input, int, int, float] | None:
    """How far an input speaks for a rise: its change of weight, by how far above the middle the item stands in it.

    ``before`` is None for an input that is no longer asked.
    """
    better, same, worse = _beside(asked, items, item)
    was = asked if before is None else before.input(asked.name)
    weight_was = was.weight if was else 0.0
    change = -asked.weight if before is None else asked.weight - weight_was
    if better + worse == 0 or not change:
        return None
    return (worse - better) / 2 * change, change, asked, better + 1, worse + same + better, weight_was


def _beside(asked: Input, items: Mapping[str, Mapping[str, Given]], item: str) -> tuple[int, int, int]:
    """By one input alone: how many items are better, how many equal (itself counted), how many worse."""
    if asked.name not in items[item]:
        return 0, 0, 0
    known = [(-g[asked.name].value if asked.less else g[asked.name].value) for g in items.values() if asked.name in g]
    mine = -items[item][asked.name].value if asked.less else items[item][asked.name].value
    return sum(v > mine for v in known), sum(v == mine for v in known), sum(v < mine for v in known)


def _lacking(method: Method, said: Mapping[str, Given]) -> str:
    words = [w.lower() for w in score_of(method, said).missing]
    listed = " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
    return f"{listed} {'is' if len(words) == 1 else 'are'} missing"


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


# ---- one number from many people --------------------------------------------------------

RULES = {
    "median": "the middle answer; half are higher, half lower",
    "mean": "the sum divided by the number of people",
    "trimmed": "the mean without the highest and the lowest, from four people on",
}


@dataclass(frozen=True, slots=True)
class Spread:
    """What a group said of one input: its number by the rule, and how far apart they were."""

    value: float
    low: float
    high: float
    count: int

    @property
    def apart(self) -> float:
        """From the lowest to the highest answer."""
        return self.high - self.low


def together(answers: Sequence[float], rule: str) -> Spread:
    """One number from many by a stated rule; at least one answer."""
    known = sorted(answers)
    count = len(known)
    if rule == "median":
        value = (known[(count - 1) // 2] + known[count // 2]) / 2
    else:
        kept = known[1:-1] if rule == "trimmed" and count >= 4 else known
        value = sum(kept) / len(kept)
    return Spread(value, known[0], known[-1], count)
