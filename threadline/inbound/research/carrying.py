"""A study as a REFI-QDA project and as tables, and projects brought in: codes, texts and coded stretches.

What goes out is what the actor may see: words that were withdrawn are in nobody's reach. With
``outside`` only people who agreed to be shared outside the company are in it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from threadline.formats.refi import QCode, QProject, QSelection, QSource, guid
from threadline.inbound.research import anchoring, coding, queries, transcribing
from threadline.inbound.research.models import Code, Highlight, Interview, Participant, Study
from threadline.kernel import verbs
from threadline.kernel.access import Actor, reach
from threadline.kernel.actions import through_door
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid
from threadline.kernel.members import Member

COLOURS = {
    "thread": "#C5321D",
    "info": "#2257C4",
    "plum": "#7A3AA8",
    "ok": "#1D7A46",
    "warn": "#8A5A00",
    "grey": "#6B6974",
}
Tell = Callable[[int, int | None, str], None]


# ---- out --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One highlight for a table or a report."""

    key: str
    quote: str
    who: str
    segment: str
    interview: str
    at_ms: int | None
    codes: list[str]
    memo: str


def talks_of(actor: Actor, study: Study, *, outside: bool = False) -> list[tuple[Interview, Participant | None]]:
    """The interviews of a study that may be given out, with whom."""
    talks = coding.sessions(actor, study)
    people = {p.pk: p for p in reach(actor, Participant).filter(pk__in=[t.participant_id for t in talks])}
    standings = {}
    if outside:
        standings = queries.standings(actor.workspace_id, [t.participant_id for t in talks if t.participant_id])
    found = []
    for talk in talks:
        person = people.get(talk.participant_id) if talk.participant_id else None
        agreed = standings.get(talk.participant_id, queries.NOTHING_KNOWN) if talk.participant_id else None
        if not outside or (agreed is not None and "share_outside" in agreed.scopes):
            found.append((talk, person))
    return found


def lines_of(actor: Actor, study: Study, *, outside: bool = False) -> list[Line]:
    """The highlights of a study, talk by talk. Names are pseudonyms unless somebody agreed to theirs."""
    found, talks = [], talks_of(actor, study, outside=outside)
    standings = queries.standings(actor.workspace_id, [p.pk for _, p in talks if p])
    marked = queries.highlights_in(actor, [talk.pk for talk, _ in talks])
    codes = queries.codes_of(actor, [h.pk for highlights in marked.values() for h in highlights])
    for talk, person in talks:
        named = person is not None and "quote_named" in standings.get(person.pk, queries.NOTHING_KNOWN).scopes
        full = person.full_name if person and named and actor.may("read_private", "research") else ""
        who = full or (person.title if person else talk.title)
        for one in marked.get(talk.pk, []):
            names = [c.title for c in codes.get(one.pk, [])]
            segment = person.segment if person else ""
            found.append(Line(one.key, one.quote, who, segment, talk.title, one.at_ms, names, one.memo))
    return found


def as_project(actor: Actor, study: Study, *, outside: bool = False) -> QProject:
    """The study as a project: all codes, each transcript as a text, each highlight as a stretch of it."""
    project = QProject(study.title)
    codes = {c.pk: c for c in reach(actor, Code).filter(archived_at=None).order_by("number")}
    project.codes = [qcode(c, codes) for c in codes.values()]
    members = dict(Member.objects.filter(workspace_id=actor.workspace_id).values_list("pk", "name"))
    lost, talks = 0, [talk for talk, _ in talks_of(actor, study, outside=outside)]
    marked = queries.highlights_in(actor, [talk.pk for talk in talks])
    coded = queries.codes_of(actor, [h.pk for highlights in marked.values() for h in highlights])
    sources = {}
    for talk, turns in queries.turns_of_all(talks):
        text, shift = written(turns)
        source, begins = QSource(str(talk.pk), talk.title, text), anchoring.offsets(turns)
        for one in marked.get(talk.pk, []):
            if one.state == "lost" or one.turn is None or one.start is None:
                lost += 1
                continue
            place = anchoring.place_of(turns, begins[one.turn] + one.start, len(one.quote), begins)
            start, end = shift[place.turn] + place.start, shift[place.last] + place.end
            user = guid("member", str(one.owner_id)) if one.owner_id else ""
            if user and one.owner_id:
                project.users[user] = members.get(one.owner_id, "somebody")
            made = QSelection(str(one.pk), start, end, [str(c.pk) for c in coded.get(one.pk, [])], one.memo, user)
            source.selections.append(made)
        sources[talk.pk] = source
    project.sources = [sources[talk.pk] for talk in talks if talk.pk in sources]
    if lost:
        project.losses.append(f"{lost} highlights have lost their place and were left out.")
    project.losses.append("Times of turns, clusters, insights and consent have no place in the format and stay here.")
    return project


def qcode(code: Code, codes: dict[UUID, Code]) -> QCode:
    parent = str(code.parent_id) if code.parent_id in codes else ""
    said = "\n".join(
        s
        for s in (
            code.definition,
            code.include and f"Applies when: {code.include}",
            code.exclude and f"Does not apply when: {code.exclude}",
        )
        if s
    )
    return QCode(str(code.pk), code.title, said, COLOURS.get(code.colour, ""), parent)


def written(turns: list[dict[str, Any]]) -> tuple[str, list[int]]:
    """A transcript with the speaker before each turn, and where the words of each turn begin in it."""
    parts, shift, at = [], [], 0
    for turn in turns:
        head = f"{turn['s']}: " if turn["s"] else ""
        shift.append(at + len(head))
        parts.append(head + turn["t"])
        at += len(parts[-1]) + 1
    return "\n".join(parts), shift


# ---- in ---------------------------------------------------------------------------------


@dataclass
class Brought:
    """What an import made, and what it could not."""

    codes: int = 0
    interviews: int = 0
    highlights: int = 0
    losses: list[str] = field(default_factory=list)


def bring_in(actor: Actor, study: UUID | None, project: QProject, *, batch: UUID, tell: Tell | None = None) -> Brought:
    """Bring a project in: codes by name, each text as an interview of ``study``, its stretches as highlights.

    Each text is a transaction of its own under one batch: whatever stops it, what is in is whole,
    and the batch can be undone as one.
    """
    made = Brought(losses=list(project.losses))
    total = len(project.sources) + 1
    if tell:
        tell(0, total, "codes")
    codes = through_door(actor, "bring_in_project", lambda door: bring_codes(door, project.codes, made), batch=batch)
    for number, source in enumerate(project.sources, 1):
        if tell:
            tell(number, total, source.name)
        if not source.text.strip():
            made.losses.append(f"“{source.name}” holds no text and was left out.")
            continue
        try:
            through_door(
                actor,
                "bring_in_project",
                lambda door, source=source: _bring_source(door, study, source, codes, made),  # type: ignore[misc]
                batch=batch,
            )
        except Invalid as refused:
            made.losses.append(f"“{source.name}” was left out: {' '.join(p.message for p in refused.problems)}")
    return made


def bring_codes(door: Door, given: Iterable[QCode], made: Brought) -> dict[str, UUID]:
    """Codes by GUID; one of the same name in the same place is the one that is here."""
    found: dict[str, UUID] = {}
    here = {(c.title.lower(), c.parent_id): c.pk for c in reach(door.actor, Code).filter(archived_at=None)}
    by_colour = {v: k for k, v in COLOURS.items()}
    colours = list(COLOURS)
    for number, code in enumerate(given):
        parent = found.get(code.parent)
        known = here.get((code.name.lower(), parent))
        if known is None:
            colour = by_colour.get(code.colour.upper(), colours[number % (len(colours) - 1)])
            values = {"title": code.name, "definition": code.description, "colour": colour, "parent": parent}
            known = verbs.create(door, Code.kind, values).pk
            here[code.name.lower(), parent] = known
            made.codes += 1
        found[code.guid] = known
    return found


def _bring_source(door: Door, study: UUID | None, source: QSource, codes: dict[str, UUID], made: Brought) -> None:
    turns, cut = read_back(source.text)
    values = {"title": source.name, "study": study, "owner": door.actor.member_id}
    record = door.create(Interview, values)
    record = transcribing.set_transcript(door, record, turns, source="qdpx", because="imported")
    made.interviews += 1
    text, begins = anchoring.text_of(turns), anchoring.offsets(turns)
    lost = 0
    for one in source.selections:
        first, last = _turn_at(cut, one.start), _turn_at(cut, one.end - 1)
        start = begins[first] + _within(source.text, cut[first], one.start)
        end = begins[last] + _within(source.text, cut[last], one.end)
        quote = text[start:end]
        start, quote = start + len(quote) - len(quote.lstrip()), quote.strip()
        if not quote:
            lost += 1
            continue
        place = anchoring.place_of(turns, start, len(quote))
        highlight = door.create(
            Highlight,
            {"interview": record.pk, "quote": quote, "memo": one.memo, "turn": place.turn, "start": place.start,
             "owner": door.actor.member_id},
        )  # fmt: skip
        made.highlights += 1
        for code in dict.fromkeys(codes[c] for c in one.codes if c in codes):
            verbs.link(door, highlight, code, queries.CODED)
    if lost:
        made.losses.append(f"{lost} stretches of “{source.name}” hold no words and were left out.")


@dataclass(frozen=True, slots=True)
class Cut:
    """A line of a text: where it begins, and where its words do, behind the speaker's name."""

    start: int
    words: int
    end: int


def read_back(text: str) -> tuple[list[dict[str, Any]], list[Cut]]:
    """A text as turns, a line each, and where each stands in it. Names before a colon are speakers."""
    heads: dict[str, int] = {}
    lines = []
    at = 0
    for line in text.split("\n"):
        head, colon, _ = line.partition(": ")
        name = head if colon and 0 < len(head) <= 60 and not any(c in head for c in ".?!<>[]") else ""
        heads[name] = heads.get(name, 0) + 1
        lines.append((at, line, name))
        at += len(line) + 1
    filled = sum(1 for _, line, _ in lines if line.strip())
    spoken = sum(n for name, n in heads.items() if name)
    trusted = {n for n, c in heads.items() if n and (c > 1 or spoken * 2 > filled)}
    turns, cut = [], []
    for begin, line, name in lines:
        words = begin + len(name) + 2 if name in trusted else begin
        if line.strip():
            said = unicodedata.normalize("NFC", line[words - begin :])
            turns.append({"s": name if name in trusted else "", "a": None, "b": None, "t": said})
            cut.append(Cut(begin, words, begin + len(line)))
    return turns, cut


def _turn_at(cut: list[Cut], position: int) -> int:
    return max((i for i, c in enumerate(cut) if c.start <= position), default=0)


def _within(text: str, cut: Cut, position: int) -> int:
    return len(unicodedata.normalize("NFC", text[cut.words : min(max(position, cut.words), cut.end)]))
