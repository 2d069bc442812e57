"""Whether a term of a query held of a feature as it stood; for the fields that are replayed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from threadline.kernel.access import Actor
from threadline.kernel.fields import FieldKind
from threadline.kernel.query import Term
from threadline.kernel.registry import type_of

REPLAYED = ("title", "state", "owner", "product", "horizon", "starts_on", "due_on", "late_on")
Holds = Callable[[dict[str, Any]], bool]
_AGE = re.compile(r"^(\d{1,5})(h|d|w|m|y)$")
_DAYS = {"h": 1 / 24, "d": 1, "w": 7, "m": 30.4375, "y": 365.25}
_LONGEST = 700_000  # days
_COMPARED: dict[str, Callable[[str, str], bool]] = {
    ">": lambda a, b: a > b, "<": lambda a, b: a < b, ">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b,
}  # fmt: skip
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}  # less than 30 days old is later than 30 days ago


def holding(actor: Actor, term: Term, at: datetime) -> Holds:
    """Whether a term held at an instant, of a row with its field; of a row that does not say, it may have.

    The query has been read by :mod:`threadline.kernel.plan` before, so its values are ones that the fields take.
    """
    fits = _fits(actor, term, type_of("feature").by_name[term.field].kind, at)
    return lambda row: term.field not in row or fits(_plain(row[term.field])) != term.denied


def _fits(actor: Actor, term: Term, kind: FieldKind, at: datetime) -> Callable[[str], bool]:
    words = [v.lower() for v in term.values]
    if term.op == ":" and words in (["none"], ["any"]):
        return lambda text: bool(text) == (words == ["any"])
    if term.op == ":" and kind.name == "text":
        return lambda text: any(word in text.lower() for word in words)
    if term.op == ":":
        wanted = {str(kind.exchange(kind.clean(v, actor))) for v in term.values}
        return lambda text: text in wanted
    op, sought = term.op, str(term.values[0])
    age = _AGE.match(sought.lower())
    if age is not None:
        op, long_ago = _TURNED[op], timedelta(days=min(int(age[1]) * _DAYS[age[2]], _LONGEST))
        sought = (at - long_ago).date().isoformat()
    else:
        sought = str(kind.exchange(kind.clean(sought, actor)))
    return lambda text: bool(text) and _COMPARED[op](text, sought)


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        value = value["id"]
    return "" if value is None else str(value)
