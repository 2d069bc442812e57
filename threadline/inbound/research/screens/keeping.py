"""Redaction looked at before it is done, the recording at its cue, and what is kept how long."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase, StreamingHttpResponse

from threadline.faces.web import wording
from threadline.faces.web.screens import adds_to, record_screen, screen
from threadline.faces.web.visit import Visit
from threadline.house import filing
from threadline.inbound.research import queries, redacting, redaction, retention
from threadline.inbound.research.models import Interview, Participant
from threadline.inbound.research.screens.marks import clock
from threadline.inbound.research.screens.reader import interview_of
from threadline.kernel import rows
from threadline.kernel.access import reach
from threadline.kernel.actions import through_door
from threadline.kernel.cards import Card
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.registry import type_of

AROUND = 60  # characters shown before and after a suggestion
KINDS = {"mp3": "audio/mpeg", "m4a": "audio/mp4", "ogg": "audio/ogg", "oga": "audio/ogg", "wav": "audio/wav",
         "mp4": "video/mp4", "m4v": "video/mp4", "mov": "video/mp4", "webm": "video/webm"}  # fmt: skip
CHUNK = 512 * 1024


@record_screen("interview", "redact", posts=True)
def redact(visit: Visit, card: Card) -> HttpResponseBase:
    """Suggestions in their context; what is ticked is taken out, of highlights and history too."""
    interview = interview_of(visit, card)
    visit.actor.need("update", type_of(interview).group)
    turns = queries.turns_of(interview)
    if not turns:
        raise NotFound
    extra = visit.asked.get("also", "") or visit.sent.get("also", "")
    spans = redaction.suggest(turns, [*_names(visit, interview), *(p for p in extra.split(",") if p.strip())])
    if visit.posting:
        return _redact(visit, interview, spans)
    lines = [_line(turns, s) for s in spans]
    crumbs = [{"label": interview.title, "href": visit.record(interview.key, "read")}]
    return visit.draw("interview/redact.html", "Redact", lines=lines, also=extra, crumbs=crumbs,
                      address=visit.record(interview.key, "redact"), back=visit.record(interview.key, "read"),
                      days=redacting.KEPT_DAYS, full=len(spans) >= redaction.MOST)  # fmt: skip


def _names(visit: Visit, interview: Interview) -> list[str]:
    """Names that we know: who it is, and whom the transcript calls by name."""
    found = [t["s"] for t in queries.turns_of(interview)]
    if interview.participant_id and visit.actor.may("read_private", "research"):
        person = reach(visit.actor, Participant).filter(pk=interview.participant_id).first()
        found += [person.full_name] if person else []
    return [n for n in dict.fromkeys(found) if len(n) > 3]


def _ident(span: redaction.Span) -> str:
    said = f"{span.turn}:{span.start}:{span.end}:{span.text}"
    return hashlib.sha256(said.encode()).hexdigest()[:20]


def _line(turns: list[dict[str, Any]], span: redaction.Span) -> dict[str, Any]:
    text = turns[span.turn]["t"]
    return {"id": _ident(span), "kind": span.kind, "words": span.text, "instead": span.instead,
            "before": text[max(0, span.start - AROUND) : span.start], "after": text[span.end : span.end + AROUND],
            "turn": span.turn + 1, "time": clock(turns[span.turn].get("a"))}  # fmt: skip


def _redact(visit: Visit, interview: Interview, spans: list[redaction.Span]) -> HttpResponseBase:
    chosen = set(visit.sent.getlist("take"))
    mine = [s for s in spans if _ident(s) in chosen]
    visit.back = visit.record(interview.key, "redact")
    if not mine:
        raise Invalid(("", "Tick what is to be taken out."))
    through_door(
        visit.actor,
        "redact",
        lambda door: redacting.redact(door, door.get(Interview, interview.pk), mine),
        batch=visit.new_batch(),
    )
    where = visit.record(interview.key, "read")
    undo = visit.record(interview.key, "do", redacting.restore_redacted.name)
    said = f"{wording.plural(len(mine), 'place')} redacted, in highlights and history too."
    return visit.done(said, where, link=("Take it back", undo))


# ---- the recording ----------------------------------------------------------------------


@record_screen("interview", "media")
def media(visit: Visit, card: Card) -> HttpResponseBase:
    """The recording, in parts, so that the player can jump to a cue."""
    interview = interview_of(visit, card)
    standing = queries.standing(interview.workspace_id, interview.participant_id)
    if standing.known and "recording" not in standing.scopes:
        raise NotFound
    files = [f for f in filing.files_of(visit.actor, card) if f.name.lower().endswith(queries.MEDIA)]
    path = filing.path_of(files[-1]) if files else None
    if path is None or not path.exists():
        raise NotFound
    size, kind = path.stat().st_size, KINDS[files[-1].name.lower().rpartition(".")[2]]
    asked = _range(visit.request.headers.get("range", ""), size)
    if asked == NOWHERE:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    start, end = asked or (0, size - 1)

    def parts() -> Any:
        with path.open("rb") as opened:
            opened.seek(start)
            left = end - start + 1
            while left > 0 and (chunk := opened.read(min(CHUNK, left))):
                left -= len(chunk)
                yield chunk

    answer: HttpResponseBase = StreamingHttpResponse(parts(), status=206 if asked else 200, content_type=kind)
    answer.headers["Content-Length"] = str(end - start + 1)
    answer.headers["Accept-Ranges"] = "bytes"
    if asked:
        answer.headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


NOWHERE = (-1, -1)
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def _range(asked: str, size: int) -> tuple[int, int] | None:
    """The first and last byte of one range (RFC 9110, 14.1.2); None for all of it, NOWHERE for what lies outside."""
    found = _RANGE.fullmatch(asked.replace(" ", ""))
    if found is None or not (found[1] or found[2]):  # several ranges, or none that can be read: the whole is an answer
        return None
    if not found[1]:  # the last so many bytes
        return (max(0, size - int(found[2])), size - 1) if int(found[2]) else NOWHERE
    first, last = int(found[1]), min(int(found[2] or size), size - 1)
    if found[2] and int(found[2]) < first:
        return None
    return (first, last) if first < size else NOWHERE


# ---- retention --------------------------------------------------------------------------


@screen("study", "retention")
def kept(visit: Visit) -> HttpResponse:
    """What will be deleted, when, and what stays."""
    today = rows.now().date()
    lines = [
        {
            "key": d.interview.key,
            "title": d.interview.title,
            "href": visit.record(d.interview.key),
            "study": d.study.title,
            "on": wording.on_day(d.on),
            "past": d.past(today),
            "what": ", ".join(
                part
                for part in (
                    wording.plural(d.turns, "turn") if d.turns else "",
                    wording.plural(d.files, "recording") if d.files else "",
                )
                if part
            ),
            "stays": wording.plural(d.highlights, "highlight"),
        }
        for d in retention.due(visit.actor)
    ]
    crumbs = [{"label": "Studies", "href": visit.listing(type_of("study"))}]
    return visit.draw("research/retention.html", "What is kept how long", lines=lines, crumbs=crumbs)


@adds_to("study", "list")
def to_retention(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """The list of studies leads to what will be deleted."""
    context["page_actions"] = [
        {"label": "Kept how long", "href": visit.at("studies", "retention"), "look": "quiet"},
        *context.get("page_actions", []),
    ]
