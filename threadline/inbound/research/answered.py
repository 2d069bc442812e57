"""Was this asked before? Earlier insights and studies for each question of a study; and research debt."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from threadline.inbound.research import guide
from threadline.inbound.research.models import Insight, Study
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach, reach_sql
from threadline.kernel.similar import Likeness, similar

MOST_QUESTIONS = 12
EACH = 3
MONTHS = 6  # evidence older than this no longer carries a plan
COMMITTED = ("planned", "building")


@dataclass(frozen=True, slots=True)
class Answered:
    """A question, and what may answer it already, the likeliest first."""

    question: str
    insights: list[Likeness] = field(default_factory=list)
    studies: list[Likeness] = field(default_factory=list)


def already_answered(actor: Actor, study: Study) -> list[Answered]:
    """For each question of a study within reach: insights that stand, and other studies that asked."""
    own = set(map(str, reach(actor, Insight).filter(study_id=study.pk).values_list("pk", flat=True)))
    found = []
    for question in guide.lines(study.questions)[:MOST_QUESTIONS] or [study.title]:
        insights = [
            one
            for one in similar(actor, question, Insight.kind, EACH + len(own))
            if one.words and one.card_id not in own and one.state != "retired"
        ]
        studies = [one for one in similar(actor, question, Study.kind, EACH, besides=study.pk) if one.words]
        found.append(Answered(question, insights[:EACH], studies))
    return [one for one in found if one.insights or one.studies]


# ---- research debt ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Debt:
    """A feature that is being planned or built on old evidence, or on none."""

    key: str
    title: str
    state: str
    owner_id: Any
    newest: date | None

    def age_text(self, today: date) -> str:
        """How old the newest evidence is."""
        if self.newest is None:
            return "no evidence"
        months = (today.year - self.newest.year) * 12 + today.month - self.newest.month
        return f"{months} months old" if months != 1 else "1 month old"


_NEWEST = (
    "SELECT c.id, f.received_on, f.created_at, n.received_on, v.at, h.created_at"
    " FROM kernel_card c CROSS JOIN kernel_link l CROSS JOIN kernel_card t"
    " LEFT JOIN inbound_feedback f ON f.id = t.id"
    " LEFT JOIN kernel_link e ON e.workspace_id = c.workspace_id AND e.source_id = t.id"
    " AND e.kind IN ('supports', 'contradicts')"
    " LEFT JOIN inbound_highlight h ON h.id = e.target_id AND h.archived_at IS NULL AND h.confidentiality < 3"
    " LEFT JOIN inbound_interview v ON v.id = h.interview_id LEFT JOIN inbound_feedback n ON n.id = e.target_id"
    " WHERE c.workspace_id = %s AND c.kind = 'feature' AND c.state IN ('planned', 'building')"
    " AND c.archived_at IS NULL AND {near_c} AND l.workspace_id = c.workspace_id AND l.source_id = c.id"
    " AND l.kind = 'evidence' AND t.id = l.target_id AND t.archived_at IS NULL AND {near_t}"
)


def debts(actor: Actor, *, months: int = MONTHS, today: date | None = None) -> list[Debt]:
    """Features that are planned or built on evidence older than so many months, the oldest first."""
    day = today or rows.now().date()
    near_c, params_c = reach_sql(actor, "c")
    near_t, params_t = reach_sql(actor, "t")
    newest: dict[Any, date] = {}
    for row in rows.fetch(_NEWEST.format(near_c=near_c, near_t=near_t), [actor.workspace_id, *params_c, *params_t]):
        days = [_day(v) for v in (row[1] or row[2], row[3], row[4] or row[5]) if v is not None]
        if days:
            newest[row[0]] = max(*days, newest.get(row[0], date.min))
    cards = rows.fetch(
        "SELECT c.id, c.key, c.title, c.state, c.owner_id FROM kernel_card c WHERE c.workspace_id = %s"
        f" AND c.kind = 'feature' AND c.state IN ('planned', 'building') AND c.archived_at IS NULL AND {near_c}",
        [actor.workspace_id, *params_c],
    )
    line = day - timedelta(days=round(months * 30.44))
    found = [Debt(key, title, state, owner, newest.get(ident)) for ident, key, title, state, owner in cards]
    return sorted(
        (d for d in found if d.newest is None or d.newest < line), key=lambda d: (d.newest or date.min, d.key)
    )


def _day(value: Any) -> date:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).date()
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def out_of_date(actor: Actor, today: date | None = None) -> list[Insight]:
    """The actor's own insights that stand although their day has passed."""
    day = today or rows.now().date()
    here = reach(actor, Insight).filter(owner_id=actor.member_id, archived_at=None, state="stands", expires_on__lt=day)
    return list(here.order_by("expires_on")[:20])
