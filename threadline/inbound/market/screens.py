"""What pages of the market say beside what every page says: radar, quadrant, timeline, freshness."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpResponse

from threadline.faces.web import keymap, wording
from threadline.faces.web.screens import adds_to, screen
from threadline.faces.web.visit import Visit
from threadline.inbound.market import inbox, queries, queue, radar
from threadline.inbound.market.models import Competitor, Fact, Intel, Trend
from threadline.inbound.market.rules import today
from threadline.kernel.access import reach
from threadline.kernel.registry import type_of

keymap.leads("m", "intel/inbox", "Intel inbox")
RINGS = dict(Trend.Ring.choices)
SECTORS = dict(Trend.Sector.choices)
MOVES = {"new": "new", "in": "nearer", "out": "further off", "": ""}


# ---- lists ------------------------------------------------------------------------------


@adds_to("intel", "list")
def beside_intel(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Let the list lead to the inbox, the sources and the digest."""
    context["views"] = [*inbox.tabs(visit, "all"), *context["views"][1:]]


@adds_to("intel_source", "list")
def beside_sources(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """The same tabs where the sources are."""
    context["views"] = [*inbox.tabs(visit, "sources"), *context["views"][1:]]


@adds_to("fact", "list")
def beside_facts(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Let the list lead to what must be checked."""
    overdue = queries.due_counts(visit.actor)[1]
    context["views"] = [*queue.tabs(visit, "all", f"{overdue:,}" if overdue else None), *context["views"][1:]]


@adds_to("trend", "list")
def beside_trends(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Let the list lead to the radar."""
    context["views"] = [*_trend_tabs(visit, "all"), *context["views"][1:]]


@adds_to("competitor", "list")
def beside_competitors(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Let the list lead to the chart."""
    context["views"] = [*_competitor_tabs(visit, "all"), *context["views"][1:]]


def _trend_tabs(visit: Visit, here: str) -> list[dict[str, Any]]:
    named = (("radar", "Radar", visit.at("trends", "radar")), ("all", "All", visit.listing(type_of("trend"))))
    return [{"label": label, "href": href, "current": name == here} for name, label, href in named]


def _competitor_tabs(visit: Visit, here: str) -> list[dict[str, Any]]:
    named = (("all", "All", visit.listing(type_of("competitor"))), ("chart", "Chart", visit.at("competitors", "chart")))
    return [{"label": label, "href": href, "current": name == here} for name, label, href in named]


# ---- the radar --------------------------------------------------------------------------


@screen("trend", "radar")
def show_radar(visit: Visit) -> HttpResponse:
    """The radar on a day, compared with another; the same as a table below it."""
    on = _day(visit.asked.get("on")) or today()
    since = _day(visit.asked.get("since")) or radar.quarter_before(on)
    found = radar.blips(visit.actor, on, since)
    context: dict[str, Any] = {
        "views": _trend_tabs(visit, "radar"),
        "on": on.isoformat(),
        "since": since.isoformat(),
        "since_text": wording.on_day(since),
        "here": visit.at("trends", "radar"),
        "rings": [
            {
                "label": RINGS[r],
                "r": radar.MIDDLE + radar.WIDTH * (n + 1),
                "y": -(radar.MIDDLE + radar.WIDTH * (n + 1)) + 13,
            }
            for n, r in reversed(list(enumerate(radar.RINGS)))
        ],
        "middle": radar.MIDDLE,
        "lines": radar.lines(),
        "labels": radar.labels(),
        "blips": [_blip(visit, b) for b in found],
        "page_actions": [{"label": "New trend", "href": visit.at("trends", "new"), "look": "go"}]
        if visit.actor.may("create", "inbound")
        else [],
        "empty": {
            "title": "Nothing on the radar yet",
            "text": type_of("trend").about,
            "actions": [{"label": "New trend", "href": visit.at("trends", "new"), "look": "go"}],
        },
    }
    return visit.draw("trend/radar.html", "Trends", **context)


def _day(said: str | None) -> date | None:
    try:
        return date.fromisoformat(said or "")
    except ValueError:
        return None


def _blip(visit: Visit, blip: radar.Blip) -> dict[str, Any]:
    step = (blip.strength or 0) - (blip.strength_was or 0) if blip.strength and blip.strength_was else 0
    return {
        "number": blip.number,
        "key": blip.key,
        "title": blip.title,
        "href": visit.record(blip.key),
        "x": blip.x,
        "y": blip.y,
        "from_x": blip.from_x,
        "from_y": blip.from_y,
        "r": 7 + (blip.strength or 2),
        "tone": blip.ring,
        "moved": MOVES[blip.moved],
        "sector": SECTORS[blip.sector],
        "ring": RINGS[blip.ring],
        "was": RINGS.get(blip.was, "not there"),
        "impact": blip.impact,
        "strength": blip.strength,
        "stronger": f"{step:+d}" if step else "",
    }


# ---- competitors ------------------------------------------------------------------------


@screen("competitor", "chart")
def chart(visit: Visit) -> HttpResponse:
    """Strength of the offer against strength in the market; the same as a table below it."""
    every = reach(visit.actor, Competitor).filter(archived_at=None).exclude(state="gone").order_by("title")[:300]
    placed = [c for c in every if c.offer_strength is not None and c.market_strength is not None]
    edit = ("edit",) if visit.actor.may("update", type_of("competitor").group) else ()
    context: dict[str, Any] = {
        "views": _competitor_tabs(visit, "chart"),
        "points": [
            {
                "number": n, "key": c.key, "title": c.title, "href": visit.record(c.key),
                "x": round(40 + 52 * (c.market_strength or 0), 1), "y": round(560 - 52 * (c.offer_strength or 0), 1),
                "offer": wording.number(c.offer_strength), "market": wording.number(c.market_strength),
                "threat": Competitor.Threat(c.threat).label if c.threat else "", "tone": c.threat or "none",
            }
            for n, c in enumerate(placed, 1)
        ],
        "missing": [{"title": c.title, "href": visit.record(c.key, *edit)} for c in every if c not in placed],
        "empty": {
            "title": "Nobody to place yet",
            "text": "Say of a competitor how strong its offer is, and how strong it is in the market, from 0 to 10.",
            "actions": [{"label": "New competitor", "href": visit.at("competitors", "new"), "look": "go"}],
        },
    }  # fmt: skip
    return visit.draw("competitor/chart.html", "Competitors", **context)


@adds_to("competitor", "detail")
def known_of(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """The facts with their freshness, what relies on them, and what came in, as one timeline."""
    rival = reach(visit.actor, Competitor).get(pk=row["id"])
    _off_the_thread(context)
    context["matters"] = [p for p in context["matters"] if p["label"] not in ("Facts", "To check")]
    facts = queries.facts_of(visit.actor, rival.pk)
    relying: dict[str, list[dict[str, Any]]] = {}
    for one in queue.relying(visit, [f.pk for f in facts]):
        relying.setdefault(one["fact"], []).append(one)
    shown = [_fact(visit, f, relying.get(str(f.pk), [])) for f in facts]
    stands = [f for f in shown if f["stands"]]
    context["known"] = sorted(stands, key=lambda f: (not f["overdue"], f["about"]))
    context["retired"] = [f for f in shown if not f["stands"]]
    context["overdue"] = sum(f["overdue"] for f in stands)
    context["timeline"] = _timeline(visit, facts, queries.intel_of(visit.actor, rival.pk))
    context["queue_href"] = visit.at("facts", "queue")
    context["add_fact"] = (
        visit.at("facts", "new", competitor=rival.key) if visit.actor.may("create", "inbound") else None
    )


def _off_the_thread(context: dict[str, Any]) -> None:
    """A bar of nothing but gaps tells nothing."""
    if all(stop["gap"] for stop in context["stops"]):
        context["stops"] = []


def _fact(visit: Visit, fact: Fact, relying: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        **queue.worth(fact),
        "key": fact.key,
        "href": visit.record(fact.key),
        "aspect": fact.aspect,
        "value": fact.value,
        "about": Fact.About(fact.about).label,
        "grade": fact.reliability,
        "url": fact.url,
        "stands": fact.state == "stands",
        "relying": relying,
    }


def _timeline(visit: Visit, facts: list[Fact], intel: list[Intel]) -> list[dict[str, Any]]:
    """By month, the latest first: facts on the day they were checked, intel on the day it was published."""
    dated: list[tuple[date, dict[str, Any]]] = []
    for fact in facts:
        on = fact.checked_on or fact.created_at.date()
        dated.append(
            (on, {"key": fact.key, "title": fact.title, "href": visit.record(fact.key), "what": "Fact checked"})
        )
    for one in intel:
        on = one.published_on or one.created_at.date()
        dated.append((on, {"key": one.key, "title": one.title, "href": visit.record(one.key), "what": "Came in"}))
    months: list[dict[str, Any]] = []
    for on, line in sorted(dated, key=lambda pair: pair[0], reverse=True)[:120]:
        label = f"{wording.MONTHS[on.month - 1]} {on.year}"
        if not months or months[-1]["label"] != label:
            months.append({"label": label, "lines": []})
        months[-1]["lines"].append({**line, "on": wording.on_day(on), "iso": on.isoformat()})
    return months


# ---- facts, trends, sources ---------------------------------------------------------------


@adds_to("fact", "detail")
def freshness(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """How fresh it is, drawn."""
    fact = reach(visit.actor, Fact).get(pk=row["id"])
    context["fresh"] = queue.worth(fact) if fact.state == "stands" else None
    if context["fresh"]:
        context["matters"] = [p for p in context["matters"] if p["label"] != "Freshness"]


@adds_to("intel_source", "detail")
def how_it_does(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """When it was last read, what went wrong, when it is looked at again."""
    _off_the_thread(context)
    for one in queries.health(visit.actor, key=row["key"]):
        context["matters"] = [p for p in context["matters"] if p["label"] != "Trouble"]
        context["matters"] += [
            {"label": "Last read", "kind": "when", "value": wording.when(one.worked_at), "missing": "not yet"},
            {"label": "Looks again", "value": wording.on_day(one.next_at), "missing": "soon"},
        ]
        if one.failures:
            said = f"{one.problem} Tried {wording.plural(one.failures, 'time')}."
            context["matters"].append({"label": "Trouble", "value": said})


@adds_to("intel", "detail")
@adds_to("trend", "detail")
def as_little_as_needed(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Leave out the thread bar where nothing stands on it."""
    _off_the_thread(context)
