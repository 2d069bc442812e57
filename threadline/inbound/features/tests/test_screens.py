"""The feature's page shows how the score is made, and who asks."""

from __future__ import annotations

from django.test import Client

from threadline.inbound.feedback import rules
from threadline.kernel.testing import World


def test_an_unsourced_input_is_marked_and_the_score_is_a_range(world: World, client: Client) -> None:
    feature = world.make(
        "feature", reach=2000, reach_source="Telemetry", impact=1, impact_source="Survey",
        confidence=80, confidence_source="Two studies", effort=4,
    )  # fmt: skip
    client.force_login(world.user("viewer"))
    page = client.get(f"/w/north/{feature.key}").content.decode()
    assert "2,000 reach × 1 impact × 80% confidence ÷ 4 effort" in page
    assert "no source" in page
    assert "266.7 to 800" in page  # effort 6 and 2: 1600 / 6 and 1600 / 2


def test_a_missing_input_says_so(world: World, client: Client) -> None:
    feature = world.make("feature", reach=10)
    client.force_login(world.user("viewer"))
    page = client.get(f"/w/north/{feature.key}").content.decode()
    assert "not scored" in page
    assert "Without impact and confidence and effort there is no score." in page


def test_revenue_is_shown_to_those_who_may_read_it(world: World, client: Client) -> None:
    account = world.make("account", annual_revenue=12_345)
    note = world.make("feedback", body="We need it.", account=account.key)
    feature = world.make("feature")
    rules.link_to_feature(world.pm, feedback=note.key, feature=feature.key)
    client.force_login(world.user("product_manager"))
    assert "12,345" in client.get(f"/w/north/{feature.key}").content.decode()
    client.force_login(world.user("viewer"))
    page = client.get(f"/w/north/{feature.key}").content.decode()
    assert "1 of 1" in page
    assert "12,345" not in page
