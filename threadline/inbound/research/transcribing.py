"""The transcript of an interview: brought in, mended, and its highlights found again after each change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from threadline.inbound.research import anchoring, queries
from threadline.inbound.research.models import Highlight, Interview, Transcript
from threadline.kernel import rows
from threadline.kernel.actions import Ask, action
from threadline.kernel.door import Door
from threadline.kernel.errors import Conflict, Invalid

MOST_TURNS = 20_000
MOST_CHARACTERS = 3_000_000  # a talk of three hours has about 180,000
LONGEST_TURN = 100_000
LONGEST_SPEAKER = 120
Turn = dict[str, Any]
Tell = Callable[[int, int], None]  # highlights found again so far, of how many


def set_transcript(
    door: Door, interview: Interview, turns: Sequence[Turn], *, source: str, because: str, tell: Tell | None = None
) -> Interview:
    """Make these the turns of an interview; earlier ones are kept apart, out of every reader's sight."""
    check_turns(turns)
    old = queries.turns_of(interview)
    made = Transcript(
        workspace_id=interview.workspace_id,
        interview_id=interview.pk,
        number=interview.transcript_number + 1,
        turns=list(turns),
        format=source[:20],
        because=because,
        made_by_id=door.actor.member_id,
    )
    rows.insert(made)
    values: dict[str, Any] = {"turns": len(turns), "transcript_number": made.number}
    last = max((t.get("b") or t.get("a") or 0 for t in turns), default=0)
    if last and not interview.minutes:
        values["minutes"] = max(1, round(last / 60_000))
    if interview.state == "planned":
        values["state"] = "held"
        values |= {} if interview.at else {"at": rows.now()}
    changed = door.change(interview, values)
    anchor_again(door, changed, old, turns, tell)
    return changed


def check_turns(turns: Sequence[Turn]) -> None:
    """Refuse what no reader could show."""
    if not turns:
        raise Invalid(("file", "There is not one word in it."))
    if len(turns) > MOST_TURNS:
        raise Invalid(("file", f"{len(turns):,} turns; at most {MOST_TURNS:,} are kept. Divide it into several."))
    if sum(len(t["t"]) for t in turns) > MOST_CHARACTERS:
        raise Invalid(("file", f"More than {MOST_CHARACTERS:,} characters. Divide it into several interviews."))
    if any(len(t["t"]) > LONGEST_TURN for t in turns):
        raise Invalid(("file", f"One turn has more than {LONGEST_TURN:,} characters: are the speakers marked?"))


def anchor_again(
    door: Door, interview: Interview, old: Sequence[Turn], new: Sequence[Turn], tell: Tell | None = None
) -> None:
    """Find each highlight in the new text, or say that it lost its place."""
    text, hint_of = anchoring.text_of(new), anchoring.hints(old, new)
    ids = queries.highlight_ids(interview.workspace_id, [interview.pk])
    for done, highlight in enumerate(door.whoever_may_see(Highlight, ids)):
        if tell is not None:
            tell(done, len(ids))
        hint = None
        if old and highlight.turn is not None and highlight.start is not None:
            hint = hint_of(highlight.turn, highlight.start)
        door.change(highlight, anchored(new, text, highlight.quote, highlight.before, highlight.after, hint))


def anchored(
    turns: Sequence[Turn], text: str, quote: str, before: str = "", after: str = "", hint: int | None = None
) -> dict[str, Any]:
    """The values of a highlight's place: where its words stand, or that they are lost."""
    at = anchoring.find_again(text, quote, before, after, hint)
    if at is None:
        return {"state": "lost"}
    place = anchoring.place_of(turns, at, len(quote))
    now_before, now_after = anchoring.around(text, at, len(quote))
    turn = turns[place.turn]
    return {
        "state": "placed",
        "turn": place.turn,
        "start": place.start,
        "before": now_before,
        "after": now_after,
        "speaker": turn.get("s") or "",
        "at_ms": turn.get("a"),
    }


@action(Interview, verb="update", label="Mend the transcript")
def mend_turn(
    door: Door,
    *,
    interview: Interview,
    turn: Annotated[int, Ask("Turn", "Counted from 1.")],
    text: Annotated[str, Ask("What was said", "As it was said. Left blank, the turn is taken out.", long=True)] = "",
    speaker: Annotated[str, Ask("Speaker")] = "",
) -> Interview:
    """Correct what the transcript says. Highlights in it are found again, or shown as lost."""
    turns = [dict(t) for t in queries.turns_of(interview)]
    if not 1 <= turn <= len(turns):
        raise Invalid(
            ("turn", f"There are {len(turns):,} turns.") if turns else ("turn", "There is no transcript yet.")
        )
    words = "\n".join(" ".join(line.split()) for line in text.splitlines() if line.strip())
    before = turns[turn - 1]
    if words:
        turns[turn - 1] = before | {"t": words, "s": " ".join(speaker.split())[:LONGEST_SPEAKER] or before["s"]}
    else:
        del turns[turn - 1]
    if turns == queries.turns_of(interview):
        return interview
    return set_transcript(door, interview, turns, source="", because="mended")


@action(Interview, verb="update", label="Rename a speaker")
def rename_speaker(
    door: Door,
    *,
    interview: Interview,
    old: Annotated[str, Ask("Is called")],
    new: Annotated[str, Ask("Shall be called", "A pseudonym, such as P7.")],
) -> Interview:
    """Give a speaker another name through the whole transcript, for example a pseudonym."""
    turns = queries.turns_of(interview)
    if not any(t["s"] == old for t in turns):
        raise Conflict("Nobody in the transcript is called that.", interview.version)
    renamed = [t | {"s": new[:LONGEST_SPEAKER]} if t["s"] == old else t for t in turns]
    return set_transcript(door, interview, renamed, source="", because="renamed")
