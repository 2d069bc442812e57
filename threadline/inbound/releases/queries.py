"""Questions about releases: who said what, what is in scope and how ready it is, who has how much time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from threadline.inbound.decisions import putting
from threadline.inbound.releases.models import Release
from threadline.kernel import feed, rows
from threadline.kernel.access import Actor, reach_sql
from threadline.kernel.changes import Batch, Change
from threadline.kernel.links import suspect
from threadline.kernel.tags import CardTag

VOICE = "+voice"  # what somebody said of shipping, in the change log
GO = "go"  # the kind of link from a release to the decision whether it goes out
SCOPE = "scope"  # the kind of link from a release to what is in it


@dataclass(frozen=True, slots=True)
class Voice:
    """What somebody said of shipping a release: ``view`` is go or no_go."""

    who: str
    view: str
    reason: str
    at: datetime
    dissent: str = ""


def voices(actor: Actor, release: Release) -> list[Voice]:
    """The latest view of each person, the newest first; taken back ones left out."""
    found = Change.objects.filter(workspace_id=actor.workspace_id, card_id=release.pk, action="voice_release")
    changes = [c for c in found.order_by("-pk")[:400] if VOICE in c.diff]
    undone = Batch.objects.filter(pk__in=[c.batch for c in changes], undone_at__isnull=False)
    gone = set(undone.values_list("pk", flat=True))
    latest: dict[Any, Voice] = {}
    for change, diff in zip(changes, feed.seen(actor, [(c.kind, c.diff) for c in changes]), strict=True):
        if change.batch not in gone and VOICE in diff:
            said = diff[VOICE][1]
            voice = Voice(change.actor_name, said["view"], said.get("reason", ""), change.at, said.get("dissent", ""))
            latest.setdefault(change.actor_id or change.actor_name, voice)
    return _with_words(actor, list(latest.values()))


def _with_words(actor: Actor, found: list[Voice]) -> list[Voice]:
    """A no-go says what its dissent says today, and nothing once that was taken back."""
    words = putting.standing(actor, [v.dissent for v in found if v.dissent])
    held = [v for v in found if not v.dissent or v.dissent in words]
    return [replace(v, reason=words[v.dissent]) if v.dissent else v for v in held]


def scope_size(actor: Actor, alias: str) -> tuple[str, list[Any]]:
    """How many features are in a release, those in reach."""
    near, params = reach_sql(actor, "sc")
    sql = (
        "SELECT COUNT(*) FROM kernel_link sl JOIN kernel_card sc ON sc.id = sl.target_id"
        f" WHERE sl.workspace_id = {alias}.workspace_id AND sl.source_id = {alias}.id AND sl.kind = '{SCOPE}'"
        f" AND sc.archived_at IS NULL AND {near}"
    )
    return sql, params


@dataclass(frozen=True, slots=True)
class InScope:
    """A feature of a release, with what readiness asks of it."""

    id: str
    key: str
    title: str
    state: str
    link_id: str
    evidence: int
    suspects: int
    estimated: bool
    owned: bool
    outbound_owned: bool

    @property
    def missing(self) -> tuple[str, ...]:
        """What it lacks, in words."""
        asked = (
            ("evidence", self.evidence > 0),
            ("review of what changed", not self.suspects),
            ("an estimate", self.estimated or self.state == "shipped"),
            ("an owner", self.owned),
            ("an outbound owner", self.outbound_owned),
        )
        return tuple(what for what, there in asked if not there)


def scope(actor: Actor, release_id: UUID, limit: int = 300) -> list[InScope]:
    """The features in a release within reach, in order of their keys."""
    near, params = reach_sql(actor, "f")
    near_note, params_note = reach_sql(actor, "t")
    near_est, params_est = reach_sql(actor, "e")
    links = f"FROM kernel_link l JOIN kernel_card t ON t.id = l.target_id AND {near_note} WHERE l.source_id = f.id"
    found = rows.fetch(
        "SELECT f.id, f.number, f.title, f.state, s.id,"
        f" (SELECT COUNT(*) {links} AND l.kind = 'evidence' AND t.archived_at IS NULL),"
        f" (SELECT COUNT(*) {links} AND {suspect('t', 'l')}),"
        " (SELECT COUNT(*) FROM inbound_estimate e WHERE e.feature_id = f.id AND e.archived_at IS NULL"
        f" AND {near_est}),"
        " f.owner_id, f.outbound_owner_id FROM kernel_link s JOIN inbound_feature f ON f.id = s.target_id"
        f" WHERE s.workspace_id = %s AND s.source_id = %s AND s.kind = '{SCOPE}' AND f.archived_at IS NULL AND {near}"
        " ORDER BY f.number LIMIT %s",
        [*params_note, *params_note, *params_est, actor.workspace_id, release_id, *params, limit],
    )
    return [
        InScope(
            str(rows.ident(r[0])), f"F-{r[1]}", r[2], r[3], str(rows.ident(r[4])), r[5], r[6], r[7] > 0,
            r[8] is not None, r[9] is not None,
        )
        for r in found
    ]  # fmt: skip


def in_scope(actor: Actor, release_id: UUID) -> list[UUID]:
    """Ids of what a release has in scope. Past reach: what they name is read through it."""
    found = rows.fetch(
        f"SELECT target_id FROM kernel_link WHERE workspace_id = %s AND source_id = %s AND kind = '{SCOPE}'",
        [actor.workspace_id, release_id],
    )
    return [rows.ident(i) for (i,) in found]


def dependants(actor: Actor, features: list[UUID]) -> list[UUID]:
    """Features that depend on one of these, near or far, and are none of them. Past reach, as above."""
    known, open_ = set(features), list(features)
    made: list[UUID] = []
    while open_:
        found = rows.fetch(
            "SELECT DISTINCT source_id FROM kernel_link WHERE workspace_id = %s AND kind = 'depends_on'"
            f" AND target_id IN ({rows.marks(len(open_))})",
            [actor.workspace_id, *open_],
        )
        open_ = [i for i in (rows.ident(r) for (r,) in found) if i not in known]
        known.update(open_)
        made += open_
    return made


def features_estimated(actor: Actor, ids: list[UUID]) -> dict[tuple[str, str], tuple[float, float, float]]:
    """(feature, team) to (low, likely, high) of the newest estimate in reach, ids as text."""
    if not ids:
        return {}
    near, params = reach_sql(actor, "e")
    found = rows.fetch(
        "SELECT e.feature_id, e.team_id, e.low, e.likely, e.high FROM inbound_estimate e"
        f" WHERE e.archived_at IS NULL AND e.feature_id IN ({rows.marks(len(ids))}) AND {near}"
        " ORDER BY e.estimated_on, e.id",
        [*ids, *params],
    )
    return {(str(rows.ident(f)), str(rows.ident(t))): (low, mid, high) for f, t, low, mid, high in found}


def weekdays(first: date | None, last: date | None) -> int:
    """Days from Monday to Friday between two days, both counted; 0 without dates."""
    if first is None or last is None or last < first:
        return 0
    whole, rest = divmod((last - first).days + 1, 7)
    return whole * 5 + sum((first + timedelta(days=n)).weekday() < 5 for n in range(rest))


@dataclass(frozen=True, slots=True)
class Noted:
    """What release notes say of a feature that everybody here may see."""

    title: str
    body: str
    tags: tuple[str, ...]
    key: str = ""


def noted(actor: Actor, release_id: UUID, limit: int = 300) -> list[Noted]:
    """Features in scope for the notes. Ones kept for a team or for named people stay out: notes go outside."""
    near, params = reach_sql(actor, "f")
    found = rows.fetch(
        "SELECT f.id, f.title, f.body, f.number FROM kernel_link s JOIN inbound_feature f ON f.id = s.target_id"
        f" WHERE s.workspace_id = %s AND s.source_id = %s AND s.kind = '{SCOPE}' AND f.archived_at IS NULL"
        f" AND f.confidentiality = 0 AND {near} ORDER BY f.score DESC NULLS LAST, f.number LIMIT %s",
        [actor.workspace_id, release_id, *params, limit],
    )
    tagged: dict[UUID, list[str]] = {}
    tags = CardTag.objects.filter(workspace_id=actor.workspace_id, card_id__in=[rows.ident(r[0]) for r in found])
    for card, name in tags.order_by("tag__name").values_list("card_id", "tag__name"):
        tagged.setdefault(card, []).append(name)
    return [Noted(title, body, tuple(tagged.get(rows.ident(i), ())), f"F-{n}") for i, title, body, n in found]
