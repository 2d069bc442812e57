"""The inbox: notes one after another, each with where it belongs and what it repeats, by keyboard alone."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from threadline.faces.web import keymap, listparts, looks, wording
from threadline.faces.web.jinja import templates
from threadline.faces.web.screens import Scope, record_screen, screen
from threadline.faces.web.visit import Visit
from threadline.inbound.feedback import labelling, places, queries, refusing, rules, triage
from threadline.inbound.feedback.intelligence.labels import ALL as ALL_LABELS
from threadline.inbound.feedback.intelligence.labels import proposals
from threadline.inbound.feedback.models import Feedback
from threadline.inbound.feedback.suggestions import Suggestion, suggest_features, suggest_repeats
from threadline.kernel import listing, search, text
from threadline.kernel.access import reach
from threadline.kernel.cards import Card
from threadline.kernel.errors import NotFound
from threadline.kernel.plan import names_for
from threadline.kernel.query import QueryError
from threadline.kernel.registry import RecordType, type_of

PLACE = "inbox"
WAITING = "state:new"
PAGE = 40
FEATURES, REPEATS, FOUND = 4, 2, 6
EXCERPT = 150
WEIGHTS = ((0, "Not said"), (1, "Nice to have"), (2, "Important"), (3, "Deal-breaker"))
KEYS_OF_LABELS = {
    "bug": "b", "request": "r", "praise": "p", "question": "e",
    "urgent": "u", "can wait": "w", "churn risk": "c", "staying": "y",
}  # fmt: skip
_LIST = ("title", "body", "channel", "received_on", "account", "contact", "author", "state", "created_at", "importance")

keymap.add("inbox", "inbox.next", ("j", "ArrowDown"), "Next note")
keymap.add("inbox", "inbox.previous", ("k", "ArrowUp"), "Note before")
keymap.add("inbox", "inbox.link", "Enter", "Link to the first suggestion")
for _n in range(1, 10):
    keymap.add("inbox", f"inbox.link{_n}", str(_n), f"Link to suggestion {_n}")
keymap.add("inbox", "inbox.weight", "i", "How much it matters to them, one step up")
keymap.add("inbox", "inbox.quote", ("q", "Shift+q"), "Link only one sentence: the next one, or the one before")
keymap.add("inbox", "inbox.stay", "t", "Stay on this note after linking")
keymap.add("inbox", "inbox.find", "f", "Find any feature")
keymap.add("inbox", "inbox.merge", "m", "Merge into the first repeat")
keymap.add("inbox", "inbox.decline", "d", "Decline, with a reason")
keymap.add("inbox", "inbox.make", "n", "Make a feature of it")
for _label, _letter in KEYS_OF_LABELS.items():
    keymap.add("inbox", f"inbox.is-{_label.replace(' ', '-')}", f"Shift+{_letter}", f"Label it: {_label}, or no longer")
keymap.add("inbox", "inbox.skip", "s", "Leave it for later")
keymap.add("inbox", "inbox.undo", "u", "Undo the last one")
keymap.add("inbox", "inbox.open", "o", "Open the note in full")


@screen("feedback", PLACE)
def inbox(visit: Visit) -> HttpResponse:
    """The list of what waits, the note, and what it may belong to."""
    declared = type_of("feedback")
    asked, error, found, count = visit.asked.get("q", "").strip(), None, listing.Page(), (0, True)
    try:
        found = _page(visit, declared, asked, visit.asked.get("cursor"))
        count = listing.count_of(visit.actor, declared, _query(asked))
    except QueryError as refused:
        error = refused
    at, pace = visit.asked.get("at", ""), triage.pace(visit.actor)
    key = at or (found.rows[0]["key"] if found.rows else "")
    known = names_for(visit.actor, declared)
    filtering = listparts.filter_bar(looks.looked_at(visit, declared, [], known), error, known)
    context: dict[str, Any] = {
        "views": places.places(visit, places.INBOX, count=_said(count)),
        "mark": {"label": f"{_said(count)} to triage", "tone": ""} if count[0] else None,
        "page_actions": listparts.page_actions(visit, declared),
        "filter": filtering | {"action": visit.at(declared.path, PLACE), "save_opens": None, "hidden": {}},
        "notes": [_item(visit, declared, row, asked) for row in found.rows],
        "more_href": _here(visit, "inbox-more", q=asked, cursor=found.next_cursor) if found.next_cursor else None,
        "current": key,
        "chosen": bool(at),
        "count": count[0],
        "pace": round(pace or triage.USUAL_PACE),
        "progress": _progress(count, pace),
        "list_href": _here(visit, PLACE, q=asked),
        "empty": _empty(visit, declared, asked, error),
        **(_note(visit, key, asked, found.rows) if key else {"note": None}),
    }
    return visit.draw("feedback/inbox.html", "Feedback", 422 if error else 200, **context)


@screen("feedback", "inbox-note")
def inbox_note(visit: Visit) -> HttpResponse:
    """One note and its suggestions, for the script to put in place."""
    context = _note(visit, visit.asked.get("at", ""), visit.asked.get("q", "").strip(), [])
    return _fragment(visit, "feedback/inbox_note.html", context)


@screen("feedback", "inbox-more")
def inbox_more(visit: Visit) -> HttpResponse:
    """The next notes of the list, for the script to put below it."""
    declared, asked = type_of("feedback"), visit.asked.get("q", "").strip()
    found = _page(visit, declared, asked, visit.asked.get("cursor"))
    more = _here(visit, "inbox-more", q=asked, cursor=found.next_cursor) if found.next_cursor else None
    notes = [_item(visit, declared, row, asked) for row in found.rows]
    return _fragment(visit, "feedback/inbox_more.html", {"notes": notes, "more_href": more})


@screen("feedback", "inbox-find")
def inbox_find(visit: Visit) -> HttpResponse:
    """Features by words or key, for the script to offer."""
    note = _open_note(visit, visit.asked.get("at", ""))
    found = _found(visit, note, visit.asked.get("find", "").strip())
    return _fragment(visit, "feedback/inbox_found.html", {"found": found, "find": visit.asked.get("find", "")})


@record_screen("feedback", PLACE)
def from_the_note(visit: Visit, card: Card) -> HttpResponse:
    """From a note's own page to its place in the inbox."""
    return visit.go(_here(visit, PLACE, at=card.key))


def waiting(visit: Visit, scope: Scope) -> list[dict[str, Any]]:
    """What Today says of the inbox: how many wait, and how long they will take."""
    declared = type_of("feedback")
    if not visit.actor.may("update", declared.group):
        return []
    asked = "" if scope.mine else scope.query  # a new note has no owner yet: everybody's are mine
    count = listing.count_of(visit.actor, declared, _query(asked))
    if not count[0]:
        return []
    about = _progress(count, triage.pace(visit.actor))
    return [
        {
            "title": f"{_said(count)} {'note' if count[0] == 1 else 'notes'} to triage",
            "parts": [{"text": f"{about[:1].upper()}{about[1:]}."}],
            "hot": False,
            "href": _here(visit, PLACE, q=asked),
            "actions": [{"label": "Open inbox", "href": _here(visit, PLACE, q=asked)}],
        }
    ]


def _fragment(visit: Visit, name: str, context: dict[str, Any]) -> HttpResponse:
    return HttpResponse(templates().get_template(name).render({"csrf_input": visit.csrf_input, **context}))


def _here(visit: Visit, place: str, **asked: Any) -> str:
    return visit.at("feedback", place, **asked)


def _query(asked: str) -> str:
    return asked if "state:" in asked else f"{WAITING} {asked}".strip()


def _page(visit: Visit, declared: RecordType, asked: str, cursor: str | None) -> listing.Page:
    readable = declared.readable(visit.actor)
    names = [*(n for n in _LIST if n in readable or n in declared.computed_by_name), "tags"]
    return listing.list_page(visit.actor, declared, _query(asked), names=names, limit=PAGE, cursor=cursor)


def _said(count: tuple[int, bool]) -> str:
    return f"{count[0]:,}{'' if count[1] else '+'}"


def _progress(count: tuple[int, bool], own: float | None) -> str:
    if not count[0]:
        return ""
    minutes = max(1, round(count[0] * (own or triage.USUAL_PACE) / 60))
    about = f"{minutes} minutes" if minutes < 100 else f"{round(minutes / 60)} hours"
    about = "a minute" if minutes == 1 else about
    return f"about {about} at {'your' if own else 'a usual'} pace"


# ---- one line of the list -----------------------------------------------------------------


def _item(visit: Visit, declared: RecordType, row: dict[str, Any], asked: str) -> dict[str, Any]:
    return {
        "key": row["key"],
        "href": _here(visit, PLACE, q=asked, at=row["key"]),
        "who": _who(row),
        "channel": _channel(declared, row),
        "marks": _marks(row),
        "on": wording.on_day(row.get("received_on") or row["created_at"]),
        "text": text.excerpt(row.get("body") or row["title"], EXCERPT),
    }


def _marks(row: dict[str, Any]) -> list[dict[str, str]]:
    """How much it matters and what people labelled it, as chips."""
    matters = dict(queries.IMPORTANCE).get(row.get("importance") or "")
    first = [{"label": matters, "tone": "bad" if row["importance"] == "deal_breaker" else "info"}] if matters else []
    return [*first, *({"label": t.capitalize(), "tone": ""} for t in row.get("tags", ()) if t in ALL_LABELS)]


def _who(row: dict[str, Any]) -> str:
    for name in ("contact", "account"):
        if row.get(name):
            return str(row[name]["title"])
    return row.get("author") or row["key"]


def _channel(declared: RecordType, row: dict[str, Any]) -> dict[str, str]:
    value = row.get("channel")
    tone = {"sales_call": "info", "interview": "plum", "app_review": "warn"}.get(str(value), "")
    return {"label": str(dict(declared.by_name["channel"].kind.choices).get(value, value)), "tone": tone}


# ---- the note ---------------------------------------------------------------------------


def _open_note(visit: Visit, key: str) -> Feedback:
    number = key.removeprefix(f"{Feedback.prefix}-")
    if not number.isdecimal() or len(number) > 9:
        raise NotFound
    note = reach(visit.actor, Feedback).filter(number=int(number), archived_at=None).first()
    if note is None:
        raise NotFound
    return note


def _note(visit: Visit, key: str, asked: str, near: list[dict[str, Any]]) -> dict[str, Any]:
    declared = type_of("feedback")
    note = _open_note(visit, key)
    readable = [
        n for n in (*_LIST, "rating", "url", "declined_reason", "at_stake") if n in declared.readable(visit.actor)
    ]
    row = listing.row_of(visit.actor, declared, note.key, names=readable)
    supports = triage.supports(visit.actor, note)
    may = note.state in rules.OPEN and visit.actor.may("update", declared.group)
    said = text.plain(note.body) or note.title
    keys = [r["key"] for r in near]
    at = keys.index(key) if key in keys else -1
    following = keys[at + 1] if 0 <= at < len(keys) - 1 else ""
    before = keys[at - 1] if at > 0 else ""
    then = _here(visit, PLACE, q=asked, at=following)
    state = declared.state_by_name[note.state]
    return {
        "note": {
            "key": note.key,
            "title": _heading(note, row),
            "href": visit.record(note.key),
            "facts": _facts(visit, declared, note, row),
            "paragraphs": triage.pieces(said, [s.quote for s in supports]),
            "state": None if note.state == "new" else {"label": state.label, "tone": state.tone},
            "declined_reason": row.get("declined_reason"),
            "url": row.get("url"),
            "supports": [{"key": s.key, "title": s.title, "href": visit.record(s.key)} for s in supports],
            "next_href": _here(visit, PLACE, q=asked, at=following) if following else None,
            "previous_href": _here(visit, PLACE, q=asked, at=before) if before else None,
        },
        "do": _do(visit, note, then) if may else None,
        "labels": _labels(note) if may else [],
        "learnt_href": _here(visit, "learnt"),
        "belongs": _offers(visit, suggest_features(visit.actor, note, FEATURES)) if may else [],
        "alike": _repeats(visit, suggest_repeats(visit.actor, note, REPEATS)) if may else [],
        "refused": [{"key": k, "title": t} for k, t in refusing.refused_of(visit.actor, note)] if may else [],
        "find": visit.asked.get("find", "").strip(),
        "find_action": _here(visit, PLACE),
        "find_hidden": {"q": asked, "at": note.key},
        "find_href": _here(visit, "inbox-find", at=note.key),
        "found": _found(visit, note, visit.asked.get("find", "").strip()) if may else [],
        "list_href": _here(visit, PLACE, q=asked),
    }


def _do(visit: Visit, note: Feedback, then: str) -> dict[str, Any]:
    at = visit.record(note.key, "do")
    return {
        "link": f"{at}/{rules.link_to_feature.name}",
        "merge": f"{at}/merge_feedback",
        "decline": f"{at}/{rules.decline_feedback.name}" if visit.actor.may("decide", type_of(note).group) else None,
        "label": f"{at}/{labelling.label_feedback.name}",
        "unlabel": f"{at}/{labelling.unlabel_feedback.name}",
        "here": _here(visit, PLACE, at=note.key),
        "refuse": f"{at}/{refusing.refuse_offer.name}",
        "again": f"{at}/{refusing.offer_again.name}",
        "make": f"{at}/{rules.make_feature.name}" if visit.actor.may("create", type_of("feature").group) else None,
        "then": then,
        "reasons": triage.reasons(visit.actor),
        "weights": WEIGHTS,
        "title": note.title.rstrip("…"),
    }


def _labels(note: Feedback) -> list[dict[str, Any]]:
    """Every label with its key: given, seeming, or neither."""
    return [
        {
            "word": word,
            "label": word.capitalize(),
            "key": f"inbox.is-{word.replace(' ', '-')}",
            "given": word == one.given,
            "sure": "" if word != one.label else "by rule" if one.signs else f"{one.sure:.0%} sure",
            "because": ", ".join(f"“{sign}”" for sign in one.signs) if word == one.label else "",
        }
        for one in proposals(note)
        for word in one.labels
    ]


def _heading(note: Feedback, row: dict[str, Any]) -> str:
    """The title, unless it is only the beginning of what follows: then who said it."""
    begins = text.plain(note.body).replace("\n", " ").startswith(note.title.rstrip("…"))
    return _who(row) if begins else note.title


def _facts(visit: Visit, declared: RecordType, note: Feedback, row: dict[str, Any]) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = [_channel(declared, row)]
    for name in ("contact", "account"):
        if row.get(name):
            facts.append({"text": row[name]["title"], "href": visit.record(row[name]["key"])})
    facts.extend({"text": said} for said in _worth(visit, note, row))
    if not facts[1:] and row.get("author"):
        facts.append({"text": row["author"]})
    if row.get("rating") is not None:
        facts.append({"text": f"rated {wording.number(row['rating'])}"})
    facts.append({"text": wording.on_day(row.get("received_on") or row["created_at"])})
    return facts


def _worth(visit: Visit, note: Feedback, row: dict[str, Any]) -> list[str]:
    """Which kind of customer speaks, what it pays and what is at stake, for whoever may read that."""
    found, said, currency = queries.account_behind(visit.actor, note), [], visit.actor.workspace.currency
    if found is not None:
        said += [found.get_segment_display()] if found.segment else []
        if found.annual_revenue is not None and visit.actor.may("read_private", type_of(Feedback).group):
            said.append(f"{wording.money(found.annual_revenue, currency)} a year")
    if row.get("at_stake") is not None:
        said.append(f"{wording.money(row['at_stake'], currency)} at stake")
    return said


# ---- where it belongs -------------------------------------------------------------------


def _offers(visit: Visit, found: list[Suggestion]) -> list[dict[str, Any]]:
    return _features(visit, [(one.key, _because(one)) for one in found])


def _because(one: Suggestion) -> str:
    """Why it is offered, in a few words: the notes alike that support it, else the words in common."""
    if one.through:
        return f"as {' and '.join(one.through[:2])}"
    return f"shares {', '.join(one.words[:3])}" if one.words else ""


def _features(visit: Visit, wanted: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Features by key, with their state and how many customers ask, in the order given."""
    if not wanted:
        return []
    declared = type_of(queries.FEATURE)
    keys = ",".join(key for key, _ in wanted)
    names = ["title", "state", *(n for n in ("demand",) if n in declared.computed_by_name)]
    found = listing.list_page(visit.actor, declared, f"key:{keys} sort:key", names=names, limit=len(wanted))
    rows_by_key = {r["key"]: r for r in found.rows}
    return [_feature(visit, declared, rows_by_key[k], why) for k, why in wanted if k in rows_by_key]


def _feature(visit: Visit, declared: RecordType, row: dict[str, Any], because: str) -> dict[str, Any]:
    voices = f"{wording.plural(row['demand'], 'customer')}" if row.get("demand") else "nobody yet"
    return {
        "key": row["key"],
        "title": row["title"],
        "href": visit.record(row["key"]),
        "state": declared.state_by_name.get(row["state"]),
        "sub": " · ".join(s for s in (voices, because) if s),
    }


def _repeats(visit: Visit, found: list[Suggestion]) -> list[dict[str, Any]]:
    """Notes alike, in their own words, with the day they were heard."""
    if not found:
        return []
    declared = type_of("feedback")
    keys = ",".join(one.key for one in found)
    names = ["title", "body", "received_on", "account", "state"]
    page = listing.list_page(visit.actor, declared, f"key:{keys} sort:key", names=names, limit=len(found))
    by_key = {r["key"]: r for r in page.rows}
    return [_repeat(visit, declared, by_key[one.key], one) for one in found if one.key in by_key]


def _repeat(visit: Visit, declared: RecordType, row: dict[str, Any], one: Suggestion) -> dict[str, Any]:
    who = row["account"]["title"] if row.get("account") else ""
    said = (who, wording.on_day(row.get("received_on")), f"shares {', '.join(one.words[:3])}" if one.words else "")
    return {
        "key": row["key"],
        "title": text.excerpt(row.get("body") or row["title"], 96),
        "href": visit.record(row["key"]),
        "state": declared.state_by_name.get(row["state"]),
        "sub": " · ".join(s for s in said if s),
    }


def _found(visit: Visit, note: Feedback, words: str) -> list[dict[str, Any]]:
    if not words or len(words) > search.LONGEST_QUERY:
        return []
    declared = type_of(queries.FEATURE)
    prefix, _, number = words.upper().partition("-")
    if prefix == declared.model.prefix and number.isdecimal():
        return _features(visit, [(f"{prefix}-{number[:9]}", "")])
    hits = search.find(visit.actor, words, queries.FEATURE, FOUND)
    return _features(visit, [(hit.key, "") for hit in hits])


# ---- nothing left -----------------------------------------------------------------------


def _empty(visit: Visit, declared: RecordType, asked: str, error: QueryError | None) -> dict[str, Any]:
    if error or asked:
        return {
            "title": "No note waits that fits this filter",
            "text": "Others may wait outside it.",
            "actions": [{"label": "The whole inbox", "href": _here(visit, PLACE), "look": "go"}],
        }
    any_note = listing.list_page(visit.actor, declared, "sort:-created", names=["title"], limit=1).rows
    if not any_note:
        return {"title": "No notes yet", "text": declared.about,
                "actions": list(reversed(listparts.page_actions(visit, declared)))}  # fmt: skip
    plan = visit.listing(type_of(queries.FEATURE), q="sort:-demand")
    return {
        "title": "Everything is read",
        "text": "Every note is linked to a feature, merged with one like it, or answered. What they add up to "
        "is the demand of each feature; whoever asked can be told when it ships.",
        "actions": [
            {"label": "What is asked for most", "href": plan, "look": "go"},
            {"label": "All notes", "href": visit.listing(declared)},
        ],
    }
