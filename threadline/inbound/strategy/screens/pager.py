"""The strategy on one page, made to be printed: today or on a day, what moved it, and what the plan covers."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from django.http import HttpResponse

from threadline.faces.web import rooms, wording
from threadline.faces.web.prose import Prose
from threadline.faces.web.screens import adds_to, screen
from threadline.faces.web.visit import Visit
from threadline.inbound.strategy import coverage, grading, linting, queries
from threadline.inbound.strategy.models import Objective, Strategy
from threadline.inbound.strategy.screens.objectives import of_numbers
from threadline.kernel import past, rows
from threadline.kernel.access import reach
from threadline.kernel.cards import Card
from threadline.kernel.registry import type_of

rooms.place("inbound/strategy", "One page", "strategies/page")
TEXTS = {
    "kernel": (("diagnosis", "What is in the way"), ("guiding_policy", "Guiding policy"), ("actions", "What we do")),
    "playing": (
        ("aspiration", "Winning aspiration"),
        ("where_to_play", "Where we play"),
        ("how_to_win", "How we win"),
        ("capabilities", "Capabilities"),
        ("systems", "Management systems"),
    ),
}
ALWAYS = (("kill_criteria", "We stop if"), ("allocation", "How effort is split"))
CITED = {"vision": "vision", "objective": "aims", "rests_on": "evidence", "assumes": "bets"}
MOST_STEPS = 200
NEAR = 5.0  # hundredths of all effort that a plan may be off what is meant


@screen("strategy", "page")
def page(visit: Visit) -> HttpResponse:
    """Draw it for today, or for a day."""
    all_of_them = list(reach(visit.actor, Strategy).filter(archived_at=None).order_by("number"))
    shown = [s for s in all_of_them if s.state != "past"] or all_of_them
    of = visit.asked.get("of", "").upper()
    chosen = next((s for s in all_of_them if s.key == of), None) or next(
        (s for s in shown if s.state == "active"), shown[0] if shown else None
    )
    day = wording.as_day(visit.asked.get("on", "")) if visit.asked.get("on") else None
    covered = coverage.coverage(visit.actor)
    context: dict[str, Any] = {
        "choices": [{"key": s.key, "title": s.title, "chosen": s is chosen} for s in all_of_them],
        "on": day.isoformat() if day else "",
        "cover": _cover(visit, covered),
        "views": [
            {"label": "One page", "href": visit.at("strategies", "page"), "current": True},
            {"label": "All strategies", "href": visit.listing(type_of("strategy"))},
            {"label": "Assumption map", "href": visit.at("assumptions", "map")},
            {"label": "Opportunity tree", "href": visit.at("opportunities", "tree")},
        ],
        "one": _one(visit, chosen, day) if chosen else None,
        "empty": {
            "title": "No strategy written down yet",
            "text": type_of("strategy").about,
            "actions": [{"label": "Write it down", "href": visit.at("strategies", "new"), "look": "go"}]
            if visit.actor.may("create", "inbound")
            else [],
        },
    }
    return visit.draw("strategy/page.html", "Strategy on one page", **context)


def _one(visit: Visit, strategy: Strategy, day: date | None) -> dict[str, Any]:
    at = datetime.combine(day, time(23, 59, 59), UTC) if day else rows.now()
    now = day is None or at >= rows.now()
    values = past.as_of(visit.actor, strategy, at)
    if values is None:
        return {
            "key": strategy.key,
            "title": strategy.title,
            "href": visit.record(strategy.key),
            "unborn": True,
            "made": wording.on_day(strategy.created_at),
        }
    approach = values.get("approach") or "kernel"
    texts = [(n, label, str(values.get(n) or "")) for n, label in (*TEXTS[approach], *ALWAYS)]
    prose = Prose(visit.actor, [t for _, _, t in texts])
    cited = _cited(visit, strategy, at)
    found = linting.of_strategy(
        approach=approach,
        diagnosis=str(values.get("diagnosis") or ""),
        policy=str(values.get("guiding_policy") or ""),
        actions=str(values.get("actions") or ""),
        playing=(str(values.get("where_to_play") or ""), str(values.get("how_to_win") or "")),
    )
    return {
        "key": strategy.key,
        "title": values.get("title"),
        "href": visit.record(strategy.key),
        "unborn": False,
        "state": type_of("strategy").state_by_name.get(str(values.get("state"))),
        "texts": [
            {"label": label, "html": prose.html(t), "wide": n not in ("kill_criteria", "allocation")}
            for n, label, t in texts
            if t
        ],
        "from": wording.on_day(values.get("starts_on")),
        "review": wording.on_day(values.get("review_on")),
        "findings": found if now else [],
        "vision": cited["vision"],
        "evidence": cited["evidence"],
        "bets": cited["bets"],
        "aims": _aims(visit, cited["aims"], now),
        "now": now,
        "day": wording.on_day(day),
        "changes": [] if now else _changes(visit, strategy, at),
        "moves": _changes(visit, strategy, None) if now else [],
    }


def _cited(visit: Visit, strategy: Strategy, at: datetime) -> dict[str, list[dict[str, Any]]]:
    """What it cited at that moment, by what it is to the strategy; titles and states as they are now."""
    links = past.links_as_of(visit.actor, strategy, at)
    cards = {str(c.pk): c for c in reach(visit.actor, Card).filter(pk__in=[link["target"] for link in links])}
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in CITED.values()}
    for link in links:
        card = cards.get(link["target"])
        if card is not None and link["kind"] in CITED:
            declared = type_of(card.kind)
            found[CITED[link["kind"]]].append(
                {
                    "id": card.pk,
                    "key": card.key,
                    "title": card.title,
                    "href": visit.record(card.key),
                    "what": declared.label,
                    "state": declared.state_by_name.get(card.state),
                    "quote": link["quote"],
                    "shaky": card.state in ("contradicted", "false"),
                }
            )
    return found


def _aims(visit: Visit, aims: list[dict[str, Any]], now: bool) -> list[dict[str, Any]]:
    """Each objective with its grade and key results; grades are of today and left out of an earlier day."""
    known = {o.pk: o for o in reach(visit.actor, Objective).filter(pk__in=[a["id"] for a in aims])}
    for aim in aims:
        objective = known.get(aim["id"])
        if objective is None or not now:
            continue
        grade = queries.grade_of(visit.actor, objective)
        committed = objective.ambition == Objective.Ambition.COMMITTED
        aim["grade"] = {"label": f"{grade.value:.1f}" if grade.value is not None else "not graded", "tone": grade.tone}
        aim["results"] = [
            {
                "key": p.key,
                "title": p.title,
                "href": visit.record(p.key),
                "grade": f"{p.grade:.1f}" if p.grade is not None else "\u2013",
                "tone": grading.tone(p.grade, committed=committed),
                "of": of_numbers(p.shape, p.baseline, p.current, p.target, p.unit, p.held, p.checked),
            }
            for p in grade.parts
        ]
    return aims


def _changes(visit: Visit, strategy: Strategy, since: datetime | None) -> list[dict[str, Any]]:
    """What changed since a moment, each with who, when, why, and the evidence that came or went; oldest last."""
    declared, shown = type_of("strategy"), []
    steps = [s for s in past.history(visit.actor, strategy, limit=MOST_STEPS) if since is None or s.at > since]
    ids = {d["target"] for s in steps for d in s.diff.get("+link", ()) if d}
    cards = {str(c.pk): c for c in reach(visit.actor, Card).filter(pk__in=ids)}
    for step in steps:
        if step.version == 1 and "title" in step.diff:
            continue
        named = [declared.by_name[n].label for n in step.diff if n in declared.by_name]
        old, new = step.diff.get("+link", (None, None))
        linked = cards.get((new or old or {}).get("target", ""))
        evidence = None
        if linked is not None:
            evidence = {"key": linked.key, "title": linked.title, "href": visit.record(linked.key), "gone": new is None}
        if named or evidence:
            shown.append(
                {
                    "at": wording.on_day(step.at),
                    "who": step.who,
                    "why": step.why,
                    "fields": ", ".join(named),
                    "evidence": evidence,
                    "texts": [
                        {"label": declared.by_name[n].label, "old": str(p[0] or ""), "new": str(p[1] or "")}
                        for n, p in step.diff.items()
                        if n in declared.meaning
                    ],
                }
            )
    return [s for s in shown if s["fields"] or since is not None][:20]


def _cover(visit: Visit, found: coverage.Coverage) -> dict[str, Any]:
    traced, money_traced, currency = found.traced, found.money_traced, visit.actor.workspace.currency
    return {
        "money": wording.money(found.money, currency) if found.money else "",
        "money_traced": f"{money_traced:.0%}" if money_traced is not None else "",
        "effort": wording.number(round(found.effort, 1)),
        "meant": any(s.meant is not None for s in found.shares),
        "meant_sum": f"{sum(s.meant or 0 for s in found.shares):g}%",
        "any": bool(found.effort or found.money or found.releases),
        "traced": f"{traced:.0%}" if traced is not None else "",
        "shares": [
            {
                "key": s.key,
                "title": s.title,
                "href": visit.record(s.key),
                "share": s.share,
                "percent": f"{s.share:.0%}",
                "effort": wording.number(round(s.effort, 1)),
                "money": wording.money(round(s.money), currency),
                "money_share": s.money_share,
                "money_percent": f"{s.money_share:.0%}",
                "meant": "" if s.meant is None else f"{s.meant:g}%",
                "off": _off(s.off),
                "features": s.features,
                "releases": s.releases,
            }
            for s in found.shares
        ],
        "orphans": [
            {
                "key": o.key,
                "title": o.title,
                "href": visit.record(o.key),
                "effort": wording.number(o.effort) if o.effort else "",
                "money": wording.money(o.budget, currency) if o.budget else "",
                "state": type_of("feature").state_by_name[o.state],
                "place": f"{visit.record(o.key, 'do')}/solve_opportunity",
            }
            for o in found.orphans[:25]
        ],
        "more": max(len(found.orphans) - 25, 0),
        "unestimated": found.unestimated,
        "releases": len(found.releases),
        "carrying": len(found.releases) - len(found.adrift),
        "adrift": [
            {
                "key": r.key,
                "title": r.title,
                "href": visit.record(r.key),
                "state": type_of("release").state_by_name[r.state],
                "money": wording.money(r.budget, currency) if r.budget else "",
            }
            for r in found.adrift[:25]
        ],
    }


def _off(by: float | None) -> dict[str, str] | None:
    """Whether the plan gives an objective what is meant for it; a few hundredths are nobody's business."""
    if by is None:
        return None
    if abs(by) <= NEAR:
        return {"label": "as meant", "tone": "ok"}
    return {"label": f"{abs(by):.0f} points {'more' if by > 0 else 'less'}", "tone": "warn"}


@adds_to("strategy", "list")
def beside_the_list(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """The list leads to the page."""
    context["views"] = [*context["views"], {"label": "One page", "href": visit.at("strategies", "page")}]


@adds_to("strategy", "detail")
def leads_to_the_page(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """A strategy leads to its page."""
    if "archived" not in context["record"]:
        way = {"label": "On one page", "href": visit.at("strategies", "page", of=row["key"]), "look": ""}
        context["page_actions"] = [*context.get("page_actions", ()), way]
