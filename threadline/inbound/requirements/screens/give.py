"""Requirements taken along as ReqIF, and brought in from another tool."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from threadline.faces.web import wording
from threadline.faces.web.screens import record_screen
from threadline.faces.web.visit import Visit
from threadline.formats import reqif
from threadline.formats.refusal import Unreadable
from threadline.inbound.requirements import carrying
from threadline.kernel.access import reach
from threadline.kernel.actions import through_door
from threadline.kernel.cards import Card
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.records import Record
from threadline.kernel.registry import type_of


@record_screen("feature", "reqif", posts=True)
def exchange(visit: Visit, card: Card) -> HttpResponseBase:
    """The file, what it cannot hold, and the way back in."""
    feature = reach(visit.actor, type_of("feature").model).filter(pk=card.pk, archived_at=None).first()
    if feature is None:
        raise NotFound
    visit.back = visit.record(feature.key, "reqif")
    if visit.posting:
        visit.actor.need("bulk", type_of("requirement").group)
        try:
            return _bring(visit, feature)
        except Unreadable as refused:
            return _page(visit, feature, [str(refused)])
        except Invalid as refused:
            return _page(visit, feature, [p.message for p in refused.problems])
    if visit.asked.get("as") == "reqif":
        answer = HttpResponse(carrying.as_reqif(visit.actor, feature).data, content_type="application/xml")
        answer.headers["Content-Disposition"] = content_disposition_header(True, f"{feature.key}.reqif") or "attachment"
        answer.headers["Cache-Control"] = "private, no-store"
        return answer
    return _page(visit, feature, [])


def _page(visit: Visit, feature: Record, problems: list[str], report: dict[str, Any] | None = None) -> HttpResponse:
    written = carrying.as_reqif(visit.actor, feature)
    return visit.draw(
        "requirement/reqif.html", "ReqIF", 422 if problems else 200,
        address=visit.record(feature.key, "reqif"), problems=problems, losses=carrying.LOSSES, report=report,
        objects=written.objects, differences=written.differences,
        may=visit.actor.may("bulk", type_of("requirement").group),
        outline=visit.record(feature.key, "requirements"),
        crumbs=[{"label": feature.title, "href": visit.record(feature.key)}],
    )  # fmt: skip


def _bring(visit: Visit, feature: Record) -> HttpResponseBase:
    sent = visit.request.FILES.get("file")
    if sent is None or not sent.size:
        raise Unreadable("Choose a file first.")
    if sent.size > reqif.LARGEST:
        raise Unreadable(f"Too large: {reqif.LARGEST // 1024 // 1024} MB at most.")
    document, batch = reqif.read(sent.read()), visit.new_batch()
    done = through_door(
        visit.actor, "bring_in_requirements", lambda door: carrying.bring(door, feature, document), batch=batch
    )
    report: dict[str, Any] = {
        "text": f"{wording.plural(done.made, 'new record')}, {done.changed} brought up to date,"
        f" {done.same} as they were.",
        "losses": done.losses, "undo": visit.at("undo", str(batch)) if done.made or done.changed else "",
    }  # fmt: skip
    return _page(visit, feature, [], report)
