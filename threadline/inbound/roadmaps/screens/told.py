"""What people were told, beside the plan, and a note to each when it does not hold."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse

from threadline.faces.web import wording
from threadline.faces.web.screens import Scope, adds_to, needs_me, record_screen
from threadline.faces.web.visit import Visit
from threadline.inbound.roadmaps import laying, told
from threadline.inbound.roadmaps.models import Commitment
from threadline.inbound.roadmaps.told import Told
from threadline.kernel.cards import Card
from threadline.kernel.registry import type_of

SHOWN_TOLD = 3


@needs_me(40)
def commitments_that_do_not_hold(visit: Visit, scope: Scope) -> list[dict[str, Any]]:
    """What somebody was told of, and what nothing in the plan stands behind, or what will be late."""
    if not visit.actor.may("update", type_of("commitment").group):
        return []
    found = told.open_commitments(visit.actor, mine=scope.mine, product=scope.products)
    wrong = [t for t in found if t.alarm and not t.unsure]
    wrong.sort(key=lambda t: (not t.without_plan, -t.late))
    return [
        {
            "title": f"{t.who} was told: {t.title}", "href": visit.record(t.key), "hot": t.without_plan,
            "parts": [{"text": f"{wording.on_day(t.promised_on) or 'No day was named'}: {t.alarm}."}],
            "actions": [{"label": "Write to them", "href": visit.record(t.key)}],
        }
        for t in wrong[:SHOWN_TOLD]
    ]  # fmt: skip


def _shown_told(visit: Visit, one: Told) -> dict[str, Any]:
    return {
        "key": one.key, "title": one.title, "who": one.who, "words": one.words, "href": visit.record(one.key),
        "told_on": wording.on_day(one.told_on), "promised_on": laying.day(one.promised_on) if one.promised_on else "",
        "alarm": one.alarm, "tone": "bad" if one.without_plan or one.late else "warn" if one.unsure else "ok",
        "note": told.note(one),
        "again": visit.record(one.key, "do", "tell_commitment_anew")
        if visit.actor.may("update", type_of("commitment").group) else "",
        "about": {"key": one.about[0], "title": one.about[1], "href": visit.record(one.about[0])}
        if one.about else None,
    }  # fmt: skip


@adds_to("commitment", "detail")
def does_it_hold(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """The plan beside the words, and a note to write."""
    context["stops"] = []
    one = next((t for t in told.open_commitments(visit.actor) if t.id == UUID(row["id"])), None)
    context["told"] = _shown_told(visit, one) if one is not None else None


def _told_about(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    found = [t for t in told.open_commitments(visit.actor, about=UUID(row["id"])) if t.alarm and not t.unsure]
    if found:
        names = ", ".join(dict.fromkeys(t.who for t in found[:4]))
        context["next_steps"] = [
            *(context.get("next_steps") or ()),
            {
                "title": f"{wording.plural(len(found), 'person was', 'people were')} told otherwise",
                "parts": [{"text": f"{names}. A note to each is drafted."}],
                "actions": [{"label": "See the notes", "href": visit.record(row["key"], "told")}],
            },
        ]


@adds_to("feature", "detail")
def told_of_feature(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Say on a feature's page that somebody was told something else."""
    _told_about(visit, row, context)


@adds_to("release", "detail")
def told_of_release(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Say on a release's page that somebody was told something else."""
    _told_about(visit, row, context)


@record_screen("feature", "told")
def told_feature(visit: Visit, card: Card) -> HttpResponse:
    """Everybody who was told of a feature, with a note to each."""
    return _told_page(visit, card)


@record_screen("release", "told")
def told_release(visit: Visit, card: Card) -> HttpResponse:
    """Everybody who was told of a release or of what is in it, with a note to each."""
    return _told_page(visit, card)


def _told_page(visit: Visit, card: Card) -> HttpResponse:
    found = told.open_commitments(visit.actor, about=card.pk)
    found.sort(key=lambda t: (not t.without_plan, -t.late, not t.unsure))
    new = visit.at("commitments", "new", **{card.kind: card.key})
    may = visit.actor.may("create", type_of(Commitment).group)
    return visit.draw(
        "commitment/told.html",
        f"Told of {card.key} {card.title}",
        told=[_shown_told(visit, t) for t in found],
        crumbs=[{"label": card.key, "href": visit.record(card.key)}],
        page_actions=[{"label": "Write down a commitment", "href": new}] if may else [],
    )
