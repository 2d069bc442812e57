"""Time travel: whatever was edited, each moment can be read again as it stood then."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from threadline.kernel import past, rows, verbs
from threadline.kernel.access import NAMED
from threadline.kernel.changes import Change
from threadline.kernel.door import exchange_values
from threadline.kernel.errors import KernelError
from threadline.kernel.links import Link
from threadline.kernel.registry import type_of
from threadline.kernel.testing import World, fresh, rolled_back
from threadline.kernel.undo import undo

FEATURE = type_of("feature")
some = st.sampled_from
EDIT = st.one_of(
    st.tuples(st.just("title"), some(["a", "b", "é"])),
    st.tuples(st.just("body"), some(["", "One", "Two\n\nlines"])),
    st.tuples(st.just("state"), some(["idea", "planned", "candidate"])),
    st.tuples(st.just("reach"), some([None, 0, 1.5, 1000])),
    st.tuples(st.just("owner"), some([None, "me"])),
    st.tuples(st.just("reach_on"), some([None, "2026-01-01"])),
    st.tuples(st.just("link"), st.integers(0, 2)),
    st.tuples(st.just("weight"), st.integers(0, 3)),
    st.tuples(st.just("unlink"), st.integers(0, 2)),
    st.tuples(st.just("trash"), st.booleans()),
    st.tuples(st.just("undo"), st.none()),
)


def step(world: World, feature: Any, others: list[Any], what: str, value: Any) -> None:
    if what in ("link", "weight"):
        weight = value if what == "weight" else None
        verbs.link(world.pm, feature, others[value % 3], "depends_on", weight=weight)
    elif what == "unlink":
        found = Link.objects.filter(source_id=feature.pk, target_id=others[value].pk).first()
        if found is not None:
            verbs.unlink(world.pm, found.pk)
    elif what == "trash":
        (verbs.archive if value else verbs.restore)(world.pm, "feature", feature)
    elif what == "undo":
        undo(world.pm, Change.objects.filter(card_id=feature.pk).order_by("-pk")[0].batch)
    else:
        verbs.update(world.pm, "feature", feature, {what: value})


def now_of(feature: Any) -> tuple[dict[str, Any], bool, set[tuple[Any, ...]]]:
    record = fresh(feature)
    links = Link.objects.filter(source_id=feature.pk).values_list("target_id", "quote", "weight", "seen_revision")
    return (
        exchange_values(FEATURE, record, {}),
        record.archived_at is not None,
        {(str(t), q, w, s) for t, q, w, s in links},
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=st.lists(EDIT, max_size=12))
def test_each_moment_reads_as_it_stood(world: World, edits: list[tuple[str, Any]]) -> None:
    with rolled_back():
        feature, others = world.make("feature", title="start"), [world.make("feature") for _ in range(3)]
        taken = [(rows.now(), now_of(feature))]
        for what, value in edits:
            try:
                step(world, feature, others, what, value)
            except KernelError:
                continue
            taken.append((rows.now(), now_of(feature)))
        for at, (values, trashed, links) in taken:
            then = past.as_of(world.pm, fresh(feature), at)
            assert then is not None
            assert {n: then[n] for n in values} == values
            assert (then["archived_at"] is not None) == trashed
            there = past.links_as_of(world.pm, fresh(feature), at)
            assert {(x["target"], x["quote"], x["weight"], x["seen_revision"]) for x in there} == links


def test_the_first_moment_is_its_making_and_before_there_is_nothing(world: World) -> None:
    made = world.make("feature", title="Made", reach=0, state="planned")
    first = past.as_of(world.pm, made, made.created_at)
    assert first is not None
    assert (first["title"], first["reach"], first["state"]) == ("Made", 0, "planned")
    assert past.as_of(world.pm, made, made.created_at - timedelta(microseconds=1)) is None


def test_two_moments_differ_by_what_changed_between(world: World) -> None:
    made = world.make("feature", title="A")
    first = rows.now()
    verbs.update(world.pm, "feature", made, {"title": "B", "reach": 5})
    second = rows.now()
    verbs.update(world.pm, "feature", made, {"title": "A", "effort": 2})
    record = fresh(made)
    assert past.difference(world.pm, record, first, second) == {"title": ["A", "B"], "reach": [None, 5]}
    assert past.difference(world.pm, record, first, rows.now()) == {"reach": [None, 5], "effort": [None, 2]}
    assert past.difference(world.pm, record, second, second) == {}


def test_since_tells_only_meaning_and_only_what_still_differs(world: World) -> None:
    aim = world.make("objective", title="A", body="One")
    verbs.update(world.pm, "objective", aim, {"title": "B", "state": "active"})
    verbs.update(world.pm, "objective", aim, {"title": "C", "body": "Two"})
    assert past.since(world.pm, "objective", aim.pk, 1) == {"title": ["A", "C"], "body": ["One", "Two"]}
    verbs.update(world.pm, "objective", aim, {"title": "A"})
    assert past.since(world.pm, "objective", aim.pk, 1) == {"body": ["One", "Two"]}
    assert past.since(world.pm, "objective", aim.pk, 3) == {"title": ["C", "A"]}


def test_the_past_keeps_secrets_too(world: World) -> None:
    account = world.make("account", annual_revenue=5)
    verbs.update(world.pm, "account", account, {"annual_revenue": 9, "region": "North"})
    record = fresh(account)
    at = rows.now()
    assert "annual_revenue" not in (past.as_of(world.viewer, record, at) or {})
    assert set(past.difference(world.viewer, record, record.created_at, at)) == {"region"}
    assert all("annual_revenue" not in s.diff for s in past.history(world.viewer, record))
    assert past.history(world.pm, record)[0].diff["annual_revenue"] == [5, 9]


def test_links_to_what_is_out_of_reach_were_never_there(world: World) -> None:
    feature, hidden = world.make("feature"), world.make("feature", actor=world.owner, confidentiality=NAMED)
    verbs.link(world.owner, feature, hidden, "depends_on", quote="the secret part")
    at = rows.now()
    assert len(past.links_as_of(world.owner, fresh(feature), at)) == 1
    assert past.links_as_of(world.pm, fresh(feature), at) == []
    assert "the secret part" not in str(past.history(world.pm, fresh(feature)))
    assert "the secret part" in str(past.history(world.owner, fresh(feature)))


def test_words_taken_back_are_in_no_history(world: World) -> None:
    feature = world.make("feature")
    said = verbs.comment(world.pm, feature, "Something private")
    verbs.remove_comment(world.pm, said.pk)
    assert "Something private" not in str(past.history(world.owner, fresh(feature)))


def test_history_is_read_page_by_page_newest_first(world: World) -> None:
    feature = world.make("feature")
    for i in range(5):
        verbs.update(world.pm, "feature", feature, {"title": f"{i}"}, why=f"because {i}")
    first = past.history(world.pm, fresh(feature), limit=2)
    rest = past.history(world.pm, fresh(feature), before=first[-1].id)
    assert [s.version for s in (*first, *rest)] == [6, 5, 4, 3, 2, 1]
    assert [s.why for s in first] == ["because 4", "because 3"]


@pytest.mark.parametrize("kind", ["feature", "feedback"])
def test_a_moment_with_a_whole_second_is_like_any_other(
    world: World, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    at = rows.now().replace(microsecond=0)
    monkeypatch.setattr(rows, "now", lambda: at)
    made = world.make(kind, title="First")
    monkeypatch.setattr(rows, "now", lambda: at + timedelta(seconds=1))
    verbs.update(world.pm, kind, made, {"title": "Second"})
    then = past.as_of(world.pm, fresh(made), at)
    assert then is not None
    assert then["title"] == "First"
