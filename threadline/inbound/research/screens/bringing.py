"""Bringing a transcript into an interview: from a file or pasted, looked at before it is kept."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase

from threadline.faces.web import wording
from threadline.faces.web.screens import record_screen
from threadline.faces.web.visit import Visit
from threadline.formats.refusal import Unreadable
from threadline.formats.transcripts import ENDINGS, LARGEST, Found, read_text, read_transcript
from threadline.inbound.research import transcribing
from threadline.inbound.research.screens.reader import interview_of
from threadline.kernel.actions import through_door
from threadline.kernel.cards import Card
from threadline.kernel.errors import Invalid
from threadline.kernel.registry import type_of


@record_screen("interview", "transcript", posts=True)
def transcript(visit: Visit, card: Card) -> HttpResponseBase:
    """A form for a file or a text; what it held and what was lost is said afterwards."""
    interview = interview_of(visit, card)
    visit.actor.need("update", type_of(interview).group)
    problems: list[str] = []
    if visit.posting:
        try:
            found = _read(visit)
            transcribing.check_turns(found.turns)
            batch = visit.new_batch()
            through_door(
                visit.actor,
                "bring_in_transcript",
                lambda door: transcribing.set_transcript(
                    door, door.get(type(interview), interview.pk), found.turns, source=found.format, because="imported"
                ),
                batch=batch,
            )
            return visit.done(_told(found), visit.record(interview.key, "read"), tone="warn" if found.losses else "ok")
        except Unreadable as refused:
            problems = [str(refused)]
        except Invalid as refused:
            problems = [p.message for p in refused.problems]
    return _form(visit, interview, problems)


def _read(visit: Visit) -> Found:
    sent = visit.request.FILES.get("file")
    if sent is not None:
        if (sent.size or 0) > LARGEST:
            raise Unreadable(f"Too large for a transcript: {LARGEST // 1024 // 1024} MB at most.")
        return read_transcript(sent.name or "", sent.read())
    text = visit.sent.get("text", "")
    if not text.strip():
        raise Unreadable("Choose a file, or paste the text.")
    return read_text(text.replace("\r\n", "\n"))


def _told(found: Found) -> str:
    who = f" by {', '.join(found.speakers[:6])}" if found.speakers else ""
    said = f"{wording.plural(len(found.turns), 'turn')}{who}."
    return " ".join([said, *found.losses])


def _form(visit: Visit, interview: Any, problems: list[str]) -> HttpResponseBase:
    fields = [
        {"name": "file", "label": "File", "kind": "file", "errors": problems,
         "help": f"{', '.join(ENDINGS)}, as Zoom, Teams and most recorders write them."},
        {"name": "text", "label": "Or paste the text", "kind": "long", "rows": 10, "value": visit.sent.get("text", ""),
         "help": "One turn a line, with the name first: Mira: When did you last stop half way?"},
    ]  # fmt: skip
    note = "Highlights are found again in the new text; those whose words are gone are shown as lost." \
        if interview.turns else None  # fmt: skip
    form = {"action": visit.record(interview.key, "transcript"), "parts": [{"fields": fields, "help": note}],
            "submit": "Bring it in", "cancel_href": visit.record(interview.key), "multipart": True}  # fmt: skip
    crumbs = [{"label": interview.title, "href": visit.record(interview.key)}]
    return visit.draw("pages/form.html", "Bring in a transcript", 422 if problems else 200, form=form, crumbs=crumbs)
