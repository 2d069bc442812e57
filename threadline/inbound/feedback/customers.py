"""The pages of an account and of a contact: what they asked for, where each of it stands, and their data."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from threadline.faces.web import threadview, wording
from threadline.faces.web.screens import adds_to, record_screen
from threadline.faces.web.visit import Visit
from threadline.inbound.feedback import queries, theirdata
from threadline.kernel.access import reach
from threadline.kernel.cards import Card
from threadline.kernel.errors import NotFound
from threadline.kernel.records import Record
from threadline.kernel.registry import type_of


@adds_to("account", "detail")
@adds_to("contact", "detail")
def what_they_asked_for(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Features that rest on the words of a company, its people included, or of one person."""
    asker = reach(visit.actor, type_of(visit.facts["kind"]).model).get(pk=row["id"])
    context["wishes"] = _wishes(visit, asker)
    if asker.kind == "contact" and visit.actor.may("read_private", "intake"):
        context["tools"] = [*context["tools"], {"label": "Their data", "href": visit.record(asker.key, "data")}]


@record_screen("contact", "data", posts=True)
def theirs(visit: Visit, card: Card) -> HttpResponseBase:
    """What will be in the file of one person's data; sent, the file itself."""
    person = reach(visit.actor, type_of("contact").model).filter(pk=card.pk).first()
    if person is None:
        raise NotFound
    visit.actor.need("read_private", "intake")
    if not visit.posting:
        here = visit.record(person.key)
        crumbs = [{"label": person.title, "href": here}]
        return visit.draw("contact/data.html", "Their data", crumbs=crumbs, address=f"{here}/data", back=here)
    made = orjson.dumps(theirdata.take_along(visit.actor, person), option=orjson.OPT_INDENT_2)
    answer = HttpResponse(made, content_type="application/json")
    answer.headers["Content-Disposition"] = content_disposition_header(True, f"{person.key}-data.json") or "attachment"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _wishes(visit: Visit, asker: Record) -> list[dict[str, Any]]:
    states = type_of(queries.FEATURE).state_by_name
    return [
        {
            "key": one.key,
            "title": one.title,
            "href": visit.record(one.key),
            "state": states[one.state],
            "weight": threadview.WEIGHTS.get(one.weight),
            "notes": wording.plural(one.notes, "note"),
            "last": wording.on_day(one.last),
        }
        for one in queries.wishes(visit.actor, asker)
    ]
