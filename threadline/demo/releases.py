"""The sample company's releases: who builds, what it takes, what comes when."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from threadline.demo.cast import MAKERS
from threadline.demo.company import Given

_TEAM = ("title", "days_a_week", "skills", "body")
_RELEASE = ("title", "version_name", "body", "rollback_plan", "budget")
_ESTIMATE = ("low", "likely", "high", "basis")
_TOLD_DAYS_AGO = 58  # before the first of them began, after their features were written down


def tell_releases(story: Any, given: Given) -> None:
    """Add teams, releases and estimates to the story, whose features are told already."""
    begun = story.calendar.at(_TOLD_DAYS_AGO, "releases")
    for at, one in enumerate(given["teams"]):
        actor = story.cast.one_of(MAKERS, one["owner"])
        values = {n: one[n] for n in _TEAM} | {"owner": story.cast.actors[one["owner"]].member_id}
        story._create(begun + timedelta(minutes=at), actor, "delivery_team", one["ref"], partial(dict, values))
    for at, one in enumerate(given["releases"]):
        _release(story, one, begun + timedelta(hours=1, minutes=5 * at))
    for one in given["gates"]:
        _gate(story, one)
    for one in given["stages"]:
        _before_it_ships(story, one, "rollout_stage", ("title", "percent", "watch"))
    for one in given["estimates"]:
        _estimate(story, one)
    for one in given["depends"]:
        when = story.calendar.after(story.made_at[one["feature"]], story.made_at[one["on"]], begun)
        story._link(when, story.cast.one_of(MAKERS, "priya"), one["feature"], one["on"], "depends_on")


def _release(story: Any, one: Given, at: Any) -> None:
    actor = story.cast.one_of(MAKERS, one["owner"])
    values = {n: one.get(n) for n in _RELEASE} | {
        "owner": story.cast.actors[one["owner"]].member_id,
        "product": story.cast.products[one["product"]].pk,
        "starts_on": story.calendar.day(one["starts_days_ago"]),
        "due_on": story.calendar.day(-one["due_in_days"]),
    }
    story._create(at, actor, "release", one["ref"], partial(dict, values))
    for number, feature in enumerate(one["scope"]):
        when = story.calendar.after(at, story.made_at[feature], hours=2 + number / 10)
        story._link(when, actor, one["ref"], feature, "scope")
    if one["begun"]:
        story._act(story.calendar.at(one["starts_days_ago"], one["ref"]), actor, "start_release", one["ref"])


def _estimate(story: Any, one: Given) -> None:
    def values() -> Given:
        beside = {"feature": story.ids[one["feature"]], "team": story.ids[one["team"]]}
        return {n: one[n] for n in _ESTIMATE} | beside | {"estimated_on": story.calendar.day(one["days_ago"])}

    at = story.calendar.after(story.calendar.at(one["days_ago"], one["ref"]), story.made_at[one["feature"]])
    story._create(at, story.cast.one_of(MAKERS, "priya"), "estimate", one["ref"], values)


def _gate(story: Any, one: Given) -> None:
    _before_it_ships(story, one, "gate", ("title", "phase", "body"))
    if one.get("seen"):
        at = story.calendar.after(story.made_at[one["ref"]], story.calendar.at(one["seen_days_ago"], one["ref"]))
        story._act(at, story.cast.one_of(MAKERS, one["owner"]), "pass_gate", one["ref"], evidence=one["seen"])


def _before_it_ships(story: Any, one: Given, kind: str, names: tuple[str, ...]) -> None:
    """A gate or a stage, written down after its release."""

    def values() -> Given:
        beside = {"release": story.ids[one["release"]], "owner": story.cast.actors[one["owner"]].member_id}
        return {n: one[n] for n in names} | beside

    at = story.calendar.after(story.calendar.at(one["days_ago"], one["ref"]), story.made_at[one["release"]])
    story._create(at, story.cast.one_of(MAKERS, one["owner"]), kind, one["ref"], values)
