"""One record as it stood at the end of a past day: its values, its text, what it rested on."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from django.http import HttpResponse

from threadline.faces.web import wording
from threadline.faces.web.names import Names
from threadline.faces.web.prose import Prose
from threadline.faces.web.visit import Visit
from threadline.kernel import past
from threadline.kernel.access import reach
from threadline.kernel.cards import Card
from threadline.kernel.customs import all_fields
from threadline.kernel.errors import NotFound
from threadline.kernel.registry import Field, RecordType


def end_of(day: str) -> datetime | None:
    """The last instant of a day written 2026-11-22; None for anything else."""
    at = wording.as_day(day) if len(day) == 10 else None
    return datetime.combine(at, time.max, UTC) if at else None


def as_it_stood(visit: Visit, declared: RecordType, card: Card, day: str) -> HttpResponse:
    at = end_of(day)
    record = reach(visit.actor, declared.model).filter(pk=card.pk).first()
    values = past.as_of(visit.actor, record, at) if at and record else None
    if record is None or at is None or values is None:
        raise NotFound
    links = past.links_as_of(visit.actor, record, at)
    names = Names(
        visit, declared, [{n: [v, None] for n, v in values.items()}, *({"+link": [one, None]} for one in links)]
    )
    known = all_fields(visit.actor, declared)
    prose = Prose(
        visit.actor, [str(values[n]) for n, f in known.items() if f.kind.name == "markdown" and values.get(n)]
    )
    state = declared.state_by_name.get(str(values.get("state")))
    body = next(iter(declared.with_role("body")), None)
    shown = [
        f
        for n, f in known.items()
        if values.get(n) not in (None, "") and f.role not in ("title", "body") and n != "state"
    ]
    props = [_past_prop(names, f, values[f.name], prose) for f in shown]
    context: dict[str, Any] = {
        "record": {
            "key": card.key,
            "title": values.get("title") or card.title,
            "kind": declared.label,
            "state": {"label": state.label, "tone": state.tone} if state else None,
            "subtitle": declared.label,
            "as_of": {"text": f"As it stood at the end of {wording.on_day(at)}.", "href": visit.record(card.key)},
        },
        "crumbs": [{"label": declared.plural, "href": visit.listing(declared)}, {"label": card.key}],
        "matters": props,
        "rail": [],
        "why": {
            "nodes": [_past_node(visit, declared, names, one) for one in links],
            "count_text": "as it was cited then",
        },
        "body": prose.html(values.get(body.name)) if body else None,
    }
    return visit.draw([f"{declared.kind}/as_of.html", "pages/detail.html"], f"{card.key} {card.title}", **context)


def _past_prop(names: Names, field: Field, value: Any, prose: Prose) -> dict[str, Any]:
    if field.kind.name == "markdown":
        return {"label": field.label, "kind": "html", "value": prose.html(value)}
    return {"label": field.label, "value": names.said(field.name, value)}


def _past_node(visit: Visit, declared: RecordType, names: Names, link: dict[str, Any]) -> dict[str, Any]:
    key, title = names.cards.get(str(link["target"]), ("", "A record you may not see"))
    cite = declared.cite_by_name.get(link["kind"])
    node: dict[str, Any] = {
        "key": key,
        "title": title,
        "href": visit.record(key),
        "by": cite.label if cite else "Cites",
    }
    if link.get("quote"):
        node["quote"] = {"text": link["quote"], "source": key, "href": visit.record(key)}
    return node
