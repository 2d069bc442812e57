"""What the sample company asks of two features and of a whole product, how that is seen, and what was signed."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from threadline.demo.cast import MAKERS
from threadline.demo.company import Given
from threadline.kernel.access import Actor

if TYPE_CHECKING:
    from threadline.demo.story import Story

STEP = timedelta(minutes=3)
_PATH = {"proposed": (), "agreed": ("agree_requirement",), "built": ("agree_requirement", "build_requirement")}


def tell_requirements(story: Story, given: dict[str, list[Given]]) -> None:
    """Requirements with their criteria, then baselines and signatures, then what changed since."""
    for one in given["requirements"]:
        _requirement(story, one)
    for one in given["baselines"]:
        _baseline(story, one)
    _read_again(story, given["requirements"])
    for one in given["later"]:
        at = story.calendar.at(one["days_ago"], f"{one['ref']} again")
        story._update(at, story.cast.actors[one["by"]], "requirement", one["ref"], one["set"], one["why"])


def _read_again(story: Story, given: list[Given]) -> None:
    """The features' dates moved since: most lines were read again beside them and still hold."""
    for one in (g for g in given if g["read_again"] is not None):
        who, at = story.cast.one_of(MAKERS, one["by"]), story.calendar.at(one["read_again"], one["ref"])
        story._link(story.calendar.after(at, story.made_at[one["ref"]]), who, one["ref"], one["feature"], "specifies")
        if one["parent"]:
            story._link(story.calendar.after(at, hours=1), who, one["ref"], one["parent"], "refines")


def _requirement(story: Story, one: Given) -> None:
    who, at = story.cast.actors[one["by"]], story.calendar.at(one["days_ago"], one["feature"] or one["product"])
    latest = max((story.made_at[ref] for ref in (one["feature"], one["parent"]) if ref), default=at)
    at = max(at, latest + STEP)
    story._create(at, who, "requirement", one["ref"], partial(_values, story, one))
    for kind, ref in one["rests"]:
        story._link(story.calendar.after(at, story.made_at[ref], hours=0.1), who, one["ref"], ref, kind)
    if one["parent"]:
        story._add(at + STEP / 2, partial(_under, story, one, who))
    for number, said in enumerate(one["criteria"], 1):
        ref = f"{one['ref']}-{number}"
        story._create(at + STEP, who, "criterion", ref, partial(_criterion, story, one, said))
        if said["accepted_by"]:
            accepting = story.cast.one_of(MAKERS, said["accepted_by"], one["by"])
            story._act(story.calendar.after(at, hours=20), accepting, "accept_criterion", ref)
    maker = story.cast.one_of(MAKERS, one["by"])
    for number, verb in enumerate(_PATH[one["state"]], 1):
        story._act(story.calendar.after(at, hours=26 * number), maker, verb, one["ref"])


def _values(story: Story, one: Given) -> Given:
    return {
        "title": one["title"], **_of(story, one), "rationale": one["rationale"],
        "owner": story.cast.actors[one["by"]].member_id, **one.get("quality", {}),
    }  # fmt: skip


def _of(story: Story, one: Given) -> Given:
    """What it holds of: a feature, or without one a whole product."""
    return {"feature": story.ids[one["feature"]]} if one["feature"] else {"product": story._product(one["product"])}


def _under(story: Story, one: Given, who: Actor, batch: Any) -> None:
    move = story.verbs["move_requirement"]
    move(who, requirement=story.ids[one["ref"]], under=story.keys[one["parent"]], batch=batch)


def _criterion(story: Story, one: Given, said: Given) -> Given:
    return {"requirement": story.ids[one["ref"]], "body": said["steps"]}


def _baseline(story: Story, one: Given) -> None:
    who, at = story.cast.one_of(MAKERS, one["owner"]), story.calendar.at(one["days_ago"], one["ref"])

    def values() -> Given:
        return {"title": one["title"], **_of(story, one), "body": one["body"],
                "owner": story.cast.actors[one["owner"]].member_id}  # fmt: skip

    story._create(at, who, "baseline", one["ref"], values)
    story._add(at + STEP, partial(_asked, story, one, who))
    for number, said in enumerate(one["signed"], 1):
        signed: datetime = story.calendar.after(at, hours=22 * number)
        by = story.cast.actors[said["by"]]
        story._act(signed, by, "sign_baseline", one["ref"], verdict=said["verdict"], words=said["words"])


def _asked(story: Story, one: Given, who: Actor, batch: Any) -> None:
    people = [story.cast.actors[ref].member.handle for ref in one["asked"]]
    story.verbs["ask_to_sign"](who, baseline=story.ids[one["ref"]], people=people, batch=batch)
