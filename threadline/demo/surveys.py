"""What the sample company asked its customers, and what they answered: sheets drawn from how each group leans."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from threadline.demo.cast import MAKERS
from threadline.demo.company import Given
from threadline.inbound.surveys import queries
from threadline.inbound.surveys.models import Survey, SurveyAnswer
from threadline.kernel import rows
from threadline.later import np

if TYPE_CHECKING:
    from threadline.demo.story import Story

# An answer to both of Kano's questions for each category.
_PAIRS = {"A": ("like", "neutral"), "O": ("like", "dislike"), "M": ("expect", "dislike"), "I": ("neutral", "tolerate"),
          "R": ("dislike", "like"), "Q": ("like", "like")}  # fmt: skip


def tell_surveys(story: Story, given: list[Given]) -> None:
    """Each survey: drafted, opened, answered over its days, closed and used where that was so."""
    for one in given:
        who, at = story.cast.one_of(MAKERS, one["owner"]), story.calendar.at(one["days_ago"], one["ref"])
        story._create(at, who, "survey", one["ref"], partial(_survey, story, one))
        story._act(story.calendar.after(at, hours=2), who, "open_survey", one["ref"])
        story._add(story.calendar.after(at, hours=3), partial(_answered, story, one))
        if one["closed"] is not None:
            ended = story.calendar.after(at, story.calendar.at(one["closed"], one["ref"]), hours=4)
            story._act(ended, who, "close_survey", one["ref"])
            if one["used"]:
                story._act(story.calendar.after(ended, hours=1), who, "use_survey", one["ref"])


def _survey(story: Story, one: Given) -> Given:
    lines = [_line(story, i) for i in one["items"]]
    plain = {n: one.get(n) for n in ("title", "method", "welcome", "thanks", "players", "purse")}
    return plain | {
        "items": "\n".join(lines), "segments": "\n".join(one["segments"]),
        "owner": story.cast.actors[one["owner"]].member_id, "product": story._product(one["product"]),
    }  # fmt: skip


def _line(story: Story, item: Given) -> str:
    key = f"{story.keys[item['feature']]}: " if item["feature"] else ""
    price = f" = {item['price']}" if "price" in item else ""
    return f"{key}{item['words']}{price}"


def _answered(story: Story, one: Given, batch: Any) -> None:
    """Everybody's sheet, the last few of people who did not read."""
    survey = Survey.objects.get(pk=story.ids[one["ref"]])
    source = np.random.default_rng(one["people"])
    first = story.calendar.at(one["days_ago"] - 1, f"{one['ref']} sheets")
    days = one["days_ago"] - 1 - (one["closed"] or 0)
    sheets = []
    for person in range(one["people"] + one["careless"]):
        began = first + timedelta(hours=24 * days * person / (one["people"] + one["careless"] + 1))
        careless = person >= one["people"]
        segment = one["segments"][person % len(one["segments"])] if one["segments"] and person % 7 != 6 else ""
        plan = queries.plan_of(survey, person)
        said = {
            str(step): _said(one, segment, what, source) if not careless else _careless(one, what)
            for step, what in enumerate(plan)
        }
        sheets.append(_sheet(survey, plan, said, segment, began, took=(9 if careless else 22) * _asked(one, plan)))
    rows.insert(*sheets)


def _asked(one: Given, plan: Any) -> int:
    return len(one["items"]) if one["method"] in ("buying", "ranking") else len(plan)


def _sheet(survey: Survey, plan: Any, said: Given, segment: str, began: datetime, *, took: int) -> SurveyAnswer:
    token = rows.new_id().hex * 2  # nobody holds it: these sheets are ended
    return rows.blank(
        SurveyAnswer, workspace_id=survey.workspace_id, survey_id=survey.pk, token_hash=token, plan=plan, said=said,
        segment=segment, began_at=began, finished_at=began + timedelta(seconds=took),
    )  # fmt: skip


def _said(one: Given, segment: str, what: Any, source: np.random.Generator) -> list[Any]:
    """One answer of somebody who leans as their group does."""
    if one["method"] in ("buying", "ranking"):
        pulls = [i["leans"].get(segment, i["leans"][""]) + float(source.gumbel()) for i in one["items"]]
        return _bought(one, pulls, source) if one["method"] == "buying" else _ranked(pulls)
    if one["method"] == "maxdiff":
        pull = np.array([one["items"][n]["leans"] for n in what]) + source.gumbel(size=len(what))
        away = np.array([one["items"][n]["leans"] for n in what]) - source.gumbel(size=len(what))
        best = int(pull.argmax())
        worst = min((n for n in range(len(what)) if n != best), key=away.tolist().__getitem__)
        return [what[best], what[worst]]
    leans = one["items"][what]["leans"]
    mine = leans.get(segment, leans[""])
    if one["method"] == "kano":
        letters = list(mine)
        weights = np.array([mine[x] for x in letters], float)
        return list(_PAIRS[letters[int(source.choice(len(letters), p=weights / weights.sum()))]])
    return [int(np.clip(round(float(source.normal(mean, 0.9))), 1, 5)) for mean in mine]


def _ranked(pulls: list[float]) -> list[int]:
    """The place of each item, the strongest pull first."""
    order = sorted(range(len(pulls)), key=lambda at: -pulls[at])
    return [order.index(at) + 1 for at in range(len(pulls))]


def _bought(one: Given, pulls: list[float], source: np.random.Generator) -> list[int]:
    """Money on the two or three that pull most, in fives, until the purse is empty."""
    left, paid = one["purse"], [0] * len(pulls)
    for place, at in enumerate(sorted(range(len(pulls)), key=lambda at: -pulls[at])[:3]):
        share = (0.55, 0.7, 1.0)[place] * float(source.uniform(0.7, 1.2))
        paid[at] = min(one["items"][at]["price"], left, 5 * round(left * share / 5))
        left -= paid[at]
    return paid


def _careless(one: Given, what: Any) -> list[Any]:
    """Somebody who clicks through."""
    if one["method"] in ("buying", "ranking"):
        places = [what.index(at) + 1 for at in range(len(what))]
        return places if one["method"] == "ranking" else [one["purse"], *([0] * (len(what) - 1))]
    if one["method"] == "maxdiff":
        return [what[0], what[-1]]
    return ["neutral", "neutral"] if one["method"] == "kano" else [3, 3]
