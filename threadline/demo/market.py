"""The sample company's market: competitors, facts and how they aged, trends and how they moved, what came in."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from threadline.demo.cast import MAKERS
from threadline.demo.company import Given
from threadline.demo.steps import Steps

_SAME = ("title", "threat", "website", "segments", "offers", "positioning", "pricing", "body")
_TREND = ("title", "body", "sector", "ring", "impact", "strength", "likelihood", "horizon")


def tell_market(story: Any, given: Given) -> None:
    """Add the market to the story, whose features and objectives are told already."""
    for one in given["competitors"]:
        _competitor(story, one)
    for one in given["sources"]:
        _source(story, one)
    for one in given["facts"]:
        _fact(story, one)
    for one in given["trends"]:
        _trend(story, one)
    for one in given["intel"]:
        _intel(story, one)


def _maker(story: Any, one: Given, name: str = "owner") -> Any:
    return story.cast.one_of(MAKERS, one[name], "priya")


def _belongs(story: Any, one: Given) -> Given:
    return {
        "product": story.cast.products[one["product"]].pk,
        "owner": story.cast.actors[one["owner"]].member_id,
    }


def _competitor(story: Any, one: Given) -> None:
    steps: Steps = story
    strengths = {n: one[n] for n in ("offer_strength", "market_strength", "state")}
    plain = {n: one[n] for n in _SAME} | strengths
    at = story.calendar.at(one["days_ago"], one["ref"])
    steps._create(at, _maker(story, one), "competitor", one["ref"], partial(_both, story, one, plain))


def _both(story: Any, one: Given, plain: Given) -> Given:
    beside = {"competitor": story.ids.get(one.get("competitor") or "")} if "competitor" in one else {}
    return plain | _belongs(story, one) | beside


def _source(story: Any, one: Given) -> None:
    """Paused: the addresses are invented, and nothing of the sample should knock on the network."""
    plain = {n: one[n] for n in ("title", "url", "form", "every_hours", "importance")}
    at, actor = story.calendar.at(one["days_ago"], one["ref"]), _maker(story, one)
    story._create(at, actor, "intel_source", one["ref"], partial(_both, story, one, plain))
    story._act(at + timedelta(minutes=1), actor, "pause_source", one["ref"])


def _fact(story: Any, one: Given) -> None:
    actor = _maker(story, one, "by")
    at = story.calendar.at(one["checked_days_ago"], one["ref"])
    made = story.calendar.after(at, story.made_at[one["competitor"]])

    def values() -> Given:
        plain = {n: one.get(n) for n in ("about", "aspect", "value", "url", "source_note", "reliability")}
        beside = {"competitor": story.ids[one["competitor"]], "owner": story.cast.actors[one["by"]].member_id}
        return plain | beside | {"checked_on": story.calendar.day(one["checked_days_ago"])}

    story._create(made, actor, "fact", one["ref"], values)
    for ref in one.get("cited_by", ()):
        kind = "rests_on" if ref.startswith("obj-") else "fact"
        when = story.calendar.after(made, story.made_at[ref], hours=2)
        story._link(when, story.cast.one_of(MAKERS, "priya"), ref, one["ref"], kind)
    if "now" in one:
        now = one["now"]
        said = {"value": now["value"], "reliability": now["reliability"], "note": now["note"]}
        story._act(story.calendar.at(now["days_ago"], f"{one['ref']} now"), actor, "recheck_fact", one["ref"], **said)


def _trend(story: Any, one: Given) -> None:
    actor = _maker(story, one)
    at = story.calendar.at(one["days_ago"], one["ref"])
    story._create(at, actor, "trend", one["ref"], partial(_both, story, one, {n: one[n] for n in _TREND}))
    for ref in one["signals"]:
        story._link(story.calendar.after(at, story.made_at[ref], hours=3), actor, one["ref"], ref, "signal")
    if "then" in one:
        then = one["then"]
        said = {n: then[n] for n in ("ring", "strength", "reason")}
        story._act(
            story.calendar.at(then["days_ago"], f"{one['ref']} then"), actor, "reassess_trend", one["ref"], **said
        )


def _intel(story: Any, one: Given) -> None:
    at = story.calendar.after(story.calendar.at(one["days_ago"], one["ref"]), story.made_at[one["source"]])

    def values() -> Given:
        plain = {n: one[n] for n in ("title", "body", "importance")}
        beside = {"found_by": story.ids[one["source"]], "competitor": story.ids.get(one["competitor"] or "")}
        return plain | beside | {"published_on": story.calendar.day(one["days_ago"])}

    story._create(at, story.cast.one_of(MAKERS, "priya"), "intel", one["ref"], values)
