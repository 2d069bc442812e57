"""The market's screens: what waits, the queue, the radar on two days, a competitor's page, the digest."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from threadline.inbound.market import digest, radar, rules
from threadline.inbound.market.models import Intel, Trend
from threadline.kernel import verbs
from threadline.kernel.changes import Change
from threadline.kernel.testing import World, fresh

TODAY = rules.today()


@pytest.fixture
def client(world: World, client: Client) -> Client:
    """North's product manager, in a browser."""
    client.force_login(world.user("product_manager"))
    return client


def text_of(client: Client, path: str) -> str:
    answer = client.get(f"/w/north/{path}")
    assert answer.status_code == 200, path
    return str(answer.content.decode())


def old_fact(world: World, **values: Any) -> Any:
    day = (TODAY - timedelta(days=400)).isoformat()
    return world.make(
        "fact", **{"title": "", "aspect": "Team", "value": "€29", "about": "price", "checked_on": day, **values}
    )


def test_the_most_important_waits_first(world: World, client: Client) -> None:
    for title, importance in (("Small", 1), ("Large", 3), ("Middle", 2)):
        world.make("intel", title=title, importance=importance)
    page = text_of(client, "intel/inbox")
    assert page.index("Large") < page.index("Middle") < page.index("Small")
    assert "3 to judge" in page


def test_a_link_is_pasted_and_one_deed_leads_to_the_next(world: World, client: Client) -> None:
    client.post("/w/north/intel/inbox", {"pasted": "https://rival.example/a"})
    client.post("/w/north/intel/inbox", {"pasted": "They said: [[F-1]] <b>cheaper</b> at https://rival.example/b."})
    first, second = Intel.objects.order_by("pk")
    assert (first.url, second.url) == ("https://rival.example/a", "https://rival.example/b")
    then = "/w/north/intel/inbox?at=" + first.key
    answer = client.post(f"/w/north/{second.key}/do/discard_intel", {"then": then})
    assert (answer.status_code, answer["Location"]) == (303, then)
    assert fresh(second).state == "discarded"
    client.post("/w/north/intel/inbox", {"key": first.key, "importance": "3"})
    assert fresh(first).importance == 3
    assert client.post("/w/north/intel/inbox", {"pasted": " "}).status_code == 422


def test_whoever_may_only_read_sees_no_forms(world: World, client: Client) -> None:
    world.make("intel", title="Something")
    client.force_login(world.user("viewer"))
    page = text_of(client, "intel/inbox")
    assert "Something" in page
    assert "make_fact" not in page
    assert "pasted" not in page


def test_the_queue_shows_what_most_rests_on_first_and_what_relies_on_it(world: World, client: Client) -> None:
    rival = world.make("competitor", title="Rival")
    lonely = old_fact(world)
    cited = old_fact(world, competitor=rival.key)
    feature = world.make("feature", title="Cheaper seats")
    verbs.link(world.pm, feature, cited, "fact")
    page = text_of(client, "facts/queue")
    assert "2 of 2 to check" in page
    assert page.index(cited.key) < page.index(lonely.key)
    assert "Cheaper seats" in page
    client.post(f"/w/north/{cited.key}/do/confirm_fact", {"then": "/w/north/facts/queue"})
    assert "1 of 2 to check" in text_of(client, "facts/queue")


def test_a_competitors_page_shows_facts_freshness_and_the_timeline(world: World, client: Client) -> None:
    rival = world.make("competitor", title="Rival")
    fact = old_fact(world, competitor=rival.key)
    world.make("intel", title="They moved", competitor=rival.key)
    hidden = old_fact(world, competitor=rival.key, aspect="Secret", confidentiality=2)
    page = text_of(client, rival.key)
    assert "Team: €29" in page
    assert "2 not checked in time" in page
    assert "They moved" in page
    client.force_login(world.user("viewer"))
    page = text_of(client, rival.key)
    assert "1 not checked in time" in page
    assert "Secret" not in page
    assert fact.key in page
    assert hidden.key not in page


def test_the_radar_shows_where_a_trend_stood(world: World, client: Client) -> None:
    made = world.make("trend", title="Bots", ring="watch", strength=2)
    fresh_one = world.make("trend", title="New one")
    Trend.objects.filter(pk=made.pk).update(created_at="2026-01-01T00:00:00Z")
    then = TODAY - timedelta(days=10)
    rules.reassess_trend(world.pm, trend=made, ring="act", strength=4, reason="Everybody says so")
    [one, other] = sorted(radar.blips(world.pm, TODAY, then), key=lambda b: b.title)
    assert (one.ring, one.was, one.moved, one.strength, one.strength_was) == ("act", "watch", "in", 4, 2)
    assert (one.x**2 + one.y**2) < ((one.from_x or 0) ** 2 + (one.from_y or 0) ** 2)
    assert (other.title, other.moved) == (fresh_one.title, "new")
    assert [b.ring for b in radar.blips(world.pm, then, then)] == ["watch"]
    page = text_of(client, f"trends/radar?since={then}")
    assert "nearer" in page
    assert radar.blips(world.stranger, TODAY, then) == []
    rules.end_trend(world.pm, trend=made, reason="It is over")
    assert [b.title for b in radar.blips(world.pm, TODAY, then)] == ["New one"]


def test_a_quarter_is_compared_with_the_one_before() -> None:
    assert radar.quarter_before(date(2026, 11, 27)) == date(2026, 7, 1)
    assert radar.quarter_before(date(2026, 1, 1)) == date(2025, 10, 1)


def test_no_two_trends_of_a_sector_lie_on_one_another(world: World) -> None:
    for n in range(12):
        world.make("trend", title=f"Trend {n}", ring="act", impact=3)
    found = radar.blips(world.pm, TODAY, TODAY)
    assert len({(b.x, b.y) for b in found}) == 12


def test_the_chart_places_competitors_and_names_those_it_cannot(world: World, client: Client) -> None:
    world.make("competitor", title="Strong", offer_strength=8, market_strength=3)
    world.make("competitor", title="Unknown")
    page = text_of(client, "competitors/chart")
    assert 'cx="196.0" cy="144.0"' in page
    assert "Not placed yet" in page


def test_the_digest_tells_what_the_reader_may_see(world: World, client: Client) -> None:
    fact = old_fact(world)
    rules.recheck_fact(world.pm, fact=fact, value="€19")
    world.make("intel", title="Came in")
    world.make("intel", title="Secret", confidentiality=2)
    old_fact(world, aspect="Other")
    said = digest.of(world.viewer)
    lines = {p.title: [one["title"] for one in p.lines] for p in said.parts}
    assert lines["Came in"] == ["Came in"]
    assert lines["Facts that changed"] == ["Team: €19"]
    assert lines["Facts to check again"] == ["Other: €29"]
    assert "was €29" in text_of(client, "intel/digest")


def test_the_digest_is_mailed_once_a_week_to_whoever_wants_it(world: World, client: Client) -> None:
    world.make("intel", title="Came in {{ x }} %s")
    monday = TODAY - timedelta(days=TODAY.weekday())
    assert digest.due(monday) == []
    client.post("/w/north/intel/digest", {"wants": "yes"})
    assert digest.due(monday) == [world.pm.member_id]
    assert digest.send(world.pm.member_id, TODAY)
    assert digest.due(monday) == []
    assert not digest.send(world.pm.member_id, TODAY)
    [sent] = mail.outbox
    assert sent.to == [world.user("product_manager").email]
    assert "Came in {{ x }} %s" in sent.body
    assert "http://testserver/w/north/MI-1" in sent.body
    client.post("/w/north/intel/digest", {"wants": "no"})
    assert not digest.wants(world.pm)


def test_every_deed_in_the_inbox_stands_in_the_log(world: World) -> None:
    trend, rival = world.make("trend"), world.make("competitor")
    one, two = world.make("intel", title="One"), world.make("intel", title="Two")
    verbs_run = (("signal_trend", one, {"trend": trend.key}), ("attach_intel", two, {"competitor": rival.key}))
    for name, item, given in verbs_run:
        answer = Client()
        answer.force_login(world.user("product_manager"))
        assert answer.post(f"/w/north/{item.key}/do/{name}", given).status_code == 303
        assert Change.objects.filter(card_id=item.pk, action=name).exists()
    assert verbs.card(world.pm, trend.pk).cites.get().kind == "signal"
