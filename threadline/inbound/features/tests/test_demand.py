"""Demand: who asks, each once, however often they said it and however notes were merged."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from threadline.inbound.features.demand import demand
from threadline.inbound.features.queries import voices
from threadline.inbound.feedback.merging import merge_feedback, unmerge_feedback
from threadline.kernel import listing, past, rows, undo, verbs
from threadline.kernel.access import Actor
from threadline.kernel.errors import KernelError
from threadline.kernel.links import Link
from threadline.kernel.registry import type_of
from threadline.kernel.testing import World, fresh, rolled_back


def column(actor: Actor, feature: Any, *names: str) -> list[Any]:
    [row] = listing.list_page(actor, type_of("feature"), f"key:{feature.key}", names=names).rows
    return [row[n] for n in names]


def cite(world: World, feature: Any, *notes: Any, weight: int = 0) -> None:
    for note in notes:
        verbs.link(world.pm, feature, note, "evidence", weight=weight)


@pytest.fixture
def feature(world: World) -> Any:
    return world.make("feature", title="Rejoin a raid")


def test_a_customer_counts_once_however_often_they_ask(world: World, feature: Any) -> None:
    acme = world.make("account", title="Acme", annual_revenue=1200)
    jo = world.make("contact", title="Jo", account=acme.key)
    lee = world.make("contact", title="Lee")
    notes = [
        world.make("feedback", account=acme.key),
        world.make("feedback", account=acme.key, author="Somebody else"),
        world.make("feedback", contact=jo.key),  # of Acme, by her contact
        world.make("feedback", contact=lee.key),
        world.make("feedback", contact=lee.key),
        world.make("feedback", author="Marlies_K"),
        world.make("feedback", author="marlies_k"),
        world.make("feedback"),
        world.make("feedback"),
    ]
    cite(world, feature, *notes)
    assert column(world.pm, feature, "demand", "revenue") == [5, 1200]
    told = demand(world.pm, feature)
    assert (told.notes, told.customers, told.accounts, told.people, told.revenue) == (9, 5, 1, 4, 1200)


def test_what_is_in_the_trash_asks_for_nothing(world: World, feature: Any) -> None:
    acme = world.make("account", annual_revenue=1200)
    note = world.make("feedback", account=acme.key)
    cite(world, feature, note)
    verbs.archive(world.pm, "feedback", note)
    assert column(world.pm, feature, "demand", "revenue") == [0, None]
    assert demand(world.pm, feature).customers == 0


def test_nothing_out_of_reach_is_counted(world: World, feature: Any) -> None:
    secret = world.make("account", actor=world.owner, annual_revenue=900, confidentiality=2)
    note = world.make("feedback", actor=world.owner, account=secret.key)
    hidden = world.make("feedback", actor=world.owner, confidentiality=2)
    for one in (note, hidden):
        verbs.link(world.owner, feature, one, "evidence")
    assert column(world.owner, feature, "demand", "revenue") == [2, 900]
    assert column(world.pm, feature, "demand", "revenue") == [1, None]
    assert (demand(world.pm, feature).accounts, demand(world.pm, feature).revenue) == (0, 0)
    assert demand(world.owner, feature).accounts == 1


def test_a_contact_kept_for_few_does_not_tell_where_they_work(world: World, feature: Any) -> None:
    acme = world.make("account", annual_revenue=1200)
    whistle = world.make("contact", actor=world.owner, account=acme.key, confidentiality=2)
    note = world.make("feedback", actor=world.owner, contact=whistle.key)
    verbs.link(world.owner, feature, note, "evidence")
    assert column(world.pm, feature, "demand", "revenue") == [1, None]


def test_revenue_is_for_those_who_may_read_it(world: World, feature: Any) -> None:
    acme = world.make("account", annual_revenue=1200, segment="enterprise", plan="growth")
    cite(world, feature, world.make("feedback", account=acme.key))
    seen = demand(world.viewer, feature)
    assert (seen.customers, seen.accounts, seen.revenue) == (1, 1, None)
    assert {s.revenue for s in (*seen.by_segment, *seen.by_plan)} == {None}
    assert {s.revenue for s in demand(world.pm, feature).by_segment} == {1200}


def test_slices_stand_beside_the_account_base(world: World, feature: Any) -> None:
    for segment, count in (("enterprise", 2), ("consumer", 6)):
        for i in range(count):
            account = world.make("account", segment=segment, annual_revenue=100)
            if segment == "enterprise" or i < 1:
                cite(world, feature, world.make("feedback", account=account.key))
    world.make("account", state="left", segment="partner")
    told = demand(world.pm, feature)
    by = {s.name: s for s in told.by_segment}
    assert (told.base, set(by)) == (8, {"enterprise", "consumer"})
    assert (by["enterprise"].accounts, by["enterprise"].base, by["enterprise"].revenue) == (2, 2, 200)
    assert by["enterprise"].share == pytest.approx(2 / 3)
    assert by["enterprise"].base_share == pytest.approx(1 / 4)
    assert by["enterprise"].lean == pytest.approx((2 / 3) / (1 / 4))
    assert told.distance == pytest.approx(2 / 3 - 1 / 4)
    assert told.says.startswith("Enterprise: 67% of the accounts that asked, 25% of all.")
    assert sum(s.share for s in told.by_segment) == pytest.approx(1)
    assert sum(s.base_share for s in told.by_plan) == pytest.approx(1)


def test_a_mix_like_the_base_is_said_to_be_so(world: World, feature: Any) -> None:
    for segment in ("enterprise", "consumer"):
        for i in range(2):
            account = world.make("account", segment=segment)
            if i == 0:
                cite(world, feature, world.make("feedback", account=account.key))
    assert demand(world.pm, feature).distance == 0
    assert "look like the account base" in demand(world.pm, feature).says


def test_without_an_account_nothing_is_said_of_the_mix(world: World, feature: Any) -> None:
    world.make("account", segment="enterprise")
    cite(world, feature, world.make("feedback"))
    assert demand(world.pm, feature).distance is None
    assert "No account asked yet" in demand(world.pm, feature).says


def test_importance_is_counted_by_customer_at_their_strongest(world: World, feature: Any) -> None:
    acme = world.make("account")
    cite(world, feature, world.make("feedback", account=acme.key), weight=1)
    cite(world, feature, world.make("feedback", account=acme.key), weight=3)
    cite(world, feature, world.make("feedback", author="Jo"))
    assert demand(world.pm, feature).by_weight == {"not said": 1, "nice to have": 0, "important": 0, "deal-breaker": 1}


# ---- merging never changes who asks ---------------------------------------------------------

NOTES, FEATURES = 6, 2
WHO = st.sampled_from(["account 0", "account 1", "author Jo", "author Lee", "nobody"])
PAIR = st.tuples(st.integers(0, NOTES - 1), st.integers(0, NOTES - 1))
MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("merge"), PAIR),
        st.tuples(st.just("unmerge"), PAIR),
        st.tuples(st.just("undo"), PAIR),
    ),
    max_size=8,
)


@pytest.mark.weighty
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    who=st.lists(WHO, min_size=NOTES, max_size=NOTES),
    links=st.sets(st.tuples(st.integers(0, FEATURES - 1), st.integers(0, NOTES - 1)), max_size=6),
    moves=MOVES,
)
@example(who=["author Jo", "account 1", *["nobody"] * 4], links={(1, 1)}, moves=[("merge", (1, 2)), ("merge", (2, 0))])
@example(
    who=["account 0"] * 6,
    links={(0, 0), (0, 1), (0, 2), (1, 3), (1, 4)},
    moves=[("merge", (3, 5)), ("merge", (5, 4))],
)
@example(
    who=["nobody"] * 6,
    links={(1, 3)},
    moves=[("merge", (3, 5)), ("merge", (5, 4)), ("merge", (4, 2)), ("unmerge", (5, 0))],
)
def test_merging_loses_no_voice_and_counts_none_twice(
    world: World, who: list[str], links: set[tuple[int, int]], moves: list[tuple[str, tuple[int, int]]]
) -> None:
    """However notes are merged, taken apart and merges undone: a feature's customers are those of
    the notes it cites and of their repeats, each once; and taken apart, all is as it was."""
    with rolled_back():
        notes, features = _company(world, who, links)
        before = _asked(world, features)
        batches: list[Any] = []
        for move, (a, b) in moves:
            with suppress(KernelError):
                _move(world, move, notes[a], notes[b], batches)
            _check(world, features, notes, who)
        for note in map(fresh, notes):
            if note.state == "merged":
                unmerge_feedback(world.pm, feedback=note.key)
        if not any(move == "undo" for move, _ in moves):
            assert _asked(world, features) == before


def _company(world: World, who: list[str], links: set[tuple[int, int]]) -> tuple[list[Any], list[Any]]:
    accounts = [world.make("account", annual_revenue=100 * (i + 1)) for i in range(2)]
    notes, features = [], [world.make("feature") for _ in range(FEATURES)]
    for i, one in enumerate(who):
        kind, _, name = one.partition(" ")
        said = {"account": accounts[int(name)].key} if kind == "account" else {"author": name} if name else {}
        notes.append(world.make("feedback", title=f"Note {i}", **said))
    for f, n in links:
        verbs.link(world.pm, features[f], notes[n], "evidence")
    return notes, features


def _asked(world: World, features: list[Any]) -> list[tuple[int, int | None, int]]:
    return [(d.customers, d.revenue, d.notes) for d in (demand(world.pm, f) for f in features)]


def _move(world: World, move: str, note: Any, other: Any, batches: list[Any]) -> None:
    if move == "merge":
        merge_feedback(world.pm, feedback=note.key, into=other.key)
        batches.append(past.history(world.pm, note)[0].batch)
    elif move == "unmerge":
        unmerge_feedback(world.pm, feedback=note.key)
    elif batches:
        undo.undo(world.pm, batches.pop())


def _check(world: World, features: list[Any], notes: list[Any], who: list[str]) -> None:
    now = {n.pk: fresh(n) for n in notes}
    name = {n.pk: (w if w != "nobody" else f"nobody {i}") for i, (n, w) in enumerate(zip(notes, who, strict=True))}
    for note in now.values():
        assert note.merged_into_id is None or now[note.merged_into_id].merged_into_id is None, "a chain"
        assert (note.state == "merged") == (note.merged_into_id is not None)
    for feature in features:
        cited = set(Link.objects.filter(source_id=feature.pk).values_list("target_id", flat=True))
        voices = {pk for pk, n in now.items() if pk in cited or n.merged_into_id in cited}
        assert demand(world.pm, feature).customers == len({name[pk] for pk in voices})
        assert column(world.pm, feature, "demand") == [len({name[pk] for pk in voices})]
        for pk, note in now.items():  # what cites a repeat cites its survivor
            if note.merged_into_id is not None and pk in cited:
                assert note.merged_into_id in cited


def test_statistics_do_not_turn_the_planner_away_from_the_index_of_repeats(world: World, feature: Any) -> None:
    """With an index over all the blanks too, SQLite went through every note for every feature: 3 s a page."""
    for i in range(30):
        world.make("feedback", title=f"{i}")
    rows.execute("ANALYZE")
    if rows.is_postgres():
        told = str(rows.fetch("SELECT indexdef FROM pg_indexes WHERE indexname = 'feedback_repeats'"))
        assert "(merged_into_id IS NOT NULL)" in told
    else:
        said, params = voices(world.pm, feature)
        told = str(rows.fetch(f"EXPLAIN QUERY PLAN SELECT df.id{said}", params))
        assert "USING INDEX feedback_repeats" in told
