"""The sample company's roadmaps: when things come, what slipped and why, who was told what."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from threadline.demo.cast import MAKERS
from threadline.demo.company import Given
from threadline.kernel import verbs

_ROADMAP = ("title", "body", "audience", "query", "mode", "lanes", "zoom")


def tell_roadmaps(story: Any, given: Given) -> None:
    """Add the plan's dates, roadmaps, links and commitments to the story, whose releases are told already."""
    for one in given["dates"]:
        _dated(story, one)
    for one in given["horizons"]:
        when = story.calendar.after(story.calendar.at(one["days_ago"], one["feature"]), story.made_at[one["feature"]])
        _set(story, when, one["feature"], {"horizon": one["horizon"]})
    for one in given["roadmaps"]:
        _roadmap(story, one)
    for one in given["links"]:
        values = {
            "title": one["title"], "sites": one["sites"], "expires_on": story.calendar.day(-one["open_for_days"]),
        }  # fmt: skip
        at, maker = story.calendar.at(one["days_ago"], one["ref"]), story.cast.one_of(MAKERS, one["owner"])
        make = partial(_with, story, values, {"roadmap": one["roadmap"]})
        story._create(story.calendar.after(at, story.made_at[one["roadmap"]]), maker, "share_link", one["ref"], make)
    for one in given["commitments"]:
        _commitment(story, one)


def _with(story: Any, values: Given, refs: Given) -> Given:
    return values | {name: story.ids[ref] for name, ref in refs.items() if ref}


def _set(story: Any, when: Any, ref: str, values: Given, why: str = "") -> None:
    actor = story.cast.one_of(MAKERS, "priya")

    def write(batch: UUID) -> None:
        verbs.update(actor, "feature", story.ids[ref], values, batch=batch, why=why)

    story._add(when, write)


def _dated(story: Any, one: Given) -> None:
    """First as it was planned, then each slip with its reason."""
    late = sum(m["later_by"] for m in one["moves"])
    ref, made = one["feature"], story.made_at[one["feature"]]
    when = story.calendar.after(story.calendar.at(one["days_ago"], f"{ref} dated"), made)
    values = {
        "horizon": one["horizon"],
        "starts_on": story.calendar.day(-one["starts_in_days"]),
        **_until(story, one, late),
    }
    _set(story, when, ref, values)
    for move in one["moves"]:
        late -= move["later_by"]
        at = story.calendar.after(story.calendar.at(move["days_ago"], f"{ref} moved"), when)
        _set(story, at, ref, _until(story, one, late), move["why"])


def _until(story: Any, one: Given, late: int) -> Given:
    sure = one["sure_in_days"]
    return {
        "due_on": story.calendar.day(-(one["likely_in_days"] - late)),
        "late_on": story.calendar.day(-(sure - late)) if sure else None,
    }


def _roadmap(story: Any, one: Given) -> None:
    actor = story.cast.one_of(MAKERS, one["owner"])
    product = story.cast.products[one["product"]].pk if one["product"] else None
    values = {n: one[n] for n in _ROADMAP} | {"owner": story.cast.actors[one["owner"]].member_id, "product": product}
    at = story.calendar.at(one["days_ago"], one["ref"])
    story._create(at, actor, "roadmap", one["ref"], partial(dict, values))
    for number, feature in enumerate(one["picked"]):
        when = story.calendar.after(at, story.made_at[feature], hours=1 + number / 10)
        story._link(when, actor, one["ref"], feature, "shows")
    if one["published"]:
        story._act(at + timedelta(hours=3), actor, "publish_roadmap", one["ref"])


def _commitment(story: Any, one: Given) -> None:
    values = {n: one[n] for n in ("title", "told_to", "words")} | {
        "owner": story.cast.actors[one["owner"]].member_id,
        "told_on": story.calendar.day(one["told_days_ago"]),
        "promised_on": story.calendar.day(-one["promised_in_days"]),
    }
    refs = {n: one[n] for n in ("account", "contact", "feature", "release")}
    about = [story.made_at[ref] for ref in refs.values() if ref in story.made_at]
    at = story.calendar.after(story.calendar.at(one["told_days_ago"], one["ref"]), *about)
    maker = story.cast.one_of(MAKERS, "priya")
    story._create(at, maker, "commitment", one["ref"], partial(_with, story, values, refs))
