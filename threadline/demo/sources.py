"""The sample company's sources of feedback: paused, because nothing of the sample should be open to the network."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from threadline.demo.cast import MAKERS
from threadline.demo.company import Given

_PLAIN = ("title", "way", "intro", "thanks", "sites", "host", "user_name", "folder")


def tell_sources(story: Any, given: list[Given]) -> None:
    """Add the sources to the story."""
    for one in given:
        at, actor = story.calendar.at(one["days_ago"], one["ref"]), story.cast.one_of(MAKERS, one["owner"], "priya")
        story._create(at, actor, "feedback_source", one["ref"], partial(_values, story, one))
        story._act(at + timedelta(minutes=1), actor, "pause_feedback_source", one["ref"])


def _values(story: Any, one: Given) -> Given:
    plain = {name: one[name] for name in _PLAIN if name in one}
    whose = {"product": story.cast.products[one["product"]].pk, "owner": story.cast.actors[one["owner"]].member_id}
    return plain | whose
