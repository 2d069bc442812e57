"""The thread itself: why a record exists, what came of it, and what relies on what has changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from threadline.kernel import rows
from threadline.kernel.access import Actor, reach_sql
from threadline.kernel.cards import Card
from threadline.kernel.links import MENTION, overdue, suspect
from threadline.kernel.registry import type_of

DEPTH = 12
MOST_NODES = 500
# The stops of the thread bar, from the customer's words to the measured result.
STOPS = (
    ("voices", "voices"),
    ("insights", "insights"),
    ("opportunity", "opportunity"),
    ("feature", "feature"),
    ("release", "release"),
    ("launch", "launch"),
    ("outcome", "outcome"),
)


@dataclass
class Node:
    """One record on the thread, seen from another; ``link`` says how it got here."""

    id: str
    kind: str
    key: str
    title: str
    state: str
    archived: bool
    depth: int
    link_id: str
    link_kind: str
    quote: str
    weight: int
    suspect: bool
    overdue: bool = False  # suspect because nobody has checked the target in time
    children: list[Node] = field(default_factory=list)
    more: int = 0


def _walk(actor: Actor, card: Card, *, up: bool) -> list[rows.Row]:
    here, there = ("source_id", "target_id") if up else ("target_id", "source_id")
    near, params = reach_sql(actor, "c")
    # The walk goes only through cards in reach: what a reader may not see also ends the path.
    # It does not go on from a mention: what a mentioned record rests on is no reason for this one.
    # CROSS JOIN keeps SQLite to the order written; else it may read every card of the workspace.
    sql = (
        "WITH RECURSIVE walk (card_id, via, parent, depth, kind) AS ("
        f" SELECT l.{there}, l.id, l.{here}, 1, l.kind FROM kernel_link l CROSS JOIN kernel_card c"
        f" WHERE l.workspace_id = %s AND l.{here} = %s AND c.id = l.{there} AND {near}"
        f" UNION SELECT l.{there}, l.id, l.{here}, w.depth + 1, l.kind FROM walk w CROSS JOIN kernel_link l"
        f" CROSS JOIN kernel_card c WHERE w.depth < {DEPTH} AND w.kind <> '{MENTION}'"
        f" AND l.workspace_id = %s AND l.{here} = w.card_id"
        f" AND l.{there} <> %s AND c.id = l.{there} AND {near})"
        " SELECT c.id, c.kind, c.key, c.title, c.state, c.archived_at, w.depth, l.id, l.kind, l.quote, l.weight,"
        f" {suspect('t', 'l')}, {overdue('t')}, w.parent FROM walk w JOIN kernel_card c ON c.id = w.card_id"
        " JOIN kernel_link l ON l.id = w.via JOIN kernel_card t ON t.id = l.target_id"
        f" ORDER BY CASE l.kind WHEN '{MENTION}' THEN 1 ELSE 0 END, w.depth, l.weight DESC, l.id LIMIT {MOST_NODES * 4}"
    )
    ws = actor.workspace_id
    return rows.fetch(sql, [ws, card.pk, *params, ws, card.pk, *params])


def _tree(actor: Actor, card: Card, *, up: bool) -> list[Node]:
    """Each record stands once, at its shortest distance, under whatever led to it first; mentions last."""
    top: list[Node] = []
    by_id: dict[str, Node] = {}
    for r in _walk(actor, card, up=up):
        ident = rows.hexed(r[0]) or ""
        if ident in by_id or len(by_id) >= MOST_NODES:
            continue
        kind, key, title, state, archived_at, depth, link_id, link_kind, quote, weight, shaky, old = r[1:13]
        gone, via = archived_at is not None, rows.hexed(link_id) or ""
        node = Node(
            ident, kind, key, title, state, gone, depth, via, link_kind, quote, weight, bool(shaky), bool(shaky and old)
        )
        by_id[ident] = node
        parent = by_id.get(rows.hexed(r[13]) or "")
        (parent.children if parent and depth > 1 else top).append(node)
    return top


def why(actor: Actor, card: Card) -> list[Node]:
    """What the record rests on, strongest first, up to the customers' words and the aims."""
    return _tree(actor, card, up=True)


def what_came_of_it(actor: Actor, card: Card) -> list[Node]:
    """What rests on the record, down to the measured result; its blast radius when it changes."""
    return _tree(actor, card, up=False)


def flat(nodes: Iterable[Node]) -> list[Node]:
    """All nodes of a tree, parents before children."""
    return [n for node in nodes for n in (node, *flat(node.children))]


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of the thread bar; no cards means a gap."""

    name: str
    label: str
    count: int
    kind: str = ""
    key: str = ""
    title: str = ""
    here: bool = False

    @property
    def gap(self) -> bool:
        """Whether nothing stands here."""
        return self.count == 0 and not self.here


def bar(card: Card, up: list[Node], down: list[Node]) -> list[Stop]:
    """The thread bar of a record, from trees already read."""
    own = type_of(card.kind).stop
    at: dict[str, list[Node]] = {}
    for n in flat([*up, *down]):
        if not n.archived and n.link_kind != MENTION:
            at.setdefault(type_of(n.kind).stop, []).append(n)
    stops = []
    for name, label in STOPS:
        here = at.get(name, [])
        if name == own:
            stops.append(Stop(name, label, len(here), card.kind, card.key, card.title, here=True))
        else:
            first = here[0] if here else None
            one = len(here) == 1 and first is not None
            stops.append(
                Stop(
                    name,
                    label,
                    len(here),
                    first.kind if first else "",
                    first.key if one and first else "",
                    first.title if one and first else "",
                )
            )
    return stops


@dataclass(frozen=True, slots=True)
class Suspect:
    """A citation whose target changed its meaning after it was read, or was not checked in time."""

    link_id: str
    link_kind: str
    source_kind: str
    source_key: str
    source_title: str
    target_id: str
    target_kind: str
    target_key: str
    target_title: str
    seen_revision: int
    revision: int
    quote: str
    good_until: date | None = None  # when that day has passed


# Read from the records whose meaning ever changed, and those not checked in time, which are few:
# each has an index of its own. The workspace is asked for twice.
SUSPECT_LINKS = (
    " FROM kernel_card t CROSS JOIN kernel_link l CROSS JOIN kernel_card s"
    f" WHERE ((t.workspace_id = %s AND t.revision > 1) OR (t.workspace_id = %s AND {overdue('t')}))"
    f" AND l.workspace_id = t.workspace_id AND l.target_id = t.id AND {suspect('t', 'l')}"
    " AND s.id = l.source_id AND s.archived_at IS NULL"
)


_OURS = (
    "SELECT tp.product_id FROM kernel_teamproduct tp JOIN kernel_teammember tm ON tm.team_id = tp.team_id"
    " WHERE tm.workspace_id = %s AND tm.member_id = %s"
)


def suspects(
    actor: Actor, *, mine: bool = False, ours: bool = False, owner: Any = None, source: Any = None, limit: int = 200
) -> list[Suspect]:
    """The review queue: suspect citations between records in reach, the oldest first.

    ``mine`` keeps those whose citing record the actor owns; ``ours`` those of the products of the
    actor's teams; ``owner`` those of another person; ``source`` those of one record.
    """
    near_s, params_s = reach_sql(actor, "s")
    near_t, params_t = reach_sql(actor, "t")
    where, extra = "", []
    if mine:
        where, extra = " AND s.owner_id = %s", [actor.member_id]
    if owner is not None:
        where, extra = " AND s.owner_id = %s", [owner]
    if ours:
        where, extra = f"{where} AND s.product_id IN ({_OURS})", [*extra, actor.workspace_id, actor.member_id]
    if source is not None:
        where, extra = f"{where} AND s.id = %s", [*extra, source]
    found = rows.fetch(
        "SELECT l.id, l.kind, s.kind, s.key, s.title, t.id, t.kind, t.key, t.title,"
        f" l.seen_revision, t.revision, l.quote, CASE WHEN {overdue('t')} THEN t.good_until END"
        f"{SUSPECT_LINKS} AND {near_s} AND {near_t}{where} ORDER BY t.updated_at LIMIT {int(limit)}",
        [actor.workspace_id, actor.workspace_id, *params_s, *params_t, *extra],
    )
    return [
        Suspect(rows.hexed(link) or "", link_kind, s_kind, s_key, s_title, rows.hexed(target) or "", *rest)
        for link, link_kind, s_kind, s_key, s_title, target, *rest in ((*f[:-1], _day(f[-1])) for f in found)
    ]


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value
