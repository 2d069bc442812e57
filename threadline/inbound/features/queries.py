"""Questions about features: their columns, their evidence, and what rests on none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from threadline.inbound.asking import ACCOUNT, CUSTOMER
from threadline.inbound.features import rice
from threadline.inbound.features.models import Feature
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach_sql

# Every voice behind a feature: the notes it cites, and the notes merged into those. A note
# that was merged speaks through the one it repeats; whoever is counted, is counted once.
# A contact that not everybody may see speaks for itself alone, lest a count tell where it works.
# Links first, then their notes by id: SQLite, which may know nothing of the sizes, would go
# through all notes of the workspace for every feature if it were free to choose.
_VOICES = (
    " FROM (SELECT vl.weight, vl.target_id AS id FROM kernel_link vl"
    " WHERE vl.workspace_id = {workspace} AND vl.source_id = {feature} AND vl.kind = 'evidence'"
    " UNION ALL SELECT vl.weight, vm.id FROM kernel_link vl CROSS JOIN inbound_feedback vm"
    " WHERE vl.workspace_id = {workspace} AND vl.source_id = {feature} AND vl.kind = 'evidence'"
    " AND vm.workspace_id = vl.workspace_id AND vm.merged_into_id = vl.target_id) dl"
    " CROSS JOIN inbound_feedback df"
    " LEFT JOIN inbound_contact dc ON dc.id = df.contact_id AND dc.confidentiality = 0"
    " WHERE df.id = dl.id AND df.archived_at IS NULL AND {near}"
)


def voices(actor: Actor, feature: Feature) -> tuple[str, list[Any]]:
    """FROM and WHERE of one feature's voices within reach: notes ``df``, links ``dl``."""
    near, params = reach_sql(actor, "df")
    return _VOICES.format(workspace="%s", feature="%s", near=near), [
        actor.workspace_id,
        feature.pk,
        actor.workspace_id,
        feature.pk,
        *params,
    ]


def _voices_of(actor: Actor, alias: str) -> tuple[str, list[Any]]:
    near, params = reach_sql(actor, "df")
    return _VOICES.format(workspace=f"{alias}.workspace_id", feature=f"{alias}.id", near=near), params


def demand_customers(actor: Actor, alias: str) -> tuple[str, list[Any]]:
    """How many customers asked, each counted once."""
    said, params = _voices_of(actor, alias)
    return f"SELECT COUNT(DISTINCT {CUSTOMER}){said}", params


def deal_breakers(actor: Actor, alias: str) -> tuple[str, list[Any]]:
    """How many customers will not do without, each counted once."""
    said, params = _voices_of(actor, alias)
    return f"SELECT COUNT(DISTINCT {CUSTOMER}){said} AND dl.weight = 3", params


def demand_revenue(actor: Actor, alias: str) -> tuple[str, list[Any]]:
    """Annual revenue of the accounts that asked, each account once, in whole currency units."""
    said, params = _voices_of(actor, alias)
    near_account, params_account = reach_sql(actor, "da")
    sql = (
        f"SELECT CAST(SUM(da.annual_revenue) AS bigint) FROM (SELECT DISTINCT {ACCOUNT} AS id{said}) asked"
        f" CROSS JOIN inbound_account da WHERE da.id = asked.id AND da.archived_at IS NULL AND {near_account}"
    )
    return sql, [*params, *params_account]


def release(actor: Actor, alias: str) -> tuple[str, list[Any]]:
    """The title of the release that has the feature in its scope; the latest link's, should there be several."""
    near, params = reach_sql(actor, "rc")
    sql = (
        "SELECT rc.title FROM kernel_link rl JOIN kernel_card rc ON rc.id = rl.source_id"
        f" WHERE rl.workspace_id = {alias}.workspace_id AND rl.target_id = {alias}.id AND rl.kind = 'scope'"
        f" AND rc.archived_at IS NULL AND rc.state <> 'cancelled' AND {near} ORDER BY rl.id DESC LIMIT 1"
    )
    return sql, params


def score_card(actor: Actor, feature: Feature) -> rice.ScoreCard:
    """The score of a feature within reach: each input with its source, and the range."""
    return rice.score_card(
        {
            name: (getattr(feature, name), getattr(feature, f"{name}_source"), getattr(feature, f"{name}_on"))
            for name, _ in rice.INPUTS
        }
    )


def is_part_of(part: UUID, whole: Feature) -> bool:
    """Whether the feature ``part`` lies, at any depth, under ``whole``. Past reach: to refuse circles."""
    row = rows.fetch_one(
        "WITH RECURSIVE above (id) AS (SELECT parent_id FROM inbound_feature WHERE id = %s"
        " UNION SELECT f.parent_id FROM inbound_feature f JOIN above a ON f.id = a.id)"
        " SELECT 1 FROM above WHERE id = %s LIMIT 1",
        [part, whole.pk],
    )
    return row is not None


# ---- coverage ---------------------------------------------------------------------------

COMMITTED = ("planned", "building")
_CITES = (
    "EXISTS (SELECT 1 FROM kernel_link cl JOIN kernel_card cc ON cc.id = cl.target_id"
    " WHERE cl.workspace_id = r.workspace_id AND cl.source_id = r.id AND cl.kind = 'evidence'"
    " AND cc.archived_at IS NULL AND {near}{extra})"
)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of what is committed rests on evidence.

    ``cited`` is the nominal share; ``confirmed`` leaves out what rests on nothing but evidence
    that changed since it was read. The nominal number is never to be shown alone.
    """

    committed: int
    cited: int
    confirmed: int

    @property
    def nominal_share(self) -> float | None:
        """Between 0 and 1; None when nothing is committed."""
        return self.cited / self.committed if self.committed else None

    @property
    def confirmed_share(self) -> float | None:
        """Between 0 and 1; None when nothing is committed."""
        return self.confirmed / self.committed if self.committed else None


def coverage(actor: Actor, *, states: tuple[str, ...] = COMMITTED, product: UUID | None = None) -> Coverage:
    """Coverage of the features in these states, of one product or of all."""
    near, params = reach_sql(actor, "r")
    near_note, params_note = reach_sql(actor, "cc")
    cited = _CITES.format(near=near_note, extra="")
    fresh = _CITES.format(near=near_note, extra=" AND cc.revision <= cl.seen_revision")
    where, values = f"r.archived_at IS NULL AND r.state IN ({rows.marks(len(states))}) AND {near}", [*states, *params]
    if product is not None:
        where, values = f"{where} AND r.product_id = %s", [*values, product]
    row = rows.fetch_one(
        f"SELECT COUNT(*), SUM(CASE WHEN {cited} THEN 1 ELSE 0 END), SUM(CASE WHEN {fresh} THEN 1 ELSE 0 END)"
        f" FROM inbound_feature r WHERE {where}",
        [*params_note, *params_note, *values],
    )
    assert row is not None
    return Coverage(int(row[0]), int(row[1] or 0), int(row[2] or 0))


@dataclass(frozen=True, slots=True)
class Effort:
    """Person-months committed; how many rest on evidence (``cited``), and on evidence unchanged (``confirmed``)."""

    committed: float
    cited: float
    confirmed: float


def effort_on_evidence(actor: Actor, *, states: tuple[str, ...] = COMMITTED, products: tuple[str, ...] = ()) -> Effort:
    """Effort of the features in these states, of all products or of those named; one without an effort counts 0."""
    near, params = reach_sql(actor, "r")
    near_note, params_note = reach_sql(actor, "cc")
    cited = _CITES.format(near=near_note, extra="")
    fresh = _CITES.format(near=near_note, extra=" AND cc.revision <= cl.seen_revision")
    where, values = f"r.archived_at IS NULL AND r.state IN ({rows.marks(len(states))}) AND {near}", [*states, *params]
    if products:
        named = f"SELECT id FROM kernel_product WHERE workspace_id = %s AND name IN ({rows.marks(len(products))})"
        where, values = f"{where} AND r.product_id IN ({named})", [*values, actor.workspace_id, *products]
    row = rows.fetch_one(
        f"SELECT SUM(r.effort), SUM(CASE WHEN {cited} THEN r.effort ELSE 0 END),"
        f" SUM(CASE WHEN {fresh} THEN r.effort ELSE 0 END) FROM inbound_feature r WHERE {where}",
        [*params_note, *params_note, *values],
    )
    return Effort(*(float(value or 0) for value in row or (0, 0, 0)))


def oldest_evidence(actor: Actor, limit: int = 5) -> list[tuple[str, str, str, Any]]:
    """(key, title, state, day) of committed features by the last day that anybody asked, the longest ago first."""
    near, params = reach_sql(actor, "r")
    near_note, params_note = reach_sql(actor, "n")
    found = rows.fetch(
        "SELECT r.number, r.title, r.state, MAX(n.received_on) AS latest FROM inbound_feature r"
        " JOIN kernel_link l ON l.workspace_id = r.workspace_id AND l.source_id = r.id AND l.kind = 'evidence'"
        f" JOIN inbound_feedback n ON n.id = l.target_id AND n.archived_at IS NULL AND {near_note}"
        f" WHERE r.workspace_id = %s AND r.archived_at IS NULL AND r.state IN ({rows.marks(len(COMMITTED))}) AND {near}"
        " AND n.received_on IS NOT NULL GROUP BY r.id, r.number, r.title, r.state ORDER BY latest, r.id LIMIT %s",
        [*params_note, actor.workspace_id, *COMMITTED, *params, limit],
    )
    return [(f"{Feature.prefix}-{number}", title, state, day) for number, title, state, day in found]


@dataclass(frozen=True, slots=True)
class Orphan:
    """A feature that nobody's words support."""

    key: str
    title: str
    state: str


def features_without_evidence(
    actor: Actor, *, states: tuple[str, ...] = COMMITTED, product: UUID | None = None, limit: int = 100
) -> list[Orphan]:
    """Features in these states that cite no note, the highest score first."""
    near, params = reach_sql(actor, "r")
    near_note, params_note = reach_sql(actor, "cc")
    where = f"r.archived_at IS NULL AND r.state IN ({rows.marks(len(states))}) AND {near}"
    values = [*states, *params]
    if product is not None:
        where, values = f"{where} AND r.product_id = %s", [*values, product]
    found = rows.fetch(
        f"SELECT r.number, r.title, r.state FROM inbound_feature r WHERE {where}"
        f" AND NOT {_CITES.format(near=near_note, extra='')} ORDER BY r.score DESC NULLS LAST, r.id DESC LIMIT %s",
        [*values, *params_note, limit],
    )
    return [Orphan(f"{Feature.prefix}-{number}", title, state) for number, title, state in found]
