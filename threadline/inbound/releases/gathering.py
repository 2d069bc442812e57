"""What a plan is made from: records within the planner's reach, turned into plain numbers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from threadline.inbound.releases import queries
from threadline.inbound.releases.models import DeliveryTeam, PlanRun, Release
from threadline.kernel import listing, rows
from threadline.kernel.access import Actor, reach
from threadline.kernel.registry import type_of

MOST_FEATURES, MOST_TEAMS, MOST_RELEASES = 500, 20, 12
PLANNABLE = "state:candidate,planned,building"
OPEN = ("planned", "building", "ready")
LATER = 0.9  # what a point of score is worth one release later
STABILITY = 0.1  # of the middle score: what moving one feature of the present plan must be worth
AUTO, LEAVE_OUT, MUST, FIXED = "auto", "out", "must", "fixed"


@dataclass(frozen=True)
class Item:
    """A feature that could be planned. ``now`` is the id of the open release that has it, or empty."""

    id: str
    key: str
    title: str
    state: str
    score: float
    scored: bool
    estimates: dict[str, tuple[float, float, float]]
    now: str = ""
    objective: str = ""  # the id of what it works towards, within reach

    @property
    def days(self) -> float:
        """What it is expected to take of all teams together."""
        return sum((low + 4 * likely + high) / 6 for low, likely, high in self.estimates.values())


@dataclass(frozen=True)
class Candidates:
    """All that could go into a plan; ``unestimated`` features are named, for nobody can say what they take."""

    releases: list[Release]
    teams: list[DeliveryTeam]
    items: list[Item]
    unestimated: list[Item]
    depends: list[tuple[str, str]]
    objectives: list[tuple[str, str, str]] = field(default_factory=list)  # id, key, title

    def capacity(self, team: DeliveryTeam, release: Release) -> float:
        """Person-days of planned work between the two days of a release, to the whole day."""
        return float(round(team.days_a_week / 5 * queries.weekdays(release.starts_on, release.due_on)))


def candidates(actor: Actor) -> Candidates:
    """Open releases by date, working teams, and features that are not shipped or declined."""
    here = reach(actor, Release).filter(archived_at=None, state__in=OPEN, due_on__isnull=False, starts_on__isnull=False)
    releases = list(here.order_by("due_on", "number")[:MOST_RELEASES])
    teams = list(reach(actor, DeliveryTeam).filter(archived_at=None, state="working").order_by("title")[:MOST_TEAMS])
    found = _features(actor)
    ids = [UUID(r["id"]) for r in found]
    estimates: dict[str, dict[str, tuple[float, float, float]]] = {}
    known = {str(t.pk) for t in teams}
    for (feature, team), points in queries.features_estimated(actor, ids).items():
        if team in known:
            estimates.setdefault(feature, {})[team] = points
    now = _in_scope(actor, [r.pk for r in releases])
    aims, aim_of = _aims(actor, ids)
    items = [
        Item(str(UUID(r["id"])), r["key"], r["title"], r["state"], float(r["score"] or 0), r["score"] is not None,
             estimates.get(str(UUID(r["id"])), {}), now.get(str(UUID(r["id"])), ""), aim_of.get(str(UUID(r["id"])), ""))
        for r in found
    ]  # fmt: skip
    with_estimate = [i for i in items if i.estimates]
    aims = [a for a in aims if any(i.objective == a[0] for i in with_estimate)]
    return Candidates(releases, teams, with_estimate, [i for i in items if not i.estimates], _depends(actor, ids), aims)


def _aims(actor: Actor, ids: list[UUID]) -> tuple[list[tuple[str, str, str]], dict[str, str]]:
    """Objectives within reach that these features work towards, also by a key result; and each feature's own."""
    if not ids:
        return [], {}
    near, params = queries.reach_sql(actor, "c")
    near_k, params_k = queries.reach_sql(actor, "k")
    found = rows.fetch(
        "SELECT l.source_id, c.id, c.key, c.title FROM kernel_link l"
        f" LEFT JOIN inbound_keyresult k ON k.id = l.target_id AND {near_k}"
        " JOIN kernel_card c ON c.id = COALESCE(k.objective_id, l.target_id)"
        f" WHERE l.workspace_id = %s AND l.kind = 'objective' AND l.source_id IN ({rows.marks(len(ids))})"
        f" AND c.archived_at IS NULL AND {near} ORDER BY c.title, l.id",
        [*params_k, actor.workspace_id, *ids, *params],
    )
    aims = {str(rows.ident(i)): (str(rows.ident(i)), key, title) for _, i, key, title in found}
    return list(aims.values()), {str(rows.ident(f)): str(rows.ident(i)) for f, i, _, _ in found}


def _features(actor: Actor) -> list[dict[str, Any]]:
    """The features that could be planned, the highest score first."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while len(found) < MOST_FEATURES:
        page = listing.list_page(
            actor,
            type_of("feature"),
            f"{PLANNABLE} sort:-score",
            names=["title", "state", "score"],
            limit=min(listing.MOST_ROWS, MOST_FEATURES - len(found)),
            cursor=cursor,
        )
        found += page.rows
        cursor = page.next_cursor
        if cursor is None:
            break
    return found


def _in_scope(actor: Actor, releases: list[UUID]) -> dict[str, str]:
    """Feature to the release that has it in scope."""
    if not releases:
        return {}
    found = rows.fetch(
        "SELECT target_id, source_id FROM kernel_link WHERE workspace_id = %s AND kind = %s"
        f" AND source_id IN ({rows.marks(len(releases))})",
        [actor.workspace_id, queries.SCOPE, *releases],
    )
    return {str(rows.ident(f)): str(rows.ident(r)) for f, r in found}


def _depends(actor: Actor, ids: list[UUID]) -> list[tuple[str, str]]:
    """(feature, what it depends on) among these features."""
    if not ids:
        return []
    found = rows.fetch(
        "SELECT source_id, target_id FROM kernel_link WHERE workspace_id = %s AND kind = 'depends_on'"
        f" AND source_id IN ({rows.marks(len(ids))}) AND target_id IN ({rows.marks(len(ids))}) ORDER BY id",
        [actor.workspace_id, *ids, *ids],
    )
    return [(str(rows.ident(f)), str(rows.ident(g))) for f, g in found]


@dataclass(frozen=True)
class Wishes:
    """What the person asked for. ``rules``: feature id to auto, out, must, must:<release> or fixed:<release>."""

    releases: list[str]
    teams: list[str]
    rules: dict[str, str]
    capacity: dict[tuple[str, str], float]
    confidence: float
    seconds: int
    steady: bool
    mix: dict[str, tuple[float, float]] = field(default_factory=dict)  # objective to share and band, 0 to 1


def inputs_of(found: Candidates, wishes: Wishes) -> dict[str, Any]:
    """The problem as :mod:`threadline.planning.process` reads it, and whose ids stand behind its numbers."""
    releases = [r for r in found.releases if str(r.pk) in wishes.releases]
    teams = [t for t in found.teams if str(t.pk) in wishes.teams]
    items = [i for i in found.items if wishes.rules.get(i.id) != LEAVE_OUT]
    at_team, at_item = {str(t.pk): n for n, t in enumerate(teams)}, {i.id: n for n, i in enumerate(items)}
    at_release = {str(r.pk): n for n, r in enumerate(releases)}
    missing_team = {i.id for i in items if any(t not in at_team for t in i.estimates)}
    items = [i for i in items if i.id not in missing_team]
    at_item = {i.id: n for n, i in enumerate(items)}
    rules = [wishes.rules.get(i.id, AUTO) for i in items]
    published = [at_release.get(i.now, len(releases)) for i in items]
    steady = wishes.steady and any(p < len(releases) for p in published)
    scores = sorted(i.score for i in items)
    return {
        "releases": list(at_release),
        "teams": list(at_team),
        "features": [i.id for i in items],
        "values": [i.score for i in items],
        "effort": [[n, at_team[t], *points] for n, i in enumerate(items) for t, points in sorted(i.estimates.items())],
        "capacity": [
            [wishes.capacity.get((str(t.pk), str(r.pk)), found.capacity(t, r)) for r in releases] for t in teams
        ],
        "discount": [round(LATER**n, 6) for n in range(len(releases))],
        "must_by": [_must_by(rule, at_release) for rule in rules],
        "fixed": [at_release.get(rule.partition(":")[2], -1) if rule.startswith(FIXED) else -1 for rule in rules],
        "requires": [[at_item[f], at_item[g]] for f, g in found.depends if f in at_item and g in at_item],
        **_mixed(items, wishes),
        "confidence": wishes.confidence,
        "published": published if steady else None,
        "stability": round(STABILITY * scores[len(scores) // 2], 6) if steady else 0.0,
        "seconds": wishes.seconds,
        "seed": 1,
    }


def _mixed(items: list[Item], wishes: Wishes) -> dict[str, Any]:
    """Each item's place among the objectives that have a band; the last place is for all the rest."""
    aims = list(wishes.mix)
    if not aims:
        return {}
    return {
        "objectives": aims,
        "category": [aims.index(i.objective) if i.objective in wishes.mix else len(aims) for i in items],
        "mix": [[n, *wishes.mix[aim]] for n, aim in enumerate(aims)],
    }


def _must_by(rule: str, at_release: dict[str, int]) -> int:
    kind, _, release = rule.partition(":")
    if kind != MUST:
        return -1
    return at_release.get(release, len(at_release) - 1)


def fingerprint(inputs: dict[str, Any]) -> str:
    """SHA-256 of the input with its keys in order: the same input gives the same."""
    return hashlib.sha256(orjson.dumps(inputs, option=orjson.OPT_SORT_KEYS)).hexdigest()


def names_of(actor: Actor, run: PlanRun) -> dict[str, dict[str, Any]]:
    """Key, title and state of every record that a plan names and the actor may see; the rest is absent."""
    ids = [
        rows.ident(i) for place in ("releases", "teams", "features", "objectives") for i in run.inputs.get(place, ())
    ]
    found: dict[str, dict[str, Any]] = {}
    for card in _cards(actor, ids):
        found[str(card[0])] = {"key": card[1], "title": card[2], "state": card[3]}
    return found


def _cards(actor: Actor, ids: list[UUID]) -> list[tuple[UUID, str, str, str]]:
    from_reach = []
    for at in range(0, len(ids), 500):
        part = ids[at : at + 500]
        from_reach += _some_cards(actor, part)
    return from_reach


def _some_cards(actor: Actor, ids: list[UUID]) -> list[tuple[UUID, str, str, str]]:
    near, params = queries.reach_sql(actor, "c")
    sql = f"SELECT c.id, c.key, c.title, c.state FROM kernel_card c WHERE c.id IN ({rows.marks(len(ids))}) AND {near}"
    return [(rows.ident(i), key, title, state) for i, key, title, state in rows.fetch(sql, [*ids, *params])]
