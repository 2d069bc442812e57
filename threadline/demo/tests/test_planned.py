"""The sample's plans are those that its own numbers give, and its forecasts are those that its days give."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from threadline.demo.company import Company
from threadline.inbound.releases import forecasting
from threadline.planning import process
from threadline.planning.checking import broken

COMPANY = Company()
PLANS = COMPANY.plans["plans"]


@pytest.mark.parametrize("plan", PLANS, ids=lambda p: p["ref"])
def test_a_plan_breaks_no_rule(plan: dict[str, Any]) -> None:
    problem = process.read(plan["inputs"])
    release = np.array(plan["answers"]["plan"]["release"])
    assert broken(problem, release) == []
    assert 0 < (release < problem.releases).sum() < len(release)  # something is in, and something out


@pytest.mark.parametrize("plan", PLANS, ids=lambda p: p["ref"])
def test_a_plan_was_made_from_the_newest_estimates(plan: dict[str, Any]) -> None:
    inputs = plan["inputs"]
    told = {(one["feature"], one["team"]): (one["low"], one["likely"], one["high"]) for one in _newest()}
    used = {(inputs["features"][f], inputs["teams"][k]): tuple(points) for f, k, *points in inputs["effort"]}
    assert used == told, "run python -m bench.sample_plan"


def _newest() -> list[dict[str, Any]]:
    found = {}
    for one in sorted(COMPANY.releases["estimates"], key=lambda one: -one["days_ago"]):
        found[one["feature"], one["team"]] = one
    return list(found.values())


def test_a_plan_has_all_that_its_page_shows() -> None:
    for plan in PLANS:
        assert len(plan["inputs"]["mix"]) == 3
        assert any(by >= 0 for by in plan["inputs"]["must_by"])
        for name in ("load", "buffer", "fits", "each", "all", "musts", "curve", "out"):
            assert plan["answers"][name], name


@pytest.mark.parametrize("one", [f for f in COMPANY.plans["forecasts"] if "drawn" not in f], ids=lambda f: f["ref"])
def test_a_forecast_is_what_its_days_give(one: dict[str, Any]) -> None:
    chance = forecasting.chances(forecasting.from_words(one["history"]), one["left"])
    assert [forecasting.day_of(chance, sure) for sure, _ in forecasting.SURE] == one["days"]
