"""What each part gave to a change: the published vector, and what must hold of any numbers."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from threadline.inbound.metrics import linting, moving

NUMBERS = some.floats(min_value=0.1, max_value=1e6)


def test_the_worked_example_of_a_product() -> None:
    """Own vector: users 1000 to 1100, sessions 5.0 to 4.8, so 5000 to 5280: users +489.77, sessions -209.77."""
    users, sessions = moving.shares("product", (5000, 5280), [(1000, 1100), (5.0, 4.8)]) or ()
    assert users == pytest.approx(489.77, abs=0.005)
    assert sessions == pytest.approx(-209.77, abs=0.005)


@given(some.lists(some.tuples(NUMBERS, NUMBERS), min_size=2, max_size=5))
def test_what_the_parts_gave_adds_up_to_what_the_whole_moved(parts: list[moving.Pair]) -> None:
    for formula in ("sum", "product", "ratio"):
        some_of = parts[:2] if formula == "ratio" else parts
        whole = tuple(moving.made_of(formula, [p[at] for p in some_of]) or 0.0 for at in (0, 1))
        found = moving.shares(formula, (whole[0], whole[1]), some_of)
        if found is not None:
            assert sum(found) == pytest.approx(whole[1] - whole[0], rel=1e-6, abs=1e-6 * max(whole))


def test_a_ratio_is_divided_again_and_never_averaged() -> None:
    """Two shops with 1 of 10 and 90 of 100: together 91 of 110, which is no mean of 10 % and 90 %."""
    assert moving.made_of("ratio", [91, 110]) == pytest.approx(0.827, abs=0.001)
    bought, came = moving.shares("ratio", (0.5, 0.75), [(50, 90), (100, 120)]) or ()
    assert bought > 0 > came


def test_what_cannot_be_said_is_not() -> None:
    assert moving.shares("driven", (1, 2), [(1, 2)]) is None
    assert moving.shares("product", (0, 2), [(0, 2), (1, 1)]) is None
    assert moving.shares("product", (2, 2), [(1, 2), (2, 1)]) is None
    assert moving.made_of("ratio", [1, 0]) is None
    assert moving.made_of("ratio", [1]) is None
    assert moving.made_of("sum", []) is None


def said(**more: Any) -> list[str]:
    whole: dict[str, Any] = {
        "today": date(2026, 3, 31), "measured_on": date(2026, 3, 30), "owner": True, "formula": "driven",
        "current": 1.0, "parts": [], "units": [], "drivers": 1, "claims": 0, "above": 1,
    }  # fmt: skip
    return linting.of_metric(**(whole | more))


def test_the_lint_of_a_tree() -> None:
    assert said() == []
    assert said(drivers=0)[0].startswith("Nothing drives it")
    assert said(drivers=0, claims=1) == []
    assert said(above=2)[0].startswith("Stands in two places")
    assert said(measured_on=None) == ["Never measured."]
    assert said(measured_on=date(2026, 2, 1)) == ["Last measured 58 days ago."]
    assert said(owner=False) == ["Nobody owns it."]
    two = {"parts": [2.0, 3.0], "units": ["a", "a"]}
    assert said(formula="sum", current=5.0, **two) == []
    assert said(formula="product", current=5.0, **two) == ["What is under it makes 6, and 5 was measured."]
    assert said(formula="sum", current=5.0, parts=[2.0, 3.0], units=["a", "b"]) == ["It adds what has different units."]
    assert said(formula="ratio", parts=[1.0], units=["a"]) == ["A ratio has two metrics under it, not 1."]
    assert said(formula="sum", parts=[1.0], units=["a"]) == ["A sum has two or more metrics under it, not 1."]
