"""Transcripts brought into interviews: one or many files, each whole or absent; with whom, the file's name says."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from threadline.formats.refusal import Unreadable
from threadline.formats.transcripts import Found, read_transcript
from threadline.inbound.research import transcribing
from threadline.inbound.research.models import Interview, Participant, Study
from threadline.kernel.access import Actor, reach
from threadline.kernel.actions import through_door
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid, NotFound

Tell = Callable[[int, int | None, str], None]
_WORDS = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
JOB = "research.transcripts"


@dataclass(frozen=True, slots=True)
class Sent:
    """A file, and the interview it belongs to where that is known."""

    name: str
    path: Path
    interview: UUID | None = None


@dataclass
class Told:
    """What became of the files, in words, and the keys of the interviews they are in."""

    keys: list[str] = field(default_factory=list)
    turns: int = 0
    nobody: int = 0
    losses: list[str] = field(default_factory=list)


def whose(name: str, people: Sequence[Participant]) -> Participant | None:
    """The one participant whose pseudonym stands in a file's name as a word; None where that is none or several."""
    stem = name.rpartition(".")[0] or name
    words = {w.lower() for w in _WORDS.findall(stem)} | {stem.strip().lower()}
    found = [p for p in people if p.title.strip().lower() in words]
    return found[0] if len(found) == 1 else None


def bring_all(
    actor: Actor, files: Sequence[Sent], *, study: UUID | None, batch: UUID, tell: Tell | None = None
) -> Told:
    """Bring files in, each a transaction of its own under one batch: what is in is whole and can be undone as one."""
    people = list(reach(actor, Participant).filter(archived_at=None)) if study else []
    told = Told()
    for number, one in enumerate(files):
        say = _telling(tell, number, len(files), one.name)
        say(0)
        try:
            found = read_transcript(one.name, one.path.read_bytes())
            transcribing.check_turns(found.turns)
            say(0.3)
            through_door(
                actor,
                "bring_in_transcript",
                lambda door, one=one, found=found, say=say: _keep(door, one, found, study, people, told, say),  # type: ignore[misc]
                batch=batch,
            )
            told.losses += [f"{one.name}: {loss}" for loss in found.losses]
        except Unreadable as refused:
            told.losses.append(f"{one.name} was left out: {refused}")
        except Invalid as refused:
            told.losses.append(f"{one.name} was left out: {' '.join(p.message for p in refused.problems)}")
        except NotFound:
            told.losses.append(f"{one.name} was left out: its interview is gone.")
    return told


def _telling(tell: Tell | None, number: int, count: int, name: str) -> Callable[[float], None]:
    """Tells how far it has come, in hundredths of a file."""

    def say(part: float) -> None:
        if tell is not None:
            tell(round((number + part) * 100), count * 100, name)

    return say


def _keep(
    door: Door, one: Sent, found: Found, study: UUID | None, people: Sequence[Participant], told: Told,
    say: Callable[[float], None],
) -> None:  # fmt: skip
    interview = door.get(Interview, one.interview) if one.interview else _interview(door, one, study, people)
    made = transcribing.set_transcript(
        door, interview, found.turns, source=found.format, because="imported",
        tell=lambda done, of: say(0.4 + 0.6 * done / of),
    )  # fmt: skip
    told.keys.append(made.key)
    told.turns += len(found.turns)
    told.nobody += made.participant_id is None


def _interview(door: Door, one: Sent, study: UUID | None, people: Sequence[Participant]) -> Interview:
    """The planned interview that the file is of, else a new one."""
    found = reach(door.actor, Study).filter(pk=study).first() if study is not None else None
    if found is None:
        raise NotFound
    person = whose(one.name, people)
    if person is not None:
        here = reach(door.actor, Interview).filter(study_id=found.pk, participant_id=person.pk, archived_at=None)
        waiting = list(here.filter(turns=0).exclude(state="cancelled").order_by("number")[:2])
        if len(waiting) == 1:
            return door.get(Interview, waiting[0].pk)
    values: dict[str, Any] = {
        "title": (one.name.rpartition(".")[0] or one.name).strip()[:200] or "Interview",
        "study": found.pk, "participant": person.pk if person else None, "owner": door.actor.member_id,
    }  # fmt: skip
    return door.create(Interview, {n: v for n, v in values.items() if v is not None})
