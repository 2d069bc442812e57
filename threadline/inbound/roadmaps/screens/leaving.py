"""How a roadmap leaves the house: as a file, by a link, in a frame."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpResponse

from threadline.faces.web import wording
from threadline.faces.web.screens import adds_to, record_screen
from threadline.faces.web.visit import Visit
from threadline.inbound.intake.rules import origins
from threadline.inbound.roadmaps import audiences, files, queries, sharing
from threadline.inbound.roadmaps.models import Roadmap, ShareLink
from threadline.inbound.roadmaps.screens.frame import MODES, Asked, frame, roadmap_of
from threadline.kernel import rows
from threadline.kernel.access import reach
from threadline.kernel.cards import Card
from threadline.kernel.registry import type_of


@record_screen("roadmap", "export")
def export(visit: Visit, card: Card) -> HttpResponse:
    """The roadmap as a file, with what its audience reads and its day."""
    roadmap = roadmap_of(visit, card.pk)
    asked = Asked(visit, roadmap, "export")
    formats = files.formats_of(asked.audience)
    name = visit.asked.get("file", "")
    if name in formats:
        found = queries.shown(visit.actor, roadmap, audience=asked.audience, on=asked.on)
        return files.answer(found, roadmap, name, on=asked.on)
    here = {**asked.others}
    return visit.draw(
        "roadmap/export.html",
        roadmap.title,
        **frame(visit, roadmap, asked, "export"),
        files=[{"label": f.label, "href": visit.at(roadmap.key, "export", **here, file=n)} for n, f in formats.items()],
        audience=Roadmap.Audience(asked.audience).label.lower(),
    )


@record_screen("roadmap", "links")
def links(visit: Visit, card: Card) -> HttpResponse:
    """Who can open it from outside: every link, until when, and in which sites."""
    roadmap = roadmap_of(visit, card.pk)
    asked = Asked(visit, roadmap, "links")
    found = reach(visit.actor, ShareLink).filter(roadmap_id=roadmap.pk, archived_at=None).order_by("-number")[:200]
    today = rows.now().date()
    may = visit.actor.may("decide", type_of(roadmap).group)
    around = frame(visit, roadmap, asked, "links")
    if may:
        new = visit.at("share-links", "new", roadmap=roadmap.key)
        around["page_actions"] = [{"label": "New link", "href": new, "look": "go"}]
    shown = queries.shown(visit.actor, roadmap)
    return visit.draw(
        "roadmap/links.html",
        f"Links to {roadmap.title}",
        **around,
        links=[_link(visit, one, today) for one in found],
        may=may,
        publish=visit.record(roadmap.key, "do", "publish_roadmap") if may and roadmap.state == "draft" else "",
        fields=[_SAID[n] for n in audiences.FIELDS[roadmap.audience] if n in _SAID],
        audience=Roadmap.Audience(roadmap.audience).label,
        count=len(shown.items),
        picked=roadmap.audience in audiences.PICKED,
        cite=visit.record(roadmap.key, "cite"),
    )


_SAID = {
    "title": "title", "stage_label": "where it stands", "horizon_label": "now, next or later", "product": "product",
    "key": "key", "release": "release", "period": "the quarter in which it is sure", "owner": "owner",
    "objective": "objective", "metric": "metric", "teams": "teams", "likely_on": "dates as a range", "slip": "slip",
    "why": "reasons of moves", "evidence": "evidence", "score": "score", "effort": "effort",
    "needs": "dependencies",
}  # fmt: skip


def _link(visit: Visit, one: ShareLink, today: date) -> dict[str, Any]:
    ended = one.expires_on is not None and one.expires_on < today
    look = (
        ("Ended", "")
        if ended and one.state == "open"
        else ("Open", "ok")
        if one.state == "open"
        else ("Revoked", "bad")
    )
    return {
        "key": one.key, "title": one.title, "href": visit.record(one.key), "state": {"label": look[0], "tone": look[1]},
        "until": wording.on_day(one.expires_on),
        "address": sharing.address_of(visit.actor, one) if look[0] == "Open" else "",
        "sites": _framed_by(one.sites), "revoke": visit.record(one.key, "do", "revoke_share_link"),
    }  # fmt: skip


def _framed_by(written: str) -> str:
    fit, unfit = origins(written)
    said = ", ".join(fit) or "no site"
    return f"{said}; left out, because it is no site: {', '.join(unfit)[:200]}" if unfit else said


@adds_to("roadmap", "detail")
def ways_to_look(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Lead from the settings of a roadmap to the roadmap."""
    context["stops"] = []
    fit = audiences.MODES[row["audience"]]
    modes = sorted(fit, key=lambda m: m != row["mode"])
    context["looks"] = [{"label": MODES[m], "href": visit.record(row["key"], m)} for m in modes]
    context["looks"] += [
        {"label": "Compare two days", "href": visit.record(row["key"], "compare")},
        {"label": "Links", "href": visit.record(row["key"], "links")},
    ]


@adds_to("share_link", "detail")
def where_it_leads(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """The address, to be copied."""
    context["stops"] = []
    link = reach(visit.actor, ShareLink).filter(pk=row["id"]).first()
    context["leads"] = sharing.address_of(visit.actor, link) if link is not None else ""
    context["frame"] = f'<iframe src="{context["leads"]}" title="Roadmap" width="100%" height="600"></iframe>'
