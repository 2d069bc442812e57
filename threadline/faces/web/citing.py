"""What a record rests on: the page where reasons are added, looked at and taken away."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from threadline.faces.web import threadview
from threadline.faces.web.entrance import deed, form
from threadline.faces.web.visit import Visit
from threadline.kernel import search, thread, verbs
from threadline.kernel.access import reach
from threadline.kernel.cards import Card
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.links import MENTION
from threadline.kernel.registry import RecordType, type_of

SUGGESTED = 20
WEIGHTS = ((0, "Not said"), (1, "Nice to have"), (2, "Important"), (3, "Deal-breaker"))


@form
def cite(visit: Visit, key: str) -> HttpResponse:
    """A reason to add, beside those that are there."""
    card = verbs.card(visit.actor, key)
    declared = type_of(card.kind)
    visit.back = visit.record(card.key)
    visit.actor.need("update", declared.group)
    if not declared.cites:
        raise NotFound
    refused: Invalid | None = None
    if visit.posting:
        try:
            return _add(visit, card, declared)
        except Invalid as error:
            refused = error
        except NotFound:
            refused = Invalid(("target", "No record of that key here."))
    by_name = {p.field: [p.message] for p in refused.problems} if refused else {}
    context = {
        "form": {
            "action": visit.record(card.key, "cite"),
            "parts": [{"fields": _fields(visit, declared, by_name), "help": f"{card.key} {card.title}"}],
            "problems": [{"field_id": f"id_{n}", "label": n.capitalize(), "text": t[0]} for n, t in by_name.items()],
            "submit": "Add this reason",
            "cancel_href": visit.back,
        },
        "present": _present(visit, card),
        "crumbs": [
            {"label": declared.plural, "href": visit.listing(declared)},
            {"label": card.key, "href": visit.back},
        ],
    }
    names = [f"{declared.kind}/cite.html", "pages/cite.html"]
    return visit.draw(names, "What it rests on", 422 if refused else 200, **context)


def _add(visit: Visit, card: Card, declared: RecordType) -> HttpResponse:
    kind, target = visit.sent.get("kind", ""), visit.sent.get("target", "").strip()
    cited = verbs.card(visit.actor, target.split(" ")[0].upper()) if target else None
    if cited is None:
        raise Invalid(("target", "Name a record by its key, such as N-12."))
    if kind not in declared.cite_by_name:  # one way is all that a target of this type leaves
        kind = next((c.name for c in declared.cites if cited.kind in c.to), "")
    weight = visit.sent.get("weight", "0")
    batch = visit.new_batch()
    verbs.link(visit.actor, card.pk, cited.pk, kind, quote=visit.sent.get("quote", "").strip(),
               weight=int(weight) if weight in ("1", "2", "3") else 0, batch=batch)  # fmt: skip
    return visit.done(f"{card.key} now rests on {cited.key}.", visit.record(card.key, "cite"), batch=batch)


def _fields(visit: Visit, declared: RecordType, errors: dict[str, list[str]]) -> list[dict[str, Any]]:
    given = visit.sent if visit.posting else visit.asked
    kinds = sorted({to for c in declared.cites for to in c.to})
    return [
        {
            "name": "target", "label": "Rests on", "kind": "record", "required": True, "value": given.get("target", ""),
            "placeholder": "Key, such as N-12", "suggestions": _suggestions(visit, kinds),
            "errors": errors.get("target", []),
            "help": f"One of: {', '.join(type_of(k).plural.lower() for k in kinds)}.",
        },
        {
            "name": "kind", "label": "How", "kind": "choice", "value": given.get("kind", ""),
            "errors": errors.get("kind", []), "placeholder": "As its type says",
            "options": [{"value": c.name, "label": c.label} for c in declared.cites],
        },
        {
            "name": "quote", "label": "In their words", "kind": "long", "rows": 3, "value": given.get("quote", ""),
            "errors": errors.get("quote", []), "help": "The part that matters, word for word. Empty means all of it.",
        },
        {
            "name": "weight", "label": "How much it matters to them", "kind": "radio",
            "value": given.get("weight", "0"), "options": [{"value": str(v), "label": label} for v, label in WEIGHTS],
        },
    ]  # fmt: skip


def _suggestions(visit: Visit, kinds: list[str]) -> list[dict[str, str]]:
    words = visit.asked.get("q", "").strip()
    if words:
        found = [h for h in search.find(visit.actor, words, limit=60) if h.kind in kinds][:SUGGESTED]
        return [{"value": h.key, "label": h.title} for h in found]
    cards = reach(visit.actor, Card).filter(kind__in=kinds, archived_at=None).order_by("-updated_at")
    return [{"value": key, "label": title} for key, title in cards.values_list("key", "title")[:SUGGESTED]]


def _present(visit: Visit, card: Card) -> list[dict[str, Any]]:
    labels = {c.name: c.label for c in type_of(card.kind).cites}
    nodes = [n for n in thread.why(visit.actor, card) if n.depth == 1 and n.link_kind != MENTION]
    return [
        {
            "key": n.key, "title": n.title, "href": visit.record(n.key), "by": labels.get(n.link_kind, n.link_kind),
            "quote": n.quote[: threadview.LONGEST_QUOTE], "suspect": n.suspect,
            "weight": dict(WEIGHTS)[n.weight] if n.weight else "",
            "remove_action": visit.at("links", n.link_id, "remove"),
        }
        for n in nodes
    ]  # fmt: skip


def _source(visit: Visit, link: str) -> None:
    """Name the citing record's page as the way back, as far as the reader may see it."""
    found = reach(visit.actor, Card).filter(cites__pk=link, cites__workspace_id=visit.actor.workspace_id)
    key = found.values_list("key", flat=True).first()
    if key is None:
        raise NotFound
    visit.back = visit.record(key, "cite")


@deed
def remove(visit: Visit, link: str) -> HttpResponse:
    """No longer rests on it."""
    _source(visit, link)
    batch = visit.new_batch()
    verbs.unlink(visit.actor, link, batch=batch)
    after = visit.sent.get("then", "")
    return visit.done("No longer rests on it.", visit.at("review") if after == "review" else visit.back, batch=batch)


@deed
def confirm(visit: Visit, link: str) -> HttpResponse:
    """It was read again and still holds; the next one is shown."""
    _source(visit, link)
    sent = visit.sent.get("revision", "")
    batch = visit.new_batch()
    expect = int(sent) if sent.isdecimal() and len(sent) < 10 else None
    verbs.confirm(visit.actor, link, expect=expect, why=visit.sent.get("why", "")[:300], batch=batch)
    asked = {"mine": visit.sent.get("mine"), "record": visit.sent.get("record")}
    return visit.done("Confirmed.", visit.at("review", **asked), batch=batch)
