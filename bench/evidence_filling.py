"""Fills an empty database with research and feedback of a wanted size, through the door's bulk path.

Transcripts and citations are written as rows, as in ``company.py``: they are there to be read.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import orjson
from django.core.management import call_command
from django.db import connection, transaction

from bench import company, words
from threadline.inbound.feedback.intelligence import keeping
from threadline.inbound.feedback.themes import finding
from threadline.inbound.feedback.themes import keeping as theme_figures
from threadline.inbound.research import queries
from threadline.inbound.research.models import Code, Highlight, Insight, Interview, Participant, Study
from threadline.kernel import bulk, rows
from threadline.kernel.access import Actor
from threadline.kernel.actions import through_door
from threadline.kernel.door import Door
from threadline.kernel.registry import type_of

HOURS = 3  # of the long talk
TURNS, LONG_TURNS = 120, 1_800
STUDIES, CODES, CLUSTERS, INSIGHTS = 10, 60, 12, 100
IN_LONG = 200  # highlights of the long talk
CHUNK = 2_000
SEGMENTS = ("Warehouses", "Boats", "Clinics")


@dataclass(frozen=True)
class Size:
    """How much of everything."""

    interviews: int
    highlights: int
    notes: int
    features: int


@dataclass
class Filled:
    """The pages that are asked for by key, and how long filling took."""

    keys: dict[str, str] = field(default_factory=dict)
    took: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Note how long a part took."""
        began = time.monotonic()
        yield
        self.took[name] = time.monotonic() - began


def fill(size: Size) -> Filled:
    """Migrate, fill, and do what the worker does with what came in."""
    made = Filled()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous = OFF")
    with made.timed("writing notes"), transaction.atomic():
        company.fill(size.features, size.notes)
    with made.timed("writing research"), transaction.atomic():
        _research(company.actor("import"), size, made)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute("PRAGMA synchronous = FULL")
    who = company.actor("job")
    with made.timed("reading notes for suggestions"):
        keeping.catch_up(who.workspace_id)
    with made.timed("finding themes"):
        finding.find_themes(who, None)
        theme_figures.keep(who.workspace_id)
    return made


def _research(who: Actor, size: Size, made: Filled) -> None:
    writer = words.Writer(11)
    studies = _load(who, "study", [_study(writer, n) for n in range(STUDIES)])
    people = _load(who, "participant", [{"title": f"P{n}", "segment": SEGMENTS[n % 3]} for n in range(size.interviews)])
    consents = [{"participant": p, "take_part": True, "quote_anonymous": True} for p in people]
    _load(who, "consent", consents)
    talks = _load(who, "interview", [_talk(studies, people, n) for n in range(size.interviews)])
    turns = {talk: _turns(words.Writer(n), LONG_TURNS if n == 0 else TURNS) for n, talk in enumerate(talks)}
    _transcripts(who, turns)
    codes = _load(who, "code", [{"title": f"{writer.words(1, 1)[0]} {n}"} for n in range(CODES)])
    marks = _load(who, "highlight", list(_highlights(size, talks, turns)))
    _cite(who, marks, codes, queries.CODED, 1)
    insights = _load(who, "insight", [_insight(writer, studies, n) for n in range(INSIGHTS)])
    draw = writer.random
    for number, insight in enumerate(insights):
        many = min(300 if number == 0 else 20, len(marks))
        _links(who, [(insight, mark) for mark in draw.sample(marks, many)], "supports")
    made.keys = {
        "study": _key(Study, studies[0]), "talk": _key(Interview, talks[1]), "long talk": _key(Interview, talks[0]),
        "insight": _key(Insight, insights[1]), "broad insight": _key(Insight, insights[0]),
        "code": _key(Code, codes[0]), "person": _key(Participant, people[1]), "mark": _key(Highlight, marks[0]),
    }  # fmt: skip


def _key(model: Any, ident: UUID) -> str:
    return str(model.objects.get(pk=ident).key)


def _study(writer: words.Writer, number: int) -> dict[str, Any]:
    asks = "\n".join(f"Why do {' '.join(writer.words(5, 9))}?" for _ in range(4))
    return {"title": writer.title(number), "questions": asks, "guide": asks, "state": "running", "quota": "Boats: 20"}


def _talk(studies: list[UUID], people: list[UUID], number: int) -> dict[str, Any]:
    at = f"2026-{1 + number % 10:02}-{1 + number % 28:02}T09:00:00Z"
    return {"title": f"Talk {number}", "study": studies[number % STUDIES], "participant": people[number], "at": at,
            "state": "held"}  # fmt: skip


def _insight(writer: words.Writer, studies: list[UUID], number: int) -> dict[str, Any]:
    return {"title": writer.title(number), "because": writer.body(number), "study": studies[number % STUDIES]}


def _turns(writer: words.Writer, count: int) -> list[dict[str, Any]]:
    step = HOURS * 3_600_000 // LONG_TURNS
    return [
        {"s": ("Mira", "P")[n % 2], "a": n * step, "b": (n + 1) * step, "t": " ".join(writer.words(8, 24)) + "."}
        for n in range(count)
    ]


def _transcripts(who: Actor, turns: dict[UUID, list[dict[str, Any]]]) -> None:
    at = rows.stamp(rows.now())
    columns = ("id", "workspace_id", "interview_id", "number", "turns", "format", "because", "taken", "made_at")
    found = ((rows.new_id(), who.workspace_id, talk, 1, orjson.dumps(said).decode(), "vtt", "imported", "[]", at)
             for talk, said in turns.items())  # fmt: skip
    rows.insert_rows("inbound_transcript", columns, found)
    for talk, said in turns.items():
        Interview.objects.filter(pk=talk).update(turns=len(said), transcript_number=1)


def _highlights(size: Size, talks: list[UUID], turns: dict[UUID, list[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    draw = words.Writer(12).random
    for number in range(size.highlights):
        talk = talks[0] if number < IN_LONG else talks[number % len(talks)]
        said = turns[talk]
        turn = draw.randrange(1, len(said), 2)
        yield {"interview": talk, "quote": said[turn]["t"], "turn": turn, "start": 0, "speaker": "P",
               "at_ms": said[turn]["a"], "state": "placed",
               "cluster": f"Pile {draw.randrange(CLUSTERS)}" if number % 3 else None}  # fmt: skip


def _load(who: Actor, kind: str, raws: list[dict[str, Any]]) -> list[UUID]:
    declared, batch, ids = type_of(kind), uuid4(), list[UUID]()
    known: dict[tuple[str, Any], Any] = {}

    def chunk(door: Door, some: list[dict[str, Any]]) -> None:
        made = []
        for raw in some:
            plain = {n: v for n, v in raw.items() if not isinstance(v, UUID) and v is not None}
            settable = {n: v for n, v in plain.items() if not declared.by_name[n].readonly}
            values = door.clean(declared, settable) | {n: v for n, v in plain.items() if n not in settable}
            for name, value in ((n, v) for n, v in raw.items() if isinstance(v, UUID)):
                if (name, value) not in known:
                    known[name, value] = door.clean(declared, {name: value})[name]
                values[name] = known[name, value]
            made.append(bulk.build(door, declared, values))
        bulk.load(door, declared, made)
        ids.extend(record.pk for record in made)

    for start in range(0, len(raws), CHUNK):
        through_door(who, "import", partial(chunk, some=raws[start : start + CHUNK]), batch=batch)
    return ids


_LINK = ("id", "workspace_id", "source_id", "target_id", "kind", "seen_revision", "quote", "weight", "created_by_id",
         "created_at")  # fmt: skip


def _links(who: Actor, pairs: list[tuple[UUID, UUID]], kind: str) -> None:
    at = rows.stamp(rows.now())
    found = ((rows.new_id(), who.workspace_id, s, t, kind, 1, "", 0, who.member_id, at) for s, t in pairs)
    rows.insert_rows("kernel_link", _LINK, found)


def _cite(who: Actor, sources: list[UUID], targets: list[UUID], kind: str, least: int) -> None:
    draw = words.Writer(13).random
    pairs = [(s, t) for s in sources for t in draw.sample(targets, draw.randint(least, least + 1))]
    _links(who, pairs, kind)
