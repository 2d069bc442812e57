"""Queries against rows: each form finds what it says, and nothing reaches past the declaration."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from threadline.house import furnishing as house
from threadline.kernel import listing, rows, search, verbs
from threadline.kernel.access import Actor
from threadline.kernel.errors import Invalid
from threadline.kernel.members import User
from threadline.kernel.plan import names_for
from threadline.kernel.query import QueryError
from threadline.kernel.registry import kinds, type_of
from threadline.kernel.testing import World

SCORE = {"reach": 100, "impact": 1, "confidence": 50, "effort": 1}


def titles(actor: Actor, query: str, kind: str = "feature", **extra: Any) -> list[str]:
    return [row["title"] for row in listing.list_page(actor, type_of(kind), query, names=["title"], **extra).rows]


@pytest.fixture
def shelf(world: World) -> World:
    """Four features of different state, score, owner and age."""
    world.make("feature", title="Apple pie", **SCORE)
    world.make("feature", title="Banana split", state="planned", owner="me", **{**SCORE, "reach": 300})
    world.make("feature", title="Cherry 100%_cake", state="candidate", body="Words of a lost raid")
    world.make("feature", title="Date roll", hypothesis="If raids rejoin, they stay")
    return world


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state:planned", {"Banana split"}),
        ("state:planned,candidate", {"Banana split", "Cherry 100%_cake"}),
        ("state:Planned", {"Banana split"}),
        ("-state:idea", {"Banana split", "Cherry 100%_cake"}),
        ("owner:me", {"Banana split"}),
        ("owner:none", {"Apple pie", "Cherry 100%_cake", "Date roll"}),
        ("owner:any", {"Banana split"}),
        ("-owner:me", {"Apple pie", "Cherry 100%_cake", "Date roll"}),
        ("score>50", {"Banana split"}),
        ("score>=50", {"Apple pie", "Banana split"}),
        ("score<150", {"Apple pie"}),
        ("score<=150", {"Apple pie", "Banana split"}),
        ("score:150", {"Banana split"}),
        ("score:none", {"Cherry 100%_cake", "Date roll"}),
        ("-score>50", {"Apple pie", "Cherry 100%_cake", "Date roll"}),
        ("title:PIE,roll", {"Apple pie", "Date roll"}),
        ("title:100%_c", {"Cherry 100%_cake"}),
        ("title:%", {"Cherry 100%_cake"}),
        ("title:a_p", set()),
        ("key:F-1", {"Apple pie"}),
        ("key:2,f-3", {"Banana split", "Cherry 100%_cake"}),
        ("key:F-99", set()),
        ("raid", {"Cherry 100%_cake", "Date roll"}),
        ('"lost raid"', {"Cherry 100%_cake"}),
        ("-raid", {"Apple pie", "Banana split"}),
        ("rai", {"Cherry 100%_cake", "Date roll"}),
        ("updated<1d", {"Apple pie", "Banana split", "Cherry 100%_cake", "Date roll"}),
        ("updated>1d", set()),
        ("demand:0 state:idea", {"Apple pie", "Date roll"}),
        ("tag:none evidence:none state:planned", {"Banana split"}),
        ("suspect:yes", set()),
        ("archived:yes", set()),
        ("watching:no score:any", {"Apple pie", "Banana split"}),
    ],
)
def test_each_form_finds_what_it_says(shelf: World, query: str, found: set[str]) -> None:
    assert set(titles(shelf.pm, query)) == found


def test_dates_compare_by_the_whole_day(world: World) -> None:
    world.make("feedback", title="Old", received_on="2026-01-31")
    world.make("feedback", title="New", received_on="2026-02-01")
    assert titles(world.pm, "received_on>2026-01-31", "feedback") == ["New"]
    assert titles(world.pm, "received_on<=2026-01-31", "feedback") == ["Old"]
    today = rows.now().date()
    assert set(titles(world.pm, f"created>={today}", "feedback")) == {"Old", "New"}
    assert titles(world.pm, f"created>{today}", "feedback") == []
    assert set(titles(world.pm, f"created<={today}", "feedback")) == {"Old", "New"}
    assert titles(world.pm, f"created<={today - timedelta(days=1)}", "feedback") == []


@pytest.mark.parametrize("query", ["created>9999-12-31", "created<99999y", "received_on<99999y", "created<=0001-01-01"])
def test_the_ends_of_the_calendar_are_no_error(world: World, query: str) -> None:
    world.make("feedback", title="One")
    assert len(titles(world.pm, query, "feedback")) <= 1


def test_tags_watches_citations_and_suspects_can_be_asked_for(world: World) -> None:
    aim = world.make("objective", title="Stay")
    cites = [{"kind": "objective", "target": aim.key}]
    made = verbs.create(world.pm, "feature", {"title": "Rejoin"}, cites=cites)
    world.make("feature", title="Other")
    verbs.tag(world.pm, made, ["Raids"])
    verbs.watch(world.pm, made)
    for query in ("tag:raids", f"objective:{aim.key}", "objective:any", "watching:yes", "-objective:none"):
        assert titles(world.pm, query) == ["Rejoin"], query
    assert titles(world.pm, "suspect:yes") == []
    verbs.update(world.pm, "objective", aim, {"title": "Stay longer"})
    assert titles(world.pm, "suspect:yes") == ["Rejoin"]
    assert titles(world.viewer, "watching:yes") == []


def test_the_trash_can_be_asked_for(shelf: World) -> None:
    verbs.archive(shelf.pm, "feature", "F-1")
    assert titles(shelf.pm, "archived:yes") == ["Apple pie"]
    assert "Apple pie" not in titles(shelf.pm, "archived:no")
    assert titles(shelf.pm, "title:pie") == []


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("scroe>5", "Did you mean score?"),
        ("state:plannde", "Expected one of"),
        ("score>many", "Expected a number"),
        ("score>1,2", "one value"),
        ("title>5", "write title:value"),
        ("updated:2026-01-01", "Compare updated with < or >"),
        ("key:lost", "Write a key such as F-12"),
        ("key:N-1", "Write a key such as F-12"),
        ("suspect:maybe", "yes or suspect:no"),
        ("tag>5", "Write tag:value"),
        ("sort:tag", "Cannot sort by tag"),
        ("sort:scoer", "Did you mean score?"),
        ("group:title", "Cannot group by title"),
        ("owner:nobody-here", "Nobody here"),
    ],
)
def test_a_mistake_is_told_in_words(shelf: World, query: str, says: str) -> None:
    with pytest.raises(QueryError) as told:
        titles(shelf.pm, query)
    assert says in told.value.message


def test_a_private_field_does_not_exist_for_those_who_may_not_read_it(world: World) -> None:
    world.make("account", title="Acme", annual_revenue=5)
    assert titles(world.pm, "annual_revenue>1", "account") == ["Acme"]
    for query in ("annual_revenue>1", "sort:-annual_revenue", "sort:annual_revenue"):
        with pytest.raises(QueryError) as told:
            titles(world.viewer, query, "account")
        assert "annual_revenue" not in told.value.message.split(". ", 1)[1]
    with pytest.raises(QueryError):
        titles(world.viewer, "revenue>1")
    with pytest.raises(QueryError):
        listing.list_page(world.viewer, type_of("account"), names=["annual_revenue"])


REACHING = [
    "workspace",
    "workspace_id",
    "password",
    "owner.password",
    "owner__user__password",
    "account.annual_revenue",
    "custom",
    "r.title",
    "version",
    "archived_at",
    "kernel_user.email",
]


@pytest.mark.parametrize("name", REACHING)
@pytest.mark.parametrize("form", ["{}:1", "sort:{}", "group:{}", "{}>1"])
def test_nothing_undeclared_can_be_asked_for(shelf: World, name: str, form: str) -> None:
    with pytest.raises(QueryError):
        titles(shelf.pm, form.format(name))


@pytest.mark.parametrize("name", [*REACHING, "suspect", "archived", "watching", "tag", "title; --", "*"])
def test_nothing_undeclared_can_be_shown(shelf: World, name: str) -> None:
    if name != "version":
        with pytest.raises(QueryError):
            listing.list_page(shelf.pm, type_of("feature"), names=[name])


INJECTIONS = [
    "' OR 1=1 --",
    "'; DROP TABLE inbound_feature; --",
    '" OR ""="',
    "%s",
    "%(id)s",
    "\\",
    "\\'",
    "x') UNION SELECT password FROM kernel_user --",
    "NEAR(a b)",
    "a NEAR b",
    "title:a OR body:b",
    "^lost",
    "lost*",
    "* *",
    "(lost",
    "lost + raid",
    "AND",
    "NOT",
    "OR OR",
    "{title}",
    "scope : w",
    "a & b | !c:*",
    "<->",
    "%%%%",
    "{{ 7*7 }}",
    "{% debug %}",
    "{0.__class__}",
    "${jndi:x}",
]  # fmt: skip


@pytest.mark.parametrize("text", INJECTIONS)
def test_syntax_of_the_database_is_plain_text_here(shelf: World, text: str) -> None:
    """Attack rows E10 and E11: literal search, no error, nothing lost."""
    before = User.objects.count()
    inside = text.replace('"', "")
    made = shelf.make("feature", title=f"Odd {inside} end", body=f"Body {inside} end")
    assert made.title == f"Odd {' '.join(inside.split())} end"
    assert titles(shelf.pm, f'title:"{inside}"') == [made.title]
    for query in (f'title:"{inside}"', f'tag:"{inside}"', f'"{inside}"', f'-"{inside}"', f'evidence:"{inside}"'):
        titles(shelf.pm, query)
    search.find(shelf.pm, text)
    for query in (f'state:"{inside}"', f'score>"{inside}"', f'owner:"{inside}"', f'created<"{inside}"'):
        with pytest.raises(QueryError):
            titles(shelf.pm, query)
    assert len(titles(shelf.pm, "")) == 5
    assert User.objects.count() == before


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60))
def test_any_query_is_answered_or_refused(shelf: World, text: str) -> None:
    for query in (text, f'title:"{text}"', f"sort:{text}", f'"{text}'):
        try:
            listing.list_page(shelf.pm, type_of("feature"), query, limit=2)
            listing.count_of(shelf.pm, type_of("feature"), query)
        except Invalid:
            continue


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=80))
def test_any_search_is_answered(shelf: World, text: str) -> None:
    search.find(shelf.pm, text)
    search.find(shelf.pm, text, "feature")


@pytest.mark.parametrize("text", ["a " * 50_000, '"' * 100_000, "é" * 100_000, "a\u0301" * 50_000, "-" * 100_000])
def test_a_search_of_100_kB_is_cut_and_answered(shelf: World, text: str) -> None:  # noqa: N802 - a unit
    """Attack row E9."""
    assert search.find(shelf.pm, text) is not None
    assert len(search.terms(text)) <= search.MOST_WORDS


# ---- the workspace's own fields -----------------------------------------------------------


@pytest.fixture
def own(world: World) -> World:
    """One own field of each type on features, and two features that use them."""
    for label, extra in {
        "Theme": {"type": "text"},
        "Size": {"type": "number"},
        "Allowance": {"type": "money"},
        "Decided": {"type": "date"},
        "Tier": {"type": "choice", "choices": ["Gold", "Silver"]},
        "Champion": {"type": "person"},
        "Spec": {"type": "link"},
    }.items():
        house.add_field(world.admin, "feature", {"label": label, **extra})
    world.pm.workspace.refresh_from_db()
    first = {"theme": "Raids", "size": "9", "allowance": "1000", "decided": "2026-03-01", "tier": "gold"}
    world.make("feature", title="Full", **first, champion="me", spec="https://a.example/x")
    world.make("feature", title="Bigger", size=10, decided="2026-04-01", tier="Silver")
    world.make("feature", title="Empty")
    return world


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("theme:raid", ["Full"]),
        ("size>9", ["Bigger"]),
        ("size:9", ["Full"]),
        ("allowance>=1000", ["Full"]),
        ("decided>2026-03-01", ["Bigger"]),
        ("decided<=2026-03-01", ["Full"]),
        ("tier:gold", ["Full"]),
        ("tier:none", ["Empty"]),
        ("champion:me", ["Full"]),
        ("champion:none sort:-size", ["Bigger", "Empty"]),
        ("spec:a.example", ["Full"]),
        ("sort:size", ["Full", "Bigger", "Empty"]),
        ("sort:-decided", ["Bigger", "Full", "Empty"]),
        ("group:tier", ["Full", "Bigger", "Empty"]),
    ],
)
def test_own_fields_are_asked_for_like_any_other(own: World, query: str, found: list[str]) -> None:
    assert titles(own.pm, query) == found


@pytest.mark.parametrize(
    "name", ["x') --", "a.b", "A b", "title", "state", "1", "é", "workspace_id", "a" * 200, "${x}"]
)
def test_the_name_of_an_own_field_cannot_carry_sql(world: World, name: str) -> None:
    """Attack row E10: it is made of small letters, digits and underscores, whatever was sent."""
    try:
        made = house.add_field(world.admin, "feature", {"label": "Odd", "name": name, "type": "text"})
    except Invalid:
        return
    assert made.name.replace("_", "").isalnum()
    assert made.name.isascii()
    assert made.name not in type_of("feature").by_name


@pytest.mark.parametrize("kind", [t.kind for t in kinds()])
def test_every_name_a_type_knows_can_be_asked_for_and_most_can_be_sorted(world: World, kind: str) -> None:
    world.make(kind)
    declared = type_of(kind)
    for name, target in names_for(world.pm, declared).items():
        listing.list_page(
            world.pm,
            declared,
            f"{name}:{'no' if name in ('suspect', 'archived', 'watching') else 1}"
            if name in ("key", "suspect", "archived", "watching")
            else f"{name}:none",
            names=["title"],
        )
        if target is not None:
            for direction in ("", "-"):
                assert listing.list_page(world.pm, declared, f"sort:{direction}{name}", names=["title"]).rows
