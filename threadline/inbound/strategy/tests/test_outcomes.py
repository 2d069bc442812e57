"""What a test's result says, read from its words, and how many a test needs."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from threadline.inbound.strategy import outcomes, trying
from threadline.kernel import verbs
from threadline.kernel.errors import Invalid
from threadline.kernel.testing import World


def read(text: str, **given: Any) -> outcomes.Outcome:
    found = outcomes.read(text, **given)
    assert found is not None
    return found


def test_a_share_is_read_wherever_it_stands() -> None:
    [one] = read("In the end 81 of 263 agents clicked, and 3 of those 81 twice.").shares
    assert (one.hits, one.of) == (81, 263)
    assert (one.low, one.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)


@pytest.mark.parametrize(
    "text", ["", "Nobody came.", "40 of 30", "0 of 0", "Version 1.5 of 3", "| a | b |", "x: mean 3"]
)
def test_what_holds_no_share_is_not_read(text: str) -> None:
    assert outcomes.read(text) is None


def test_two_groups_are_told_apart() -> None:
    found = read("- Old page: 5 of 83\n- New page: 12 of 99\n\nAs statsmodels has it.")
    assert [s.name for s in found.shares] == ["Old page", "New page"]
    assert found.plain is not None
    assert found.plain.p == pytest.approx(0.15918, abs=1e-5)
    assert found.plain.value == pytest.approx(12 / 99 - 5 / 83)
    assert (found.refused, found.doubts, found.early) == ("", [], None)


def test_groups_that_were_not_drawn_fairly_are_not_compared() -> None:
    text = "Old: 8,215 of 821,588\nNew: 9,000 of 815,482"
    assert "not compared" in read(text).refused
    assert read(text).plain is None
    assert read("Old: 90 of 900\nNew: 20 of 100").plain is None
    assert read("Old: 90 of 900\nNew: 20 of 100\nPlanned split: 9 to 1").plain is not None


def test_plain_and_relative_are_both_told_when_they_disagree() -> None:
    """The tests of GrowthBook's gbstats: 0.29 with p 0.02016, relative 0.70732 with p 0.06191."""
    found = read("A: mean 0.41, sd 3.9, n 3407\nB: mean 0.7, sd 6.2, n 3461")
    assert found.plain is not None
    assert found.relative is not None
    assert (found.plain.p, found.relative.p) == pytest.approx((0.02016, 0.06191), abs=1e-5)
    assert ["plain difference is clear, the relative one is not" in d for d in found.doubts] == [True]


def test_before_the_planned_number_the_p_holds_at_any_time() -> None:
    text = "Old: 50 of 200\nNew: 75 of 200"
    assert read(text, sample=400).early is None
    found = read(text, sample=1_000, expected=0.1)
    assert found.plain is not None
    assert found.early is not None
    assert found.plain.p < found.early < 0.5
    assert "400 of 1,000 planned" in found.doubts[-1]


def test_before_and_after_are_no_two_groups() -> None:
    found = read("Before: 50 of 200\nAfter: 75 of 500")
    assert found.plain is not None
    assert "trend and season" in found.doubts[0]


def test_a_table_of_people_is_adjusted_for_how_they_stood() -> None:
    after = ([2, 3, 3, 5, 6, 6, 8, 9, 9, 11], [4, 5, 5, 7, 8, 8, 10, 11, 11, 13])
    rows = [f"| {'new' if g else 'old'} | {at + 1 + g} | {y} |" for g in (0, 1) for at, y in enumerate(after[g])]
    found = read("\n".join(["| group | before | after |", "|---|---|---|", *rows]))
    assert found.plain is not None
    assert found.adjusted is not None
    assert (found.plain.value, found.adjusted.value) == pytest.approx((2, 1.0181818))
    assert read(
        "\n".join(["| group | after |", "|---|---|", *(f"| {g} | {n} |" for g in "ab" for n in range(4))])
    ).plain


few = st.integers(0, 4)
group = st.one_of(
    st.tuples(few, few).map(lambda n: f"{n[0]} of {n[1]}"),
    st.tuples(few, few, few).map(lambda n: f"mean {n[0]}, sd {n[1]}, n {n[2]}"),
)
table = st.lists(st.tuples(st.sampled_from("ab"), few, few), max_size=8).map(
    lambda rows: "\n".join(["| g | x | y |", "|---|---|---|", *(f"| {g} | {x} | {y} |" for g, x, y in rows)])
)


@given(st.one_of(table, st.lists(group, max_size=3).map(lambda all: "\n".join(f"{n}: {g}" for n, g in enumerate(all)))))
def test_the_smallest_and_the_oddest_groups_are_read_without_harm(text: str) -> None:
    found = outcomes.read(text, sample=50, expected=0.1)
    for one in (found.plain, found.relative, found.adjusted) if found else ():
        assert one is None or (one.low <= one.value + 1e-9 <= one.high + 2e-9 and 0 <= one.p <= 1)


def test_the_page_says_how_many_are_needed_and_then_what_came_out(world: World, client: Client) -> None:
    fixed = {"method": "Two pages", "metric": "Clicks", "threshold": "5 points more", "sample": 500}
    test = world.make("assumption_test", usual=20, hoped=25, **fixed)
    client.force_login(world.user("product_manager"))
    page = client.get(f"/w/north/{test.key}").content.decode()
    assert "1,094 in each of two groups, 2,188 in all" in page
    assert "500 are planned: too few" in page
    assert "What that says" not in page
    trying.register_test(world.pm, assumption_test=test.key)
    with pytest.raises(Invalid, match="fixed when the test was registered"):
        verbs.update(world.pm, "assumption_test", test, {"hoped": 40})
    trying.start_test(world.pm, assumption_test=test.key)
    said = "Old page: 50 of 250\n\nNew page: 85 of 250"
    trying.read_test(world.pm, assumption_test=test.key, cleared="yes", result=said)
    page = client.get(f"/w/north/{test.key}").content.decode()
    assert "+14 points" in page
    assert "15.5% to 25.4%" in page
    assert "p below 0.001" in page


def test_a_change_of_nothing_is_not_looked_for(world: World) -> None:
    with pytest.raises(Invalid, match="say what change is worth finding"):
        world.make("assumption_test", usual=20, hoped=20)
    assert world.make("assumption_test", usual=0, hoped=20)
