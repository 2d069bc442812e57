"""What the sample company wrote to be read from end to end, and what it let go out."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from threadline.demo.cast import MAKERS
from threadline.demo.company import Given
from threadline.kernel.cards import Card

if TYPE_CHECKING:
    from threadline.demo.story import Story

STEP = timedelta(minutes=3)


def tell_documents(story: Story, given: dict[str, list[Given]]) -> None:
    """Documents about features that are there, then deployments."""
    for one in given["documents"]:
        at = max(story.calendar.at(one["days_ago"], one["ref"]), story.made_at[one["feature"]] + STEP)
        story._create(at, story.cast.actors[one["by"]], "document", one["ref"], partial(_written, story, one))
        story._link(at + STEP, story.cast.actors[one["by"]], one["ref"], one["feature"], "about")
        if one["agreed_by"]:
            agreed = story.calendar.after(at, story.calendar.at(one["agreed_days_ago"], one["ref"]))
            story._act(agreed, story.cast.actors[one["agreed_by"]], "agree_document", one["ref"])
    for one in given["deployments"]:
        at = story.calendar.at(one["days_ago"], one["ref"])
        story._create(at, story.cast.one_of(MAKERS, "priya"), "deployment", one["ref"], partial(_out, story, one))


def _written(story: Story, one: Given) -> Given:
    key = Card.objects.get(pk=story.ids[one["feature"]]).key
    return {
        "title": one["title"],
        "form": one["form"],
        "feature": key,
        "owner": story.cast.actors[one["by"]].member_id,
        "body": one["body"].replace("KEY", key),
    }


def _out(story: Story, one: Given) -> Given:
    at = story.calendar.at(one["days_ago"], one["ref"])
    written = at - timedelta(hours=one["lead_hours"])
    return {
        "title": one["title"],
        "service": one["service"],
        "deployed_at": at.isoformat(),
        "written_at": written.isoformat(),
        "unplanned": one.get("unplanned", False),
    }
