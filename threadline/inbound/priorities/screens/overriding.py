"""To force a feature past the scores is a decision: what it is to bring, and when that is looked at again."""

from __future__ import annotations

from django.http.response import HttpResponseBase

from threadline.faces.web.screens import record_screen
from threadline.faces.web.visit import Visit
from threadline.inbound.decisions import rules as decisions
from threadline.inbound.priorities import queries, rules
from threadline.kernel import verbs
from threadline.kernel.actions import through_door
from threadline.kernel.cards import Card
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid


@record_screen("feature", "override", posts=True)
def override(visit: Visit, card: Card) -> HttpResponseBase:
    """Ask what is needed, and open the decision with both options on it."""
    feature = queries.feature(visit.actor, card.pk)
    visit.back = visit.record(card.key, "override")
    visit.actor.need("decide", "inbound")
    if visit.posting:
        return _decide(visit, card)
    method = queries.method_of(queries.applied(visit.actor))
    found = queries.ranked(visit.actor, method)
    mine = next((s for s in found if s.key == card.key), None)
    above = [s for s in found if s.place and mine and (mine.place is None or s.place < mine.place)]
    return visit.draw(
        "feature/override.html",
        f"Put {card.key} first",
        address=visit.record(card.key, "override"),
        feature={"key": card.key, "title": feature.title, "href": visit.record(card.key)},
        place=mine.place if mine else None,
        of=sum(s.place is not None for s in found),
        method=method.label,
        above=[{"key": s.key, "title": s.title, "href": visit.record(s.key)} for s in above[:8]],
        more=max(len(above) - 8, 0),
        question=f"Does \u201c{feature.title[:180]}\u201d go ahead of what scores higher?",
        crumbs=[{"label": "Ranking", "href": visit.at("features", "ranking")}],
    )


def _decide(visit: Visit, card: Card) -> HttpResponseBase:
    """The decision, its two options and the override as one batch, so that one undo takes all of it back."""
    sent, batch = visit.sent, visit.new_batch()
    benefit, review = sent.get("benefit", "").strip(), rules.as_day(sent.get("review", "").strip())
    if not benefit or review is None:
        raise Invalid(("", "Say what it is to bring, and the day on which that is looked at again."))

    def run(door: Door) -> str:
        values = {
            "title": sent.get("question", "")[:300],
            "owner": "me",
            "body": sent.get("why", ""),
            "product": card.product_id,
            "confidentiality": card.confidentiality,
        }
        made = verbs.create(door, "decision", values)
        for option in (f"{card.key} goes ahead", "Keep to the order of the scores"):
            decisions.add_option(door, decision=made.pk, option=option)
        decisions.propose_decision(door, decision=made.pk)
        decisions.override_scores(door, decision=made.pk, expected_benefit=benefit, review_on=review.isoformat())
        verbs.link(door, card.pk, made.pk, "decision")
        return made.key

    key = through_door(visit.actor, "override_scores", run, batch=batch)
    said = f"{key} stands in the ledger of overrides. Choose the option, with a prediction or a waiver by name."
    return visit.done(said, visit.record(key), batch=batch)
