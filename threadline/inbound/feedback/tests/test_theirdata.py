"""One contact's data for that person: all that is theirs, nothing of others, and the log says that it was taken."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from threadline.inbound.feedback import rules, theirdata
from threadline.kernel import verbs
from threadline.kernel.access import NAMED
from threadline.kernel.changes import Change
from threadline.kernel.errors import Forbidden
from threadline.kernel.testing import World, fresh


@pytest.fixture
def known(world: World) -> Any:
    """A person at a company who said two things, one of them declined, beside a colleague who said a third."""
    company = world.make("account", title="Cellar and Rye", annual_revenue=9_000)
    person = world.make("contact", title="Bea Lund", email="bea@cellar.example", account=company, role_title="Owner")
    other = world.make("contact", title="Ole Neighbour", email="ole@cellar.example", account=company)
    note = world.make("feedback", title="Orders", body="We lose orders offline", contact=person, account=company)
    no = world.make("feedback", title="Pink", body="Make it pink", contact=person)
    world.make("feedback", title="Theirs", body="I want a printer", contact=other, account=company)
    feature = world.make("feature", title="Inner name of a plan")
    rules.link_to_feature(world.pm, feedback=note.key, feature=feature.key)
    rules.decline_feedback(world.pm, feedback=no.key, reason="Our colours stay")
    verbs.comment(world.pm, note, "Colleague says she is loud")
    return fresh(person)


def test_all_that_is_theirs_and_nothing_of_others_is_in_the_file(world: World, known: Any) -> None:
    found = json.dumps(theirdata.take_along(world.pm, known))
    for theirs in ("Bea Lund", "bea@cellar.example", "Owner", "Cellar and Rye", "lose orders", "pink", "colours stay"):
        assert theirs in found
    for others in ("Neighbour", "ole@", "printer", "Colleague", "Inner name", "9000"):
        assert others not in found
    taken = [c for c in Change.objects.filter(card_id=known.pk) if "+taken" in c.diff]
    assert [(c.actor_name, c.diff["+taken"]) for c in taken] == [(world.pm.name, [None, {"notes": 2}])]


def test_what_is_out_of_reach_is_not_in_the_file(world: World, known: Any) -> None:
    """A note and a company kept for named people are not given by whoever may not see them."""
    for kind, title in (("feedback", "Pink"), ("account", "Cellar and Rye")):
        [row] = [r for r in Change.objects.filter(kind=kind, version=1) if r.diff["title"][1] == title]
        verbs.update(world.admin, kind, row.card_id, {"confidentiality": NAMED})
    found = theirdata.take_along(world.pm, known)
    assert [note["title"] for note in found["notes"]] == ["Orders"]
    assert found["contact"]["account"] is None


def test_whoever_may_not_read_addresses_gets_no_file(world: World, known: Any, client: Client) -> None:
    with pytest.raises(Forbidden):
        theirdata.take_along(world.viewer, known)
    client.force_login(world.user("viewer"))
    place = f"/w/north/{known.key}/data"
    assert client.get(place).status_code in (403, 404)
    assert "bea@" not in client.post(place).content.decode()
    assert "Their data" not in client.get(f"/w/north/{known.key}").content.decode()


def test_the_button_leads_to_the_file(world: World, known: Any, client: Client) -> None:
    client.force_login(world.user("product_manager"))
    place = f"/w/north/{known.key}/data"
    assert place in client.get(f"/w/north/{known.key}").content.decode()
    assert "Download their data" in client.get(place).content.decode()
    answer = client.post(place)
    assert json.loads(answer.content)["contact"]["email"] == "bea@cellar.example"
    assert f"{known.key}-data.json" in answer["Content-Disposition"]
