"""Groups of a list with their counts and sums, over all that match and not just one page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from threadline.kernel import rows
from threadline.kernel.access import Actor
from threadline.kernel.customs import all_fields
from threadline.kernel.plan import plan
from threadline.kernel.query import Query, parse
from threadline.kernel.registry import Field, RecordType


@dataclass(slots=True)
class Group:
    """``value`` is what the list is ordered by: a name, a title, a choice, or a state's place among the states."""

    value: Any
    count: int
    sums: dict[str, float] = field(default_factory=dict)


def summable(target: Field) -> bool:
    """Whether adding a field up over records means anything: amounts do, scores and shares do not."""
    return target.kind.name == "money" or (target.kind.name == "number" and target.unit not in ("", "%"))


def group_totals(actor: Actor, declared: RecordType, query: Query | str, names: list[str]) -> list[Group]:
    """One entry for each group of a query with ``group:``, in the list's order.

    ``names`` are the columns shown; those that can be added up are.
    """
    made = plan(actor, declared, parse(query) if isinstance(query, str) else query)
    known = all_fields(actor, declared)
    added = [f for n in names if (f := known.get(n)) is not None and summable(f)]
    expression = made.order[0][0]
    params = made.order_params[: expression.count("%s")]
    sums = "".join(f", sum({f.sql('r', rows.is_postgres())})" for f in added)
    found = rows.fetch(
        f'SELECT {expression} AS g, count(*){sums} FROM "{declared.table}" r'
        f" WHERE {made.condition} GROUP BY 1 ORDER BY 1 LIMIT 500",
        [*params, *made.params],
    )
    return [
        Group(r[0], int(r[1]), {f.name: r[2 + i] for i, f in enumerate(added) if r[2 + i] is not None}) for r in found
    ]
