"""What the live parts of a document say, within its reader's reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from threadline.inbound.documents.models import Document
from threadline.inbound.documents.parts import Drawn, Line, Live
from threadline.inbound.requirements import queries as requirements
from threadline.kernel import listing, rows, thread
from threadline.kernel.access import Actor, reach, reach_sql
from threadline.kernel.cards import Card
from threadline.kernel.records import Record
from threadline.kernel.registry import type_of

MOST = 12  # lines of evidence and decisions; requirements are all there
_DAYS = (("starts_on", "Starts"), ("due_on", "Likely by"), ("late_on", "Sure by"))
_VOICES = ("feedback", "highlight", "insight", "fact")
_TITLES = {
    "evidence": "What it rests on",
    "numbers": "Numbers",
    "requirements": "Requirements",
    "decisions": "Decisions",
    "release": "When",
}


def drawn(actor: Actor, live: Live, product: UUID | None = None) -> Drawn:
    """A live part for a reader. Of a record that is not there, or not for them, it says the same: nothing.

    What holds of a whole product is that of the document's ``product``, or of all of them when it has none.
    """
    if not live.key:
        lines = _of_branches(requirements.tree_of(actor, None, product))
        return Drawn("Requirements of the whole product", lines, "" if lines else _MISSING["requirements"])
    made = Drawn(f"{_TITLES[live.name]}, {live.key}")
    card = reach(actor, Card).filter(key=live.key, archived_at=None).first()
    if card is None:
        made.missing = f"{live.key} is not there, or you may not see it."
    elif card.kind != "feature":
        made.missing = "Live parts are of a feature, such as F-12."
    else:
        made.lines = _LINES[live.name](actor, card)
        made.missing = "" if made.lines else _MISSING[live.name]
    return made


@dataclass(frozen=True, slots=True)
class Written:
    """A document, as its feature's page names it."""

    key: str
    title: str
    form: str


def documents_about(actor: Actor, feature_id: UUID) -> list[Written]:
    """Documents about a feature within reach, the newest first."""
    near, params = reach_sql(actor, "r")
    found = rows.fetch(
        "SELECT r.number, r.title, r.form FROM inbound_document r WHERE r.workspace_id = %s AND r.feature_id = %s"
        f" AND r.archived_at IS NULL AND r.state <> 'retired' AND {near} ORDER BY r.updated_at DESC LIMIT 20",
        [actor.workspace_id, feature_id, *params],
    )
    return [
        Written(f"{Document.prefix}-{number}", title, str(Document.Form(form).label)) for number, title, form in found
    ]


def feature_of(document: Document) -> Record | None:
    """What it is about. Past reach: to follow it."""
    return feature_by_id(document, document.feature_id)


def feature_by_id(document: Document, ident: Any) -> Record | None:
    """A feature of the document's workspace. Past reach: to follow it, and to know what it followed."""
    features = type_of("feature").model._default_manager
    return features.filter(workspace_id=document.workspace_id, pk=ident).first() if ident else None


def _evidence(actor: Actor, card: Card) -> list[Line]:
    nodes = [n for n in thread.why(actor, card) if n.kind in _VOICES and not n.archived]
    return [_node(n) for n in nodes[:MOST]]


def _decisions(actor: Actor, card: Card) -> list[Line]:
    both = [*thread.flat(thread.why(actor, card)), *thread.flat(thread.what_came_of_it(actor, card))]
    found = {n.key: n for n in both if n.kind == "decision" and not n.archived}
    return [_node(found[key]) for key in list(found)[:MOST]]


def _node(node: thread.Node) -> Line:
    note = _state(node.kind, node.state)
    if node.suspect:
        note = f"{note}, changed since it was read" if note else "changed since it was read"
    return Line(node.title, node.key, note, node.quote)


def _requirements(actor: Actor, card: Card) -> list[Line]:
    return _of_branches(requirements.tree_of(actor, card.pk))


def _of_branches(branches: list[requirements.Branch]) -> list[Line]:
    lines = []
    for branch in branches:
        one = branch.requirement
        if one.state == "dropped":
            continue
        note = _state("requirement", one.state) + (", rests on something that changed" if branch.suspects else "")
        lines.append(Line(f"{branch.path} {one.title}", one.key, note, depth=branch.depth))
        lines += [Line(c.title, c.key, _state("criterion", c.state), depth=branch.depth + 1) for c in branch.criteria]
    return lines


def _numbers(actor: Actor, card: Card) -> list[Line]:
    declared = type_of("feature")
    may = actor.may("read_private", declared.group)
    shown = [c for c in declared.computed if may or not c.private]
    row = listing.row_of(actor, declared, card.key, names=[c.name for c in shown])
    numbers = [(c, row.get(c.name)) for c in shown]
    return [Line(f"{c.label}: {value:,.12g}") for c, value in numbers if isinstance(value, int | float)]


def _release(actor: Actor, card: Card) -> list[Line]:
    row = listing.row_of(actor, type_of("feature"), card.key, names=[name for name, _ in _DAYS])
    lines = [Line(f"{label} {_day(row[name])}") for name, label in _DAYS if row.get(name)]
    came = thread.what_came_of_it(actor, card)
    return [*lines, *(_node(n) for n in came if n.kind == "release" and not n.archived)]


def _day(told: Any) -> str:
    on = told if isinstance(told, date) else date.fromisoformat(str(told))
    return f"{on.day} {on:%B %Y}"


def _state(kind: str, state: str) -> str:
    known = type_of(kind).state_by_name.get(state)
    return known.label if known else ""


_LINES: dict[str, Callable[[Actor, Card], list[Line]]] = {
    "evidence": _evidence,
    "numbers": _numbers,
    "requirements": _requirements,
    "decisions": _decisions,
    "release": _release,
}
_MISSING = {
    "evidence": "Nothing yet says why: nobody's words are cited.",
    "numbers": "No number is known yet.",
    "requirements": "No requirement is written yet.",
    "decisions": "Nothing was decided about it yet.",
    "release": "Nobody has said when.",
}
