"""Who looks at a record just now, and which field they are changing.

Kept for less than a minute in the shared cache: nobody's business tomorrow, and no record.
"""

from __future__ import annotations

import time
from typing import Any

from django.core.cache import caches
from django.http import HttpResponse, JsonResponse

from threadline.faces.web import wording
from threadline.faces.web.entrance import data_deed
from threadline.faces.web.visit import Visit
from threadline.kernel import verbs

STAYS = 40.0  # seconds after which somebody who says nothing has gone
AGAIN = 20.0  # seconds after which saying the same is worth a write
LONGEST = 60  # characters of a field's name


@data_deed
def here(visit: Visit, key: str) -> HttpResponse:
    """Say that one is here (``field`` names what is being changed, ``gone`` that one leaves); hear who else is.

    ``page`` tells one window from the next: the farewell of a page that was loaded anew arrives
    late as often as not, and must not send its successor away.
    """
    card = verbs.card(visit.actor, key)
    name, now, me = f"here:{card.pk}", time.time(), str(visit.actor.member_id)
    cache = caches["default"]
    found: dict[str, dict[str, Any]] = cache.get(name) or {}
    present = {ident: one for ident, one in found.items() if now - one["at"] < STAYS}
    mine = present.get(me)
    field, page = visit.sent.get("field", "")[:LONGEST], visit.sent.get("page", "")[:LONGEST]
    if "gone" in visit.sent:
        if mine is not None and mine["page"] == page:
            del present[me]
            cache.set(name, present, STAYS)
    elif mine is None or (mine["field"], mine["page"]) != (field, page) or now - mine["at"] > AGAIN:
        present[me] = {"name": visit.actor.name, "at": now, "field": field, "page": page}
        cache.set(name, present, STAYS)
    others = [
        {"name": one["name"], "initials": wording.initials(one["name"]), "field": one["field"]}
        for ident, one in present.items()
        if ident != me
    ]
    return JsonResponse({"here": others})
