"""Lists: pages cut by key equal the whole, foreign cursors are refused, rows hold what they should."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from threadline.kernel import listing, rows, verbs
from threadline.kernel.access import Actor
from threadline.kernel.errors import Invalid
from threadline.kernel.query import QueryError
from threadline.kernel.registry import type_of
from threadline.kernel.testing import World, rolled_back

QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FEATURE = "feature"


def paged(actor: Actor, kind: str, query: str, limit: int) -> Iterator[dict[str, Any]]:
    cursor = None
    for _ in range(100):
        page = listing.list_page(actor, type_of(kind), query, limit=limit, cursor=cursor)
        yield from page.rows
        cursor = page.next_cursor
        if cursor is None:
            return
    raise AssertionError("the list never ends")


def whole(actor: Actor, kind: str, query: str) -> list[str]:
    return [row["key"] for row in listing.list_page(actor, type_of(kind), query, limit=200).rows]


some = st.sampled_from
FEATURES = st.lists(
    st.fixed_dictionaries(
        {
            "title": some(["a", "b", "B", "é", "z z"]),
            "state": some(["idea", "planned", "candidate"]),
            "reach": some([None, 0, 10, 1000]),
            "effort": some([None, 1, 2]),
            "owner": some([None, "me"]),
            "product": some([None, "Atlas", "Boreal"]),
            "parent": some([None, "F-1"]),
            "reach_on": some([None, "2026-01-01", "2026-02-01"]),
        }
    ),
    max_size=8,
).map(lambda made: made * 2)  # every row has a twin, so that ties stand at the cut as well
SORTS = [
    "score", "title", "state", "owner", "product", "parent", "reach", "reach_on", "demand", "revenue",
    "objective", "updated", "created", "key", "confidentiality",
]  # fmt: skip
SORTINGS = st.lists(st.tuples(some(["", "-"]), some(SORTS)), min_size=1, max_size=4).map(
    lambda parts: "sort:" + ",".join(f"{minus}{name}" for minus, name in parts)
)
GROUPS = some(["", " group:state", " group:owner", " group:product", " group:parent", " group:objective"])


@QUICK
@given(made=FEATURES, sorting=SORTINGS, group=GROUPS, limit=st.integers(1, 5), cited=st.sets(st.integers(0, 13)))
def test_pages_put_together_equal_the_whole_list(
    world: World, made: list[dict[str, Any]], sorting: str, group: str, limit: int, cited: set[int]
) -> None:
    """Whatever the order, with blanks and ties: no row twice, none left out, none moved."""
    with rolled_back():
        world.product("Atlas"), world.product("Boreal")
        world.make(FEATURE, title="first")
        aims = [world.make("objective", title=title) for title in ("stay", "grow")]
        account = world.make("account", annual_revenue=10)
        note = world.make("feedback", title="note", account=account.key)
        common = {"impact": 1, "confidence": 80}
        for i, values in enumerate(made):
            cites = [{"kind": "objective", "target": aims[i % 2].key}, {"kind": "evidence", "target": note.key}]
            verbs.create(world.pm, FEATURE, {**common, **values}, cites=cites if i in cited else [])
        query = sorting + group
        expected = whole(world.pm, FEATURE, query)
        assert len(expected) == len(made) + 1
        assert [row["key"] for row in paged(world.pm, FEATURE, query, limit)] == expected


TWINS = [{"title": "a", "reach": reach} for reach in (None, 1, 1, None, 1)]


@pytest.mark.parametrize("minus", ["", "-"])
@pytest.mark.parametrize("name", SORTS)
def test_twins_are_told_apart_in_every_order(world: World, name: str, minus: str) -> None:
    for values in TWINS:
        world.make(FEATURE, **values, impact=1, confidence=80, effort=1)
    for query in (f"sort:{minus}{name}", f"sort:{minus}{name},-title", f"sort:{minus}{name} group:state"):
        assert [r["key"] for r in paged(world.pm, FEATURE, query, 2)] == whole(world.pm, FEATURE, query), query


@QUICK
@given(made=FEATURES, name=some(["score", "reach", "reach_on", "title"]), down=st.booleans())
def test_blanks_come_last_and_the_rest_in_order(
    world: World, made: list[dict[str, Any]], name: str, down: bool
) -> None:
    with rolled_back():
        for values in made:
            world.make(FEATURE, **{**values, "parent": None, "product": None, "impact": 1, "confidence": 80})
        page = listing.list_page(world.pm, type_of(FEATURE), f"sort:{'-' if down else ''}{name}", names=[name])
        values = [row[name] for row in page.rows]
        said = [v for v in values if v is not None]
        assert values == [*sorted(said, reverse=down), *[None] * (len(values) - len(said))]


def test_instants_on_the_full_second_are_paged_like_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite keeps them without a fraction; a cursor that adds one would repeat the row for ever."""
    monkeypatch.setattr(rows, "now", lambda: datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC))
    for i in range(5):
        world.make(FEATURE, title=f"At {i}")
    for query in ("sort:-updated", "sort:updated", "sort:-created,title"):
        assert [r["key"] for r in paged(world.pm, FEATURE, query, 2)] == whole(world.pm, FEATURE, query)
    assert len(whole(world.pm, FEATURE, "updated<=2026-03-04")) == 5


def test_rows_that_appear_and_go_between_pages_move_nothing(world: World) -> None:
    for i in range(6):
        world.make(FEATURE, title=f"{i}")
    first = listing.list_page(world.pm, type_of(FEATURE), "sort:title", limit=3)
    world.make(FEATURE, title="0 new")
    verbs.archive(world.pm, FEATURE, "F-3")
    rest = listing.list_page(world.pm, type_of(FEATURE), "sort:title", limit=3, cursor=first.next_cursor)
    assert [row["title"] for row in rest.rows] == ["3", "4", "5"]


@pytest.fixture
def long(world: World) -> World:
    for i in range(4):
        world.make(FEATURE, title=f"F{i}", reach=i, impact=1, confidence=80, effort=1)
        world.make("objective", title=f"O{i}")
    return world


def cursor_of(actor: Actor, query: str, kind: str = FEATURE, **extra: Any) -> str:
    made = listing.list_page(actor, type_of(kind), query, limit=2, **extra).next_cursor
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("kind", "query"),
    [
        ("objective", "sort:title"),
        (FEATURE, "sort:-title"),
        (FEATURE, "sort:title,score"),
        (FEATURE, "sort:title state:idea"),
        (FEATURE, "sort:title group:state"),
        (FEATURE, ""),
    ],
)
def test_a_cursor_of_another_list_is_refused(long: World, kind: str, query: str) -> None:
    cursor = cursor_of(long.pm, "sort:title")
    assert listing.list_page(long.pm, type_of(FEATURE), "sort:title", limit=2, cursor=cursor).rows
    with pytest.raises(Invalid) as told:
        listing.list_page(long.pm, type_of(kind), query, limit=2, cursor=cursor)
    assert told.value.problems[0].field == "cursor"


def test_a_cursor_of_another_workspace_or_of_the_trash_is_refused(long: World) -> None:
    cursor = cursor_of(long.pm, "sort:title")
    with pytest.raises(Invalid):
        listing.list_page(long.stranger, type_of(FEATURE), "sort:title", limit=2, cursor=cursor)
    with pytest.raises(Invalid):
        listing.list_page(long.pm, type_of(FEATURE), "sort:title", limit=2, cursor=cursor, archived=True)


@pytest.mark.parametrize(
    "forged",
    [
        "x",
        "é",
        "=" * 40,
        "A" * 100_000,
        base64.urlsafe_b64encode(b"\x00" * 12 + orjson.dumps(["F1", "0" * 36])).decode(),
        base64.urlsafe_b64encode(orjson.dumps([["title"], ["F1", "0" * 36]])).decode(),
        base64.urlsafe_b64encode(orjson.dumps([2**63, "' OR 1=1"])).decode(),
    ],
)
def test_a_forged_cursor_never_reaches_the_database(long: World, forged: str) -> None:
    with pytest.raises(Invalid) as told:
        listing.list_page(long.pm, type_of(FEATURE), "sort:title", limit=2, cursor=forged)
    assert told.value.problems[0].field == "cursor"


def test_a_cursor_with_one_letter_changed_is_refused(long: World) -> None:
    cursor = cursor_of(long.pm, "sort:title")
    changed = [cursor[:i] + ("A" if c != "A" else "B") + cursor[i + 1 :] for i, c in enumerate(cursor[:-1])]
    for one in changed:
        with pytest.raises(Invalid):
            listing.list_page(long.pm, type_of(FEATURE), "sort:title", limit=2, cursor=one)


@pytest.mark.parametrize("limit", [0, -1, 201, 10**9])
def test_a_page_has_between_1_and_200_rows(world: World, limit: int) -> None:
    with pytest.raises(Invalid):
        listing.list_page(world.pm, type_of(FEATURE), limit=limit)


def test_private_fields_are_absent_for_those_who_may_not_read_them(world: World) -> None:
    world.make("account", title="Acme", annual_revenue=12)
    declared = type_of("account")
    assert listing.list_page(world.pm, declared).rows[0]["annual_revenue"] == 12
    seen = listing.list_page(world.viewer, declared)
    assert "annual_revenue" not in seen.rows[0]
    assert "annual_revenue" not in seen.names
    with pytest.raises(QueryError):
        listing.list_page(world.viewer, type_of(FEATURE), names=["title", "revenue"])


def test_a_row_names_what_it_points_at_only_within_reach(world: World) -> None:
    hidden = world.make("account", actor=world.owner, title="Secret buyer", confidentiality=2)
    note = world.make("feedback", actor=world.owner, title="Said", account=hidden.key, owner="me")
    feature = verbs.create(world.owner, FEATURE, {"title": "Made"}, cites=[{"kind": "evidence", "target": note.key}])
    verbs.tag(world.owner, feature, ["b", "a"])
    names = ["title", "account", "owner"]
    [row] = listing.list_page(world.owner, type_of("feedback"), names=names).rows
    assert row["account"] == {"id": str(hidden.pk), "key": "A-1", "title": "Secret buyer"}
    assert row["owner"] == {"id": str(world.owner.member_id), "name": "Olga Owner"}
    [row] = listing.list_page(world.pm, type_of("feedback"), names=names).rows
    assert row["account"] is None
    [row] = listing.list_page(world.pm, type_of(FEATURE), names=["evidence", "tags", "title"]).rows
    assert (row["evidence"], row["tags"]) == ({"key": "N-1", "title": "Said"}, ["a", "b"])


def test_groups_come_one_after_the_other_with_their_name_in_each_row(world: World) -> None:
    for state in ("planned", "idea", "planned", "shipped"):
        world.make(FEATURE, title=state, state=state)
    page = listing.list_page(world.pm, type_of(FEATURE), "group:state sort:-key", names=["title"])
    assert [(row["state"], row["key"]) for row in page.rows] == [
        ("idea", "F-2"), ("planned", "F-3"), ("planned", "F-1"), ("shipped", "F-4"),
    ]  # fmt: skip
    assert page.group == "state"


def test_the_trash_is_a_list_of_its_own(world: World) -> None:
    world.make(FEATURE, title="Kept")
    verbs.archive(world.pm, FEATURE, world.make(FEATURE, title="Gone"))
    assert [r["title"] for r in listing.list_page(world.pm, type_of(FEATURE)).rows] == ["Kept"]
    assert [r["title"] for r in listing.list_page(world.pm, type_of(FEATURE), archived=True).rows] == ["Gone"]


def test_counts_are_capped_unless_asked_to_the_end(world: World) -> None:
    for i in range(5):
        world.make(FEATURE, title=f"{i}")
    declared = type_of(FEATURE)
    assert listing.count_of(world.pm, declared) == (5, True)
    assert listing.count_of(world.pm, declared, cap=3) == (3, False)
    assert listing.count_of(world.pm, declared, cap=5) == (5, True)
    assert listing.count_of(world.pm, declared, cap=None) == (5, True)
    assert listing.count_of(world.stranger, declared) == (0, True)
    assert len(listing.ids_of(world.pm, declared, "", 3)) == 3


def test_a_page_is_one_statement_and_one_more_with_tags(world: World) -> None:
    for i in range(30):
        world.make(FEATURE, title=f"{i}", owner="me")
    declared = type_of(FEATURE)
    names = ["title", "owner", "product", "parent", "objective", "demand"]
    listing.list_page(world.pm, declared, names=names)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        listing.list_page(world.pm, declared, names=names, limit=20)
    assert len(asked) == 1
    with CaptureQueriesContext(connection) as asked:
        listing.list_page(world.pm, declared, names=[*names, "tags"], limit=20)
    assert len(asked) == 2


def test_every_row_can_be_written_as_json_and_exported(world: World) -> None:
    account = world.make("account", annual_revenue=10)
    note = world.make("feedback", **{**world.sample("feedback"), "account": account.key})
    verbs.create(world.pm, FEATURE, world.sample(FEATURE), cites=[{"kind": "evidence", "target": note.key}])
    declared = type_of(FEATURE)
    [row] = listing.list_page(world.pm, declared, names=[*declared.by_name, "demand", "revenue", "evidence"]).rows
    told = orjson.loads(orjson.dumps(row, option=listing.JSON_OPTIONS))
    assert (told["demand"], told["revenue"], told["evidence"]["key"]) == (1, 10, note.key)
    assert told["created_at"].endswith("Z")
    assert listing.exported(row["owner"]) == "Petra Manager"
    assert listing.exported(row["reach_on"]) == "2026-03-04"
    assert str(listing.exported(row["created_at"])).endswith("Z")
