"""Pages over all decisions: has it been decided, what went against the scores, how good we are at predicting."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from threadline.faces.web import controls, wording
from threadline.faces.web.screens import adds_to, screen
from threadline.faces.web.visit import Visit
from threadline.inbound.decisions import drawing, queries, rules, scoring
from threadline.inbound.decisions.models import Decision, Prediction
from threadline.kernel import verbs
from threadline.kernel.access import reach
from threadline.kernel.errors import Invalid
from threadline.kernel.members import Member
from threadline.kernel.registry import type_of
from threadline.kernel.similar import Likeness

OPTIONS = 5


def tabs(visit: Visit, here: str) -> list[dict[str, Any]]:
    """The pages of the room."""
    named = (
        ("list", "All", visit.listing(type_of("decision"))),
        ("ask", "Has it been decided?", visit.at("decisions", "ask")),
        ("overrides", "Overrides", visit.at("decisions", "overrides")),
        ("calibration", "Calibration", visit.at("predictions", "calibration")),
    )
    return [{"label": label, "href": href, "current": name == here} for name, label, href in named]


def alike_shown(visit: Visit, one: Likeness) -> dict[str, Any]:
    """A decision on a question like the one asked."""
    return {
        "key": one.key, "title": one.title, "href": visit.record(one.key),
        "state": type_of("decision").state_by_name[one.state],
        "because": f"shares {', '.join(one.words[:4])}" if one.words else "",
    }  # fmt: skip


# ---- has it been decided? ---------------------------------------------------------------


@screen("decision", "ask", posts=True)
def ask(visit: Visit) -> HttpResponse:
    """Look whether a question has been decided; if not, draft it with its options on one page."""
    if visit.posting:
        return _draft(visit)
    return _asked(visit, visit.asked.get("question", "").strip()[:300])


def _asked(visit: Visit, question: str, refused: Invalid | None = None) -> HttpResponse:
    alike = [alike_shown(visit, one) for one in queries.asked_before(visit.actor, question)] if question else []
    chosen = {d.key: d.chosen.title for d in _with_choice(visit, [a["key"] for a in alike]) if d.chosen is not None}
    may = visit.actor.may("create", type_of("decision").group)
    problems = controls.problems_of(refused, {"title": "Question"})[1] if refused else []
    context: dict[str, Any] = {
        "views": tabs(visit, "ask"), "question": question, "may": may, "problems": problems,
        "alike": [{**one, "chosen": chosen.get(one["key"])} for one in alike],
        "form": {"body": visit.sent.get("body", ""), "reversible": visit.sent.get("reversible", "")},
        "reversible": [{"value": v, "label": label} for v, label in Decision.Reversible.choices],
        "options": [{"name": f"option_{n}", "value": visit.sent.get(f"option_{n}", "")} for n in range(1, OPTIONS + 1)],
    }  # fmt: skip
    return visit.draw("decision/ask.html", "Decisions", 422 if refused else 200, **context)


def _with_choice(visit: Visit, keys: list[str]) -> list[Decision]:
    numbers = [int(key.partition("-")[2]) for key in keys]
    found = reach(visit.actor, Decision).filter(number__in=numbers).select_related("chosen")
    return [d for d in found if d.chosen is None or d.chosen.confidentiality == d.confidentiality]


def _draft(visit: Visit) -> HttpResponse:
    """The decision and its options as one batch, so that one undo takes all of it back."""
    sent, batch = visit.sent, visit.new_batch()
    said = [sent.get(f"option_{n}", "").strip() for n in range(1, OPTIONS + 1)]
    values = {"title": sent.get("title", ""), "body": sent.get("body", ""), "owner": "me"}
    try:
        made = verbs.create(
            visit.actor, "decision", {**values, "reversible": sent.get("reversible", "")}, batch=batch
        )  # fmt: skip
        for option in filter(None, said):
            rules.add_option(visit.actor, decision=made.pk, option=option, batch=batch)
    except Invalid as refused:
        return _asked(visit, sent.get("title", "").strip()[:300], refused)
    return visit.done(f"{made.key} is here.", visit.record(made.key), batch=batch)


# ---- overrides --------------------------------------------------------------------------


@screen("decision", "overrides")
def overrides(visit: Visit) -> HttpResponse:
    """The ledger: what went against the scores, what it was to bring, and what came of it."""
    found = queries.overrides(visit.actor)
    today = queries.today()
    context: dict[str, Any] = {
        "views": tabs(visit, "overrides"),
        "rows": [_override(visit, one) | {"due": _is_due(one, today)} for one in found],
        "empty": {
            "title": "Nothing has gone against the scores",
            "text": "When somebody overrules a ranking, the decision says what it is to bring and when that is"
            " looked at again. Here is the list, so that the exceptions are learnt from like everything else.",
            "actions": [{"label": "All decisions", "href": visit.listing(type_of("decision"))}],
        },
    }
    return visit.draw("decision/overrides.html", "Decisions", **context)


def _is_due(one: Decision, today: Any) -> bool:
    return one.state == "decided" and one.review_on is not None and one.review_on <= today


def _override(visit: Visit, one: Decision) -> dict[str, Any]:
    came = [drawing.outcome(p) for p in queries.predictions(visit.actor, one) if p.actual is not None]
    return {
        "key": one.key, "title": one.title, "href": visit.record(one.key),
        "state": type_of(one).state_by_name[one.state], "who": one.owner.name if one.owner else None,
        "benefit": one.expected_benefit, "on": wording.on_day(one.review_on),
        "came": " ".join(c for c in came if c) or one.learned,
    }  # fmt: skip


# ---- calibration ------------------------------------------------------------------------


@screen("prediction", "calibration")
def calibration(visit: Visit) -> HttpResponse:
    """How good one's predictions were, one's teams', and, for heads, those of one person at a time."""
    mine, listed = queries.calibration(visit.actor, member=visit.actor.member_id)
    blocks = [_block("You", mine)]
    for team in queries.teams(visit.actor):
        blocks.append(_block(team.name, queries.calibration(visit.actor, team=team.pk)[0]))
    context: dict[str, Any] = {"views": tabs(visit, "calibration"), "enough": scoring.ENOUGH}
    if visit.actor.may("members"):
        blocks.append(_block("Everybody", queries.calibration(visit.actor)[0]))
        people = Member.objects.filter(workspace_id=visit.actor.workspace_id, left_at=None).order_by("name")
        asked = people.filter(handle=visit.asked.get("who", "")).first()
        context["people"] = [{"value": m.handle, "label": m.name} for m in people]
        context["who"] = asked.handle if asked else ""
        if asked is not None:
            theirs, listed = queries.calibration(visit.actor, member=asked.pk)
            blocks.insert(0, _block(asked.name, theirs))
    context["blocks"] = [b for at, b in enumerate(blocks) if b["count"] or at == 0]
    context["predictions"] = [_line(visit, one) for one in listed[:60]]
    return visit.draw("prediction/calibration.html", "Decisions", **context)


@adds_to("decision", "form")
def what_earlier_predictions_teach(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Where one predicts, the correction that one's own outcomes suggest, or one's team's: as help, never applied."""
    if row.get("action") != "predict":
        return
    said = advice(visit)
    if said:
        part = context["form"]["parts"][0]
        part["help"] = f"{part['help']} {said}"


def advice(visit: Visit) -> str:
    """What one's own outcomes say of the next prediction; while they are few, what a team's say; blank for neither."""
    own, _ = queries.calibration(visit.actor, member=visit.actor.member_id)
    if said := _corrected("Your", own):
        return said
    for team in queries.teams(visit.actor):
        if said := _corrected(f"{team.name}'s", queries.calibration(visit.actor, team=team.pk)[0]):
            return said
    return ""


def _corrected(whose: str, found: scoring.Calibration) -> str:
    if found.correction is None or found.expected is None or found.coverage is None:
        return ""
    moved = f"{whose} last {found.count} predictions: the number moved {_times(found.correction)} as far as was said"
    wide = f"and landed in the range {found.coverage:.0%} of the time instead of {found.expected:.0%}."
    return f"{moved}, {wide} Think of that before you write yours."


def _line(visit: Visit, one: Prediction) -> dict[str, Any]:
    found = scoring.ratio(one.baseline, one.expected, one.actual or 0.0)
    return {
        "key": one.key, "title": one.metric, "href": visit.record(one.key), "bar": drawing.bar(one),
        "state": type_of(one).state_by_name[one.state], "on": wording.on_day(one.due_on),
        "sure": f"{wording.number(one.probability)}%", "ratio": _times(found) if found else "other way",
    }  # fmt: skip


def _block(name: str, found: scoring.Calibration) -> dict[str, Any]:
    block: dict[str, Any] = {"name": name, "count": found.count, "figures": [], "says": []}
    if not found.count or found.coverage is None or found.brier is None:
        return block
    block["figures"] = [
        {"label": "Predictions with an outcome", "text": wording.number(found.count)},
        {"label": f"Landed in the range, {_share(found.coverage_low)} to {_share(found.coverage_high)} likely",
         "text": f"{found.hits} of {found.count}"},
        {"label": "Said to land", "text": _share(found.expected)},
        {"label": "Brier score, 0 is best, 0.25 is guessing", "text": f"{found.brier:.3f}"},
    ]  # fmt: skip
    block["says"] = _says(found)
    return block


def _says(found: scoring.Calibration) -> list[str]:
    said = []
    if found.median is not None and found.quarter is not None and found.three_quarters is not None:
        said.append(
            f"In the middle, the number moved {_times(found.median)} as far as predicted;"
            f" half of the time between {_times(found.quarter)} and {_times(found.three_quarters)}."
        )
    if found.within_two is not None and found.typical is not None:
        order = (
            f" The order of their sizes agrees by {found.order:.1f}; 1 is perfect." if found.order is not None else ""
        )
        said.append(f"{found.within_two:.0%} came within a factor of two, {_times(found.typical)} over all.{order}")
    if found.astray:
        said.append(f"{wording.plural(found.astray, 'prediction')} did not move, or moved the other way.")
    if found.coverage_high is not None and found.expected is not None and found.coverage_low is not None:
        if found.coverage_high < found.expected:
            said.append("Ranges were too narrow for how sure they were said to be: make them wider.")
        elif found.coverage_low > found.expected:
            said.append("Ranges were wider than they had to be: you know more than you say.")
    if found.correction is not None:
        said.append(f"Suggested: multiply the change in the next estimate by {found.correction:.2f}.")
    else:
        left = scoring.ENOUGH - len(found.ratios)
        said.append(f"A correction is suggested after {wording.plural(left, 'more outcome')}; before that it is noise.")
    return said


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"


def _times(value: float) -> str:
    return f"{value:.2f}×"
