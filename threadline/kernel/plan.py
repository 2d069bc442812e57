"""A query tree made into SQL over one record type, for one reader.

Only declared fields can be reached: names are looked up in the declaration, never passed on.
Titles of other records and counts are read through the reader's own reach.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from threadline.kernel import fields, links, rows, search
from threadline.kernel.access import Actor, reach_sql
from threadline.kernel.customs import fields_for
from threadline.kernel.query import Query, QueryError, Term, nearest
from threadline.kernel.registry import ALIASES, SQL, Computed, Field, RecordType

_AGE = re.compile(r"^(\d{1,5})(h|d|w|m|y)$")
_DAYS = {"h": 1 / 24, "d": 1, "w": 7, "m": 30.4375, "y": 365.25}
_LONG_AGO = 700_000  # days; the calendar begins before that
_NAMED = {"person": "member", "product": "product"}
# Names that every type answers to beside its own fields.
GENERAL = ("key", "tag", "suspect", "archived", "watching", "cited")


@dataclass
class Plan:
    """A condition and an order over alias ``r``, with parameters in order."""

    declared: RecordType
    where: list[str] = field(default_factory=list)
    params: list[Any] = field(default_factory=list)
    order: list[tuple[str, bool, bool]] = field(default_factory=list)  # (expression, descending, can be blank)
    order_params: list[Any] = field(default_factory=list)
    order_names: list[str] = field(default_factory=list)
    group: str = ""
    identity: str = ""  # the same for all pages of one list, and for no other list

    @property
    def condition(self) -> str:
        """The WHERE text."""
        return " AND ".join(self.where)

    def order_sql(self) -> str:
        """The ORDER BY text; blanks come last, and the id breaks ties."""
        parts = []
        for expression, descending, blank in self.order:
            direction = "DESC" if descending else "ASC"
            # SQLite already puts blanks last when descending, and only then uses the index.
            last = " NULLS LAST" if blank and not (descending and not rows.is_postgres()) else ""
            parts.append(f"{expression} {direction}{last}")
        return ", ".join([*parts, f"r.id {'DESC' if self.order[0][1] else 'ASC'}"])


@lru_cache(maxsize=512)
def _told(query: Query) -> str:
    return repr(query)


def plan(actor: Actor, declared: RecordType, query: Query, *, archived: bool = False) -> Plan:
    """Check a query against the declaration and make its SQL; raises :class:`QueryError`."""
    made = Plan(declared, identity=f"{actor.workspace_id.hex} {declared.kind} {archived} {_told(query)}")
    condition, params = reach_sql(actor, "r")
    made.where.append(condition)
    made.params += params
    if not any(t.field == "archived" for t in query.terms):
        made.where.append(f"r.archived_at IS {'NOT ' if archived else ''}NULL")
    known = names_for(actor, declared)
    for term in query.terms:
        _add(made, _term(actor, declared, term, known), denied=term.denied)
    if query.text:
        sql, values = search.matching(actor, query.text, declared.kind)
        _add(made, (f"r.id IN ({sql})", values))
    for words in query.words:
        if words.denied:
            sql, values = search.matching(actor, words.text + " ", declared.kind, newest=None)
            _add(made, (f"r.id IN ({sql})", values), denied=True)
    made.group = _group(declared, query.group, known)
    sort = query.sort or _default_sort(declared)
    if made.group:
        sort = ((made.group, False), *(s for s in sort if s[0] != made.group))
    for name, descending in sort[:4]:
        _sort(actor, made, known, name, descending)
    return made


def names_for(actor: Actor, declared: RecordType) -> dict[str, Field | Computed | None]:
    """Every name this actor may use in a query on this type. Shared; not to be changed."""
    private = actor.may("read_private", declared.group)
    return names_in(declared, private, actor.workspace_id, actor.workspace.fields_version)


@lru_cache(maxsize=512)
def names_in(
    declared: RecordType, private: bool, workspace_id: UUID, fields_version: int
) -> dict[str, Field | Computed | None]:
    """The same for whoever reads the private fields of a workspace, or does not."""
    known: dict[str, Field | Computed | None] = {
        **fields_for(declared, private, workspace_id, fields_version),
        **{n: c for n, c in declared.computed_by_name.items() if private or not c.private},
        **dict.fromkeys((*declared.cite_by_name, *GENERAL)),
    }
    for short, name in ALIASES.items():
        if name in known:
            known[short] = known[name]
    return known


def _add(made: Plan, sql: SQL, *, denied: bool = False) -> None:
    text, values = sql
    # coalesce: a blank does not hold, so its denial does
    made.where.append(
        f"NOT coalesce({text}, false)"
        if denied and rows.is_postgres()
        else f"NOT coalesce({text}, 0)"
        if denied
        else text
    )
    made.params += values


def _term(actor: Actor, declared: RecordType, term: Term, known: dict[str, Any]) -> SQL:
    if term.field not in known:
        raise QueryError(f"There is no field called {term.field[:60]}. {nearest(term.field, known)}", term.position)
    target = known[term.field]
    if target is None:
        return _general(actor, declared, term)
    if isinstance(target, Computed):
        expression, params = target.sql(actor, "r")
        return _compare(actor, term, f"({expression})", params, target.kind or fields.Number(), blank_text=False)
    expression = target.sql("r", rows.is_postgres())
    column = None if target.custom else declared.model._meta.get_field(target.name)
    blank_text = column is not None and column.empty_strings_allowed and not column.null
    return _compare(actor, term, expression, [], target.kind, blank_text=blank_text, own=target.custom)


def _compare(
    actor: Actor,
    term: Term,
    expression: str,
    params: list[Any],
    kind: fields.FieldKind,
    *,
    blank_text: bool,
    own: bool = False,
) -> SQL:
    words = [v.lower() for v in term.values]
    if term.op == ":" and words in (["none"], ["any"]):
        empty = f"{expression} = ''" if blank_text and kind.compare == "text" else f"{expression} IS NULL"
        return (empty if words == ["none"] else f"NOT ({empty})"), params
    if term.op != ":":
        return _ordered(actor, term, expression, params, kind, own)
    if kind.compare in ("date", "time"):
        raise QueryError(
            f"Compare {term.field} with < or >: {term.field}>2026-01-31, or {term.field}<30d for an age.", term.position
        )
    if kind.name in ("text", "markdown", "email", "link"):
        tests = " OR ".join([f"lower({expression}) LIKE %s ESCAPE '\\'"] * len(words))
        return f"({tests})", [p for w in words for p in (*params, f"%{_like(w)}%")]
    values = [_clean(actor, term, kind, v) for v in term.values]
    if own:  # in JSON, people lie as text
        values = [kind.exchange(v) for v in values]
    return f"{expression} IN ({rows.marks(len(values))})", [*params, *values]


def _ordered(actor: Actor, term: Term, expression: str, params: list[Any], kind: fields.FieldKind, own: bool) -> SQL:
    if len(term.values) != 1:
        raise QueryError(f"Give one value after {term.op}.", term.position)
    if kind.compare not in ("number", "date", "time"):
        raise QueryError(f"{term.field} cannot be compared with {term.op}; write {term.field}:value.", term.position)
    raw, op = term.values[0], term.op
    if kind.compare == "number":
        return f"{expression} {op} %s", [*params, _clean(actor, term, kind, raw)]
    age = _AGE.match(raw.lower())
    if age is not None:
        # an age: less than 30 days old means later than 30 days ago
        op = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}[op]
        moment = rows.now() - timedelta(days=min(int(age[1]) * _DAYS[age[2]], _LONG_AGO))
        value = _day(moment.date(), own) if kind.compare == "date" else rows.stamp(moment)
        return f"{expression} {op} %s", [*params, value]
    day = _clean(actor, term, fields.Day(), raw)
    if kind.compare == "date":
        return f"{expression} {op} %s", [*params, _day(day, own)]
    # the whole named day counts as that day
    if op in (">", "<=") and day < date.max:
        day, op = day + timedelta(days=1), {">": ">=", "<=": "<"}[op]
    return f"{expression} {op} %s", [*params, rows.stamp(datetime(day.year, day.month, day.day, tzinfo=UTC))]


def _day(day: date, own: bool) -> Any:
    return day if rows.is_postgres() and not own else day.isoformat()


def _clean(actor: Actor, term: Term, kind: fields.FieldKind, raw: str) -> Any:
    try:
        value = kind.clean(raw, actor)
    except fields.Refused as refused:
        raise QueryError(f"{term.field}: {refused}", term.position) from None
    if value is None:
        raise QueryError(f"Say what {term.field} should be.", term.position)
    return value


def _like(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _general(actor: Actor, declared: RecordType, term: Term) -> SQL:
    if term.op != ":":
        raise QueryError(f"Write {term.field}:value.", term.position)
    ws = actor.workspace_id
    words = [v.lower() for v in term.values]
    if term.field == "tag":
        tagged = (
            "SELECT ct.card_id FROM kernel_cardtag ct JOIN kernel_tag t ON t.id = ct.tag_id WHERE ct.workspace_id = %s"
        )
        if words in (["none"], ["any"]):
            return f"r.id {'NOT ' if words == ['none'] else ''}IN ({tagged})", [ws]
        return f"r.id IN ({tagged} AND t.name IN ({rows.marks(len(words))}))", [ws, *words]
    if term.field == "key":
        prefix = declared.model.prefix
        numbers = [w.upper().removeprefix(f"{prefix}-") for w in words]
        if not all(n.isdecimal() and len(n) < 10 for n in numbers):
            raise QueryError(f"Write a key such as {prefix}-12.", term.position)
        return f"r.number IN ({rows.marks(len(words))})", [int(n) for n in numbers]
    if term.field == "watching":
        watched = "SELECT w.card_id FROM kernel_watch w WHERE w.workspace_id = %s AND w.member_id = %s"
        return f"r.id {_yes_no(term)}IN ({watched})", [ws, actor.member_id]
    if term.field == "archived":
        return f"r.archived_at IS {'NULL' if _yes_no(term) else 'NOT NULL'}", []
    if term.field == "suspect":
        near, params = reach_sql(actor, "tc")
        return (
            (
                f"r.id {_yes_no(term)}IN (SELECT l.source_id FROM kernel_link l"
                " JOIN kernel_card tc ON tc.id = l.target_id"
                f" WHERE l.workspace_id = %s AND {links.suspect('tc', 'l')} AND {near})"
            ),
            [ws, *params],
        )
    if term.field == "cited":
        near, params = reach_sql(actor, "sc")
        resting = (
            "SELECT l.target_id FROM kernel_link l JOIN kernel_card sc ON sc.id = l.source_id WHERE l.workspace_id = %s"
            f" AND l.kind <> 'mention' AND sc.archived_at IS NULL AND {near}"
        )
        return f"r.id {_yes_no(term)}IN ({resting})", [ws, *params]
    return _cited(actor, declared, term, words)


def _yes_no(term: Term) -> str:
    word = term.values[0].lower()
    if word not in ("yes", "no", "any", "none", "true", "false"):
        raise QueryError(f"Write {term.field}:yes or {term.field}:no.", term.position)
    return "" if word in ("yes", "any", "true") else "NOT "


def _cited(actor: Actor, declared: RecordType, term: Term, words: list[str]) -> SQL:
    near, params = reach_sql(actor, "tc")
    cited = (
        "SELECT l.source_id FROM kernel_link l JOIN kernel_card tc ON tc.id = l.target_id"
        f" WHERE l.workspace_id = %s AND l.kind = %s AND {near}"
    )
    base = [actor.workspace_id, term.field, *params]
    if words in (["none"], ["any"]):
        return f"r.id {'NOT ' if words == ['none'] else ''}IN ({cited})", base
    keys = [w.upper() for w in words]
    return f"r.id IN ({cited} AND tc.key IN ({rows.marks(len(keys))}))", [*base, *keys]


def _group(declared: RecordType, name: str, known: dict[str, Any]) -> str:
    if not name:
        return ""
    target = known.get(name)
    groupable = isinstance(target, Field) and target.kind.name in ("choice", "person", "product", "reference", "flag")
    if not groupable and name not in declared.cite_by_name:
        can = [
            n
            for n, t in known.items()
            if isinstance(t, Field) and t.kind.name in ("choice", "person", "product", "reference")
        ]
        raise QueryError(f"Cannot group by {name[:60]}. {nearest(name, [*can, *declared.cite_by_name])}")
    return name


def _default_sort(declared: RecordType) -> tuple[tuple[str, bool], ...]:
    return tuple((p.lstrip("-"), p.startswith("-")) for p in declared.sort.split(","))


def cited_title(actor: Actor, kind: str, column: str = "title") -> SQL:
    """A subquery: title (or id) of the first record that ``r`` cites with links of a kind."""
    near, params = reach_sql(actor, "gc")
    return (
        (
            f"(SELECT gc.{column} FROM kernel_link gl JOIN kernel_card gc ON gc.id = gl.target_id"
            f" WHERE gl.workspace_id = r.workspace_id AND gl.source_id = r.id AND gl.kind = %s AND {near}"
            " ORDER BY gl.id LIMIT 1)"
        ),
        [kind, *params],
    )


def _sort(actor: Actor, made: Plan, known: dict[str, Any], name: str, descending: bool) -> None:
    target = known.get(name)
    params: list[Any] = []
    if name == "key":
        expression, blank = "r.number", False
    elif isinstance(target, Computed):
        sql, params = target.sql(actor, "r")
        expression, blank = f"({sql})", True
    elif isinstance(target, Field):
        expression, params, blank = _sort_field(actor, made.declared, target)
    elif name in made.declared.cite_by_name:
        expression, params = cited_title(actor, name)
        blank = True
    else:
        raise QueryError(f"Cannot sort by {name[:60]}. {nearest(name, [n for n, t in known.items() if t])}")
    made.order.append((expression, descending, blank))
    made.order_params += params
    made.order_names.append(name)


def _sort_field(actor: Actor, declared: RecordType, target: Field) -> tuple[str, list[Any], bool]:
    expression = target.sql("r", rows.is_postgres())
    if target.kind.name in ("person", "product") and not target.custom:
        return f"(SELECT sx.name FROM kernel_{_NAMED[target.kind.name]} sx WHERE sx.id = {expression})", [], True
    if target.kind.name == "reference":
        near, params = reach_sql(actor, "sx")
        return f"(SELECT sx.title FROM kernel_card sx WHERE sx.id = {expression} AND {near})", params, True
    if target.name == "state":
        states = "".join(f" WHEN '{s.name}' THEN {i}" for i, s in enumerate(declared.states))
        return f"CASE {expression}{states} END", [], False
    if target.custom:
        return expression, [], True
    column = declared.model._meta.get_field(target.name)
    return expression, [], bool(column.null) or bool(getattr(column, "generated", False))
