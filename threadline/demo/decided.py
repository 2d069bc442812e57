"""The decisions of the sample company: opened, argued, decided and looked back on, each on its day."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from threadline.demo.cast import MAKERS
from threadline.demo.company import Given
from threadline.kernel.access import Actor

if TYPE_CHECKING:
    from threadline.demo.story import Story

STEP = timedelta(minutes=4)


def tell_decisions(story: Story) -> None:
    """Every decision of the files, with its options, arguments, dissents and predictions."""
    for one in story.company.decisions:
        owner = story.cast.one_of(MAKERS, one["owner"])
        opened = story.calendar.at(one["days"]["opened"], one["ref"])
        story._create(opened, owner, "decision", one["ref"], partial(_decision, story, one))
        latest = _argue(story, one, owner, opened)
        for number, said in enumerate(one["predictions"], 1):
            _predict(story, one, said, latest + number * STEP)
        for said in one["dissents"]:
            _disagree(story, one, said, latest)
        latest = _decide(story, one, owner, latest + STEP * (len(one["predictions"]) + 1))
        for said in one["predictions"]:
            _score(story, said)
        _relate(story, one, owner, latest)


def _decision(story: Story, one: Given) -> Given:
    return {
        "title": one["title"], "body": one["body"], "reversible": one["reversible"],
        "owner": story.cast.actors[one["owner"]].member_id, "product": story._product(one["product"]),
    }  # fmt: skip


def _argue(story: Story, one: Given, owner: Actor, opened: datetime) -> datetime:
    """The options and what speaks for and against them; when the last was said."""
    at = opened
    for option in one["options"]:
        at += STEP
        story._create(at, owner, "option", option["ref"], partial(_option, story, one, option))
        story._link(at, owner, one["ref"], option["ref"], "option")
        for kind, said in (("supports", option["for"]), ("opposes", option["against"])):
            for ref, quote in said:
                at = story.calendar.after(at + STEP, story.made_at[ref], hours=0.1)
                story._link(at, owner, option["ref"], ref, kind, quote)
    return at


def _option(story: Story, one: Given, option: Given) -> Given:
    return {"title": option["title"], "body": option["body"], "decision": story.ids[one["ref"]]}


def _predict(story: Story, one: Given, said: Given, at: datetime) -> None:
    owner = story.cast.one_of(MAKERS, said["owner"], one["owner"])

    def values() -> Given:
        plain = {n: said[n] for n in ("metric", "unit", "baseline", "low", "likely", "high", "probability")}
        due, who = story.calendar.day(said["due"]), story.cast.actors[said["owner"]].member_id
        return {**plain, "decision": story.ids[one["ref"]], "due_on": due, "owner": who}

    story._create(at, owner, "prediction", said["ref"], values)
    story._link(at, owner, said["ref"], one["ref"], "about")


def _disagree(story: Story, one: Given, said: Given, argued: datetime) -> None:
    who = story.cast.actors[said["who"]]

    def values() -> Given:
        return {"body": said["words"], "decision": story.ids[one["ref"]], "owner": who.member_id}

    ref = f"{one['ref']}-{said['who']}"
    story._create(story.calendar.after(argued, story.calendar.at(said["days"], ref)), who, "dissent", ref, values)


def _decide(story: Story, one: Given, owner: Actor, argued: datetime) -> datetime:
    """Propose, decide and review it, as far as it has come; when it was decided."""
    ref, days = one["ref"], one["days"]
    if "proposed" not in days:
        return argued
    proposed = story.calendar.after(argued, story.calendar.at(days["proposed"], ref))
    story._act(proposed, owner, "propose_decision", ref)
    if ruled := one.get("override"):
        given = {"expected_benefit": ruled["benefit"], "review_on": story.calendar.day(ruled["review"])}
        story._act(proposed + STEP, owner, "override_scores", ref, **given)
    decided = proposed
    if "decided" in days:
        decided = story.calendar.after(proposed, story.calendar.at(days["decided"], f"{ref} decided"))
        story._add(decided, partial(_choose, story, one, owner))
    if "reviewed" in days:
        reviewed = story.calendar.at(days["reviewed"], f"{ref} reviewed")
        story._act(reviewed, owner, "review_decision", ref, learned=one["learned"])
    return decided


def _choose(story: Story, one: Given, owner: Actor, batch: UUID) -> None:
    name = "decide_unpredicted" if "waiver" in one else "decide"
    more = {"waiver": one["waiver"]} if "waiver" in one else {}
    given = {"option": story.ids[one["chosen"]], "rationale": one["rationale"], **more}
    on = story.calendar.day(one["days"]["decided"])
    story.verbs[name](owner, decision=story.ids[one["ref"]], batch=batch, on=on, **given)


def _score(story: Story, said: Given) -> None:
    if "actual" not in said:
        return
    who, at = story.cast.one_of(MAKERS, said["owner"]), story.calendar.at(said["due"], said["ref"])
    given = {"actual": said["actual"], "measured_on": story.calendar.day(said["due"]), "learned": said["learned"]}
    story._act(at, who, "score_prediction", said["ref"], **given)


def _relate(story: Story, one: Given, owner: Actor, at: datetime) -> None:
    """What the decision serves, and what was built because of it."""
    at += STEP
    for aim in one["objectives"]:
        story._link(story.calendar.after(at, story.made_at[aim], hours=0.2), owner, one["ref"], aim, "objective")
    for feature in one["features"]:
        when = story.calendar.after(at, story.made_at[feature], hours=0.3)
        story._link(when, owner, feature, one["ref"], "decision")
