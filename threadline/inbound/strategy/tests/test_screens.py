"""An objective's page: its key results, their grades, and a check-in on the spot."""

from __future__ import annotations

import re

from django.test import Client

from threadline.kernel.testing import World, fresh


def test_a_check_in_from_the_objective_returns_there(world: World, client: Client) -> None:
    objective = world.make("objective", title="Keep players", ambition="committed")
    values = {"objective": objective.key, "metric": "D30", "baseline": 10, "target": 20, "current": 12}
    result = world.make("key_result", title="Retention", **values)
    client.force_login(world.user("product_manager"))
    page = client.get(f"/w/north/{objective.key}").content.decode()
    assert "12 of 20" in page
    assert "must be reached in full" in page
    form = re.search(rf'action="(/w/north/{result.key}/do/check_in)"', page)
    assert form is not None
    sent = {"value": "15", "state": "at_risk", "note": "The autumn patch helped.", "then": f"/w/north/{objective.key}"}
    answer = client.post(form[1], sent)
    assert answer["Location"] == f"/w/north/{objective.key}"
    assert (fresh(result).current, fresh(result).state) == (15, "at_risk")


def test_an_objective_without_a_number_says_what_is_missing(world: World, client: Client) -> None:
    objective = world.make("objective", title="Keep players")
    client.force_login(world.user("viewer"))
    page = client.get(f"/w/north/{objective.key}").content.decode()
    assert "An objective without a number cannot be graded" in page
    assert "Check in" not in page


def test_an_objective_shows_how_sure_people_are_and_what_is_wrong(world: World, client: Client) -> None:
    objective = world.make("objective", title="Answers that help")
    result = world.make(
        "key_result", title="Ship the audit log", objective=objective.key, baseline=0, target=10, weight=2
    )
    client.force_login(world.user("product_manager"))
    client.post(f"/w/north/{result.key}/do/check_in", {"value": "4", "confidence": "70", "state": "on_track"})
    said = client.get(f"/w/north/{objective.key}").content.decode()
    assert "70% sure, counts 2×" in said
    assert "Says what is done" in said
    assert "more than 5" not in said
