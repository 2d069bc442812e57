"""One person's data, taken along for them."""

from __future__ import annotations

import orjson
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from threadline.faces.web.screens import record_screen
from threadline.faces.web.visit import Visit
from threadline.inbound.research import persondata
from threadline.inbound.research.models import Participant
from threadline.kernel.access import reach
from threadline.kernel.cards import Card
from threadline.kernel.errors import NotFound


@record_screen("participant", "data", posts=True)
def theirs(visit: Visit, card: Card) -> HttpResponseBase:
    """What will be in the file; sent, the file itself."""
    person = reach(visit.actor, Participant).filter(pk=card.pk).first()
    if person is None:
        raise NotFound
    visit.actor.need("read_private", "research")
    if not visit.posting:
        here = visit.record(person.key)
        crumbs = [{"label": person.title, "href": here}]
        return visit.draw("participant/data.html", "Their data", crumbs=crumbs, address=f"{here}/data", back=here)
    made = orjson.dumps(persondata.take_along(visit.actor, person), option=orjson.OPT_INDENT_2)
    answer = HttpResponse(made, content_type="application/json")
    name = content_disposition_header(True, f"{person.key}-data.json")
    answer.headers["Content-Disposition"] = name or "attachment"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
