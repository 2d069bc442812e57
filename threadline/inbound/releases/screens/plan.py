"""A plan's page: how far it is, what it says, what it leaves out and why, what if, and how two differ."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from threadline.faces.web import wording
from threadline.faces.web.screens import adds_to, record_screen
from threadline.faces.web.visit import Visit
from threadline.inbound.releases import carrying, drawing, gathering
from threadline.inbound.releases.models import PlanRun, ReleasePlan
from threadline.kernel.access import reach
from threadline.kernel.cards import Card
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.jobs import Job
from threadline.kernel.registry import type_of

HIDDEN = {"key": "", "title": "something you may not see", "state": ""}
SHOWN_OUT = 40


@adds_to("release_plan", "detail")
def of_a_plan(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Put the plan, or how far it is, above everything else."""
    context["stops"] = []
    found = reach(visit.actor, ReleasePlan).filter(pk=row["id"]).first()
    run = carrying.run_of(visit.actor, found) if found is not None else None
    context["plan"] = None if found is None or run is None else Shown(visit, found, run).context()
    context["planner_href"] = visit.at("plans", "planner")


def _plan(visit: Visit, card: Card) -> tuple[ReleasePlan, PlanRun]:
    visit.back = visit.record(card.key)
    found = carrying.plan_of(visit.actor, card.pk)
    run = carrying.run_of(visit.actor, found) if found is not None else None
    if found is None or run is None:
        raise NotFound
    return found, run


@record_screen("release_plan", "stop", posts=True)
def stop(visit: Visit, card: Card) -> HttpResponseBase:
    """Stop the planner; what it has by then is the plan."""
    found, _ = _plan(visit, card)
    if visit.posting:
        carrying.ask_to_stop(visit.actor, found)
    return visit.go(visit.back)


@record_screen("release_plan", "what-if", posts=True)
def what_if(visit: Visit, card: Card) -> HttpResponseBase:
    """A variation: one team has more or fewer days in one release, and little should move."""
    found, run = _plan(visit, card)
    if not visit.posting:
        return visit.go(visit.back)
    visit.actor.need("create", type_of(found).group)
    inputs = dict(run.inputs)
    names = gathering.names_of(visit.actor, run)
    at_team, at_release = visit.sent.get("team", ""), visit.sent.get("release", "")
    try:
        k, t = inputs["teams"].index(at_team), inputs["releases"].index(at_release)
        days = float(visit.sent.get("days", "").replace(",", "."))
    except ValueError:
        raise Invalid(("days", "Choose a team and a release, and write its person-days as a number.")) from None
    if not 0 <= days <= 1e6 or not run.best.get("release"):
        raise Invalid(("days", "Person-days are a number, 0 or more, and the plan must have been made."))
    inputs["capacity"] = [list(row) for row in inputs["capacity"]]
    inputs["capacity"][k][t] = days
    scores = sorted(inputs["values"])
    inputs |= {"published": run.best["release"], "stability": gathering.STABILITY * scores[len(scores) // 2]}
    team, release = (names.get(i, HIDDEN)["title"] for i in (at_team, at_release))
    title = f"What if {team} had {days:g} days in {release}?"[:300]
    made = carrying.begin(visit.actor, title, inputs, based_on=found)
    return visit.go(visit.record(made.key))


@record_screen("release_plan", "compare")
def compare(visit: Visit, card: Card) -> HttpResponse:
    """Two plans beside each other: what moved, came in and fell out, and what that is worth."""
    found, run = _plan(visit, card)
    others = reach(visit.actor, ReleasePlan).filter(archived_at=None, value__isnull=False).exclude(pk=found.pk)
    shown = list(others.order_by("-number")[:50])
    asked = visit.asked.get("with", "")
    other = next((o for o in shown if o.key == asked), None)
    other_run = carrying.run_of(visit.actor, other) if other is not None else None
    return visit.draw(
        "release_plan/compare.html",
        f"Compare {found.key}",
        here={"key": found.key, "title": found.title, "value": wording.number(found.value)},
        address=visit.record(found.key, "compare"),
        others=[{"key": o.key, "title": o.title, "chosen": o.key == asked} for o in shown],
        other=None if other is None else {"key": other.key, "title": other.title, "value": wording.number(other.value)},
        moves=_moves(visit, run, other_run) if other_run is not None else [],
        crumbs=[{"label": found.key, "href": visit.record(found.key)}],
    )


def _places(run: PlanRun) -> dict[str, str]:
    releases = [*run.inputs["releases"], ""]
    return {f: releases[at] for f, at in zip(run.inputs["features"], run.best.get("release", ()), strict=False)}


def _moves(visit: Visit, run: PlanRun, other: PlanRun) -> list[dict[str, Any]]:
    names = gathering.names_of(visit.actor, run) | gathering.names_of(visit.actor, other)
    here, there = _places(run), _places(other)
    moves = []
    for feature in dict.fromkeys([*here, *there]):
        was, now = here.get(feature, ""), there.get(feature, "")
        if was != now:
            name = names.get(feature, HIDDEN)
            what = "comes in" if not was else "falls out" if not now else "moves"
            moves.append({
                **name, "href": visit.record(name["key"]) if name["key"] else "", "what": what,
                "was": names.get(was, HIDDEN)["title"] if was else "left out",
                "now": names.get(now, HIDDEN)["title"] if now else "left out",
            })  # fmt: skip
    return sorted(moves, key=lambda m: (m["what"], m["key"]))


class Shown:
    """One plan, in the words of its page."""

    def __init__(self, visit: Visit, plan: ReleasePlan, run: PlanRun) -> None:
        self.visit, self.plan, self.run = visit, plan, run
        self.inputs, self.answers = run.inputs, run.answers
        self.names = gathering.names_of(visit.actor, run)

    def context(self) -> dict[str, Any]:
        """Everything that release_plan/detail.html needs."""
        made = bool(self.run.best.get("release"))
        running = self.plan.state == "running"
        return {
            "running": running,
            "progress": self._progress() if running else None,
            "stop": self.visit.record(self.plan.key, "stop"),
            "here": self.visit.record(self.plan.key),
            "may": self.visit.actor.may("decide", type_of(self.plan).group),
            "error": self.run.error,
            "summary": self._summary() if made else "",
            "releases": self._releases() if made else [],
            "load": self._load() if made and not running and self.answers.get("load") else None,
            "out": self._out() if made and not running else [],
            "out_count": self.run.best["release"].count(len(self.inputs["releases"])) if made else 0,
            "musts": self._musts() if made and not running else [],
            "mix": self._mix() if made and not running else [],
            "curve": self._curve() if made and not running else None,
            "gives": self._gives() if self.plan.state == "impossible" else [],
            "what_if": self.visit.record(self.plan.key, "what-if"),
            "compare": self.visit.record(self.plan.key, "compare"),
            "teams": [{"id": i, **self._name(i)} for i in self.inputs["teams"]],
            "choices": [{"id": i, **self._name(i)} for i in self.inputs["releases"]],
            "based_on": self._based_on(),
        }

    def _name(self, ident: str) -> dict[str, Any]:
        found = self.names.get(ident, HIDDEN)
        return {**found, "href": self.visit.record(found["key"]) if found["key"] else ""}

    def _based_on(self) -> dict[str, str] | None:
        based = carrying.plan_of(self.visit.actor, self.plan.based_on_id) if self.plan.based_on_id else None
        if based is None:
            return None
        return {"key": based.key, "href": self.visit.record(self.plan.key, "compare") + f"?with={based.key}"}

    def _progress(self) -> dict[str, Any]:
        best, seconds = self.run.best, self.run.seconds
        job = Job.objects.filter(pk=self.run.job).first() if self.run.job else None
        if job is not None and job.state == Job.State.DEAD:
            text = "The worker gave up on it. Stop it, then make the plan again."
        elif self.run.stop_asked:
            text = "Stopping with the best plan so far."
        elif not best:
            text = "Waiting for the worker, which begins in a moment."
        else:
            text = f"Best plan so far: {wording.number(round(best['value'], 1))} points. {self._proven(best['gap'])}"
        return {"done": min(best.get("seconds", 0), seconds), "total": seconds, "text": text}

    @staticmethod
    def _proven(gap: float | None) -> str:
        if gap is None:
            return "How good it is, is not proven yet."
        if gap < 0.0005:
            return "No plan is better: proven."
        return f"No plan is more than {100 * gap:.1f} % better: proven."

    def _summary(self) -> str:
        best, releases = self.run.best, self.inputs["releases"]
        planned = sum(at < len(releases) for at in best["release"])
        value = wording.number(round(best["value"], 1))
        said = f"{planned} of {wording.plural(len(best['release']), 'feature')} come, worth {value} score points."
        return f"{said} {self._proven(best['gap'])}"

    def _releases(self) -> list[dict[str, Any]]:
        each = self.answers.get("each") or []
        made = []
        for t, ident in enumerate(self.inputs["releases"]):
            inside = [n for n, at in enumerate(self.run.best["release"]) if at == t]
            inside.sort(key=lambda n: -self.inputs["values"][n])
            made.append({
                **self._name(ident),
                "sure": f"{each[t]:.0%}" if each else "",
                "items": [
                    {**self._name(self.inputs["features"][n]), "score": self._score(n), "pinned": self._pinned(n),
                     "moved": self._moved(n, t)}
                    for n in inside
                ],
            })  # fmt: skip
        return made

    def _score(self, item: int) -> str:
        return wording.number(round(self.inputs["values"][item], 1)) or ""

    def _pinned(self, item: int) -> str:
        if self.inputs["fixed"][item] >= 0:
            return "fixed"
        return "must" if self.inputs["must_by"][item] >= 0 else ""

    def _moved(self, item: int, release: int) -> str:
        published = self.inputs.get("published")
        if not published or published[item] == release:
            return ""
        before = published[item]
        if before >= len(self.inputs["releases"]):
            return "new in the plan"
        return f"was in {self._name(self.inputs['releases'][before])['title']}"

    def _load(self) -> dict[str, Any]:
        """Rows of teams, cells of releases; bars in hundredths of the widest cell."""
        load, buffer, fits = self.answers["load"], self.answers["buffer"], self.answers["fits"]
        lines = []
        for k, team in enumerate(self.inputs["teams"]):
            cells = []
            for t in range(len(self.inputs["releases"])):
                room, need, extra = self.inputs["capacity"][k][t], load[k][t], buffer[k][t]
                whole = max(room, need + extra, 1.0)
                cells.append({
                    "text": f"{need:.0f} of {room:g}", "sure": f"{fits[k][t]:.0%}",
                    "tone": "bad" if fits[k][t] < 0.4 else "",
                    "need": round(100 * need / whole, 1), "extra": round(100 * extra / whole, 1),
                    "room": round(100 * room / whole, 1),
                    "label": f"{need:.0f} of {room:g} person-days, {extra:.0f} kept for surprises",
                })  # fmt: skip
            lines.append({**self._name(team), "cells": cells})
        return {
            "heads": [self._name(r)["title"] for r in self.inputs["releases"]],
            "lines": lines,
            "all": f"{self.answers['all']:.0%}",
            "confidence": f"{self.inputs['confidence']:.0%}",
        }

    def _mix(self) -> list[dict[str, Any]]:
        """What part of the planned work each objective was to get, and gets."""
        best, effort = self.run.best["release"], [0.0] * len(self.inputs["features"])
        for item, _, low, likely, high in self.inputs["effort"]:
            effort[item] += (low + 4 * likely + high) / 6
        planned = [n for n, at in enumerate(best) if at < len(self.inputs["releases"])]
        whole = sum(effort[n] for n in planned) or 1.0
        made = []
        for place, share, band in self.inputs.get("mix", ()):
            got = sum(effort[n] for n in planned if self.inputs["category"][n] == place) / whole
            made.append({
                **self._name(self.inputs["objectives"][place]), "asked": f"{max(share - band, 0):.0%} to"
                f" {min(share + band, 1):.0%}", "got": f"{got:.0%}", "days": f"{got * whole:.0f}",
                "low": round(100 * max(share - band, 0), 1), "wide": round(100 * min(2 * band, 1), 1),
                "at": round(100 * got, 1),
            })  # fmt: skip
        return made

    def _curve(self) -> dict[str, Any] | None:
        """Value against cost: a plan for less and for more days than there are, as a line and as a table."""
        points = self.answers.get("curve") or []
        if len(points) < 2:
            return None
        chart = drawing.line([(there, value) for _, there, _, value in points])
        rows_, before = [], points[0]
        for one in points:
            part, there, days, value = one
            more = (value - before[3]) / (there - before[1]) if there > before[1] else None
            rows_.append({
                "part": f"{part:.0%}", "there": f"{there:.0f}", "days": f"{days:.0f}",
                "value": wording.number(round(value, 1)), "now": part == 1.0,
                "more": "" if more is None else wording.number(round(more, 2)),
            })  # fmt: skip
            before = one
        return {"chart": chart, "rows": rows_}

    def _out(self) -> list[dict[str, Any]]:
        return [self._why(one) for one in self.answers.get("out", ())[:SHOWN_OUT]]

    def _why(self, one: dict[str, Any]) -> dict[str, Any]:
        releases, teams = self.inputs["releases"], self.inputs["teams"]
        bill, add = one.get("bill"), one["addition"]
        prices = [
            f"{self._name(teams[k])['title']} {cost:.1f}" for k, cost in enumerate(bill["by_team"]) if cost > 0.05
        ] if bill else []  # fmt: skip
        short = [
            f"{days:.0f} more of {self._name(teams[k])['title']}" for k, days in enumerate(add["effort"]) if days > 0.5
        ]
        with_it = [self._name(self.inputs["features"][n])["title"] for n in add["needs"]]
        needs = f"{' and '.join(short)} in {self._name(releases[add['release']])['title']}" if short else ""
        return {
            **self._name(self.inputs["features"][one["item"]]),
            "score": self._score(one["item"]),
            "price": f"{bill['cost']:.1f}" if bill else "",
            "prices": ", ".join(prices),
            "regret": self._regret(one),
            "tie": one["possible"] and one["regret"] is not None and one["regret"] < 0.05,
            "addition": needs or "there is room; swap something in",
            "needs": ", ".join(with_it),
        }

    @staticmethod
    def _regret(one: dict[str, Any]) -> str:
        if not one["possible"]:
            return "cannot be in with these rules"
        if one["regret"] is None:
            return ""
        return "nothing: a tie" if one["regret"] < 0.05 else f"{one['regret']:.1f} points"

    def _musts(self) -> list[dict[str, Any]]:
        return [
            {**self._name(self.inputs["features"][item]),
             "cost": "not comparable" if cost is None else "nothing" if cost < 0.05 else f"{cost:.1f} points"}
            for item, cost in self.answers.get("musts", ())
        ]  # fmt: skip

    def _gives(self) -> list[str]:
        return [self._in_words(g["rule"], g["about"], g["by"]) for g in self.answers.get("gives", ())]

    def _in_words(self, rule: str, about: list[int], by: float) -> str:
        features, releases = self.inputs["features"], self.inputs["releases"]
        if rule == "capacity":
            team, release = self._name(self.inputs["teams"][about[0]]), self._name(releases[about[1]])
            return f"{team['title']} would need {by:.0f} more person-days in {release['title']}."
        if rule == "must":
            return f"{self._name(features[about[0]])['title']} cannot be in {self._name(releases[about[1]])['title']}."
        if rule == "mix":
            aim = self._name(self.inputs["objectives"][about[0]])["title"]
            more = "more" if about[1:] == [0] else "less"
            return f"{aim} would have to get {more} of the work than its band allows, by {by:.0f} person-days."
        pair = [self._name(features[f])["title"] for f in about if f < len(features)]
        if rule == "requires" and len(pair) == 2:
            return f"{pair[0]} would have to come before {pair[1]}, which it depends on."
        return f"The rule “{rule}” of {' and '.join(pair)} cannot hold."
