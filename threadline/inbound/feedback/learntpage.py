"""What was learnt: from which links, merges and labels, how well it does, and how to take one back."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from threadline.faces.web import wording
from threadline.faces.web.screens import screen
from threadline.faces.web.visit import Visit
from threadline.inbound.feedback import places, teaching
from threadline.inbound.feedback.intelligence import belonging, labels, meant, weights
from threadline.kernel.registry import type_of
from threadline.reading import signs

PLACE = "learnt"


@screen("feedback", PLACE)
def learnt(visit: Visit) -> HttpResponse:
    """Everything that suggestions, repeats and labels rest on, the latest first."""
    may = visit.actor.may("update", type_of("feedback").group)
    panels = [
        _links(visit, may),
        _refused(visit, may),
        _merges(visit, may),
        _labels(visit, may),
        *_rules(visit),
        _model(visit),
    ]
    context: dict[str, Any] = {"places": places.places(visit, places.LEARNT), "panels": [p for p in panels if p]}
    return visit.draw("pages/settings.html", "What was learnt", **context)


def _links(visit: Visit, may: bool) -> dict[str, Any]:
    found = teaching.links(visit.actor)
    told = weights.learnt(visit.actor.workspace_id, belonging.WHAT)
    at_once = (
        "A new note is offered the features that notes like it were linked to, and later those of which somebody said "
        "“not this one”. That counts at once."
    )
    said = (
        f"Once {belonging.FEWEST} notes are linked, what speaks for a feature is weighed as your links teach."
        if told is None
        else f"At night it was weighed anew from {told.merges:,} linked notes and {_verdict(told)}: the right feature "
        f"stood at {told.before:.2f} before and {told.after:.2f} after, where 1 is always first, on the "
        f"{told.judged_by:,} linked last, which taught nothing. No one person counts more than twice the one in the "
        "middle."
    )
    return {
        "title": "Which feature a note belongs to",
        "help": f"{at_once} {said}",
        "rows": [
            {
                "text": f"{one.note} {one.title}",
                "sub": f"linked to {one.to} {one.to_title}",
                "actions": _back(visit, may, one.note, "unlink_from_feature", {"feature": one.to}),
            }
            for one in found
        ],
        "missing": "No note is linked to a feature yet.",
    }


def _merges(visit: Visit, may: bool) -> dict[str, Any]:
    found = weights.learnt(visit.actor.workspace_id)
    if found is None:
        said = f"Learnt from once {weights.FEWEST} notes are merged; until then all teams have the same weights."
    else:
        said = (
            f"At night weights were learnt from {found.merges:,} merges and {_verdict(found)}: the right note stood at "
            f"{found.before:.2f} before and {found.after:.2f} after, where 1 is always first, on {found.judged_by:,} "
            "merges not learnt from."
        )
    return {
        "title": "What repeats what",
        "help": said,
        "rows": [
            {
                "text": f"{one.note} {one.title}",
                "sub": f"repeats {one.to} {one.to_title}",
                "actions": _back(visit, may, one.note, "unmerge_feedback", {}),
            }
            for one in teaching.merges(visit.actor)
        ],
        "missing": "No note is merged yet.",
    }


def _verdict(found: weights.Learnt) -> str:
    return "kept" if found.kept else "not kept, because they were no better"


def _refused(visit: Visit, may: bool) -> dict[str, Any] | None:
    found = teaching.refused(visit.actor)
    return (
        {
            "title": "What a note is not",
            "help": "Offers of which somebody said “not this one”, and links and merges that were taken apart.",
            "rows": [
                {
                    "text": f"{one.note} {one.title}",
                    "sub": f"not {one.to} {one.to_title}",
                    "actions": _back(visit, may, one.note, "offer_again", {"what": one.to}),
                }
                for one in found
            ],
        }
        if found
        else None
    )


def _labels(visit: Visit, may: bool) -> dict[str, Any]:
    said = []
    for group in labels.GROUPS:
        sorter = labels.sorter_of(visit.actor.workspace_id, group)
        if sorter is not None:
            told = sorter.told
            said.append(
                f"{group.title}: from {told.texts:,} notes; speaks of {told.spoken:.0%}, {told.right:.0%} right."
            )
    waits = (
        f"What it is, is proposed once {labels.FEWEST} notes of two labels are labelled; how soon and whether they "
        "will stay are told by the rules below until then."
    )
    return {
        "title": "What sort of note it is",
        "help": " ".join(said) or waits,
        "rows": [
            {
                "text": f"{one.note} {one.title}",
                "sub": f"labelled {one.to}",
                "actions": _back(visit, may, one.note, "unlabel_feedback", {"label": one.to}),
            }
            for one in teaching.labelled(visit.actor)
        ],
        "missing": "No note is labelled yet.",
    }


def _rules(visit: Visit) -> list[dict[str, Any]]:
    """The rules that speak while no labels have taught, with every word they look for."""
    made = []
    for group in labels.GROUPS:
        if group.name not in labels.RULED or labels.sorter_of(visit.actor.workspace_id, group) is not None:
            continue
        rows = [
            {
                "text": f"{label.capitalize()}: {sign.what}, {wording.plural(sign.points, 'point')}",
                "sub": ", ".join(word.replace("*", "…") for word in sign.words),
            }
            for label in group.labels
            for sign in signs.RULES.get(label, ())
        ]
        made.append(
            {
                "title": f"{group.title}: the rules",
                "help": f"They speak from {signs.ENOUGH} points on, of English texts, and not where the words are "
                f"denied; each line counts once. Once {labels.FEWEST} notes of two labels of this group are labelled, "
                "your labels take their place.",
                "rows": rows,
            }
        )
    return made


def _back(visit: Visit, may: bool, key: str, verb: str, hidden: dict[str, str]) -> list[dict[str, Any]]:
    seen = {"label": "Look at it", "href": visit.record(key), "look": ""}
    here = {**hidden, "then": visit.at("feedback", PLACE)}
    back = {"label": "Take it back", "action": visit.record(key, "do", verb), "look": "", "hidden": here}
    return [seen, back] if may else [seen]


def _model(visit: Visit) -> dict[str, Any] | None:
    standing = meant.standing(visit.actor.workspace_id)
    if standing is None:
        return None
    props = [
        {"label": "Model", "value": standing.model},
        {"label": "Has read", "value": wording.plural(standing.texts, "note or feature", "notes and features")},
    ]
    if standing.problem:
        props.append({"label": "Trouble", "value": f"{standing.problem} Suggestions do without it meanwhile."})
    return {"title": "What texts mean", "help": "A model that the operator of this server named.", "props": props}
