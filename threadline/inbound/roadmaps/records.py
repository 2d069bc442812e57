"""Roadmap, share link and commitment, declared."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from threadline.inbound.roadmaps import comparing, queries, rules, sharing
from threadline.inbound.roadmaps.models import Commitment, Roadmap, ShareLink, Sharing
from threadline.kernel.access import Actor
from threadline.kernel.door import Door
from threadline.kernel.records import Record
from threadline.kernel.registry import Cite, Field, RecordType, State, register


@register
class RoadmapType(RecordType):
    """Roadmap."""

    model = Roadmap
    label, plural, icon = "Roadmap", "Roadmaps", "sort"
    group, room = "inbound", "inbound/roadmaps"
    about = "A roadmap shows the plan to one audience. Make one for your team first, then one for those outside."
    fields = (
        Field("title"),
        Field("body", label="What it is for", role="body", search="B"),
        Field("audience", role="matters", help="Decides which fields are shown at all."),
        Field("query", label="Features on it", role="matters",
              help="Such as state:planned,building. Blank: what is planned and being built, or only what you pick."),
        Field("mode", label="Drawn as"),
        Field("lanes", label="Grouped by"),
        Field("zoom"),
    )  # fmt: skip
    states = (
        State("draft", "Draft"),
        State("published", "Published", "ok"),
        State("retired", "Retired", final=True),
    )
    cites = (Cite(queries.SHOWS, "Picked for it", ("feature",), back="On the roadmap"),)
    columns = ("title", "state", "audience", "mode", "query", "product", "owner", "updated_at")
    sort = "title"

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, Roadmap)
        rules.settle_roadmap(actor, record)

    def answers(self) -> dict[str, Callable[[Actor, Any], Any]]:
        return {"shown": queries.shown, "moves": comparing.moves}


@register
class ShareLinkType(RecordType):
    """Share link."""

    model = ShareLink
    label, plural, icon = "Share link", "Share links", "link"
    group, room = "inbound", "inbound/roadmaps"
    about = "A share link opens one roadmap to whoever has its address, until it ends or you revoke it."
    fields = (
        Field("title", label="For whom"),
        Field("roadmap", role="subtitle", required=True),
        Field("expires_on", label="Open until", role="due", help="Blank means thirty days from today."),
        Field("sites", label="Sites that may frame it",
              help="One a line, such as https://www.example.com. Blank: it opens by itself alone."),
    )  # fmt: skip
    states = (State("open", "Open", "ok"), State("revoked", "Revoked", "bad", final=True))
    columns = ("title", "roadmap", "state", "expires_on", "owner")
    sort = "-created"

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, ShareLink)
        rules.settle_share(record, before)

    def changed(self, door: Door, record: Record, names: Collection[str]) -> None:
        assert isinstance(record, ShareLink)
        if not Sharing.objects.filter(workspace_id=record.workspace_id, link_id=record.pk).exists():
            sharing.begin(record, door.actor.member_id)


@register
class CommitmentType(RecordType):
    """Commitment."""

    model = Commitment
    label, plural, icon = "Commitment", "Commitments", "clock"
    group, room = "inbound", "inbound/roadmaps"
    about = "A commitment is what somebody was told of the plan: the words, the day, and what it is about."
    fields = (
        Field("title", label="What was promised", meaning=True),
        Field("told_to", label="Told to", role="subtitle", required=True, search="B",
              help="The person, the company, or the room."),
        Field("words", label="In these words", role="body", meaning=True, search="B"),
        Field("told_on", label="Told on", role="start", help="Blank means today."),
        Field("promised_on", label="Day they were told", role="due", meaning=True),
        Field("feature", role="matters"),
        Field("release", role="matters"),
        Field("account", back="What they were told"),
        Field("contact", back="What they were told"),
    )  # fmt: skip
    states = (
        State("open", "Stands", "info"),
        State("kept", "Kept", "ok", final=True),
        State("broken", "Not kept", "bad", final=True),
        State("released", "Released", final=True),
    )
    columns = ("title", "state", "told_to", "promised_on", "feature", "release", "owner")
    sort = "promised_on"

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, Commitment)
        rules.settle_commitment(record, before)
