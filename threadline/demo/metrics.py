"""The sample company's metrics: what drives what, the values as they were read, and who is to move them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from threadline.demo.cast import MAKERS
from threadline.demo.company import Given

if TYPE_CHECKING:
    from threadline.demo.story import Story

_PLAIN = ("title", "formula", "better", "unit", "baseline", "target")


def tell_metrics(story: Story, given: list[Given]) -> None:
    """Everything of the file, those that drive after those that are driven."""
    for one in given:
        _metric(story, one)


def _metric(story: Story, one: Given) -> None:
    ref, who = one["ref"], story.cast.one_of(MAKERS, one["owner"], "priya")

    def values() -> Given:
        more = {"owner": story.cast.actors[one["owner"]].member_id, "product": story._product(one["product"]),
                "body": one.get("why", ""), "lag_days": one.get("lag")}  # fmt: skip
        return {**{n: one[n] for n in _PLAIN if n in one}, **more}

    made = story.calendar.at(one["days_ago"], ref)
    story._create(made, who, "metric", ref, values)
    if "drives" in one:
        story._link(
            story.calendar.after(made, story.made_at[one["drives"]], hours=0.1), who, ref, one["drives"], "drives"
        )
    for kind, refs in (("measures", one.get("measured_by", ())), ("moves", one.get("moved_by", ()))):
        for other in refs:
            story._link(story.calendar.after(made, story.made_at[other], hours=0.2), who, other, ref, kind)
    count = len(one["values"])
    for at, value in enumerate(one["values"]):
        ago = 3 + one["every"] * (count - 1 - at)
        when = story.calendar.after(made, story.calendar.at(ago, f"{ref} {at}"))
        story._act(when, who, "measure_metric", ref, value=value, on=story.calendar.day(ago))
