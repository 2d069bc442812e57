"""One person's data for that person: all that is theirs, nothing of others, and the log says that it was taken."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from threadline.inbound.research import persondata, rules
from threadline.inbound.research.models import Participant
from threadline.inbound.research.tests.test_consent import WORDS, told
from threadline.kernel import verbs
from threadline.kernel.access import NAMED
from threadline.kernel.changes import Change
from threadline.kernel.errors import Forbidden
from threadline.kernel.testing import World, fresh

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(world: World) -> tuple[Any, ...]:
    """P7 with an address, a talk beside an interviewer, and a neighbour who has nothing to do with it."""
    participant, talk, highlight, insight = told(world)
    verbs.update(world.pm, "participant", participant, {"full_name": "Wilhelmina", "email": "w@marker.example"})
    verbs.comment(world.pm, talk, "Colleague thinks so")
    verbs.update(world.pm, "interview", talk, {"notes": "Kaspar sat in"})
    rules.note_contact(world.pm, participant=participant.key, how="email", about="Asked for an hour")
    world.make("participant", title="P8", full_name="Neighbour", email="n@other.example")
    return fresh(participant), talk, highlight, insight


def test_all_that_is_theirs_and_nothing_of_others_is_in_the_file(world: World, known: tuple[Any, ...]) -> None:
    """F13: the interviewer's turns, colleagues' remarks and other participants are not in it."""
    found = json.dumps(persondata.take_along(world.pm, known[0]))
    for theirs in ("Wilhelmina", "w@marker.example", WORDS, "Asked for an hour", "Quote"):
        assert theirs.lower() in found.lower()
    for others in ("When did you last stop", "Mira", "Colleague", "Kaspar", "Neighbour", "n@other.example"):
        assert others not in found
    taken = [c for c in Change.objects.filter(card_id=known[0].pk) if "+taken" in c.diff]
    assert [c.actor_name for c in taken] == [world.pm.name]


def test_what_is_out_of_reach_is_not_in_the_file(world: World, known: tuple[Any, ...]) -> None:
    """F13: a talk kept for named people is not given by whoever may not see it."""
    verbs.update(world.admin, "interview", known[1].key, {"confidentiality": NAMED})
    found = persondata.take_along(world.pm, Participant.objects.get(pk=known[0].pk))
    assert found["interviews"] == []
    assert WORDS not in json.dumps(found)


def test_whoever_may_not_see_who_it_is_gets_no_file(world: World, known: tuple[Any, ...], client: Client) -> None:
    """F13: neither the rule nor the page gives it."""
    with pytest.raises(Forbidden):
        persondata.take_along(world.viewer, known[0])
    client.force_login(world.user("viewer"))
    place = f"/w/north/{known[0].key}/data"
    assert client.get(place).status_code in (403, 404)
    assert "Wilhelmina" not in client.post(place).content.decode()
    assert "Their data" not in client.get(f"/w/north/{known[0].key}").content.decode()


def test_the_button_leads_to_the_file(world: World, known: tuple[Any, ...], client: Client) -> None:
    client.force_login(world.user("product_manager"))
    place = f"/w/north/{known[0].key}/data"
    assert place in client.get(f"/w/north/{known[0].key}").content.decode()
    assert "Download their data" in client.get(place).content.decode()
    answer = client.post(place)
    assert json.loads(answer.content)["participant"]["full_name"] == "Wilhelmina"
    assert f"{known[0].key}-data.json" in answer["Content-Disposition"]
