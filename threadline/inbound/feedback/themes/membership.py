"""Which notes belong to which theme, as SQL: where the machine put them, and what people said instead.

A person's word is a link of the theme (``holds``, ``leaves_out``), so it is logged, undone and
carried out like any other; the machine's is a row that may be made again at any time. A theme
that was merged speaks through the one it was merged into.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from threadline.inbound.feedback.models import Theme
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach_sql

HOLDS, LEAVES_OUT = "holds", "leaves_out"
BY_PERSON = 2.0  # how near a note lies that a person put there; from 1 on an accepted theme took it, this surely
LIVE = ("found", "kept")  # states of themes that stand in the list
# A note may stand in a theme twice, by the machine and by a person or two: whoever counts, counts each once.
_MEMBERS = (
    "SELECT COALESCE(t.merged_into_id, t.id) AS theme_id, p.note_id, p.near FROM inbound_themenote p"
    " JOIN inbound_theme t ON t.id = p.theme_id WHERE p.workspace_id = %s AND t.archived_at IS NULL{only}"
    " UNION ALL SELECT COALESCE(t.merged_into_id, t.id), l.target_id, 2.0 FROM kernel_link l"
    " JOIN inbound_theme t ON t.id = l.source_id"
    f" WHERE l.workspace_id = %s AND l.kind = '{HOLDS}' AND t.archived_at IS NULL{{only}}"
)
_NOTES = (
    " FROM ({members}) dl CROSS JOIN inbound_feedback df"
    " LEFT JOIN inbound_contact dc ON dc.id = df.contact_id AND dc.confidentiality = 0"
    " WHERE df.id = dl.note_id AND df.archived_at IS NULL AND df.state <> 'held' AND {near}"
)


def notes_of(actor: Actor, theme: UUID | None = None) -> tuple[str, list[Any]]:
    """FROM and WHERE of the notes within reach of one theme, or of all: notes ``df``, contacts ``dc``.

    ``dl`` has ``theme_id`` and ``near`` (0 to 1 as the machine sees it, above that 1 and the confidence of an accepted
    theme, 2 where a person said so).
    """
    only, mine = (" AND (t.id = %s OR t.merged_into_id = %s)", [theme, theme]) if theme else ("", [])
    near, params = reach_sql(actor, "df")
    place = actor.workspace_id
    return _NOTES.format(members=_MEMBERS.format(only=only), near=near), [place, *mine, place, *mine, *params]


def weighed_notes_of(actor: Actor, theme: UUID) -> tuple[str, list[Any]]:
    """The same of one theme with ``dl.weight``: the most that a feature says the note matters to its customer."""
    said, values = notes_of(actor, theme)
    weight = (
        "SELECT m.theme_id, m.note_id, m.near, COALESCE((SELECT MAX(e.weight) FROM kernel_link e"
        " WHERE e.workspace_id = %s AND e.target_id = m.note_id AND e.kind = 'evidence'), 0) AS weight FROM"
    )
    inner, _, rest = said.removeprefix(" FROM (").partition(") dl CROSS JOIN")
    return f" FROM ({weight} ({inner}) m) dl CROSS JOIN{rest}", [actor.workspace_id, *values]


def themes_of_note(actor: Actor, note: UUID) -> list[tuple[UUID, str, str, float]]:
    """(id, key, title, how near, as :func:`notes_of` has it) of the live themes within reach that hold a note."""
    near, params = reach_sql(actor, "r")
    sql = (
        f"SELECT r.id, r.number, r.title, MAX(m.near) FROM ({_MEMBERS.format(only='')}) m"
        f" JOIN inbound_theme r ON r.id = m.theme_id WHERE m.note_id = %s AND r.state IN ({rows.marks(len(LIVE))})"
        f" AND r.archived_at IS NULL AND {near} GROUP BY r.id, r.number, r.title ORDER BY 4 DESC, 2"
    )
    place = actor.workspace_id
    found = rows.fetch(sql, [place, place, note, *LIVE, *params])
    return [(rows.ident(r[0]), f"{Theme.prefix}-{r[1]}", r[2], r[3]) for r in found]


def size_of(actor: Actor, alias: str) -> tuple[str, list[Any]]:
    """How many notes within reach a theme holds, as a column of lists."""
    near, params = reach_sql(actor, "df")
    said = (
        f"SELECT p.note_id FROM inbound_theme t JOIN inbound_themenote p ON p.theme_id = t.id"
        f" WHERE t.workspace_id = {alias}.workspace_id AND t.archived_at IS NULL"
        f" AND (t.id = {alias}.id OR t.merged_into_id = {alias}.id)"
        f" UNION SELECT l.target_id FROM inbound_theme t JOIN kernel_link l ON l.source_id = t.id"
        f" WHERE t.workspace_id = {alias}.workspace_id AND l.workspace_id = t.workspace_id AND t.archived_at IS NULL"
        f" AND l.kind = '{HOLDS}' AND (t.id = {alias}.id OR t.merged_into_id = {alias}.id)"
    )
    counted = (
        f"SELECT COUNT(*) FROM ({said}) dl CROSS JOIN inbound_feedback df"
        f" WHERE df.id = dl.note_id AND df.archived_at IS NULL AND df.state <> 'held' AND {near}"
    )
    return counted, params


def said_by_people(workspace_id: UUID) -> tuple[set[UUID], set[tuple[UUID, UUID]]]:
    """The notes that people put into themes, and the (theme, note) pairs that they ruled out. Past reach."""
    found = rows.fetch(
        "SELECT l.source_id, l.target_id, l.kind FROM kernel_link l JOIN inbound_theme t ON t.id = l.source_id"
        f" WHERE l.workspace_id = %s AND t.archived_at IS NULL AND l.kind IN ('{HOLDS}', '{LEAVES_OUT}')",
        [workspace_id],
    )
    held = {rows.ident(note) for _, note, kind in found if kind == HOLDS}
    return held, {(rows.ident(theme), rows.ident(note)) for theme, note, kind in found if kind == LEAVES_OUT}


def forget_placed(workspace_id: UUID, notes: Iterable[UUID], themes: Iterable[UUID] = ()) -> None:
    """Drop where the machine put these notes; of these themes, or wherever it was."""
    ids, only = list(notes), list(themes)
    if ids:
        rows.execute(
            f"DELETE FROM inbound_themenote WHERE workspace_id = %s AND note_id IN ({rows.marks(len(ids))})"
            + (f" AND theme_id IN ({rows.marks(len(only))})" if only else ""),
            [workspace_id, *ids, *only],
        )
