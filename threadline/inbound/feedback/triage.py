"""Questions of whoever goes through the inbox: how fast they are, what they answered lately, what is quoted."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from threadline.inbound.feedback import queries
from threadline.inbound.feedback.models import Feedback
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach_sql

ANSWERS = frozenset({"link_to_feature", "merge_feedback", "decline_feedback", "make_feature"})
READ_BACK = 600  # changes of the workspace that are looked through for the reader's own
AT_A_STRETCH = 300  # seconds: a longer gap between two answers was something else
USUAL_PACE = 24.0  # seconds a note, until somebody's own pace is known
ENOUGH = 5  # gaps from which a pace is said


def pace(actor: Actor) -> float | None:
    """Seconds that the actor takes for a note: the median gap of their latest answers; None when too few."""
    found = rows.fetch(
        "SELECT ch.actor_id, ch.action, ch.batch, ch.at FROM kernel_change ch WHERE ch.workspace_id = %s"
        f" ORDER BY ch.id DESC LIMIT {READ_BACK}",
        [actor.workspace_id],
    )
    mine: dict[Any, datetime] = {}
    for who, action, batch, at in found:
        if action in ANSWERS and rows.ident(who) == actor.member_id:
            mine.setdefault(batch, _instant(at))
    times = sorted(mine.values())
    gaps = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(times)]
    gaps = [g for g in gaps if 0 < g <= AT_A_STRETCH]
    return float(median(gaps)) if len(gaps) >= ENOUGH else None


def _instant(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def reasons(actor: Actor, limit: int = 5) -> list[str]:
    """The reasons given last for declining a note, each once, the latest first."""
    near, params = reach_sql(actor, "r")
    found = rows.fetch(
        "SELECT r.declined_reason FROM inbound_feedback r WHERE r.workspace_id = %s AND r.state = 'declined'"
        f" AND r.archived_at IS NULL AND {near} ORDER BY r.updated_at DESC, r.id DESC LIMIT 60",
        [actor.workspace_id, *params],
    )
    return list(dict.fromkeys(reason.strip() for (reason,) in found if reason.strip()))[:limit]


@dataclass(frozen=True, slots=True)
class Support:
    """A feature that rests on a note already; ``quote`` is the part that it cites, empty for all of it."""

    key: str
    title: str
    quote: str


def supports(actor: Actor, note: Feedback) -> list[Support]:
    """The features within reach that cite the note, the oldest citation first."""
    near, params = reach_sql(actor, "s")
    found = rows.fetch(
        "SELECT s.key, s.title, l.quote FROM kernel_link l JOIN kernel_card s ON s.id = l.source_id"
        f" WHERE l.workspace_id = %s AND l.target_id = %s AND l.kind = %s AND s.archived_at IS NULL AND {near}"
        " ORDER BY l.id",
        [actor.workspace_id, note.pk, queries.EVIDENCE, *params],
    )
    return [Support(*row) for row in found]


def pieces(said: str, quotes: Sequence[str]) -> list[list[tuple[str, bool]]]:
    """The paragraphs of a text, each cut into (words, whether they are quoted)."""
    marked = [False] * len(said)
    for quote in filter(None, quotes):
        start = said.find(quote)
        if start >= 0:
            marked[start : start + len(quote)] = [True] * len(quote)
    paragraphs, at = [], 0
    for line in said.split("\n"):
        flags = marked[at : at + len(line)]
        if line.strip():
            paragraphs.append(_runs(line, flags))
        at += len(line) + 1
    return paragraphs


def _runs(line: str, flags: list[bool]) -> list[tuple[str, bool]]:
    cuts = [0, *(i for i in range(1, len(line)) if flags[i] != flags[i - 1]), len(line)]
    return [(line[a:b], flags[a]) for a, b in itertools.pairwise(cuts)]
