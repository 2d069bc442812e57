"""What every record type can be relied on to do when it is listed, read and searched."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.inherited.values import full
from threadline.kernel import search, verbs
from threadline.kernel.access import NAMED, TEAM, reach
from threadline.kernel.actions import through_door
from threadline.kernel.cards import Card
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.feed import stream
from threadline.kernel.fields import Markdown
from threadline.kernel.listing import count_of, ids_of, list_page, row_of
from threadline.kernel.past import as_of, history
from threadline.kernel.plan import names_for
from threadline.kernel.query import QueryError
from threadline.kernel.registry import RecordType
from threadline.kernel.testing import World
from threadline.kernel.thread import why


def test_the_columns_it_is_listed_by_are_there(world: World, declared: RecordType) -> None:
    record = full(world, declared)
    names = [n for n in declared.columns if n in names_for(world.pm, declared)]
    assert names == list(declared.columns)
    [row] = list_page(world.pm, declared, names=names).rows
    assert {"id": row["id"], "key": row["key"]} == {"id": str(record.pk), "key": record.key}
    assert set(names) <= set(row)


def test_each_name_sorts_both_ways_and_pages_without_loss(world: World, declared: RecordType) -> None:
    full(world, declared)
    records = {world.make(declared.kind).key, *(r["key"] for r in list_page(world.pm, declared).rows)}
    for name in (n for n, target in names_for(world.pm, declared).items() if target is not None):
        for direction in ("", "-"):
            seen, cursor = [], None
            while cursor or not seen:
                page = list_page(world.pm, declared, f"sort:{direction}{name}", limit=1, cursor=cursor)
                seen += [r["key"] for r in page.rows]
                cursor = page.next_cursor
                if cursor is None:
                    break
            assert len(seen) == len(set(seen)), (name, direction)
            assert set(seen) == records, (name, direction)


def test_each_field_finds_what_it_holds(world: World, declared: RecordType) -> None:
    record = full(world, declared)
    for name, field in declared.by_name.items():
        value = getattr(record, field.attname)
        if value in (None, "") or field.kind.name == "reference":
            continue
        if field.kind.compare in ("date", "time"):
            query = f"{name}>=2000-01-01"
        elif field.kind.compare == "number":
            query = f"{name}>={value} {name}<={value}"
        else:
            query = f'{name}:"{value}"'
        assert str(record.pk) in ids_of(world.pm, declared, query, 10), query
        assert count_of(world.pm, declared, query) == (len(ids_of(world.pm, declared, query, 10)), True)
        assert list_page(world.stranger, declared, query if field.kind.compare != "id" else "").rows == []


def test_a_word_in_any_searched_text_finds_it(world: World, declared: RecordType) -> None:
    """Also a word that stands in a body only."""
    searched = [f for f in declared.by_name.values() if f.search and not f.readonly]
    assert searched
    words = {f.name: f"wombat{n}fish" for n, f in enumerate(searched)}
    record = world.make(declared.kind, **{n: f"before {word} after" for n, word in words.items()})
    for word in words.values():
        assert [h.key for h in search.find(world.viewer, word)] == [record.key]
        assert [h.key for h in search.find(world.viewer, word, declared.kind)] == [record.key]
        assert [r["key"] for r in list_page(world.viewer, declared, word).rows] == [record.key]
        assert search.find(world.stranger, word) == []
    verbs.update(world.pm, declared.kind, record.pk, dict.fromkeys(words, "numbat"))
    assert search.find(world.viewer, next(iter(words.values()))) == []
    assert [h.key for h in search.find(world.viewer, "numbat")] == [record.key]
    verbs.archive(world.pm, declared.kind, record.pk)
    assert search.find(world.viewer, "numbat") == []


def test_one_is_read_by_id_and_by_key_alike(world: World, declared: RecordType) -> None:
    record = full(world, declared)
    by_id, by_key = (row_of(world.pm, declared, ref) for ref in (str(record.pk), record.key))
    assert by_id == by_key == list_page(world.pm, declared).rows[0]
    for ref in (str(record.pk), record.key, "nonsense", f"{declared.model.prefix}-999999", "F-1'--"):
        with pytest.raises(NotFound):
            row_of(world.stranger, declared, ref)


def test_private_values_are_absent_for_those_who_may_not_read_them(world: World, declared: RecordType) -> None:
    """A10, A11: by list, alone, in history, as of a date, in the stream, and in no query either."""
    private = [f for f in declared.by_name.values() if f.private]
    hidden = [*private, *(c for c in declared.computed if c.private)]
    secrets = {f.name: "98765" if f.kind.compare == "number" else f"marsupial@{f.name}.example" for f in private
               if f.kind.name != "reference"}  # fmt: skip
    verbs_alone = {name for name in secrets if declared.by_name[name].readonly}
    given = {name: value for name, value in secrets.items() if name not in verbs_alone}
    record = world.make(declared.kind, **{**world.sample(declared.kind), **given})
    if verbs_alone:
        kept = {name: secrets[name] for name in verbs_alone}
        record = through_door(world.pm, "update", lambda door: door.change(door.get(type(record), record.pk), kept))
    for actor in world.roles:
        if actor.may("read_private", declared.group):
            assert {f.name for f in hidden} <= set(names_for(actor, declared))
            continue
        told = [
            list_page(actor, declared, names=None).rows,
            row_of(actor, declared, record.key),
            [step.diff for step in history(actor, record)],
            as_of(actor, record, record.updated_at),
            [n.diff for n in stream(actor, None, 200)[0]],
        ]
        for answer in told:
            assert not any(f'"{f.name}"' in str(answer).replace("'", '"') for f in hidden), actor.role
            assert not any(secret in str(answer) for secret in secrets.values()), actor.role
        for field in hidden:
            for query in (f"{field.name}:x", f"sort:{field.name}", f"sort:-{field.name}", f"{field.name}>1"):
                with pytest.raises(QueryError) as refused:
                    list_page(actor, declared, query)
                assert not any(f'"{f.name}"' in str(refused.value) for f in hidden)
            with pytest.raises(QueryError):
                list_page(actor, declared, names=[field.name])


@pytest.mark.parametrize(
    "query",
    ["owner__password:x", "sort:owner__password", "owner.email:x", "group:owner__password", "workspace:x",
     "sort:workspace_id", "sort:id;drop", "custom:x", "sort:custom", "password:x", "sort:(select 1)"],
)  # fmt: skip
def test_only_declared_names_are_asked_about(world: World, declared: RecordType, query: str) -> None:
    """A11: hidden and related fields; E10: what is not a name at all is a word or refused, never SQL."""
    world.make(declared.kind)
    try:
        assert list_page(world.pm, declared, query).rows == []
    except QueryError:
        return
    assert ":" not in query.replace("sort:", ""), "a filter on an undeclared name was accepted"


def test_a_record_for_a_team_or_for_named_people_is_nowhere_else(world: World, declared: RecordType) -> None:
    """A7: by list, search, count, key, card, thread."""
    product = world.product("Hidden")
    world.team("Insiders", world.contributor, products=[product])
    other = world.make(declared.kind)
    team = world.make(declared.kind, world.owner, title="Bandicoot", product=str(product.pk), confidentiality=TEAM)
    named = world.make(declared.kind, world.owner, title="Bandicoot", confidentiality=NAMED)
    verbs.name_readers(world.owner, named.pk, [world.viewer.member_id])
    seen = {
        world.contributor: {team.key, other.key},
        world.viewer: {named.key, other.key},
        world.admin: {other.key},
        world.owner: {named.key, other.key},
    }
    for actor, keys in seen.items():
        mine = {team.key, named.key} & keys
        assert {r["key"] for r in list_page(actor, declared).rows} == keys
        assert {h.key for h in search.find(actor, "bandicoot")} == mine
        assert count_of(actor, declared, "bandicoot") == (len(mine), True)
        assert set(reach(actor, Card).filter(kind=declared.kind).values_list("key", flat=True)) == keys
        assert {n.key for n in stream(actor, None, 200)[0] if n.kind == declared.kind} == keys
        for key in {team.key, named.key} - keys:
            for ask in (partial(row_of, actor, declared), partial(verbs.card, actor), partial(verbs.watch, actor)):
                with pytest.raises(NotFound):
                    ask(key)


def test_a_hidden_record_named_in_a_text_stays_hidden(world: World, declared: RecordType) -> None:
    """A7, A8: citing a key that one may not see makes no link and tells nothing."""
    hidden = world.make(declared.kind, world.owner, title="Bandicoot", confidentiality=NAMED)
    texts = [f for f in declared.by_name.values() if isinstance(f.kind, Markdown) and not f.readonly]
    if not texts:  # a type without a long text can be cited in remarks only
        said = verbs.comment(world.pm, world.make(declared.kind).pk, f"See [[{hidden.key}]]")
        assert why(world.pm, verbs.card(world.pm, said.card_id)) == []
        return
    record = world.make(declared.kind, **{texts[0].name: f"See [[{hidden.key}]]"})
    assert why(world.pm, verbs.card(world.pm, record.key)) == []
    assert why(world.owner, verbs.card(world.owner, record.key)) == []


def test_more_records_take_no_more_statements(world: World, declared: RecordType) -> None:
    """The budget of a list and of one record does not grow with how many there are."""

    def statements() -> tuple[int, int]:
        names = [*declared.columns, "tags"]
        with CaptureQueriesContext(
            connection,
        ) as listing:
            rows = list_page(world.pm, declared, names=names).rows
        with CaptureQueriesContext(connection) as single:
            row_of(world.pm, declared, rows[0]["key"])
        return len(listing), len(single)

    first = full(world, declared)
    verbs.tag(world.pm, first.pk, ["one"])
    list_page(world.pm, declared)  # the workspace's own fields are read once
    few = statements()
    for number in range(12):
        verbs.tag(world.pm, world.make(declared.kind).pk, [f"tag {number}"])
    assert statements() == few
    assert few[0] <= 2
    assert few[1] == 1


def test_a_list_takes_no_more_than_it_gives(world: World, declared: RecordType) -> None:
    """F8: limits are limits."""
    world.make(declared.kind)
    for limit in (0, -1, 201, 10**9):
        with pytest.raises(Invalid):
            list_page(world.pm, declared, limit=limit)
    for cursor in ("nonsense", "AAAA", "%%%%", "x" * 10_000, "-1"):
        with pytest.raises(Invalid):
            list_page(world.pm, declared, cursor=cursor)
