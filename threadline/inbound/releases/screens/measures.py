"""How delivery goes: DORA's measures of a service as figures, a line and a table."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse

from threadline.faces.web import rooms, wording
from threadline.faces.web.screens import screen
from threadline.faces.web.visit import Visit
from threadline.inbound.releases import delivering, drawing
from threadline.kernel.registry import type_of
from threadline.planning.delivery import Measures

rooms.place("inbound/releases", "Delivery", "deployments/measures")


@screen("deployment", "measures")
def show_measures(visit: Visit) -> HttpResponse:
    """The five measures over the last weeks, of one service at a time."""
    names = delivering.services(visit.actor)
    service = visit.asked.get("service", "")
    service = service if service in names else (names[0] if names else "")
    whole, weeks = delivering.delivered(visit.actor, service)
    chart = drawing.line([(n - len(weeks) + 1, week.measured.count) for n, week in enumerate(weeks)])
    declared = type_of("deployment")
    may = visit.actor.may("create", declared.group)
    return visit.draw(
        "deployment/measures.html",
        "Delivery",
        address=visit.at("deployments", "measures"),
        services=[{"name": name, "chosen": name == service} for name in names],
        weeks_back=delivering.WEEKS,
        figures=_figures(whole),
        count=whole.count,
        broken=whole.still_broken,
        chart=chart,
        weeks=[
            {"label": wording.on_day(week.first), "count": week.measured.count,
             "cells": [one["value"] for one in _figures(week.measured)]}
            for week in reversed(weeks)
        ],
        api=visit.at(declared.path, "new") if may else "",
        crumbs=[{"label": declared.plural, "href": visit.listing(declared)}],
    )  # fmt: skip


def _figures(of: Measures) -> list[dict[str, str]]:
    """The five in words, in the order in which DORA names them."""
    return [
        {"label": "Change lead time", "value": _time(of.lead_time), "help": "From written to out, the middle one"},
        {"label": "Deployment frequency", "value": f"{of.a_day:.1f} a day", "help": "On working days"},
        {"label": "Recovery time", "value": _time(of.recovery), "help": "From failed to well again, the middle one"},
        {"label": "Change fail rate", "value": _share(of.fail_rate), "help": "Failed, of all that went out"},
        {"label": "Rework rate", "value": _share(of.rework_rate), "help": "Went out only to mend a failure"},
    ]


def _share(part: float | None) -> str:
    return "not known" if part is None else f"{100 * part:.1f} %"


def _time(took: timedelta | None) -> str:
    if took is None:
        return "not known"
    minutes = took.total_seconds() / 60
    if minutes < 90:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.1f} hours" if minutes < 2880 else f"{minutes / 1440:.1f} days"
