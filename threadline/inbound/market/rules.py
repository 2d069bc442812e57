"""What may be done with competitors, facts and trends, and what must hold. Intel has a file of its own."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from threadline.inbound.market import freshness, queries
from threadline.inbound.market.models import Fact, Trend
from threadline.kernel import rows
from threadline.kernel.actions import Ask, action
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid

Reason = Annotated[str, Ask("Why?", "Kept in the history, for whoever asks later.", long=True)]
Grade = Literal["A", "B", "C", "D", "E", "F"]


# ---- facts ------------------------------------------------------------------------------


def settle_fact(fact: Fact, before: dict[str, Any] | None) -> None:
    """The sentence follows its parts; the day until which it is good follows the day it was checked."""
    if fact.checked_on is None:
        fact.checked_on = today()
    if fact.checked_on > today() + timedelta(days=1):  # somebody's tomorrow is here already
        raise Invalid(("checked_on", "A fact cannot have been checked on a day to come."))
    fact.good_until = freshness.good_until(fact.checked_on, freshness.half_life_of(fact.about, fact.half_life))
    if not fact.title or (before is not None and fact.title == _sentence_before(fact, before)):
        fact.title = sentence(queries.name_of(fact.competitor_id), fact.aspect, fact.value)


def today() -> date:
    """The day by the server's clock, in UTC."""
    return rows.now().date()


def sentence(subject: str, aspect: str, value: str) -> str:
    """The fact in one line."""
    return f"{f'{subject}, ' if subject else ''}{aspect}: {value}"[:300]


def _sentence_before(fact: Fact, before: dict[str, Any]) -> str:
    named = before.get("competitor", fact.competitor_id)
    return sentence(queries.name_of(named), before.get("aspect", fact.aspect), before.get("value", fact.value))


@action(Fact, verb="update", label="Still so", states=("stands",), bulk=True)
def confirm_fact(door: Door, *, fact: Fact) -> Fact:
    """Say that it was checked today and has not changed; what cites it can be relied on again."""
    return _checked(door, fact, {})


def _checked(door: Door, fact: Fact, values: dict[str, Any]) -> Fact:
    """A check is worth a line of history even where it found nothing new."""
    version = fact.version
    made = door.update(fact, {**values, "checked_on": today()})
    if made.version == version:
        door.log(made, {})
    return made


@action(Fact, verb="update", label="Check again", states=("stands",))
def recheck_fact(
    door: Door,
    *,
    fact: Fact,
    value: Annotated[str, Ask("What it is now", "Blank means that it has not changed.")] = "",
    url: Annotated[str, Ask("Where it says so", "Blank means where it said so before.")] = "",
    reliability: Annotated[Grade | None, Ask("How reliable is that?")] = None,
    note: Annotated[str, Ask("Note", "Kept in the history.")] = "",
) -> Fact:
    """Write down what was found today. A new value makes whatever cites the fact suspect; the same one does not."""
    door.why = note[:2_000] or door.why
    values = {"value": value or None, "url": url or None, "reliability": reliability}
    return _checked(door, fact, {n: v for n, v in values.items() if v is not None})


@action(Fact, verb="decide", label="No longer true", states=("stands",), bulk=True)
def retire_fact(door: Door, *, fact: Fact, reason: Reason) -> Fact:
    """Take it out of use, with a reason; whatever cites it becomes suspect."""
    door.why = reason[:2_000]
    return door.change(fact, {"state": "retired"})


@action(Fact, verb="decide", label="True again", states=("retired",))
def revive_fact(door: Door, *, fact: Fact, reason: Reason) -> Fact:
    """Bring it back, checked today."""
    door.why = reason[:2_000]
    return door.change(fact, {"state": "stands", "checked_on": today()})


# ---- trends -----------------------------------------------------------------------------


@action(Trend, verb="decide", label="Judge anew", states=("active",))
def reassess_trend(
    door: Door,
    *,
    trend: Trend,
    ring: Annotated[Literal["act", "prepare", "watch"], Ask("What do we do about it?")],
    reason: Reason,
    impact: Annotated[int | None, Ask("Impact on us", "1 to 5. Blank leaves it.")] = None,
    strength: Annotated[int | None, Ask("Strength of the signals", "1 to 5. Blank leaves it.")] = None,
    likelihood: Annotated[float | None, Ask("Likelihood", "Per cent. Blank leaves it.")] = None,
) -> Trend:
    """Move it to another ring, or change how strong it is; the radar shows where it came from."""
    door.why = reason[:2_000]
    values = {"ring": ring, "impact": impact, "strength": strength, "likelihood": likelihood}
    version = trend.version
    made = door.update(trend, {n: v for n, v in values.items() if v is not None})
    if made.version == version:
        door.log(made, {})  # judged, and found as it was
    return made


@action(Trend, verb="decide", label="It is over", states=("active",), bulk=True)
def end_trend(door: Door, *, trend: Trend, reason: Reason) -> Trend:
    """Take it off the radar; past radars still show it."""
    door.why = reason[:2_000]
    return door.change(trend, {"state": "over"})


@action(Trend, verb="decide", label="It is back", states=("over",))
def revive_trend(door: Door, *, trend: Trend, reason: Reason) -> Trend:
    """Put it on the radar again."""
    door.why = reason[:2_000]
    return door.change(trend, {"state": "active"})
