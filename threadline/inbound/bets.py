"""Bets: records that rest on assumptions, and whether those still stand.

That a bet is shaky is never stored. It is read from the thread: the bet cites the assumption, and the
assumption is contradicted, was found false, or says something else than when it was read. One that was
judged to hold is firm ground, even while the citation waits in the review queue.
"""

from __future__ import annotations

from typing import Any

from threadline.kernel.access import Actor, reach_sql
from threadline.kernel.links import suspect

ASSUMES = "assumes"
BELIEVED, HOLDS, CONTRADICTED, FALSE = "believed", "holds", "contradicted", "false"
SHAKY = (CONTRADICTED, FALSE)
_SHAKY = ", ".join(f"'{state}'" for state in SHAKY)
# Over aliases {t} of the assumption's card and {l} of the link that cites it.
SHAKY_SQL = f"({{t}}.state IN ({_SHAKY}) OR ({{t}}.state <> '{HOLDS}' AND {suspect('{t}', '{l}')}))"


def shaky_bets(actor: Actor, alias: str) -> tuple[str, list[Any]]:
    """How many assumptions that a record bets on are contradicted, false, or changed since they were read."""
    near, params = reach_sql(actor, "bt")
    sql = (
        "SELECT COUNT(*) FROM kernel_link bl JOIN kernel_card bt ON bt.id = bl.target_id"
        f" WHERE bl.workspace_id = {alias}.workspace_id AND bl.source_id = {alias}.id AND bl.kind = '{ASSUMES}'"
        f" AND bt.archived_at IS NULL AND {SHAKY_SQL.format(t='bt', l='bl')} AND {near}"
    )
    return sql, params
