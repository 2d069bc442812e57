"""Reading a survey: its address, what was found with its ranges, by kind of people, and who is set apart."""

from __future__ import annotations

import io
from typing import Any

from django.conf import settings
from django.http import HttpResponse

from threadline.faces.web import wording
from threadline.faces.web.screens import adds_to, record_screen
from threadline.faces.web.visit import Visit
from threadline.formats.sheets import write_csv
from threadline.inbound.surveys import (
    asked,
    charts,
    outside,  # noqa: F401 - declares the page for those outside
    queries,
    results,
    rules,
    sheets,
    whole,
)
from threadline.inbound.surveys.models import Survey
from threadline.kernel.access import reach
from threadline.kernel.cards import Card
from threadline.kernel.errors import NotFound
from threadline.kernel.registry import type_of
from threadline.planning.priority.estimating import Range

FEW = 30  # answers below which a range is mostly luck


def survey_of(visit: Visit, card: Card) -> Survey:
    """The survey of a card, within reach."""
    found = reach(visit.actor, Survey).filter(pk=card.pk, archived_at=None).first()
    if found is None:
        raise NotFound
    return found


@record_screen("survey", "results")
def show_results(visit: Visit, card: Card) -> HttpResponse:
    """What people said: a chart, the table with the same numbers, by kind of people, and who is set apart."""
    survey = survey_of(visit, card)
    people = queries.respondents(survey)
    kinds = asked.segments(survey.segments)
    segment = visit.asked.get("segment", "")
    segment = segment if segment in kinds else ""
    doubted = visit.asked.get("with") == "all"
    if visit.asked.get("file") == "csv":
        return _file(visit, survey, people)
    mine = queries.counted(people, segment, doubted=doubted)
    found = results.of_people(survey, mine)
    apart = [p for p in people if p.doubt and (not segment or p.segment == segment)]
    all_too = {"with": "all"}
    return visit.draw(
        "survey/results.html",
        f"Results: {survey.title}",
        crumbs=[{"label": card.key, "href": visit.record(card.key)}],
        page_actions=_ways(visit, survey),
        method=survey.method,
        says=_said(survey, mine, segment, queries.begun(survey)),
        few=0 < len(mine) < FEW,
        lines=_lines(visit, survey, found),
        chart=charts.chart(survey.method, found),
        kinds=[
            {"label": k or "Everybody", "current": k == segment,
             "href": visit.at(card.key, "results", segment=k, **(all_too if doubted else {}))}
            for k in ("", *kinds)
        ] if kinds else [],
        by_kind=_by_kind(survey, people, kinds, doubted=doubted) if kinds and not segment else None,
        each=_each(survey, mine),
        contest=_contest(survey, mine),
        together=survey.players or whole.USUAL_PLAYERS,
        purse=queries.purse_of(survey) if survey.method == Survey.Method.BUYING else 0,
        apart=[{"number": p.number, "segment": p.segment, "on": wording.on_day(p.finished_on), "why": p.doubt}
               for p in apart],
        doubted=doubted,
        turn=visit.at(card.key, "results", segment=segment, **({} if doubted else all_too)),
        record=visit.record(card.key),
    )  # fmt: skip


def _ways(visit: Visit, survey: Survey) -> list[dict[str, Any]]:
    ways = [{"label": "Answers as CSV", "href": visit.at(survey.key, "results", file="csv"), "look": ""}]
    if survey.state == "closed" and visit.actor.may("update", "inbound"):
        ways.insert(0, {"label": "Use for scores", "href": visit.record(survey.key, "do", "use_survey"), "look": "go"})
    return ways


def _said(survey: Survey, mine: list[queries.Respondent], segment: str, begun: int) -> str:
    whose = f" of {segment}" if segment else ""
    parts = [f"The answers of {wording.plural(len(mine), 'person', 'people')}{whose} count."]
    if begun and not segment:
        parts.append(f"{wording.plural(begun, 'person', 'people')} began and did not finish.")
    if survey.state == "open":
        parts.append("It is still open: looking while it runs and stopping when it looks good is a way to be wrong.")
    return " ".join(parts)


def _lines(visit: Visit, survey: Survey, found: list[results.Figure]) -> list[dict[str, Any]]:
    known = _known(visit, [one.key for one in found if one.key])
    return [
        {
            "number": number, "words": one.words, "verdict": one.verdict,
            "sure": f"{100 * one.sure:.0f}%" if one.sure is not None else "",
            "href": visit.record(one.key) if one.key in known else "", "key": one.key if one.key in known else "",
            "counts": one.counts,
            "numbers": {n: {"value": short(r.value), "range": ranged(r)} for n, r in one.numbers.items()},
        }
        for number, one in enumerate(found, 1)
    ]  # fmt: skip


def _each(survey: Survey, mine: list[queries.Respondent]) -> list[dict[str, Any]]:
    """From person to person: where the middle half lies, on one scale for all items."""
    found = results.spreads(survey, mine)
    low, high = min((s.low for s in found), default=0.0), max((s.high for s in found), default=0.0)
    wide = (high - low) or 1.0

    def at(value: float) -> float:
        return round(120 * (value - low) / wide, 1)

    return [
        {"words": s.words, "first": s.first, "middle": short(s.middle), "range": f"{short(s.low)} to {short(s.high)}",
         "x": at(s.low), "w": max(at(s.high) - at(s.low), 1.0), "mid": at(s.middle)}
        for s in found
    ]  # fmt: skip


def _contest(survey: Survey, mine: list[queries.Respondent]) -> dict[str, Any] | None:
    """Where people who ranked disagree, in words and shares."""
    found = results.contest(survey, mine)
    if found is None:
        return None
    order = results.ordered(asked.items(survey.items, survey.method), [one.said for one in mine])

    def told(one: Any) -> dict[str, Any]:
        return {"above": one.above, "below": one.below, "so": one.so, "otherwise": one.otherwise,
                "of": one.so + one.otherwise}  # fmt: skip

    return {
        "agreed": f"{found.agreed:.0%}", "close": [told(p) for p in found.close],
        "against": [told(p) for p in found.against], "borda": [] if found.borda == order else list(found.borda),
        "apart": [{"number": p.number, "segment": p.segment, "share": f"{share:.0%}"} for p, share in found.apart],
    }  # fmt: skip


def _known(visit: Visit, keys: list[str]) -> set[str]:
    """Which of these records the reader may see."""
    return set(reach(visit.actor, Card).filter(key__in=keys, archived_at=None).values_list("key", flat=True))


def short(value: float) -> str:
    """A number as a table shows it."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.2f}".replace("-0.00", "0.00")


def ranged(one: Range) -> str:
    """The ends of a range, in words."""
    return f"{short(one.low)} to {short(one.high)}"


def _by_kind(survey: Survey, people: list[queries.Respondent], kinds: list[str], *, doubted: bool) -> dict[str, Any]:
    """The first number of each item, by kind of people: those who said none are left out."""
    leading, label = next(iter(results.NUMBERS[Survey.Method(survey.method)].items()))
    columns: list[dict[str, Any]] = []
    by_item: dict[str, list[str]] = {item.words: [] for item in asked.items(survey.items, survey.method)}
    for kind in kinds:
        mine = queries.counted(people, kind, doubted=doubted)
        columns.append({"label": kind, "count": len(mine)})
        found = {f.words: f for f in results.of_people(survey, mine)}
        for words, cells in by_item.items():
            one = found.get(words)
            number = one.numbers.get(leading) if one else None
            said = f"{short(number.value)} ({ranged(number)})" if number else ""
            if one and said and survey.method == "kano":
                said = f"{one.verdict}, {said}"
            elif one and said and survey.method == "maxdiff":
                said = f"{said}, utility {short(one.numbers['utility'].value)}"
            cells.append(said)
    return {"columns": columns, "label": label, "lines": [{"words": w, "cells": c} for w, c in by_item.items()]}


def _file(visit: Visit, survey: Survey, people: list[queries.Respondent]) -> HttpResponse:
    """Every finished sheet as a line, the doubted ones marked; addresses for those who may read them."""
    private = visit.actor.may("read_private", type_of("contact").group)
    columns, lines = sheets.table(survey, people, private=private)
    out = io.BytesIO()
    write_csv(lines, columns, out)
    answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{survey.key.lower()}-answers.csv"'
    return answer


@adds_to("survey", "detail")
def where_it_is_answered(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Its address while it is open, and the way to the results."""
    context["stops"] = []
    survey = reach(visit.actor, Survey).filter(pk=row["id"]).first()
    path = queries.address_of(survey) if survey is not None else ""
    ends = survey.closes_on if survey is not None else None
    context["closed"] = row["state"] == "closed" or (
        row["state"] == "open" and ends is not None and ends < rules.today()
    )
    context["leads"] = f"{settings.BASE_URL}{path}" if path and row["state"] == "open" and not context["closed"] else ""
    if "archived" in context["record"]:
        return
    way = {"label": "Results", "href": visit.record(row["key"], "results"), "look": ""}
    context["page_actions"] = [*context.get("page_actions", ()), way]
