"""How the sample company ranks: its score models, what they ask, and what a group said without seeing each other."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from threadline.demo.cast import MAKERS
from threadline.demo.company import Given

if TYPE_CHECKING:
    from threadline.demo.story import Story

_WSJF = ("wsjf_value", "wsjf_urgency", "wsjf_risk", "wsjf_size")


def tell_ranking(story: Story, given: dict[str, list[Given]]) -> None:
    """Models, then the numbers they ask for, then the blind rounds."""
    for one in given["score_models"]:
        _model(story, one)
    for number, one in enumerate(given["score_inputs"]):
        who, at = story.cast.one_of(MAKERS, "priya"), story.calendar.at(one["days_ago"], "score inputs")
        ref = f"{one['feature']} {one['name']}"
        at = story.calendar.after(at + timedelta(seconds=20 * number), story.made_at[one["feature"]], hours=0)
        story._create(at, who, "score_input", ref, partial(_input, story, one))
    for one in given["rounds"]:
        _round(story, one)


def _model(story: Story, one: Given) -> None:
    who, at = story.cast.one_of(MAKERS, one["owner"]), story.calendar.at(one["days_ago"], one["ref"])

    def values() -> Given:
        return {n: one[n] for n in ("title", "method", "criteria", "body")} | {
            "owner": story.cast.actors[one["owner"]].member_id
        }

    story._create(at, who, "score_model", one["ref"], values)
    if one["applied"]:
        story._act(story.calendar.at(one["applied"], one["ref"]), who, "apply_score_model", one["ref"])


def _input(story: Story, one: Given) -> Given:
    plain = {n: one[n] for n in ("name", "value", "basis")}
    return {**plain, "feature": story.ids[one["feature"]], "stated_on": story.calendar.day(one["days_ago"])}


def _round(story: Story, one: Given) -> None:
    who, at = story.cast.one_of(MAKERS, one["owner"]), story.calendar.at(one["days_ago"], one["ref"])

    def values() -> Given:
        return {"title": one["title"], "rule": one["rule"], "score_model": story.ids[one["model"]],
                "owner": story.cast.actors[one["owner"]].member_id}  # fmt: skip

    at = story.calendar.after(at, story.made_at[one["model"]])
    story._create(at, who, "scoring_round", one["ref"], values)
    for feature in one["features"]:
        at += timedelta(minutes=1)
        story._link(at, who, one["ref"], feature, "scores")
    for person, sheet in one["said"].items():
        at += timedelta(minutes=20)
        story._add(at, partial(_scored, story, one["ref"], person, sheet))
    if one["revealed"]:
        revealed = story.calendar.after(at, story.calendar.at(one["revealed"], one["ref"]))
        story._act(revealed, who, "reveal_round", one["ref"])


def _scored(story: Story, ref: str, person: str, sheet: dict[str, list[float]], batch: Any) -> None:
    actor, score = story.cast.actors[person], story.verbs["score_blind"]
    for feature, numbers in sheet.items():
        for name, value in zip(_WSJF, numbers, strict=True):
            score(actor, scoring_round=story.ids[ref], feature=story.ids[feature], name=name, value=value, batch=batch)
