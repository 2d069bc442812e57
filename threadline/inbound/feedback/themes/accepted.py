"""Themes that people accepted collect new notes by what stood in them then: surely enough, or not at all.

A theme that somebody kept, named or shaped is a label. Its notes as the person last saw them teach one model for all
such themes (:mod:`sorting`), beside notes that stand in none; what was left out by a person teaches against it. A new
note is put there only with the confidence from which on enough answers were right on notes not learnt from; below that
no accepted theme takes it, however near it lies. What the model puts somewhere teaches nothing until a person shapes
the theme again, so that it cannot talk itself into anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from threadline.inbound.feedback.intelligence.keeping import shelf_of
from threadline.inbound.feedback.themes.membership import HOLDS, LEAVES_OUT
from threadline.kernel import rows
from threadline.reading import sorting
from threadline.reading.likeness import Read

FEWEST = 20  # notes of a theme, below which it does not collect by itself
MOST = 150  # of a theme, that are learnt from: what people put there, then the nearest
MOST_THEMES = 40
NONE = ""  # the label of what belongs to none of them
SURE_FROM = 1.0  # `near` of a note that was put somewhere by confidence: this and the confidence, below 2

_MEMBERS = (
    "SELECT t.id, t.merged_into_id, p.note_id, p.near, p.id FROM inbound_themenote p JOIN inbound_theme t"
    " ON t.id = p.theme_id WHERE p.workspace_id = %s AND t.archived_at IS NULL"
    " UNION ALL SELECT t.id, t.merged_into_id, l.target_id, 2.0, NULL FROM kernel_link l JOIN inbound_theme t"
    f" ON t.id = l.source_id WHERE l.workspace_id = %s AND l.kind = '{HOLDS}' AND t.archived_at IS NULL"
)


def file_of(workspace_id: UUID) -> Path:
    """Where the model is kept; derived, made again every night."""
    folder: Path = settings.DATA_DIR / "reading"
    return folder / f"{workspace_id.hex}.accepted.npz"


@lru_cache(maxsize=64)
def _loaded(file: Path, made: int) -> sorting.Sorter:
    return sorting.load(file)


def sorter_of(workspace_id: UUID) -> sorting.Sorter | None:
    """What accepted themes taught; None while there is nothing."""
    file = file_of(workspace_id)
    try:
        return _loaded(file, file.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError):
        return None


def theme_for(sorter: sorting.Sorter, text: Read) -> tuple[UUID, float] | None:
    """The accepted theme that a text surely belongs to, and how surely."""
    answer = sorter.answer(text)
    return (UUID(answer[0]), answer[1]) if answer is not None and answer[0] != NONE else None


def collects(workspace_id: UUID, theme: UUID) -> str:
    """How an accepted theme takes new notes, in words; blank for one that does not collect by what it taught."""
    sorter = sorter_of(workspace_id)
    if sorter is None or str(theme) not in sorter.labels:
        return ""
    told = sorter.told
    return (
        f"New notes are taken up only when that is sure enough: {told.right:.0%} of such answers were right when tried "
        f"on notes not learnt from, and {told.spoken:.0%} of notes got one. What people put in or leave out stands."
    )


def learn(workspace_id: UUID) -> int:
    """Learn from all accepted themes anew; how many collect from now on."""
    shaped = _last_shaped(workspace_id)
    notes: dict[str, list[tuple[float, str]]] = defaultdict(list)
    others: list[str] = []
    for theme, whole, note, near, placed in rows.fetch(_MEMBERS, [workspace_id, workspace_id]):
        head = rows.hexed(whole or theme) or ""
        if head not in shaped:
            others.append(rows.hexed(note) or "")
        elif placed is None or _made_at(placed) <= shaped[head]:
            notes[head].append((near, rows.hexed(note) or ""))
    notes = {t: n for t, n in notes.items() if len({note for _, note in n}) >= FEWEST}
    taught = {n: t for t in _largest(notes) for _, n in sorted(notes[t], reverse=True)[:MOST]}
    ruled_out = _ruled_out(workspace_id)
    taught |= {note: NONE for theme, note in ruled_out if taught.get(note, theme) == theme}
    spare = _none_of_them(workspace_id, others, taught)
    kept = shelf_of(workspace_id).kept([*taught, *spare])
    texts = [(kept[n], t) for n, t in taught.items() if n in kept] + [(kept[n], NONE) for n in spare if n in kept]
    themes = {t for _, t in texts} - {NONE}
    if not themes or sum(t == NONE for _, t in texts) < sorting.FOLDS:
        file_of(workspace_id).unlink(missing_ok=True)
        return 0
    sorting.trained([read for read, _ in texts], [t for _, t in texts]).save(file_of(workspace_id))
    return len(themes)


def _largest(notes: dict[str, list[tuple[float, str]]]) -> list[str]:
    return sorted(notes, key=lambda t: -len(notes[t]))[:MOST_THEMES]


def _last_shaped(workspace_id: UUID) -> dict[str, float]:
    """The accepted themes, and when a person last did something to each; now, where nobody knows."""
    found = rows.fetch(
        "SELECT t.id, MAX(ch.at) FROM inbound_theme t LEFT JOIN kernel_change ch ON ch.card_id = t.id"
        " AND ch.workspace_id = t.workspace_id AND ch.face <> 'job' WHERE t.workspace_id = %s AND t.state = 'kept'"
        " AND t.archived_at IS NULL GROUP BY t.id",
        [workspace_id],
    )
    return {rows.hexed(t) or "": _seconds(at) if at is not None else rows.now().timestamp() for t, at in found}


def _seconds(at: Any) -> float:
    moment = at if isinstance(at, datetime) else datetime.fromisoformat(str(at))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _made_at(ident: Any) -> float:
    """When a row was made, as its own id says (UUIDv7: milliseconds in front)."""
    return (rows.ident(ident).int >> 80) / 1_000


def _ruled_out(workspace_id: UUID) -> list[tuple[str, str]]:
    found = rows.fetch(
        "SELECT l.source_id, l.target_id FROM kernel_link l JOIN inbound_theme t ON t.id = l.source_id"
        f" WHERE l.workspace_id = %s AND l.kind = '{LEAVES_OUT}' AND t.state = 'kept' AND t.archived_at IS NULL",
        [workspace_id],
    )
    return [(rows.hexed(theme) or "", rows.hexed(note) or "") for theme, note in found]


def _none_of_them(workspace_id: UUID, others: Sequence[str], taught: dict[str, str]) -> list[str]:
    """Notes of themes that nobody accepted and notes of none: as many as the two largest accepted themes may have."""
    free = rows.fetch(
        "SELECT n.id FROM inbound_feedback n WHERE n.workspace_id = %s AND n.archived_at IS NULL AND n.state <> 'held'"
        " AND n.confidentiality = 0 AND NOT EXISTS (SELECT 1 FROM inbound_themenote p WHERE p.note_id = n.id)"
        " ORDER BY n.id DESC LIMIT %s",
        [workspace_id, MOST],
    )
    step = max(1, len(others) // MOST)  # spread over all of them
    wanted = [*others[::step][:MOST], *(rows.hexed(r[0]) or "" for r in free)]
    return [note for note in dict.fromkeys(wanted) if note not in taught]
