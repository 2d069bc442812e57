"""The transcript reader: the guide beside the talk, highlights and codes at the other side."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from threadline.faces.web import keymap, wording
from threadline.faces.web.jinja import templates
from threadline.faces.web.screens import record_screen
from threadline.faces.web.visit import Visit
from threadline.house import filing
from threadline.inbound.research import guide, highlighting, queries, rules, transcribing
from threadline.inbound.research.models import Interview, Participant, Study
from threadline.inbound.research.screens.marks import marks, on_day, turn_rows
from threadline.kernel.access import reach
from threadline.kernel.actions import through_door
from threadline.kernel.cards import Card
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.registry import type_of

keymap.scope("reader", "In a transcript")
keymap.add("reader", "reader.next", "j", "Next turn")
keymap.add("reader", "reader.previous", "k", "Turn before")
keymap.add("reader", "reader.sentence", "ArrowRight", "Next sentence")
keymap.add("reader", "reader.sentenceback", "ArrowLeft", "Sentence before")
keymap.add("reader", "reader.more", "Shift+ArrowRight", "Take in one sentence more")
keymap.add("reader", "reader.less", "Shift+ArrowLeft", "Take in one sentence less")
keymap.add("reader", "reader.mark", "h", "Highlight")
keymap.add("reader", "reader.code", "c", "Highlight and choose a code")
for _n in range(1, 10):
    keymap.add("reader", f"reader.code{_n}", str(_n), f"Highlight with code {_n} of those at hand")
keymap.add("reader", "reader.play", "p", "Play from this turn")
keymap.add("reader", "reader.find", "/", "Search in this talk")
keymap.add("reader", "reader.insight", "i", "New insight")
PART = "X-Part"  # a script asks for the highlights alone


def interview_of(visit: Visit, card: Card) -> Interview:
    """The interview of a card in reach."""
    found = reach(visit.actor, Interview).filter(pk=card.pk).first()
    if found is None:
        raise NotFound
    return found


@record_screen("interview", "read", posts=True)
def read(visit: Visit, card: Card) -> HttpResponseBase:
    """Read a transcript, mark what matters, code it."""
    interview = interview_of(visit, card)
    if visit.posting:
        return _act(visit, interview)
    return _page(visit, interview)


def _page(visit: Visit, interview: Interview, said: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    actor = visit.actor
    may = actor.may("update", type_of(interview).group) and interview.archived_at is None
    turns = queries.turns_of(interview)
    study = reach(actor, Study).filter(pk=interview.study_id).first() if interview.study_id else None
    person = reach(actor, Participant).filter(pk=interview.participant_id).first() if interview.participant_id else None
    standing = queries.standing(actor.workspace_id, interview.participant_id) if interview.participant_id else None
    beside = marks(visit, interview, turns)
    pieces: dict[int, list[tuple[int, int, str]]] = {}
    if visit.asked.get("marks"):
        for mark in beside["marks"]:
            place = mark["place"]
            for number in range(place.turn, place.last + 1):
                start = place.start if number == place.turn else 0
                end = place.end if number == place.last else len(turns[number]["t"])
                pieces.setdefault(number, []).append((start, end, mark["tone"]))
    page_actions: list[dict[str, Any]] = []
    if may:
        bring = visit.record(interview.key, "transcript")
        if not turns:
            page_actions.append({"label": "Bring in a transcript", "look": "go", "href": bring})
        else:
            page_actions.append({"label": "Replace", "look": "quiet", "href": bring})
        if turns:
            page_actions.append({"label": "Redact", "look": "quiet", "href": visit.record(interview.key, "redact")})
            new = visit.at("insights", "new")
            page_actions.append({"label": "New insight", "look": "go", "hint": "reader.insight", "href": new})
    context: dict[str, Any] = {
        "interview": {"key": interview.key, "title": interview.title, "href": visit.record(interview.key),
                      "on": on_day(interview), "turns": len(turns)},
        "crumbs": [{"label": study.title, "href": visit.record(study.key)}] if study else
                  [{"label": "Interviews", "href": visit.listing(type_of("interview"))}],
        "mark": {"label": standing.says, "tone": standing.tone} if standing else None,
        "consent": _consent_note(visit, person, standing),
        "guide": _guide(visit, interview, study),
        "turns": turn_rows(turns, _asking(turns), pieces),
        "marked": bool(visit.asked.get("marks")),
        "media": _media(visit, interview, standing),
        "may": may,
        "may_mark": may and bool(turns) and (standing is None or standing.quotable),
        "page_actions": page_actions,
        "said": said,
        "empty": {"title": "No transcript yet",
                  "text": "Bring in the file that Zoom, Teams or your recorder wrote, or paste the text.",
                  "actions": [{"label": "Bring in a transcript", "look": "go",
                               "href": visit.record(interview.key, "transcript")}] if may else []},
        **beside,
    }  # fmt: skip
    return visit.draw("interview/read.html", interview.title, status, **context)


def _consent_note(visit: Visit, person: Participant | None, standing: queries.Standing | None) -> dict[str, Any] | None:
    if standing is None or standing.quotable:
        return None
    where = visit.record(person.key) if person else ""
    return {"text": f"{person.title if person else 'This person'} has not agreed to be quoted, so nothing here can be "
                    "highlighted. You can read.", "href": where}  # fmt: skip


def _guide(visit: Visit, interview: Interview, study: Study | None) -> dict[str, Any] | None:
    if study is None:
        return None
    text = queries.guide_text(study.pk, interview.guide_version) or study.guide
    asked = set(guide.numbers(interview.asked))
    lines = [{"n": n, "text": line, "done": n in asked} for n, line in enumerate(guide.lines(text), 1)]
    current = next((line["n"] for line in lines if not line["done"]), None)
    return {
        "lines": lines,
        "current": current,
        "version": interview.guide_version,
        "newer": study.guide_version > interview.guide_version > 0,
        "done": sum(bool(line["done"]) for line in lines),
        "href": visit.record(study.key),
    }


def _asking(turns: list[dict[str, Any]]) -> str:
    """Who asks: of two or more speakers, the one whose turns end in question marks most often."""
    by: dict[str, list[bool]] = {}
    for turn in turns:
        by.setdefault(turn["s"], []).append(turn["t"].rstrip().endswith("?"))
    known = {s: sum(q) / len(q) for s, q in by.items() if s}
    return max(known, key=lambda s: known[s]) if len(known) > 1 and max(known.values()) > 0.2 else ""


def _media(visit: Visit, interview: Interview, standing: queries.Standing | None) -> dict[str, Any] | None:
    if standing is not None and standing.known and "recording" not in standing.scopes:
        return None
    card = Card(pk=interview.pk, workspace_id=interview.workspace_id)
    for file in reversed(filing.files_of(visit.actor, card)):
        ending = file.name.lower().rpartition(".")[2]
        if f".{ending}" in queries.MEDIA:
            video = ending in ("mp4", "webm", "m4v", "mov")
            return {"src": visit.record(interview.key, "media"), "video": video, "name": file.name}
    return None


# ---- acting -----------------------------------------------------------------------------


def _act(visit: Visit, interview: Interview) -> HttpResponseBase:
    what = visit.sent.get("act", "")
    run = _ACTS.get(what)
    if run is None:
        raise NotFound
    batch = visit.new_batch()
    part = PART in visit.request.headers
    try:
        text, where = run(visit, interview, batch)
    except Invalid as refused:
        said = " ".join(p.message for p in refused.problems)
        if part:
            return HttpResponse(said, status=422, content_type="text/plain; charset=utf-8")
        return _page(visit, interview, {"tone": "bad", "text": said}, 422)
    if not part:
        return visit.done(text, visit.record(interview.key, "read") + where, batch=batch)
    fresh = interview_of(visit, Card(pk=interview.pk))
    alone = {"said": text, "undo": visit.at("undo", str(batch)), "may": True, "may_mark": True}
    token = {"token": visit.sent.get("csrfmiddlewaretoken")}
    beside = {**marks(visit, fresh, queries.turns_of(fresh)), **alone, **token}
    return HttpResponse(templates().get_template("interview/marks.html").render(beside))


def _number(raw: str) -> int | None:
    return int(raw) if raw.strip().isdecimal() and len(raw.strip()) < 9 else None


def _highlight(visit: Visit, interview: Interview, batch: Any) -> tuple[str, str]:
    made = highlighting.highlight_words(
        visit.actor,
        interview=interview.pk,
        quote=visit.sent.get("quote", ""),
        codes=[c for c in visit.sent.get("codes", "").split(",") if c.strip()],
        turn=_number(visit.sent.get("turn", "")),
        start=_number(visit.sent.get("start", "")),
        memo=visit.sent.get("memo", ""),
        batch=batch,
    )
    return f"{made.key} is highlighted.", f"#t-{(made.turn or 0) + 1}"


def _code(visit: Visit, interview: Interview, batch: Any) -> tuple[str, str]:
    def run(door: Any) -> Any:
        code = highlighting.code_named(door, visit.sent.get("code", "").strip())
        return highlighting.add_code(door, highlight=visit.sent.get("highlight", ""), code=code.pk)

    made = through_door(visit.actor, "add_code", run, batch=batch)
    return f"{made.key} is coded.", f"#t-{(made.turn or 0) + 1}"


def _uncode(visit: Visit, interview: Interview, batch: Any) -> tuple[str, str]:
    made = highlighting.remove_code(
        visit.actor, highlight=visit.sent.get("highlight", ""), code=visit.sent.get("code", ""), batch=batch
    )
    return "The code is taken off.", f"#t-{(made.turn or 0) + 1}"


def _remove(visit: Visit, interview: Interview, batch: Any) -> tuple[str, str]:
    made = highlighting.drop_highlight(visit.actor, highlight=visit.sent.get("highlight", ""), batch=batch)
    return f"{made.key} is taken away.", f"#t-{(made.turn or 0) + 1}"


def _tick(visit: Visit, interview: Interview, batch: Any) -> tuple[str, str]:
    asked = visit.sent.get("asked") == "true"
    number = _number(visit.sent.get("number", "")) or 0
    rules.tick_question(visit.actor, interview=interview.pk, number=number, asked=asked, batch=batch)
    return ("Asked." if asked else "Not asked."), "#guide"


_ACTS = {"highlight": _highlight, "code": _code, "uncode": _uncode, "remove": _remove, "tick": _tick}


@record_screen("interview", "mend", posts=True)
def mend(visit: Visit, card: Card) -> HttpResponseBase:
    """Correct one turn of a transcript."""
    interview = interview_of(visit, card)
    visit.actor.need("update", type_of(interview).group)
    turns = queries.turns_of(interview)
    number = _number(visit.asked.get("turn", "") or visit.sent.get("turn", "")) or 0
    if not 1 <= number <= len(turns):
        raise NotFound
    back = f"{visit.record(interview.key, 'read')}#t-{number}"
    if visit.posting:
        batch = visit.new_batch()
        rules_by_hand = {"turn": number, "text": visit.sent.get("text", ""), "speaker": visit.sent.get("speaker", "")}
        _mend(visit, interview, rules_by_hand, batch)
        return visit.done("The transcript is mended. Highlights were found again where their words still stand.", back)
    now = turns[number - 1]
    fields = [
        {"name": "speaker", "label": "Speaker", "kind": "text", "value": now["s"]},
        {"name": "text", "label": "What was said", "kind": "long", "value": now["t"], "rows": 8,
         "help": "As it was said. Left blank, the turn is taken out."},
    ]  # fmt: skip
    form = {"action": visit.record(interview.key, "mend"), "parts": [{"fields": fields}], "submit": "Mend it",
            "cancel_href": back, "hidden": {"turn": number}}  # fmt: skip
    crumbs = [{"label": interview.title, "href": back}]
    return visit.draw(
        "pages/form.html", f"Turn {number:,} of {wording.plural(len(turns), 'turn')}", form=form, crumbs=crumbs
    )


def _mend(visit: Visit, interview: Interview, given: dict[str, Any], batch: Any) -> None:
    given = {n: v for n, v in given.items() if v not in (None, "")}
    transcribing.mend_turn(visit.actor, interview=interview.pk, batch=batch, **given)
