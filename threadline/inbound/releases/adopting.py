"""A plan becomes the scope of its releases: links made and taken back, features planned, in one batch."""

from __future__ import annotations

from uuid import UUID

from threadline.inbound.releases import queries
from threadline.inbound.releases.models import PlanRun, Release, ReleasePlan
from threadline.kernel import verbs
from threadline.kernel.access import reach
from threadline.kernel.actions import action, all_actions
from threadline.kernel.cards import Card
from threadline.kernel.door import Door
from threadline.kernel.errors import Conflict
from threadline.kernel.links import Link


@action(ReleasePlan, verb="decide", label="Adopt", to="adopted", states=("made",))
def adopt_plan(door: Door, *, release_plan: ReleasePlan) -> ReleasePlan:
    """Make this plan the scope of its releases. Features in it become planned; what it leaves out leaves them."""
    run = PlanRun.objects.filter(workspace_id=door.actor.workspace_id, plan_id=release_plan.pk).first()
    if run is None or not run.best.get("release"):
        raise Conflict("There is nothing in this plan to adopt.")
    releases = [UUID(r) for r in run.inputs["releases"]]
    open_ = {r.pk: r for r in reach(door.actor, Release).filter(pk__in=releases, archived_at=None)}
    closed = [r for r in releases if r not in open_ or open_[r].state in ("shipped", "cancelled")]
    if closed:
        raise Conflict("A release of this plan has shipped, was cancelled, or is gone. Make the plan anew.")
    features = [UUID(f) for f in run.inputs["features"]]
    cards = {c.pk: c for c in reach(door.actor, Card).filter(pk__in=features, archived_at=None)}
    door.why = door.why or f"Plan {release_plan.key}"
    wanted = {f: releases[at] for f, at in zip(features, run.best["release"], strict=True) if at < len(releases)}
    _relink(door, releases, {f: r for f, r in wanted.items() if f in cards}, set(features) & set(cards))
    _restate(door, cards, set(wanted))
    return door.change(release_plan, {"state": "adopted"})


def _relink(door: Door, releases: list[UUID], wanted: dict[UUID, UUID], known: set[UUID]) -> None:
    """Only features that the plan weighed are moved; what somebody else put into scope stays."""
    here = Link.objects.filter(
        workspace_id=door.actor.workspace_id, source_id__in=releases, kind=queries.SCOPE, target_id__in=known
    )
    present = set()
    for link in here.order_by("pk"):
        if wanted.get(link.target_id) == link.source_id:
            present.add(link.target_id)
        else:
            verbs.unlink(door, link.pk)
    for feature, release in wanted.items():
        if feature not in present:
            verbs.link(door, release, feature, queries.SCOPE)


def _restate(door: Door, cards: dict[UUID, Card], wanted: set[UUID]) -> None:
    """Features in the plan are planned; planned ones that it leaves out compete again. What is built goes on."""
    named = {a.name: a for a in all_actions()}
    for ident, card in cards.items():
        if ident in wanted and card.state in ("idea", "candidate"):
            named["plan_feature"](door, feature=ident)
        elif ident not in wanted and card.state == "planned":
            named["unplan_feature"](door, feature=ident, reason=door.why)
