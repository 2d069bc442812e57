"""Reading records: list, get, why, trace, search."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click
import orjson

from threadline.faces.cli.kinds import TypeName
from threadline.faces.cli.talk import Talk, plain, safe
from threadline.faces.cli.who import acts, did_you_mean
from threadline.kernel import fields, past, thread, verbs
from threadline.kernel import search as searching
from threadline.kernel.access import Actor, reach
from threadline.kernel.cards import Card
from threadline.kernel.customs import all_fields
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.listing import MOST_ROWS, count_of, exported, list_page
from threadline.kernel.plan import names_for
from threadline.kernel.query import parse
from threadline.kernel.records import Record
from threadline.kernel.registry import RecordType, type_of


@click.command("list")
@click.argument("declared", metavar="TYPE", type=TypeName())
@click.argument("query", nargs=-1)
@click.option("--fields", "names", metavar="A,B", help="Which fields, computed columns and citations.")
@click.option("-n", "--limit", default=50, show_default=True, type=click.IntRange(1), help="How many at most.")
@click.option("--all", "everything", is_flag=True, help="No limit.")
@click.option("--count", is_flag=True, help="Only how many there are.")
@click.option("--trash", is_flag=True, help="What is in the trash.")
@acts
def list_records(
    talk: Talk,
    actor: Actor,
    declared: RecordType,
    query: tuple[str, ...],
    names: str | None,
    limit: int,
    everything: bool,
    count: bool,
    trash: bool,
) -> None:
    """List records of a TYPE that match a QUERY.

    \b
    threadline list features state:planned,candidate 'demand>5' sort:-score
    threadline list feedback '"lost raid"' -tag:later 'received_on<30d' --json
    """
    tree = parse(" ".join(query))
    if count:
        number, _ = count_of(actor, declared, tree, cap=None)
        talk.data({"count": number}) if talk.json else talk.line(str(number))
        return
    columns = _columns(actor, declared, names)
    chosen = None if talk.json and not names else [n for n in columns if n != "key"]
    found = _pages(actor, declared, tree, chosen, None if everything else limit, trash)
    if talk.json:
        _write_list(found)
        return
    shown = list(found)
    talk.table(columns, ([row.get(name) for name in columns] for row in shown))
    if not everything and len(shown) == limit:
        talk.say(f"The first {limit}; --limit or --all shows more.")


def _columns(actor: Actor, declared: RecordType, names: str | None) -> list[str]:
    """Those asked for; else the type's own, without what this reader may not see."""
    if names:
        return list(dict.fromkeys(["key", *(n.strip() for n in names.split(",") if n.strip())]))
    known = names_for(actor, declared)
    return ["key", *(n for n in declared.columns if n in known)]


def _pages(
    actor: Actor, declared: RecordType, query: Any, names: list[str] | None, limit: int | None, trash: bool
) -> Iterator[dict[str, Any]]:
    cursor, left = None, limit
    while left is None or left > 0:
        size = MOST_ROWS if left is None else min(left, MOST_ROWS)
        page = list_page(actor, declared, query, names=names, limit=size, cursor=cursor, archived=trash)
        yield from page.rows
        left = None if left is None else left - len(page.rows)
        cursor = page.next_cursor
        if cursor is None:
            return


def _write_list(found: Iterator[dict[str, Any]]) -> None:
    """``{"data": [...]}`` written row by row, so that any number of rows takes little memory."""
    click.echo('{"data": [', nl=False)
    for at, row in enumerate(found):
        options = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z
        click.echo((",\n" if at else "\n") + orjson.dumps(row, default=plain, option=options).decode(), nl=False)
    click.echo("\n]}")


def record_of(actor: Actor, ref: str) -> tuple[Card, Record]:
    """A record by key or id, the trash included; NotFound for absent and forbidden alike."""
    try:
        found = verbs.card(actor, ref, archived=True)
    except NotFound:
        raise NotFound(f"There is no record {safe(ref)[:60]} here, or not for you.") from None
    return found, reach(actor, type_of(found.kind).model).get(pk=found.pk)


@click.command("get")
@click.argument("ref", metavar="KEY")
@click.option("--fields", "names", metavar="A,B", help="Only these fields.")
@click.option("--as-of", metavar="DATE", help="As it stood then: 2026-03-01 or 2026-03-01T09:30:00Z.")
@acts
def get(talk: Talk, actor: Actor, ref: str, names: str | None, as_of: str | None) -> None:
    """Show one record by its KEY (F-112) or id."""
    found, record = record_of(actor, ref)
    declared = type_of(found.kind)
    values = _then(actor, record, as_of) if as_of else _now(actor, declared, found)
    wanted = [n.strip() for n in names.split(",")] if names else None
    for name in wanted or []:
        if name not in values:
            raise Invalid(("fields", f"There is no field called {name[:60]}.{did_you_mean(name, values)}"))
    values = {n: v for n, v in values.items() if wanted is None or n in wanted}
    if talk.json:
        head = {"id": str(found.pk), "key": found.key, "kind": found.kind}
        talk.data({**head, **({} if as_of else {"version": record.version, "revision": record.revision}), **values})
        return
    _show(talk, actor, declared, found, values)


def _now(actor: Actor, declared: RecordType, found: Card) -> dict[str, Any]:
    names = [*all_fields(actor, declared), *declared.cite_by_name, "tags"]
    names += [
        n for n, c in declared.computed_by_name.items() if not c.private or actor.may("read_private", declared.group)
    ]
    trash = found.archived_at is not None
    [row] = list_page(actor, declared, f"key:{found.key}", names=names, limit=1, archived=trash).rows
    row = {n: v for n, v in row.items() if n in names}
    return {**row, "archived_at": exported(found.archived_at)} if trash else row


def _then(actor: Actor, record: Record, raw: str) -> dict[str, Any]:
    try:
        at = fields.Moment().clean(raw, actor)
    except fields.Refused as refused:
        raise Invalid(("as_of", str(refused))) from None
    values = past.as_of(actor, record, at)
    if values is None:
        raise NotFound(f"{record.key} did not exist yet at {raw}.")
    return values


def _show(talk: Talk, actor: Actor, declared: RecordType, found: Card, values: dict[str, Any]) -> None:
    known: dict[str, Any] = {**all_fields(actor, declared), **declared.computed_by_name}
    bodies = [n for n in values if n in known and known[n].kind is not None and known[n].kind.name == "markdown"]
    talk.line(f"{found.key}  {safe(values.get('title', found.title))}", bold=True)
    plain_ones = [(n, v) for n, v in values.items() if n not in bodies and n != "title" and v not in (None, "", [])]
    room = max((len(_label(known, n)) for n, _ in plain_ones), default=0)
    for name, value in plain_ones:
        talk.line(f"  {_label(known, name):<{room}}  {safe(_said(known.get(name), value))}")
    for name in bodies:
        if values[name]:
            talk.line(f"\n{_label(known, name)}", dim=True)
            talk.line(safe(values[name], lines=True))


def _label(known: dict[str, Any], name: str) -> str:
    return known[name].label if name in known else name.replace("_", " ").capitalize()


def _said(field: Any, value: Any) -> str:
    text = exported(value)
    if field is not None and isinstance(field.kind, fields.Choice):
        text = dict(field.kind.choices).get(value, text)
    if isinstance(value, dict) and value.get("title"):
        text = f"{value['key']} {value['title']}"
    if isinstance(text, float) and text == int(text):
        text = int(text)
    unit = getattr(field, "unit", "")
    return f"{text} {unit}" if unit else str(text)


# ---- the thread -------------------------------------------------------------------------


@click.command("why")
@click.argument("ref", metavar="KEY")
@acts
def why(talk: Talk, actor: Actor, ref: str) -> None:
    """Show what a record rests on: strongest evidence first, up to the customers' words."""
    found, _ = record_of(actor, ref)
    nodes = thread.why(actor, found)
    if talk.json:
        talk.data({"key": found.key, "title": found.title, "why": [_node(n) for n in nodes]})
        return
    talk.line(f"{found.key}  {safe(found.title)}", bold=True)
    _tree(talk, nodes)
    if not nodes:
        talk.say("It cites nothing: nobody has said why.")


@click.command("trace")
@click.argument("ref", metavar="KEY")
@acts
def trace(talk: Talk, actor: Actor, ref: str) -> None:
    """Show a record's whole thread: where it stands, why it is, what came of it."""
    found, _ = record_of(actor, ref)
    up, down = thread.why(actor, found), thread.what_came_of_it(actor, found)
    stops = thread.bar(found, up, down)
    if talk.json:
        bar = [{"name": s.name, "count": s.count, "key": s.key, "here": s.here, "gap": s.gap} for s in stops]
        trees = {"why": [_node(n) for n in up], "came_of_it": [_node(n) for n in down]}
        talk.data({"key": found.key, "title": found.title, "thread": bar, **trees})
        return
    talk.line(f"{found.key}  {safe(found.title)}", bold=True)
    talk.line(" ─ ".join(_stop(s) for s in stops))
    for label, nodes in (("Why", up), ("What came of it", down)):
        talk.line(f"\n{label}", dim=True)
        _tree(talk, nodes)
        if not nodes:
            talk.line("  nothing yet")


def _stop(stop: thread.Stop) -> str:
    if stop.here:
        return f"[{stop.label}]"
    return f"({stop.label}: none)" if stop.gap else f"{stop.key or stop.count} {stop.label}"


def _shaken(node: thread.Node) -> str:
    if not node.suspect:
        return ""
    return " (not checked in time)" if node.overdue else " (changed since it was read)"


def _tree(talk: Talk, nodes: list[thread.Node], indent: str = "  ") -> None:
    for node in nodes:
        marks = "".join([_shaken(node), " (in the trash)" if node.archived else ""])
        talk.line(f"{indent}{node.key}  {safe(node.title)}  [{node.link_kind}, {node.state}]{marks}")
        if node.quote:
            talk.line(f"{indent}  “{safe(node.quote)}”", dim=True)
        _tree(talk, node.children, indent + "  ")


def _node(node: thread.Node) -> dict[str, Any]:
    names = ("id", "kind", "key", "title", "state", "link_kind", "quote", "weight", "suspect", "archived")
    return {**{n: getattr(node, n) for n in names}, "children": [_node(c) for c in node.children]}


# ---- search -----------------------------------------------------------------------------


@click.command("search")
@click.argument("text", nargs=-1, required=True)
@click.option("--type", "declared", metavar="TYPE", type=TypeName(), help="Only records of this type.")
@click.option("-n", "--limit", default=20, show_default=True, type=click.IntRange(1, 200), help="How many at most.")
@acts
def search(talk: Talk, actor: Actor, text: tuple[str, ...], declared: RecordType | None, limit: int) -> None:
    """Find records by words in titles and texts; "quoted words" stand together."""
    hits = searching.find(actor, " ".join(text), declared.kind if declared else None, limit)
    if talk.json:
        names = ("kind", "key", "title", "state")
        talk.data({"data": [{"id": h.card_id, **{n: getattr(h, n) for n in names}} for h in hits]})
        return
    talk.table(["key", "type", "title", "state"], ([h.key, type_of(h.kind).label, h.title, h.state] for h in hits))
    if not hits:
        talk.say("Nothing found.")
