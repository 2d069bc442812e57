"""The thread on a page: the bar, why a record exists in the customers' words, what came of it."""

from __future__ import annotations

from functools import cache
from typing import Any

from threadline.faces.web import wording
from threadline.faces.web.visit import Visit
from threadline.kernel import listing, text, thread
from threadline.kernel.cards import Card
from threadline.kernel.customs import all_fields
from threadline.kernel.registry import RecordType, kinds, type_of
from threadline.kernel.thread import Node

VOICES = "voices"
QUOTES = 5  # shown in full; the rest are named
BRANCHES = 24  # under one another; the whole tree is a click away
LONGEST_QUOTE = 320
WEIGHTS = {
    1: {"label": "Nice to have", "tone": ""},
    2: {"label": "Important", "tone": "warn"},
    3: {"label": "Deal-breaker", "tone": "thread"},
}


def bar(card: Card, up: list[Node], down: list[Node], visit: Visit) -> list[dict[str, Any]]:
    """The stops of the thread bar."""
    nodes = thread.flat([*up, *down])
    shaky = {type_of(n.kind).stop for n in nodes if n.suspect and n.depth == 1}
    return [_stop(visit, stop, stop.name in shaky) for stop in thread.bar(card, up, down)]


def _stop(visit: Visit, stop: thread.Stop, shaky: bool) -> dict[str, Any]:
    made: dict[str, Any] = {"label": stop.label, "here": stop.here, "gap": stop.gap, "shaky": shaky and not stop.gap}
    if stop.here or stop.key:
        made["value"] = stop.key
    else:
        made["value"] = f"{stop.count:,}" if stop.count else "none"
    if stop.key and not stop.here:
        made["href"] = visit.record(stop.key)
    elif stop.count > 1 and not stop.here:
        made["href"] = "#why" if stop.name == VOICES else "#came"
    return made


def why(visit: Visit, card: Card, up: list[Node], *, whole: bool) -> dict[str, Any] | None:
    """What it rests on: voices in their own words first, then all else as a tree; None where a thread begins."""
    if not up and not type_of(card.kind).cites:
        return None
    top = sorted((n for n in up if not n.archived), key=lambda n: (-n.weight, not n.quote))
    voices = [n for n in top if type_of(n.kind).stop == VOICES]
    spoken = voices if whole else voices[:QUOTES]
    declared = type_of(card.kind)
    labels = {c.name: c.label for c in declared.cites}
    rest = [n for n in top if n not in voices]
    shown = rest if whole else rest[:BRANCHES]
    nodes = [_node(visit, n, labels.get(n.link_kind, "Mentions"), up=True, whole=whole) for n in shown]
    if len(rest) > len(shown):
        nodes.append(_more(visit, card, len(rest) - len(shown), "why"))
    made: dict[str, Any] = {"quotes": quotes(visit, spoken), "nodes": nodes}
    if visit.actor.may("update", declared.group) and declared.cites and card.archived_at is None:
        made["add"] = {"href": visit.record(card.key, "cite"), "label": "Add a reason"}
    if len(voices) > len(spoken):
        href = f"{visit.record(card.key)}?all=1#why"
        made["more"] = {"text": f"{wording.plural(len(voices) - len(spoken), 'more voice')}", "href": href}
    if voices:
        made["count_text"] = f"{wording.plural(len(voices), 'voice')}, strongest evidence first"
    return made


def came(visit: Visit, card: Card, down: list[Node], *, whole: bool) -> dict[str, Any] | None:
    """What rests on it, down to the measured result; None where a thread ends."""
    if not down and card.kind not in _citable():
        return None
    shown = down if whole else down[:BRANCHES]
    nodes = [_node(visit, n, _back(n), up=False, whole=whole) for n in shown]
    if len(down) > len(shown):
        nodes.append(_more(visit, card, len(down) - len(shown), "came"))
    return {"nodes": nodes, "count_text": wording.plural(len(down), "record") if down else None}


@cache
def _citable() -> frozenset[str]:
    """The kinds that a record of some type may rest on; the register is closed by now."""
    return frozenset(kind for declared in kinds() for cite in declared.cites for kind in cite.to)


def suspect_note(visit: Visit, card: Card, up: list[Node]) -> dict[str, str] | None:
    """One line when something it rests on changed since it was read."""
    count = sum(n.suspect for n in up)
    if not count:
        return None
    said = "1 thing this rests on" if count == 1 else f"{count} things this rests on"
    old = sum(n.overdue for n in up)
    what = (
        "changed" if not old else "not been checked in time" if old == count else "changed or not been checked in time"
    )
    since = " since it was read" if not old else ""
    return {
        "text": f"{said} {'has' if count == 1 else 'have'} {what}{since}.",
        "href": visit.at("review", record=card.key),
    }


def shaken(node: Node) -> str:
    """Why a citation is suspect."""
    return "not checked in time" if node.overdue else "changed since it was read"


def _back(node: Node) -> str:
    cite = type_of(node.kind).cite_by_name.get(node.link_kind)
    return (cite.back or cite.label) if cite else "Mentioned in"


def _node(visit: Visit, node: Node, by: str, *, up: bool, whole: bool) -> dict[str, Any]:
    declared = type_of(node.kind)
    state = declared.state_by_name.get(node.state)
    below = []
    for child in node.children if whole else node.children[:BRANCHES]:
        label = _back(child) if not up else _label(declared, child)
        below.append(_node(visit, child, label, up=up, whole=whole))
    made: dict[str, Any] = {
        "key": node.key,
        "title": node.title,
        "href": visit.record(node.key),
        "by": by,
        "nodes": below,
    }
    if node.archived:
        made["state"] = {"label": "In the trash", "tone": ""}
    elif state:
        made["state"] = {"label": state.label, "tone": state.tone}
    if node.quote:
        source = node.key if up else f"quoted by {node.key}"
        made["quote"] = {"text": node.quote[:LONGEST_QUOTE], "source": source, "href": visit.record(node.key)}
    if node.suspect:
        made["suspect"] = {"text": shaken(node), "href": visit.at("review")}
    if len(node.children) > len(below):
        left = len(node.children) - len(below)
        made["more"] = {"text": f"{left} more", "href": visit.record(node.key)}
    return made


def _label(declared: RecordType, child: Node) -> str:
    cite = declared.cite_by_name.get(child.link_kind)
    return cite.label if cite else "Mentions"


def _more(visit: Visit, card: Card, count: int, where: str) -> dict[str, Any]:
    return {"key": "", "title": f"{count:,} more", "href": f"{visit.record(card.key)}?all=1#{where}"}


def quotes(visit: Visit, voices: list[Node]) -> list[dict[str, Any]]:
    """The words of voices: the quoted part, or the beginning of what was said, and who said it where."""
    rows_by_id: dict[str, dict[str, Any]] = {}
    for kind in {n.kind for n in voices}:
        declared = type_of(kind)
        keys = ",".join(n.key for n in voices if n.kind == kind)
        readable = all_fields(visit.actor, declared)
        names = [f.name for f in readable.values() if f.role in ("title", "subtitle", "body", "matters", "start")]
        for start in range(0, len(voices), 100):
            part = ",".join(keys.split(",")[start : start + 100])
            if part:
                found = listing.list_page(visit.actor, declared, f"key:{part} sort:key", names=names, limit=200)
                rows_by_id |= {r["id"]: r for r in found.rows}
    return [_quote(visit, n, rows_by_id.get(n.id, {})) for n in voices]


def _quote(visit: Visit, node: Node, row: dict[str, Any]) -> dict[str, Any]:
    declared = type_of(node.kind)
    body = next((row.get(f.name) for f in declared.with_role("body") if row.get(f.name)), None)
    said = node.quote or text.excerpt(body or node.title, LONGEST_QUOTE)
    made: dict[str, Any] = {
        "text": said.strip('“”" '),
        "source": _source(declared, node, row),
        "href": visit.record(node.key),
    }
    if node.weight:
        made["weight"] = WEIGHTS[node.weight]
    if node.suspect:
        made["more"] = shaken(node)
    return made


def _source(declared: RecordType, node: Node, row: dict[str, Any]) -> str:
    said = [node.key]
    for field in (*declared.with_role("subtitle"), *declared.with_role("matters"), *declared.with_role("start")):
        value = row.get(field.name)
        if not value:
            continue
        if isinstance(value, dict):
            said.append(str(value.get("title") or value.get("name")))
        elif field.kind.name == "choice":
            said.append(str(dict(field.kind.choices).get(value, value)))
        elif field.kind.name == "date":
            said.append(wording.on_day(value) or "")
        else:
            said.append(str(value))
    return " · ".join(s for s in said if s)
