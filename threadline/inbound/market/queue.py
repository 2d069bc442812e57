"""Facts to check again: one after another, the ones that most rests on first."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse

from threadline.faces.web import wording
from threadline.faces.web.screens import screen
from threadline.faces.web.visit import Visit
from threadline.house import filing
from threadline.inbound.market import freshness, queries
from threadline.inbound.market.models import Competitor, Fact
from threadline.inbound.market.rules import today
from threadline.kernel import listing, verbs
from threadline.kernel.access import reach
from threadline.kernel.registry import type_of

PAGE = 60
NAMES = ("title", "competitor", "freshness", "checked_on", "good_until", "relied_on", "about")


@screen("fact", "queue")
def queue(visit: Visit) -> HttpResponse:
    """What nobody has checked in time, and the one that is checked now."""
    declared = type_of("fact")
    query = f"state:stands good_until<{today().isoformat()} sort:-relied_on,good_until"
    found = listing.list_page(visit.actor, declared, query, names=NAMES, limit=PAGE)
    total, overdue = queries.due_counts(visit.actor)
    asked = visit.asked.get("at", "")
    keys = [r["key"] for r in found.rows]
    key = asked or (keys[0] if keys else "")
    context: dict[str, Any] = {
        "views": tabs(visit, "queue", f"{overdue:,}" if overdue else None),
        "mark": {"label": f"{overdue:,} of {total:,} to check", "tone": "warn"} if overdue else None,
        "items": [_item(visit, r) for r in found.rows],
        "current": key,
        "chosen": bool(asked),
        "fact": _shown(visit, key, keys) if key else None,
        "empty": {
            "title": "Every fact was checked in time",
            "text": "A fact loses half its worth with each half-life. Below a quarter it stands here until somebody"
            " checks it, and whatever cites it is suspect.",
            "actions": [{"label": "All facts", "href": visit.listing(declared)}],
        },
    }
    return visit.draw("fact/queue.html", "Facts", **context)


def tabs(visit: Visit, here: str, count: str | None = None) -> list[dict[str, Any]]:
    """The pages of facts."""
    named = (("queue", "To check", visit.at("facts", "queue")), ("all", "All", visit.listing(type_of("fact"))))
    return [
        {"label": label, "href": href, "current": name == here, "count": count if name == "queue" else None}
        for name, label, href in named
    ]


def _item(visit: Visit, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "key": row["key"],
        "href": visit.at("facts", "queue", at=row["key"]),
        "title": row["title"],
        "worth": int(row["freshness"] or 0),
        "checked": wording.on_day(row["checked_on"]),
        "relied": _rely(row["relied_on"] or 0),
        "hot": bool(row["relied_on"]),
    }


def _rely(count: int) -> str:
    return f"{count:,} rely" if count > 1 else "1 relies" if count else "nothing relies"


def _shown(visit: Visit, key: str, keys: list[str]) -> dict[str, Any]:
    card = verbs.card(visit.actor, key)
    fact = reach(visit.actor, Fact).get(pk=card.pk)
    subject = reach(visit.actor, Competitor).filter(pk=fact.competitor_id).first() if fact.competitor_id else None
    at = keys.index(key) if key in keys else -1
    after = keys[at + 1] if 0 <= at < len(keys) - 1 else (keys[at - 1] if at > 0 else "")
    return {
        **worth(fact),
        "key": fact.key,
        "title": fact.title,
        "href": visit.record(fact.key),
        "aspect": fact.aspect,
        "value": fact.value,
        "state": type_of(fact).state_by_name[fact.state],
        "about": Fact.About(fact.about).label,
        "url": fact.url,
        "note": fact.source_note,
        "reliability": Fact.Reliability(fact.reliability).label,
        "competitor": {"key": subject.key, "title": subject.title, "href": visit.record(subject.key)}
        if subject
        else None,
        "relying": relying(visit, [fact.pk]),
        "snapshots": [
            {"name": f.name, "href": visit.at("files", str(f.pk)), "at": wording.when(f.added_at)}
            for f in filing.files_of(visit.actor, card)
        ],
        "may": fact.state == "stands" and visit.actor.may("update", "inbound"),
        "do": visit.record(fact.key, "do"),
        "version": fact.version,
        "then": visit.at("facts", "queue", at=after),
        "next": visit.at("facts", "queue", at=after) if after and 0 <= at < len(keys) - 1 else None,
        "previous": visit.at("facts", "queue", at=keys[at - 1]) if at > 0 else None,
        "grades": [{"value": v, "label": label} for v, label in Fact.Reliability.choices],
    }


def worth(fact: Fact) -> dict[str, Any]:
    """How fresh a fact is, for the eye: {worth, overdue, checked, until, half_life}."""
    life = freshness.half_life_of(fact.about, fact.half_life)
    age = (today() - fact.checked_on).days if fact.checked_on else 0
    return {
        "worth": round(100 * freshness.freshness(age, life)),
        "overdue": fact.good_until is not None and fact.good_until < today(),
        "checked": wording.on_day(fact.checked_on),
        "until": wording.on_day(fact.good_until),
        "half_life": life,
    }


def relying(visit: Visit, facts: list[UUID]) -> list[dict[str, Any]]:
    """What cites these facts, as lines with links."""
    return [
        {"key": r.key, "title": r.title, "kind": type_of(r.kind).label, "href": visit.record(r.key), "fact": r.fact}
        for r in queries.reliers(visit.actor, facts)
    ]
