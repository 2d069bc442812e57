"""Questions about notes: which features cite them, and what repeats them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from threadline.inbound.feedback.models import Account, Feedback
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach, reach_sql
from threadline.kernel.links import Link
from threadline.kernel.records import Record
from threadline.kernel.registry import SQL, type_of

EVIDENCE = "evidence"  # the kind of link by which a feature cites a note
FEATURE = "feature"
IMPORTANCE = (("deal_breaker", "Deal-breaker"), ("important", "Important"), ("nice_to_have", "Nice to have"))


def cited(workspace_id: UUID, notes: Iterable[UUID]) -> set[UUID]:
    """Which of these notes a feature cites that is not in the trash. Past reach: for their state."""
    ids = list(notes)
    found = rows.fetch(
        "SELECT DISTINCT l.target_id FROM kernel_link l JOIN kernel_card s ON s.id = l.source_id"
        " WHERE l.workspace_id = %s AND l.kind = %s AND s.kind = %s AND s.archived_at IS NULL"
        f" AND l.target_id IN ({rows.marks(len(ids))})",
        [workspace_id, EVIDENCE, FEATURE, *ids],
    )
    return {rows.ident(r[0]) for r in found}


def citing(note: Feedback) -> list[Link]:
    """All links to a note but mentions, with the cards that make them. Past reach: for merging."""
    here = Link.objects.filter(workspace_id=note.workspace_id, target_id=note.pk)
    return list(here.exclude(kind="mention").select_related("source").order_by("pk"))


def importance_of(actor: Actor, alias: str) -> SQL:
    """How much a note matters to whoever said it: the most that a feature within reach was told, as a column."""
    near, params = reach_sql(actor, "ws")
    sql = (
        "SELECT CASE MAX(wl.weight) WHEN 3 THEN 'deal_breaker' WHEN 2 THEN 'important' WHEN 1 THEN 'nice_to_have' END"
        f" FROM kernel_link wl JOIN kernel_card ws ON ws.id = wl.source_id WHERE wl.workspace_id = {alias}.workspace_id"
        f" AND wl.target_id = {alias}.id AND wl.kind = '{EVIDENCE}' AND ws.archived_at IS NULL AND {near}"
    )
    return sql, params


def label_of(labels: Sequence[str]) -> Callable[[Actor, str], SQL]:
    """The label that people gave a note out of a group of which it has one at most, as a column."""
    named = " ".join(f"WHEN '{label}' THEN '{label.replace(' ', '_')}'" for label in labels)
    listed = ", ".join(f"'{label}'" for label in labels)

    def column(actor: Actor, alias: str) -> SQL:
        sql = (
            f"SELECT MAX(CASE lt.name {named} END) FROM kernel_cardtag lct JOIN kernel_tag lt ON lt.id = lct.tag_id"
            f" WHERE lct.workspace_id = {alias}.workspace_id AND lct.card_id = {alias}.id AND lt.name IN ({listed})"
        )
        return sql, []

    return column


def account_behind(actor: Actor, note: Feedback) -> Account | None:
    """The company a note speaks for, within reach: its own, else its contact's."""
    ident: Any = note.account_id
    if ident is None and note.contact_id is not None:
        people: Any = reach(actor, type_of("contact").model)
        ident = people.filter(pk=note.contact_id).values("account_id")[:1]
    return reach(actor, Account).filter(pk=ident).first() if ident is not None else None


@dataclass(frozen=True, slots=True)
class Repeat:
    """A note that says the same again, in its author's own words."""

    key: str
    title: str
    account: str | None
    received_on: date | None


def repeats(actor: Actor, feedback: Feedback) -> list[Repeat]:
    """The notes merged into this one that the actor may see, the oldest first."""
    here = list(reach(actor, Feedback).filter(merged_into_id=feedback.pk, archived_at=None).order_by("number"))
    near = {a.pk: a.title for a in reach(actor, Account).filter(pk__in=[n.account_id for n in here if n.account_id])}
    return [Repeat(n.key, n.title, near.get(n.account_id) if n.account_id else None, n.received_on) for n in here]


@dataclass(frozen=True, slots=True)
class Wish:
    """A feature that somebody asked for; ``weight`` is the most they said it matters, 0 to 3."""

    key: str
    title: str
    state: str
    notes: int
    weight: int
    last: date | str | None


# Whose notes: a contact's own, or an account's, with those of contacts whom everybody may see.
_SAID_BY = {
    "contact": "SELECT id FROM inbound_feedback WHERE contact_id = %s",
    "account": "SELECT id FROM inbound_feedback WHERE account_id = %s UNION ALL SELECT o.id FROM inbound_contact oc"
    " CROSS JOIN inbound_feedback o WHERE oc.account_id = %s AND oc.confidentiality = 0 AND o.contact_id = oc.id"
    " AND o.account_id IS NULL",
}
# Notes first, then the links to them; a note that was merged speaks through the one it repeats.
_WISHES = (
    "WITH said AS (SELECT n.id, n.merged_into_id, n.received_on FROM inbound_feedback n WHERE n.id IN ({theirs})"
    " AND n.archived_at IS NULL AND {near_note}), asked AS (SELECT id, id AS note, received_on FROM said"
    " UNION ALL SELECT merged_into_id, id, received_on FROM said WHERE merged_into_id IS NOT NULL)"
    " SELECT f.key, f.title, f.state, count(DISTINCT a.note), max(l.weight), max(a.received_on) FROM asked a"
    " CROSS JOIN kernel_link l CROSS JOIN kernel_card f WHERE l.workspace_id = %s AND l.target_id = a.id"
    f" AND l.kind = '{EVIDENCE}' AND f.id = l.source_id AND f.kind = '{FEATURE}' AND f.archived_at IS NULL"
    " AND {near} GROUP BY f.id, f.key, f.title, f.state ORDER BY 5 DESC, 4 DESC, f.id DESC LIMIT %s"
)


def wishes(actor: Actor, asker: Record, limit: int = 50) -> list[Wish]:
    """What an account (its contacts included) or a contact asked for, what matters most to them first."""
    near_note, of_notes = reach_sql(actor, "n")
    near, of_features = reach_sql(actor, "f")
    theirs = _SAID_BY[asker.kind]
    who = [asker.pk] * theirs.count("%s")
    sql = _WISHES.replace("{theirs}", theirs).replace("{near_note}", near_note).replace("{near}", near)
    found = rows.fetch(sql, [*who, *of_notes, actor.workspace_id, *of_features, limit])
    return [Wish(key, title, state, n, weight or 0, last) for key, title, state, n, weight, last in found]
