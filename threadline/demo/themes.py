"""The sample company's themes: named by its people, with the notes that they put in."""

from __future__ import annotations

from functools import partial
from typing import Any

from threadline.demo.cast import MAKERS
from threadline.demo.company import Given


def tell_themes(story: Any, given: list[Given], feedback: list[Given]) -> None:
    """Add themes to the story, whose notes are told already; each holds the notes of one tag."""
    for one in given:
        actor = story.cast.one_of(MAKERS, one["owner"], "priya")
        notes = [n["ref"] for n in feedback if one["tag"] in n["tags"]]
        at = story.calendar.at(one["days_ago"], one["ref"])
        values = {"title": one["title"], "body": one["body"], "owner": actor.member_id}
        story._create(at, actor, "theme", one["ref"], partial(dict, values))
        for number, ref in enumerate(notes):
            when = story.calendar.after(at, story.made_at[ref], hours=0.2 + 0.02 * number)
            story._link(when, actor, one["ref"], ref, "holds")
