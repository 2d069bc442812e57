"""Redaction applied: the words leave the transcript, its highlights, their search and their history.

It can be taken back for a month, from a place that no page reads; after that the words are gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from threadline.house.scrubbing import scrub
from threadline.inbound.research import anchoring, queries, redaction, transcribing
from threadline.inbound.research.models import Highlight, Interview, Transcript
from threadline.kernel import rows
from threadline.kernel.actions import action
from threadline.kernel.door import Door
from threadline.kernel.errors import Conflict, Invalid

REDACTED = "redacted"
KEPT_DAYS = 30
_WORDS = ("quote", "title", "before", "after", "memo")


def redact(door: Door, interview: Interview, spans: Sequence[redaction.Span]) -> Interview:
    """Take these stretches out of a transcript and of whatever was made from it."""
    turns = queries.turns_of(interview)
    for span in spans:
        if span.turn >= len(turns) or turns[span.turn]["t"][span.start : span.end] != span.text:
            raise Conflict("The transcript has changed since. Look at it again.", interview.version)
    if not spans:
        raise Invalid(("spans", "Choose what is to be taken out."))
    after = redaction.applied(turns, spans)
    touched = _highlights_in(door, interview, turns, spans)
    taken = [{"id": str(h.pk), **{n: getattr(h, n) for n in (*_WORDS, "turn", "start", "state")}} for h in touched]
    pairs = sorted({(s.text, s.instead) for s in spans}, key=lambda p: -len(p[0]))

    def replaced(text: str) -> str:
        for old, new in pairs:
            text = text.replace(old, new)
        return text

    changed = transcribing.set_transcript(door, interview, after, source="", because=REDACTED)
    places = {h.pk: _place_after(after, h, spans, replaced) for h in touched}
    for highlight in door.whoever_may_see(Highlight, list(places)):
        door.change(highlight, places[highlight.pk])
    Transcript.objects.filter(interview_id=interview.pk, number=changed.transcript_number).update(taken=taken)
    scrub(door, [h.pk for h in touched], replaced)
    door.log(changed, {"+redacted": [None, {"count": len(spans), "kinds": sorted({s.kind for s in spans})}]})
    return changed


def _highlights_in(
    door: Door, interview: Interview, turns: Sequence[dict[str, Any]], spans: Sequence[redaction.Span]
) -> list[Highlight]:
    """Highlights whose words or surroundings hold what is taken out."""
    old = {s.text for s in spans}
    mine = door.whoever_may_see(Highlight, queries.highlight_ids(interview.workspace_id, [interview.pk]))
    return [h for h in mine if any(o in getattr(h, n) for o in old for n in _WORDS)]


def _place_after(
    after: Sequence[dict[str, Any]], highlight: Highlight, spans: Sequence[redaction.Span], replaced: Any
) -> dict[str, Any]:
    """The highlight with the same replacements, at the place to which they moved it."""
    values: dict[str, Any] = {n: replaced(getattr(highlight, n)) or None for n in _WORDS}
    values |= {"turn": highlight.turn, "state": "lost"}
    if highlight.turn is None or highlight.start is None or highlight.turn >= len(after):
        return values
    before = [s for s in spans if s.turn == highlight.turn and s.start < highlight.start]
    start = max(0, highlight.start + sum(len(s.instead) - (s.end - s.start) for s in before))
    text, quote = anchoring.text_of(after), values["quote"] or ""
    hint = anchoring.offsets(after)[highlight.turn] + start
    if not text.startswith(quote, hint):
        return values
    around = anchoring.around(text, hint, len(quote))
    return values | {"start": start, "before": around[0] or None, "after": around[1] or None, "state": "placed"}


@action(Interview, verb="decide", label="Take the redaction back")
def restore_redacted(door: Door, *, interview: Interview) -> Interview:
    """Put back what the last redaction took out. Possible for a month, for those who may see who it is."""
    door.actor.need("read_private", "research")
    now = queries.transcript(interview)
    if now is None or now.because != REDACTED:
        raise Conflict("The transcript as it stands is not one that was redacted last.", interview.version)
    earlier = Transcript.objects.filter(interview_id=interview.pk, number=now.number - 1).first()
    if earlier is None or not earlier.turns:
        raise Conflict("The words are gone for good.", interview.version)
    taken = {t["id"]: t for t in now.taken}
    changed = transcribing.set_transcript(door, interview, earlier.turns, source="", because="restored")
    for highlight in door.whoever_may_see(Highlight, queries.highlight_ids(interview.workspace_id, [interview.pk])):
        was = taken.get(str(highlight.pk))
        if was is not None:
            words = {n: was[n] or None for n in _WORDS}
            door.change(highlight, words | {n: was[n] for n in ("turn", "start", "state")})
    return changed


def forget_old_versions(days: int = KEPT_DAYS) -> int:
    """Delete the words of transcripts that are no longer the one that stands, after a month."""
    line = rows.now() - timedelta(days=days)
    stale = [
        t.pk
        for t in Transcript.objects.filter(made_at__lt=line).select_related("interview").iterator(500)
        if t.number < t.interview.transcript_number
    ]
    Transcript.objects.filter(made_at__lt=line).update(taken=[])
    return Transcript.objects.filter(pk__in=stale).delete()[0]
