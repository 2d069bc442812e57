"""The answers of a survey as a table: a line for each person who came to the end."""

from __future__ import annotations

from typing import Any

from threadline.inbound.surveys import asked, results, whole
from threadline.inbound.surveys.models import Survey
from threadline.inbound.surveys.queries import Respondent

Method = Survey.Method
_WHOLE = {"buying": "paid", "ranking": "place"}
_PARTS = {Method.KANO: ("with it", "without it"), Method.OPPORTUNITY: ("importance", "satisfaction")}


def table(survey: Survey, people: list[Respondent], *, private: bool) -> tuple[list[str], list[dict[str, Any]]]:
    """Columns and lines; ``private`` adds the addresses that people left."""
    items = asked.items(survey.items, survey.method)
    columns = ["Person", "Kind of person", "Answered on", "Counts", "Why not", *(["E-mail"] if private else [])]
    if survey.method == Method.MAXDIFF:
        most = max((len(p.said) for p in people), default=0)
        columns += [f"Utility: {item.words}" for item in items]
        columns += [f"Set {n}: {part}" for n in range(1, most + 1) for part in ("shown", "most", "least")]
    elif survey.method in whole.METHODS:
        columns += [f"{item.words}: {_WHOLE[survey.method]}" for item in items]
    else:
        columns += [f"{item.words}: {part}" for item in items for part in _PARTS[Method(survey.method)]]
    counts = [one for one in people if not one.doubt]
    each = dict(zip((one.number for one in counts), results.each_person(survey, counts), strict=False))
    lines = (_line(survey, items, one, each.get(one.number), private=private) for one in people)
    return columns, [dict(zip(columns, line, strict=False)) for line in lines]


def _line(
    survey: Survey, items: list[asked.Item], one: Respondent, utilities: list[float] | None, *, private: bool
) -> list[Any]:
    line: list[Any] = [one.number, one.segment, one.finished_on, "no" if one.doubt else "yes", one.doubt]
    line += [one.email] if private else []
    if survey.method == Survey.Method.MAXDIFF:
        line += [round(u, 3) for u in utilities] if utilities else [None] * len(items)
    if survey.method in whole.METHODS:
        return line + list(one.said)
    for said in one.said:
        if survey.method == Method.MAXDIFF:
            shown = " | ".join(items[n].words for n in said.shown)
            line += [shown, items[said.best].words, items[said.worst].words]
        else:
            line += list(said)
    return line
