"""The page of an insight: what it claims, and whose words speak for and against it."""

from __future__ import annotations

from typing import Any

from threadline.faces.web import wording
from threadline.faces.web.screens import adds_to
from threadline.faces.web.visit import Visit
from threadline.inbound.research import evidence, queries
from threadline.inbound.research.models import Insight
from threadline.kernel.access import reach


@adds_to("insight", "detail")
def for_and_against(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Evidence by person; what contradicts stands beside what supports."""
    insight = reach(visit.actor, Insight).filter(pk=row["id"]).first()
    if insight is None:
        return
    found = evidence.by_person(visit.actor, [insight])
    sides = {kind: found.get((insight.pk, kind), []) for kind in queries.EVIDENCE}
    context["sides"] = [
        {
            "id": kind,
            "label": "Speaks for it" if kind == queries.SUPPORTS else "Speaks against it",
            "count": wording.plural(len(people), "person", "people"),
            "people": [_person(visit, p) for p in people],
            "none": "Nobody's words support it yet. Link highlights or notes."
            if kind == queries.SUPPORTS
            else "Nothing speaks against it. Has somebody looked?",
        }
        for kind, people in sides.items()
    ]
    people_for = len(sides[queries.SUPPORTS])
    if insight.lost:
        who = wording.plural(people_for, "person still supports it", "people still support it")
        gone = wording.plural(insight.lost, "quote it rested on was", "quotes it rested on were")
        context["withdrawn"] = f"{gone} withdrawn by those who said them. {who}." if people_for else (
            f"{gone} withdrawn by those who said them. Nobody's words support it any more."
        )  # fmt: skip
    context["proto"] = not people_for and not insight.lost
    counted = {"People for", "People against"}
    context["matters"] = [p for p in context["matters"] if p["label"] not in counted]
    context["rail"] = [p for p in context["rail"] if p["label"] != "Words withdrawn"]
    context["body_label"] = "Because"
    context["body_missing"] = None if context.get("body") else "Say what was seen and heard that makes you claim it."


def _person(visit: Visit, one: evidence.Person) -> dict[str, Any]:
    return {
        "name": one.name,
        "href": visit.record(one.key) if one.key else "",
        "segment": one.segment,
        "said": [
            {
                "text": s.text.strip(),
                "source": s.key,
                "href": f"{visit.record(s.where, 'read')}#t-{s.turn + 1}" if s.where and s.turn is not None
                else visit.record(s.key),
                "more": "changed since it was read" if s.suspect else "",
            }
            for s in one.said
        ],
    }  # fmt: skip
