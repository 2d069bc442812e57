"""What a note's page says beside what every page says: where it belongs, and what it repeats."""

from __future__ import annotations

from typing import Any

from threadline.faces.web import keymap, rooms, threadpage, wording
from threadline.faces.web.screens import Scope, adds_to, needs_me
from threadline.faces.web.visit import Visit
from threadline.inbound.feedback import (
    customers,  # noqa: F401 - adds to the pages of accounts and contacts
    following,
    inbox,
    learntpage,  # noqa: F401 - opens the page of what was learnt
    outside,  # noqa: F401 - opens notes to whoever said them
    places,
    queries,
    refusing,
    rules,
)
from threadline.inbound.feedback.intelligence.labels import FEWEST, RULED, Proposal, proposals
from threadline.inbound.feedback.models import Feedback
from threadline.inbound.feedback.suggestions import Suggestion, suggest_features, suggest_repeats
from threadline.inbound.feedback.themes import pages  # noqa: F401 - opens the pages of themes
from threadline.kernel import listing
from threadline.kernel.access import reach
from threadline.kernel.registry import type_of

MOST = 4
keymap.leads("b", "feedback/", "Feedback")
keymap.leads("i", "feedback/inbox", "Inbox")
rooms.place("inbound/feedback", "Inbox", "feedback/inbox", counts="feedback", first=True)


@needs_me(40)
def notes_to_triage(visit: Visit, scope: Scope) -> list[dict[str, Any]]:
    """The inbox, when something waits in it and the reader may judge it."""
    return inbox.waiting(visit, scope)


@adds_to("feedback", "thread")
def of_the_thread(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Voices that nothing rests on a month after they were heard."""
    declared, query = type_of("feedback"), "state:new received_on>30d"
    count = listing.count_of(visit.actor, declared, query)
    what = ("note that nobody used for a month", "notes that nobody used for a month")
    href = visit.at(declared.path, inbox.PLACE, q=query)
    context["gaps"].append(threadpage.gap(visit, count, *what, "Somebody said it, and nobody answered.", href))


@adds_to("feedback", "list")
def beside_the_inbox(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Let the list of all notes lead to the other pages of the room."""
    first, *others = context["views"]
    room = places.places(visit, places.ALL)
    context["views"] = [first if one["label"] == places.ALL else one for one in room] + others


@adds_to("feedback", "detail")
def belongs_and_repeats(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Suggest, while the note is open, features to link it to and notes that say the same."""
    note = reach(visit.actor, Feedback).get(pk=row["id"])
    may = note.archived_at is None and note.state in rules.OPEN and visit.actor.may("update", type_of(note).group)
    if may:
        context["tools"] = [{"label": "Judge it in the inbox", "href": visit.record(row["key"], inbox.PLACE)},
                            *context["tools"]]  # fmt: skip
    at = visit.record(row["key"], "do")
    context["belongs"] = (
        [
            _offer(visit, one, "Link", f"{at}/link_to_feature", {"feature": one.key, "version": row["version"]})
            for one in suggest_features(visit.actor, note, MOST)
        ]
        if may
        else []
    )
    context["alike"] = (
        [
            _offer(visit, one, "Merge", f"{at}/merge_feedback", {"into": one.key, "version": row["version"]})
            for one in suggest_repeats(visit.actor, note, MOST)
        ]
        if may
        else []
    )
    context["labels"] = _labels(note, at, row["version"]) if may else []
    may_answer = note.archived_at is None and note.state != "held" and visit.actor.may("decide", type_of(note).group)
    context["followed"] = _followed(visit, note, at) if may_answer else None
    context["repeats"] = [
        {"key": r.key, "title": r.title, "href": visit.record(r.key), "sub": r.account}
        for r in queries.repeats(visit.actor, note)
    ]
    if not any(link.kind == "evidence" for link in queries.citing(note)):
        _without(context, rules.unlink_from_feature.label)
    for verb in (refusing.refuse_offer, refusing.offer_again):  # beside each offer in the inbox
        _without(context, verb.label)
    # The section below has its button; with a day of one's own it stands in the menu.
    mine = [a for a in context["page_actions"] if a["label"] == following.let_follow.label]
    context["page_actions"] = [a for a in context["page_actions"] if a not in mine]
    context["tools"] = [*context["tools"], *mine]
    if not (context["followed"] or {}).get("address"):
        _without(context, following.end_follow.label)


def _without(context: dict[str, Any], label: str) -> None:
    for place in ("page_actions", "tools", "moves"):
        context[place] = [a for a in context[place] if a["label"] != label]


def _followed(visit: Visit, note: Feedback, at: str) -> dict[str, Any]:
    """The address at which whoever said it follows it, for those who may open and close it."""
    shown: dict[str, Any] = {"open": f"{at}/let_follow", "version": note.version}
    if (found := following.followed(visit.actor, note)) is not None:
        shown |= {**found, "until": wording.on_day(note.followed_until), "close": f"{at}/end_follow"}
    return shown


def _labels(note: Feedback, at: str, version: int) -> list[dict[str, Any]]:
    """What people said of a note or what it seems to be, and a button for each label."""
    return [
        {
            "title": one.title,
            "given": one.given,
            "seems": one.label,
            "sure": "" if not one.label else "by rule" if one.signs else f"{one.sure:.0%} sure",
            "because": _taught(one),
            "buttons": [
                {"label": word.capitalize(), "word": word, "hidden": {"label": word, "version": version}}
                for word in one.labels
                if word != one.given
            ],
            "action": f"{at}/label_feedback",
        }
        for one in proposals(note)
    ]


def _taught(one: Proposal) -> str:
    if one.given:
        return ""
    if one.signs:
        return f"it says {', '.join(f'“{sign}”' for sign in one.signs)}; rules say so until your labels teach"
    if not one.learnt_from and one.group in RULED:
        return f"told by rules until {FEWEST} notes of two labels are labelled; they see nothing here"
    if not one.learnt_from:
        return f"proposed once {FEWEST} notes of two labels are labelled"
    return f"learnt from {one.learnt_from:,} notes you labelled; {one.right:.0%} right when tried"


def _offer(visit: Visit, one: Suggestion, verb: str, action: str, hidden: dict[str, Any]) -> dict[str, Any]:
    because = f"shares {', '.join(one.words[:4])}" if one.words else ""
    if one.through:
        because = f"{because}; notes like it are linked: {', '.join(one.through[:3])}".lstrip("; ")
    return {
        "key": one.key,
        "title": one.title,
        "href": visit.record(one.key),
        "state": type_of(one.kind).state_by_name[one.state],
        "because": because,
        "verb": verb,
        "action": action,
        "hidden": hidden,
    }
