"""The sample company's strategy: what it wants to be, how, for whom, and what must be true for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from threadline.demo.cast import MAKERS, WRITERS
from threadline.demo.company import Given
from threadline.kernel.access import Actor

if TYPE_CHECKING:
    from threadline.demo.story import Story

_KEYS = {
    "vision": ("title", "target_group", "needs", "offer", "goals", "body"),
    "strategy": (
        "title", "approach", "diagnosis", "guiding_policy", "actions", "aspiration", "where_to_play", "how_to_win",
        "capabilities", "systems", "kill_criteria", "allocation",
    ),
    "persona": ("title", "jobs", "pains", "gains"),
    "opportunity": ("title",),
    "assumption": ("title", "risk", "importance", "evidence"),
}  # fmt: skip
_LINKS = (
    ("serves", "vision"), ("aims", "objective"), ("rests", "rests_on"), ("evidence", "evidence"), ("for", "supports"),
    ("against", "opposes"),
)  # fmt: skip
_STEPS = ("registered", "running", "read", "decided")
STEP = timedelta(minutes=3)


def tell_strategy(story: Story, given: dict[str, list[Given]]) -> None:
    """Everything of the file, in the order in which it was written down."""
    for kind, many in (
        ("vision", "visions"), ("strategy", "strategies"), ("persona", "personas"), ("opportunity", "opportunities"),
        ("assumption", "assumptions"),
    ):  # fmt: skip
        for one in given[many]:
            _written(story, kind, one)
    for one in given["opportunities"]:
        _placed(story, one)
    for one in given["assumptions"]:
        _believed(story, one)
    for one in given["later"]:
        at, who = story.calendar.at(one["days_ago"], f"{one['ref']} again"), story.cast.actors[one["by"]]
        story._update(at, who, "strategy", one["ref"], one["set"], one["why"])


def _who(story: Story, one: Given) -> Actor:
    return story.cast.one_of(MAKERS, one["owner"], "priya")


def _written(story: Story, kind: str, one: Given) -> None:
    who, at = _who(story, one), story.calendar.at(one["days_ago"], one["ref"])

    def values() -> Given:
        plain: Given = {n: one[n] for n in _KEYS[kind] if n in one}
        plain |= {"owner": story.cast.actors[one["owner"]].member_id, "product": story._product(one["product"])}
        if "state" in one:
            plain["state"] = one["state"]
        if kind == "strategy":
            plain |= {"starts_on": story.calendar.day(one["starts"]), "review_on": story.calendar.day(one["review"])}
        return plain

    story._create(at, who, kind, one["ref"], values)
    for name, link in _LINKS:
        if kind == "assumption" or name not in one:
            continue
        for ref in one[name]:
            story._link(_after(story, at, ref), who, one["ref"], ref, link)


def _after(story: Story, at: datetime, *refs: str) -> datetime:
    return story.calendar.after(at, *(story.made_at[ref] for ref in refs), hours=0.2)


def _placed(story: Story, one: Given) -> None:
    """Where it stands on the tree, and what is thought to solve it."""
    who, at = _who(story, one), story.made_at[one["ref"]]
    for name in ("under", "outcome"):
        if name in one:
            story._link(_after(story, at, one[name]), who, one["ref"], one[name], name)
    for feature in one["solutions"]:
        story._link(_after(story, at, feature), who, feature, one["ref"], "opportunity")


def _believed(story: Story, one: Given) -> None:
    """Who bets on it, what speaks for it and against it, how it was tried and judged."""
    who, at = _who(story, one), story.made_at[one["ref"]]
    latest = at
    for ref in one["bets"]:
        latest = max(latest, _after(story, at, ref))
        story._link(_after(story, at, ref), who, ref, one["ref"], "assumes")
    for name, verb in (("for", "support_assumption"), ("against", "contradict_assumption")):
        for ref in one[name]:
            latest = _after(story, latest, ref)
            story._add(latest, partial(_argue, story, who, verb, one["ref"], ref))
    for test in one["tests"]:
        latest = max(latest, _tried(story, one, test))
    if "judged" in one:
        verdict, reason = one["judged"]
        story._act(story.calendar.after(latest), who, "judge_assumption", one["ref"], verdict=verdict, reason=reason)


def _argue(story: Story, who: Actor, verb: str, ref: str, evidence: str, batch: Any) -> None:
    story.verbs[verb](who, assumption=story.ids[ref], evidence=str(story.ids[evidence]), batch=batch)


def _tried(story: Story, one: Given, test: Given) -> datetime:
    """The test, step by step as far as it has come; when the last was."""
    who, begun = story.cast.one_of(WRITERS, test["by"]), story.calendar.at(test["days_ago"], test["ref"])

    def values() -> Given:
        plain = {n: test[n] for n in ("title", "method", "metric", "threshold", "sample")}
        return {**plain, "assumption": story.ids[one["ref"]], "owner": story.cast.actors[test["by"]].member_id}

    begun = story.calendar.after(begun, story.made_at[one["ref"]])
    story._create(begun, who, "assumption_test", test["ref"], values)
    way = _STEPS[: _STEPS.index(test["upto"]) + 1] if "upto" in test else ()
    at = begun
    for step in way:
        at = story.calendar.after(at + 40 * STEP * (step == "read"))
        given: Given = {}
        if step == "read":
            given = {"cleared": test["cleared"], "result": test["result"]}
        elif step == "decided":
            given = {"verdict": test["verdict"]}
        name = {"registered": "register_test", "running": "start_test", "read": "read_test", "decided": "conclude_test"}
        story._act(at, who, name[step], test["ref"], **given)
    return at
