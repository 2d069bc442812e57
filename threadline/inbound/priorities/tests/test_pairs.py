"""Criteria weighed by pairs: Saaty's numbers on the page, contradictions named, weights taken and taken back."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from threadline.inbound.priorities import rules
from threadline.inbound.priorities.screens import pairs
from threadline.kernel.testing import World, fresh


@pytest.fixture
def pm(world: World, client: Client) -> Client:
    client.force_login(world.user("product_manager"))
    return client


def model(world: World, **more: Any) -> Any:
    values = {"title": "What counts", "method": "weighted", "criteria": "Revenue: 1\nReach: 1\nRisk: 1", **more}
    return world.make("score_model", **values)


def test_the_published_three_are_weighed_and_taken(world: World, pm: Client) -> None:
    """Three by three of the AHP: 1/3, 5 and 7 give 0.279, 0.649 and 0.072 with a ratio of 0.056 (Saaty)."""
    made = model(world)
    at = f"/w/north/{made.key}/pairs"
    assert "Weigh by pairs" in pm.get(f"/w/north/{made.key}").content.decode()
    sent = {"p0_1": "-3", "p0_2": "5", "p1_2": "7"}
    said = pm.post(at, {**sent, "act": "look"}).content.decode()
    assert "Consistency ratio 0.06" in said
    assert "Reach matters a little more than Revenue" in said
    assert fresh(made).criteria == "Revenue: 1\nReach: 1\nRisk: 1"
    assert pm.post(at, {**sent, "act": "take"}).status_code == 303
    assert fresh(made).criteria == "Revenue: 27.9\nReach: 64.9\nRisk: 7.2"


def test_what_goes_round_in_a_circle_is_named_and_not_taken(world: World, pm: Client) -> None:
    made = model(world)
    sent = {"p0_1": "9", "p1_2": "9", "p0_2": "-9"}
    said = pm.post(f"/w/north/{made.key}/pairs", {**sent, "act": "look"}).content.decode()
    assert "the answers contradict each other" in said
    assert said.count("contradicts the others most") == 1
    assert "Take these weights" not in said
    assert pm.post(f"/w/north/{made.key}/pairs", {**sent, "act": "take"}).status_code == 422
    assert pm.post(f"/w/north/{made.key}/pairs", {**sent, "p0_1": "4", "act": "look"}).status_code == 422
    assert fresh(made).criteria.startswith("Revenue: 1\n")


def test_the_pair_furthest_from_the_rest_is_the_worst() -> None:
    both = [(0, 1), (0, 2), (1, 2)]
    found = pairs.comparing.weights_of(pairs.matrix(3, both, [3, 9, -9]))
    assert pairs.worst_of(both, [3, 9, -9], found) == (1, 2)


def test_an_applied_model_a_viewer_and_another_method_weigh_nothing(world: World, client: Client, pm: Client) -> None:
    made = model(world)
    assert pm.get(f"/w/north/{world.make('score_model', method='wsjf').key}/pairs").status_code == 404
    one = model(world, criteria="Revenue: 1")
    assert "Pairs weigh two to 8 criteria" in pm.get(f"/w/north/{one.key}/pairs").content.decode()
    rules.apply_score_model(world.pm, score_model=made.key)
    sent = {"p0_1": "3", "p0_2": "3", "p1_2": "1", "act": "take"}
    assert pm.post(f"/w/north/{made.key}/pairs", sent).status_code == 422
    client.force_login(world.user("viewer"))
    assert client.post(f"/w/north/{model(world).key}/pairs", sent).status_code == 403
