"""Where a plan is asked for: what may come, who builds, what must hold."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from threadline.faces.web import keymap, rooms, wording
from threadline.faces.web.screens import screen
from threadline.faces.web.visit import Visit
from threadline.inbound.releases import carrying, gathering
from threadline.inbound.releases.gathering import Candidates, Wishes
from threadline.kernel import rows
from threadline.kernel.errors import Invalid
from threadline.kernel.registry import type_of

keymap.leads("l", "releases/", "Releases")
rooms.place("inbound/releases", "Planner", "plans/planner")
SURE = ((0.5, "50 %: as likely as not"), (0.7, "70 %"), (0.85, "85 %: with room for surprises"))
EFFORTS = ((10, "10 seconds"), (30, "30 seconds"), (120, "2 minutes"))
LONGEST_NUMBER = 1e6
BAND = "10"  # give or take, in percent of the work


@screen("release_plan", "planner", posts=True)
def planner(visit: Visit) -> HttpResponseBase:
    """The form; sent, it begins a plan and leads to it."""
    found = gathering.candidates(visit.actor)
    if not visit.posting:
        return _form(visit, found, [])
    visit.actor.need("create", type_of("release_plan").group)
    try:
        title, wishes = _read(visit, found)
        made = carrying.begin(visit.actor, title, gathering.inputs_of(found, wishes))
    except Invalid as refused:
        return _form(visit, found, [p.message for p in refused.problems])
    return visit.go(visit.record(made.key))


def _read(visit: Visit, found: Candidates) -> tuple[str, Wishes]:
    sent = visit.sent
    title = " ".join(sent.get("title", "").split())[:300] or _title()
    capacity = {}
    for team in found.teams:
        for release in found.releases:
            said = sent.get(f"days.{team.key}.{release.key}", "").strip()
            if said:
                capacity[str(team.pk), str(release.pk)] = _days(said, f"{team.title} in {release.title}")
    keys = {r.key: str(r.pk) for r in found.releases}
    rules = {}
    for item in found.items:
        kind, _, release = sent.get(f"rule.{item.key}", gathering.AUTO).partition(":")
        rules[item.id] = f"{kind}:{keys[release]}" if release in keys else kind
    chosen = set(sent.getlist("release"))
    wishes = Wishes(
        releases=[str(r.pk) for r in found.releases if r.key in chosen],
        teams=[str(t.pk) for t in found.teams if t.key in set(sent.getlist("team"))],
        rules=rules,
        capacity=capacity,
        confidence=_one_of(SURE, sent.get("confidence", "")),
        seconds=int(_one_of(EFFORTS, sent.get("seconds", ""))),
        steady="steady" in sent,
        mix=_mix(visit, found),
    )
    return title, wishes


def _mix(visit: Visit, found: Candidates) -> dict[str, tuple[float, float]]:
    """The share of the work that each objective is to take, give or take; what is left blank has no band."""
    made = {}
    for ident, key, title in found.objectives:
        said, band = (visit.sent.get(f"{name}.{key}", "").strip() for name in ("share", "band"))
        if said:
            made[ident] = (_percent(said, title), _percent(band or BAND, title))
    if sum(max(share - band, 0) for share, band in made.values()) > 1:
        raise Invalid(("mix", "The least shares of the objectives come to more than all of the work."))
    return made


def _percent(said: str, where: str) -> float:
    try:
        share = float(said.replace(",", ".").removesuffix("%"))
    except ValueError:
        share = -1.0
    if not 0 <= share <= 100:
        raise Invalid(("mix", f"The share of {where} must be a number from 0 to 100."))
    return round(share / 100, 4)


def _one_of(choices: tuple[tuple[float, str], ...], said: str) -> float:
    return next((value for value, _ in choices if f"{value:g}" == said), choices[0][0])


def _days(said: str, where: str) -> float:
    try:
        days = float(said.replace(",", "."))
    except ValueError:
        days = -1.0
    if not 0 <= days <= LONGEST_NUMBER:
        raise Invalid(("days", f"The person-days of {where} must be a number, 0 or more."))
    return days


def _title() -> str:
    return f"Plan of {wording.on_day(rows.now().date()) or 'today'}"


def _form(visit: Visit, found: Candidates, problems: list[str]) -> HttpResponse:
    sent = visit.sent
    return visit.draw(
        "release_plan/planner.html",
        "Planner",
        422 if problems else 200,
        problems=problems,
        address=visit.at("plans", "planner"),
        may=visit.actor.may("create", type_of("release_plan").group),
        plan_title=sent.get("title", _title()),
        releases=[
            {"key": r.key, "title": r.title, "href": visit.record(r.key), "days": _span(r),
             "chosen": not problems or r.key in sent.getlist("release")}
            for r in found.releases
        ],
        teams=[_team(visit, found, t, problems) for t in found.teams],
        items=[_item(visit, found, i) for i in found.items],
        mix=_mix_rows(visit, found),
        unestimated=[{"key": i.key, "title": i.title, "href": visit.record(i.key)} for i in found.unestimated],
        depends=len(found.depends),
        confidences=_options(SURE, sent.get("confidence", "0.7")),
        efforts=_options(EFFORTS, sent.get("seconds", "10")),
        steady=not problems or "steady" in sent,
        lacks=_lacks(visit, found),
        crumbs=[{"label": "Plans", "href": visit.listing(type_of("release_plan"))}],
    )  # fmt: skip


def _span(release: Any) -> str:
    return f"{wording.on_day(release.starts_on)} to {wording.on_day(release.due_on)}"


def _team(visit: Visit, found: Candidates, team: Any, problems: list[str]) -> dict[str, Any]:
    cells = []
    for release in found.releases:
        name = f"days.{team.key}.{release.key}"
        cells.append({
            "name": name,
            "label": f"Person-days of {team.title} in {release.title}",
            "value": visit.sent.get(name, f"{found.capacity(team, release):g}"),
        })  # fmt: skip
    return {
        "key": team.key, "title": team.title, "href": visit.record(team.key), "cells": cells,
        "chosen": not problems or team.key in visit.sent.getlist("team"),
    }  # fmt: skip


def _item(visit: Visit, found: Candidates, item: gathering.Item) -> dict[str, Any]:
    default = gathering.MUST if item.state == "building" else gathering.AUTO
    asked = visit.sent.get(f"rule.{item.key}", default)
    state = type_of("feature").state_by_name[item.state]
    options = [(gathering.AUTO, "Let the planner decide"), (gathering.MUST, "Must be in")]
    options += [(f"{gathering.MUST}:{r.key}", f"By {r.title}") for r in found.releases[:-1]]
    options += [(f"{gathering.FIXED}:{r.key}", f"Exactly in {r.title}") for r in found.releases]
    options.append((gathering.LEAVE_OUT, "Leave out"))
    return {
        "key": item.key, "title": item.title, "href": visit.record(item.key), "state": state,
        "score": wording.number(round(item.score, 1)) if item.scored else None,
        "days": wording.number(round(item.days, 1)),
        "now": next((r.title for r in found.releases if str(r.pk) == item.now), ""),
        "rule": [{"value": v, "label": label, "chosen": v == asked} for v, label in options],
    }  # fmt: skip


def _mix_rows(visit: Visit, found: Candidates) -> list[dict[str, Any]]:
    """Each objective with its part of all estimated work, and what was asked."""
    whole = sum(i.days for i in found.items) or 1.0
    return [
        {"key": key, "title": title, "href": visit.record(key),
         "now": f"{100 * sum(i.days for i in found.items if i.objective == ident) / whole:.0f} %",
         "share": visit.sent.get(f"share.{key}", ""), "band": visit.sent.get(f"band.{key}", BAND)}
        for ident, key, title in found.objectives
    ]  # fmt: skip


def _options(choices: tuple[tuple[float, str], ...], said: str) -> list[dict[str, Any]]:
    return [{"value": f"{value:g}", "label": label, "chosen": f"{value:g}" == said} for value, label in choices]


def _lacks(visit: Visit, found: Candidates) -> list[dict[str, str]]:
    """What must be there before anything can be planned, and where to make it."""

    def new_at(kind: str) -> str:
        declared = type_of(kind)
        return visit.at(declared.path, "new") if visit.actor.may("create", declared.group) else ""

    asked = (
        (found.releases, "an open release with a first and a last day", "release", "New release"),
        (found.teams, "a delivery team", "delivery_team", "New team"),
        (found.items, "a candidate feature with an estimate", "estimate", "New estimate"),
    )
    return [{"what": what, "href": new_at(kind), "label": label} for there, what, kind, label in asked if not there]
