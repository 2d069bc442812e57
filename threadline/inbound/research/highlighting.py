"""Highlights: words marked in a transcript, coded, clustered, and made into insights."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from threadline.inbound.research import anchoring, consenting, queries, transcribing
from threadline.inbound.research.models import Code, Highlight, Insight, Interview
from threadline.kernel import text as words
from threadline.kernel import verbs
from threadline.kernel.access import NAMED, TEAM
from threadline.kernel.actions import Ask, action
from threadline.kernel.door import Door
from threadline.kernel.errors import Conflict, Invalid
from threadline.kernel.links import Link

TITLE_LENGTH = 120
LONGEST_QUOTE = 10_000
ToCode = Annotated[str, Ask("Code", "Its key or name.", to="code")]


def settle_highlight(highlight: Highlight, before: dict[str, Any] | None) -> None:
    """A highlight is named by its words, which stand in the transcript; it is seen as its interview is."""
    if len(highlight.quote) > LONGEST_QUOTE:
        raise Invalid(("quote", f"At most {LONGEST_QUOTE:,} characters: mark the part that matters."))
    if not highlight.title or (before and "quote" in before and highlight.title == _title(before["quote"] or "")):
        highlight.title = _title(highlight.quote)
    if not highlight.quote.strip():
        raise Invalid(("quote", "Mark the words that matter."))
    if before is None:
        interview = Interview.objects.filter(pk=highlight.interview_id).first()
        if interview is None:  # an import that is only being checked names records that are still to come
            return
        consenting.may_be_quoted(interview)
        highlight.confidentiality = max(highlight.confidentiality, interview.confidentiality)
        if highlight.confidentiality == TEAM and interview.confidentiality == TEAM:
            highlight.product_id = interview.product_id
        highlight.product_id = highlight.product_id or interview.product_id
    if (before is None or "quote" in before or "interview" in before) and not (before and "turn" in before):
        _place(highlight, moved=before is not None)


def _title(quote: str) -> str:
    return words.excerpt(" ".join(quote.split()), TITLE_LENGTH)


def _place(highlight: Highlight, *, moved: bool) -> None:
    interview = Interview.objects.filter(pk=highlight.interview_id).first()
    turns = queries.turns_of(interview) if interview else []
    if not turns:
        return
    text, hint = anchoring.text_of(turns), None
    if highlight.turn is not None and highlight.start is not None and highlight.turn < len(turns) and not moved:
        hint = anchoring.offsets(turns)[highlight.turn] + highlight.start
        if not text.startswith(highlight.quote, hint):
            hint = None
    if highlight.quote not in text:
        raise Invalid(("quote", "These words do not stand in the transcript. Copy them as they are."))
    if hint is not None:  # somebody marked this very place
        before, after = anchoring.around(text, hint, len(highlight.quote))
        found = transcribing.anchored(turns, text, highlight.quote, before, after, hint)
    else:
        found = transcribing.anchored(turns, text, highlight.quote, highlight.before, highlight.after)
    for name, value in found.items():
        setattr(highlight, name, value)


@action(Interview, verb="update", label="Highlight")
def highlight_words(
    door: Door,
    *,
    interview: Interview,
    quote: Annotated[str, Ask("Their words", "Exactly as they stand in the transcript.", long=True)],
    codes: Annotated[
        list[str] | None, Ask("Codes", "Keys or names, with commas between them. New names are added.")
    ] = None,
    turn: Annotated[int | None, Ask("Turn", "Its number, when the words stand in several.")] = None,
    start: Annotated[int | None, Ask("Character", "Where in the turn they begin, counted from 0.")] = None,
    memo: Annotated[str, Ask("Memo", "Why it matters.", long=True)] = "",
) -> Highlight:
    """Keep words of the transcript, with the codes that fit them."""
    values: dict[str, Any] = {"interview": interview.pk, "quote": quote.strip(), "memo": memo}
    declared = _found(interview, quote.strip(), turn, start)
    record = door.create(Highlight, values | {"owner": door.actor.member_id, **declared})
    if record.confidentiality == NAMED:
        consenting.follow_interviews(door, [interview.pk])
    for code in _codes(door, codes or []):
        verbs.link(door, record, code, queries.CODED)
    return door.find(Highlight, record)


def _found(interview: Interview, quote: str, turn: int | None, start: int | None) -> dict[str, Any]:
    """The place that was marked; without one, the only place the words stand at."""
    turns = queries.turns_of(interview)
    if not turns:
        return {}
    text = anchoring.text_of(turns)
    begins = anchoring.offsets(turns)
    if turn is not None and 1 <= turn <= len(turns):
        low = begins[turn - 1] + max(0, start or 0)
        at = low if start is not None and text.startswith(quote, low) else text.find(quote, begins[turn - 1])
        if at >= 0 and anchoring.place_of(turns, at, len(quote)).turn == turn - 1:
            return {"turn": turn - 1, "start": at - begins[turn - 1]}
        raise Invalid(("quote", "The transcript says something else there by now. Load the page again."))
    count = text.count(quote)
    if count > 1:
        raise Invalid(("turn", f"These words stand at {count} places: say in which turn."))
    if count == 0:
        raise Invalid(("quote", "These words do not stand in the transcript. Copy them as they are."))
    place = anchoring.place_of(turns, text.find(quote), len(quote))
    return {"turn": place.turn, "start": place.start}


def _codes(door: Door, names: list[str]) -> list[Code]:
    return [code_named(door, name) for name in dict.fromkeys(n.strip() for n in names) if name]


def code_named(door: Door, name: str) -> Code:
    """The code of a key or name; a name that is new makes a new code."""
    here = Code.objects.filter(workspace_id=door.actor.workspace_id, archived_at=None)
    found = None
    prefix, _, number = name.upper().partition("-")
    if prefix == Code.prefix and number.isdecimal() and len(number) < 10:
        return door.find(Code, name)
    found = here.filter(title__iexact=name).order_by("pk").first()
    if found is not None:
        return door.find(Code, found)
    colours = [c for c, _ in Code.Colour.choices]
    return door.create(Code, {"title": name[:200], "colour": colours[here.count() % (len(colours) - 1)]})


@action(Highlight, verb="update", label="Add a code", bulk=True)
def add_code(door: Door, *, highlight: Highlight, code: ToCode) -> Highlight:
    """Say what these words are an instance of."""
    verbs.link(door, highlight, code, queries.CODED)
    return door.find(Highlight, highlight)


@action(Highlight, verb="update", label="Take a code off", bulk=True)
def remove_code(door: Door, *, highlight: Highlight, code: ToCode) -> Highlight:
    """Say that the words are no instance of it after all."""
    target = verbs.card(door.actor, code, archived=True)
    found = Link.objects.filter(
        workspace_id=highlight.workspace_id, source_id=highlight.pk, target_id=target.pk, kind=queries.CODED
    ).first()
    if found is None:
        raise Conflict(f"{highlight.key} does not carry this code.", highlight.version)
    verbs.unlink(door, found.pk)
    return door.find(Highlight, highlight)


@action(Highlight, verb="update", label="Put in a cluster", bulk=True)
def cluster_highlight(
    door: Door, *, highlight: Highlight, cluster: Annotated[str, Ask("Cluster", "Its name on the board.")]
) -> Highlight:
    """Lay the words beside others that mean the same."""
    return door.change(highlight, {"cluster": cluster[:120]})


@action(Highlight, verb="update", label="Take out of its cluster", bulk=True)
def uncluster_highlight(door: Door, *, highlight: Highlight) -> Highlight:
    """Lay the words back among those that are not sorted yet."""
    if not highlight.cluster:
        raise Conflict("It lies in no cluster.", highlight.version)
    return door.change(highlight, {"cluster": None})


@action(Highlight, verb="update", label="Make it evidence", bulk=True)
def use_as_evidence(
    door: Door,
    *,
    highlight: Highlight,
    insight: Annotated[str, Ask("Insight", "Its key or claim.", to="insight")],
    how: Literal["supports", "contradicts"] = "supports",
) -> Highlight:
    """Let an insight rest on these words, or be contradicted by them."""
    target = door.get(Insight, insight)
    verbs.link(door, target, highlight, how)
    return door.find(Highlight, highlight)


def make_insight(door: Door, title: str, highlights: list[UUID], values: dict[str, Any]) -> Insight:
    """A new insight that rests on highlights; used by the board and the reader."""
    made = door.create(Insight, {"title": title, "owner": door.actor.member_id, **values})
    for ident in highlights:
        verbs.link(door, made, ident, queries.SUPPORTS)
    return door.find(Insight, made)


@action(Highlight, verb="archive", label="Take the highlight away")
def drop_highlight(door: Door, *, highlight: Highlight) -> Highlight:
    """Put it in the trash: the words were not worth keeping, or were marked by mistake."""
    door.archive(highlight)
    return highlight
