"""Finding themes in the whole backlog, and putting new notes into those there are.

Themes that stand keep their ids: what people kept does not move, what the machine found before
is where it begins again, and only what fits none of them may become a theme of its own. Names
and words come from notes that everybody here may see; others are put into themes all the same,
and counted for those who may see them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import transaction

from threadline.inbound.feedback.models import Feedback, Theme, ThemeNote
from threadline.inbound.feedback.themes import accepted, membership
from threadline.kernel import rows
from threadline.kernel.access import Actor
from threadline.kernel.actions import through_door
from threadline.kernel.door import Door
from threadline.kernel.work import Progress
from threadline.later import np
from threadline.reading import likeness, naming, themes
from threadline.reading.themes import Ints, Matrix

FEWEST = 20  # notes, below which a person reads them faster than any theme says
FEWEST_IN = 4  # notes of a new theme
SAME = 0.85  # likeness of middles from which a group is a theme that stands already
OUTGROWN = 3  # times as many notes as at the last look: what was found among so few is looked at anew
_BEGINNING = "0001-01-01 00:00:00"
READ_AT_ONCE = 2_000
WRITTEN_AT_ONCE = 1_000


@dataclass(slots=True)
class Standing:
    """The themes there are, those that people shaped first (``fixed`` of them), and where notes are."""

    themes: list[Theme]
    fixed: int
    of_note: dict[UUID, int]
    held: set[UUID]
    out: set[tuple[UUID, UUID]]
    unseen: set[UUID]  # notes that came in since the last look
    outgrown: bool


def file_of(workspace_id: UUID) -> Path:
    """Where the space and the middles of a workspace's themes are kept; derived, made again when gone."""
    folder: Path = settings.DATA_DIR / "reading"
    return folder / f"{workspace_id.hex}.themes.npz"


def looked(workspace_id: UUID) -> dict[str, Any]:
    """What the last look found: ``at``, ``notes``; empty when nobody has looked yet."""
    try:
        found: dict[str, Any] = orjson.loads(file_of(workspace_id).with_suffix(".json").read_bytes())
    except (OSError, ValueError):
        return {}
    return found


_OPEN = "n.workspace_id = %s AND n.archived_at IS NULL AND n.state <> 'held' AND n.confidentiality = 0"
_OTHERS = "n.workspace_id = %s AND n.archived_at IS NULL AND n.state <> 'held' AND n.confidentiality IN (1, 2)"


def count_open(workspace_id: UUID) -> int:
    """Notes that everybody here may see."""
    row = rows.fetch_one(f"SELECT COUNT(*) FROM inbound_feedback n WHERE {_OPEN}", [workspace_id])
    return int(row[0]) if row else 0


def _read(
    workspace_id: UUID, condition: str, ids: list[UUID], progress: Progress | None, total: int
) -> Iterator[tuple[str, str]]:
    """The texts, a batch at a time; their ids are added to ``ids``."""
    last: Any = None
    while True:
        after, mark = (" AND n.id > %s", [last]) if last is not None else ("", [])
        found = rows.fetch(
            f"SELECT n.id, n.title, n.body FROM inbound_feedback n WHERE {condition}{after} ORDER BY n.id LIMIT %s",
            [workspace_id, *mark, READ_AT_ONCE],
        )
        for ident, title, body in found:
            ids.append(rows.ident(ident))
            yield title, body[:8_000]
        if len(found) < READ_AT_ONCE:
            return
        last = rows.key_of(ids[-1])
        if progress is not None:
            progress(len(ids), total, "reading notes")


def find_themes(actor: Actor, progress: Progress | None = None) -> dict[str, int]:
    """Look at the whole backlog: new themes, and a place in them for every note that fits one. How many of each."""
    workspace_id, ids = actor.workspace_id, list[UUID]()
    total = count_open(workspace_id)
    if total < FEWEST:
        return {"notes": total, "themes": 0, "new": 0}
    texts = themes.gather(_read(workspace_id, _OPEN, ids, progress, total))
    _say(progress, 0, "laying notes out by what they say")
    space = themes.space_of(texts)
    places, standing = space.place(texts), _standing(workspace_id, total)
    _say(progress, 1, "finding groups")
    found = _groups(places, space, standing, ids)
    _only_surely(workspace_id, standing, ids, found)
    named = naming.names(texts, found.group, len(found.middles))
    _say(progress, 2, "writing themes")
    made = _write_themes(actor, standing, named)
    _write_places(workspace_id, ids, made, found, standing)
    floor = np.full(len(made), found.floor, np.float32)
    themes.Kept(space, [str(t.pk) for t in made], found.middles, floor).save(file_of(workspace_id))
    _note(workspace_id, at=rows.now().isoformat(), notes=total, mark=_newest(workspace_id))
    place_notes(workspace_id, _OTHERS, [], progress)
    return {"notes": total, "themes": len(made), "new": len(made) - len(standing.themes)}


def _say(progress: Progress | None, done: int, note: str) -> None:
    if progress is not None:
        progress(done, 3, note)


def _note(workspace_id: UUID, **said: Any) -> None:
    file_of(workspace_id).with_suffix(".json").write_bytes(orjson.dumps({**looked(workspace_id), **said}))


def _standing(workspace_id: UUID, total: int) -> Standing:
    every = list(Theme.objects.filter(workspace_id=workspace_id, archived_at=None).order_by("number"))
    every.sort(key=lambda t: t.state == "found")  # stable: what people shaped stands first
    at = {t.pk: n for n, t in enumerate(every)}
    held, out = membership.said_by_people(workspace_id)
    found = rows.fetch("SELECT note_id, theme_id FROM inbound_themenote WHERE workspace_id = %s", [workspace_id])
    of_note = {rows.ident(n): at[rows.ident(t)] for n, t in found if rows.ident(t) in at}
    links = rows.fetch(
        "SELECT l.target_id, l.source_id FROM kernel_link l JOIN inbound_theme t ON t.id = l.source_id"
        " WHERE l.workspace_id = %s AND l.kind = 'holds'",
        [workspace_id],
    )
    of_note |= {rows.ident(n): at[rows.ident(t)] for n, t in links if rows.ident(t) in at}
    last = looked(workspace_id)
    newer = rows.fetch(
        "SELECT n.id FROM inbound_feedback n WHERE n.workspace_id = %s AND n.created_at > %s",
        [workspace_id, last.get("mark", _BEGINNING)],
    )
    outgrown = last.get("notes", 0) * OUTGROWN < total
    fixed = sum(t.state != "found" for t in every)
    return Standing(every, fixed, of_note, held, out, {rows.ident(r[0]) for r in newer}, outgrown)


@dataclass(slots=True)
class Found:
    """Middles of the groups (those of standing themes first), the group of each text (-1 for none), how near it is."""

    middles: Matrix
    group: Ints
    near: Matrix
    floor: float


def _groups(places: Matrix, space: themes.Space, standing: Standing, ids: list[UUID]) -> Found:
    """Notes stay where they are; others join what stands where they fit; only what fits nothing is grouped anew."""
    was = np.array([standing.of_note.get(i, -1) for i in ids], np.int64)
    before, count = _middles(places, space, standing, was), len(standing.themes)
    if standing.outgrown:  # found among far fewer notes, and nobody has shaped them: their notes may go elsewhere
        was = np.where(was < standing.fixed, was, -1)
    group, near = was.copy(), np.zeros(len(ids), np.float32)
    if count:
        nearest, near = themes.nearest_of(places, before)
        there = was >= 0
        near[there] = np.einsum("ij,ij->i", places[there], before[was[there]])
        floor = _floor(near[there] if there.any() else near)
        group = np.where(there, was, np.where(near >= floor, nearest, -1))
    rest = np.flatnonzero((group < 0) & places.any(1))
    fresh = np.zeros((0, places.shape[1]), np.float32)
    if len(rest) >= 2 * FEWEST_IN:
        fresh, new = themes.grouped(places[rest], themes.good_count(len(rest)))
        near[rest] = np.einsum("ij,ij->i", places[rest], fresh[new])
        floor = floor if count else _floor(near[rest])
        group[rest] = np.where(near[rest] >= floor, count + new, -1)
    elif not count:
        floor = _floor(near)
    found = Found(np.concatenate([before, fresh]), _without_ruled_out(group, standing, ids), near, floor)
    return _only_themes(found, standing, ids)


def _only_surely(workspace_id: UUID, standing: Standing, ids: list[UUID], found: Found) -> None:
    """Accepted themes that collect by what they taught take nothing new merely because it lies near."""
    if accepted.sorter_of(workspace_id) is None:
        return
    fresh = [n for n, i in enumerate(ids) if i not in standing.of_note and 0 <= found.group[n] < standing.fixed]
    number = {theme.pk: n for n, theme in enumerate(standing.themes)}
    for start in range(0, len(fresh), WRITTEN_AT_ONCE):
        part = {ids[n]: n for n in fresh[start : start + WRITTEN_AT_ONCE]}
        notes = list(Feedback.objects.filter(pk__in=part).only("pk", "title", "body"))
        sure, collects = _surely(workspace_id, notes, standing.out)
        for note, at in part.items():
            if standing.themes[found.group[at]].pk in collects:
                theme, near = sure.get(note, (None, 0.0))
                found.group[at], found.near[at] = (number.get(theme, -1) if theme else -1), near


def _floor(near: Matrix) -> float:
    """How near a note must lie to belong: as four of five do, within reason."""
    return float(np.clip(np.percentile(near, 20), 0.12, 0.35)) if len(near) else 0.35


def _middles(places: Matrix, space: themes.Space, standing: Standing, was: Ints) -> Matrix:
    """Where each standing theme lies: amid its notes, or where its own words lie while it has none."""
    said = space.place(themes.gather((t.title, f"{t.body} {t.words}") for t in standing.themes))
    made = []
    for number in range(len(standing.themes)):
        mine = places[was == number]
        made.append(themes.middle_of(mine) if len(mine) and mine.any() else said[number])
    return np.array(made, np.float32).reshape(-1, places.shape[1])


def _without_ruled_out(group: Ints, standing: Standing, ids: list[UUID]) -> Ints:
    at = {(t.merged_into_id or t.pk): [] for t in standing.themes}  # type: dict[UUID, list[int]]
    for number, theme in enumerate(standing.themes):
        at[theme.merged_into_id or theme.pk].append(number)
    place = {note: n for n, note in enumerate(ids)}
    for theme_id, note in standing.out:
        numbers = at.get(theme_id, [n for n, t in enumerate(standing.themes) if t.pk == theme_id])
        if note in place and group[place[note]] in numbers:
            group[place[note]] = -1
    return group


def _only_themes(found: Found, stand: Standing, ids: list[UUID]) -> Found:
    """Drop new groups that are too small, or old leftovers; what says what a standing theme says goes to that one."""
    standing = len(stand.themes)
    unseen = np.array([i in stand.unseen for i in ids], bool)
    number_of = np.arange(len(found.middles))
    alike = found.middles @ found.middles[:standing].T if standing else np.zeros((len(found.middles), 0))
    for new in range(standing, len(found.middles)):
        if standing and alike[new].max() >= SAME:
            number_of[new] = int(alike[new].argmax())
        elif int((found.group == new).sum()) < FEWEST_IN or not _has_news(unseen[found.group == new], stand):
            number_of[new] = -1
    kept = [n for n in range(len(found.middles)) if number_of[n] == n]
    renumbered = np.full(len(found.middles) + 1, -1, np.int64)  # the last stands for -1
    renumbered[kept] = np.arange(len(kept))
    folded = np.where(number_of >= 0, renumbered[number_of], -1)
    group = np.where(found.group >= 0, folded[found.group], -1)
    return Found(found.middles[kept], group, found.near, found.floor)


def _has_news(unseen: Any, stand: Standing) -> bool:
    """What fitted nothing at the last look is a theme only in new company."""
    return stand.outgrown or not stand.themes or unseen.sum() >= max(2, len(unseen) / 3)


# ---- writing ----------------------------------------------------------------------------


def _write_themes(actor: Actor, standing: Standing, named: list[naming.Named]) -> list[Theme]:
    """The standing themes with the words they now say, and the new ones; names are never changed."""

    def run(door: Door) -> list[Theme]:
        made = []
        mine = {t.pk: t for t in door.whoever_may_see(Theme, [t.pk for t in standing.themes])}
        for number, name in enumerate(named):
            words = ", ".join(name.phrases)[:500]
            if number < len(standing.themes):
                theme = mine[standing.themes[number].pk]
                if words and words != theme.words and theme.state in membership.LIVE:
                    door.change(theme, {"words": words})
            else:
                theme = door.create(Theme, {"title": title_of(name), "state": "found"})
                door.change(theme, {"words": words})
            made.append(theme)
        return made

    return through_door(actor, "find_themes", run, why="Found in what customers say")


def title_of(name: naming.Named) -> str:
    """A name for a theme until a person gives a better one: what its notes say and others hardly do."""
    said = name.title or ", ".join(name.phrases[:2]) or "Without words in common"
    return f"{said[:1].upper()}{said[1:]}"[:120]


def _write_places(workspace_id: UUID, ids: list[UUID], made: list[Theme], found: Found, standing: Standing) -> None:
    """Where the machine puts notes, only what changed, a part at a time so that others can write meanwhile."""
    now: dict[UUID, tuple[UUID, float]] = {
        note: (made[g].pk, float(near))
        for note, g, near in zip(ids, found.group.tolist(), found.near.tolist(), strict=True)
        if g >= 0 and note not in standing.held
    }
    stood = rows.fetch("SELECT note_id, theme_id FROM inbound_themenote WHERE workspace_id = %s", [workspace_id])
    before = {rows.ident(n): rows.ident(t) for n, t in stood}
    here = set(ids)
    gone = [n for n, t in before.items() if n in here and now.get(n, (None,))[0] != t]
    fresh = [(n, t, near) for n, (t, near) in now.items() if before.get(n) != t]
    for start in range(0, len(gone), WRITTEN_AT_ONCE // 2):
        membership.forget_placed(workspace_id, gone[start : start + WRITTEN_AT_ONCE // 2])
    _insert(workspace_id, fresh)


def _insert(workspace_id: UUID, fresh: list[tuple[UUID, UUID, float]]) -> None:
    for start in range(0, len(fresh), WRITTEN_AT_ONCE):
        part = fresh[start : start + WRITTEN_AT_ONCE]
        with transaction.atomic():
            # A person may have said otherwise, or the note may be gone, since it was read.
            notes = [n for n, _, _ in part]
            held, out = membership.said_by_people(workspace_id)
            there = set(Feedback.objects.filter(pk__in=notes).values_list("pk", flat=True))
            ThemeNote.objects.bulk_create(
                [
                    ThemeNote(workspace_id=workspace_id, theme_id=theme, note_id=note, near=near)
                    for note, theme, near in part
                    if note in there and note not in held and (theme, note) not in out
                ],
                ignore_conflicts=True,
            )


# ---- new notes --------------------------------------------------------------------------


def place_new(workspace_id: UUID, progress: Progress | None = None) -> int:
    """Put notes that came in since the last look where they fit; how many found a place."""
    mark = looked(workspace_id).get("mark")
    if mark is None:
        return 0
    newest = _newest(workspace_id)
    placed = 0
    if newest != mark:
        placed = place_notes(workspace_id, f"{_ANY} AND n.created_at >= %s", [mark], progress)
        _note(workspace_id, mark=newest)
    return placed


_ANY = "n.workspace_id = %s AND n.archived_at IS NULL AND n.state <> 'held' AND n.confidentiality < 3"


def _newest(workspace_id: UUID) -> str:
    row = rows.fetch_one("SELECT MAX(created_at) FROM inbound_feedback WHERE workspace_id = %s", [workspace_id])
    return str(row[0]) if row and row[0] else _BEGINNING


def place_one(workspace_id: UUID, note: UUID) -> int:
    """Put one note where it fits; nothing where nobody has looked for themes yet."""
    return place_notes(workspace_id, f"{_ANY} AND n.id = %s", [note], None)


def place_notes(workspace_id: UUID, condition: str, values: list[Any], progress: Progress | None) -> int:
    """Put the notes of a condition that have no place yet where they fit; how many found one."""
    try:
        kept = themes.load(file_of(workspace_id))
    except (OSError, ValueError, KeyError):
        return 0
    if not kept.ids:
        return 0
    free = f"{condition} AND NOT EXISTS (SELECT 1 FROM inbound_themenote p WHERE p.note_id = n.id)"
    ids = [
        rows.ident(r[0])
        for r in rows.fetch(f"SELECT n.id FROM inbound_feedback n WHERE {free}", [workspace_id, *values])
    ]
    there = set(Theme.objects.filter(workspace_id=workspace_id, archived_at=None).values_list("pk", flat=True))
    live = np.array([UUID(i) in there for i in kept.ids])
    if not ids or not live.any():
        return 0
    placed = 0
    for start in range(0, len(ids), READ_AT_ONCE // 4):
        part = ids[start : start + READ_AT_ONCE // 4]
        placed += _place(workspace_id, part, kept, live)
        if progress is not None:
            progress(start, len(ids), "putting notes into themes")
    return placed


def _place(workspace_id: UUID, ids: list[UUID], kept: themes.Kept, live: Any) -> int:
    found = {n.pk: n for n in Feedback.objects.filter(pk__in=ids).only("pk", "title", "body")}
    notes = [found[i] for i in ids if i in found]
    places = kept.space.place(themes.gather((n.title, n.body[:8_000]) for n in notes))
    held, out = membership.said_by_people(workspace_id)
    sure, collects = _surely(workspace_id, notes, out)
    live = live & np.array([UUID(i) not in collects for i in kept.ids])
    above = np.where(live, places @ kept.middles.T - kept.near, -2)
    fresh = []
    for note, line, place in zip(notes, above, places, strict=True):
        if note.pk in sure:
            fresh.append((note.pk, *sure[note.pk]))
            continue
        for number in np.argsort(-line, kind="stable")[:5]:
            theme = UUID(kept.ids[number])
            if line[number] >= 0 and note.pk not in held and (theme, note.pk) not in out:
                fresh.append((note.pk, theme, float(place @ kept.middles[number])))
                break
    _insert(workspace_id, fresh)
    return len(fresh)


def _surely(
    workspace_id: UUID, notes: Sequence[Feedback], out: set[tuple[UUID, UUID]]
) -> tuple[dict[UUID, tuple[UUID, float]], set[UUID]]:
    """Where accepted themes surely take notes, and all themes that take none but so."""
    sorter = accepted.sorter_of(workspace_id)
    if sorter is None:
        return {}, set()
    wholes = dict(Theme.objects.filter(workspace_id=workspace_id, archived_at=None).values_list("pk", "merged_into_id"))
    takes = {UUID(t) for t in sorter.labels if t} & wholes.keys()
    sure = {}
    for note in notes:
        found = accepted.theme_for(sorter, likeness.read(note.title, note.body[:8_000]))
        if found is not None and found[0] in takes and (found[0], note.pk) not in out:
            sure[note.pk] = (found[0], accepted.SURE_FROM + min(found[1], 0.999))
    return sure, takes | {part for part, whole in wholes.items() if whole in takes}
