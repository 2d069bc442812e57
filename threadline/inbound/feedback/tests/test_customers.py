"""The page of an account: what it said, what it asked for, and nothing that the reader may not see."""

from __future__ import annotations

from typing import Any

import pytest

from threadline.faces.web.tests.conftest import Site
from threadline.inbound.feedback import queries
from threadline.inbound.feedback.merging import merge_feedback
from threadline.kernel import verbs
from threadline.kernel.access import NAMED
from threadline.kernel.testing import World


@pytest.fixture
def site(world: World) -> Site:
    """North's pages."""
    return Site(world)


@pytest.fixture
def harbour(world: World) -> dict[str, Any]:
    """An account with a contact; two features that rest on what they said."""
    account = world.make("account", title="Harbour Works")
    person = world.make("contact", title="Hanna Quay", account=account.key)
    own = world.make("feedback", title="Too slow at dawn", account=account.key, received_on="2026-03-02")
    through = world.make("feedback", title="Slow again", contact=person.key, received_on="2026-04-05")
    other = world.make("feedback", title="A night theme", account=world.make("account", title="Inland").key)
    fast, dark = world.make("feature", title="Faster mornings"), world.make("feature", title="Dark at night")
    verbs.link(world.pm, fast.key, own.key, "evidence", weight=1)
    verbs.link(world.pm, fast.key, through.key, "evidence", weight=3)
    verbs.link(world.pm, dark.key, other.key, "evidence", weight=2)
    return {"account": account, "person": person, "own": own, "through": through, "fast": fast, "dark": dark}


def test_an_account_asks_through_its_contacts_too(world: World, harbour: dict[str, Any]) -> None:
    found = queries.wishes(world.pm, harbour["account"])
    assert [(w.key, w.notes, w.weight, str(w.last)[:10]) for w in found] == [
        (harbour["fast"].key, 2, 3, "2026-04-05"),
    ]
    alone = queries.wishes(world.pm, harbour["person"])
    assert [(w.key, w.notes, w.weight) for w in alone] == [(harbour["fast"].key, 1, 3)]


def test_a_repeat_asks_for_what_it_repeats(world: World, harbour: dict[str, Any]) -> None:
    first = world.make("feedback", title="Night, please")
    verbs.link(world.pm, harbour["dark"].key, first.key, "evidence", weight=1)
    again = world.make("feedback", title="Night, please, please", account=harbour["account"].key)
    merge_feedback(world.pm, feedback=again.key, into=first.key)
    assert [w.key for w in queries.wishes(world.pm, harbour["account"])] == [harbour["fast"].key, harbour["dark"].key]


def test_what_may_not_be_seen_is_asked_for_by_nobody(world: World, harbour: dict[str, Any]) -> None:
    hidden = world.make("feature", world.owner, title="Secret pier", confidentiality=NAMED)
    verbs.link(world.owner, hidden.key, harbour["own"].key, "evidence")
    assert hidden.key in [w.key for w in queries.wishes(world.owner, harbour["account"])]
    assert hidden.key not in [w.key for w in queries.wishes(world.viewer, harbour["account"])]
    verbs.update(world.owner, "feedback", harbour["own"].key, {"confidentiality": NAMED})
    assert [w.notes for w in queries.wishes(world.viewer, harbour["account"])] == [1]


def test_the_page_shows_words_wishes_and_people(site: Site, harbour: dict[str, Any]) -> None:
    page = site.text(harbour["account"].key)
    for said in ("Too slow at dawn", "Faster mornings", "Deal-breaker", "Hanna Quay", "Contacts", "What they said"):
        assert said in page, said
    assert "Dark at night" not in page
    assert "Slow again" in site.text(harbour["person"].key)


def test_the_page_lists_nothing_that_its_reader_may_not_see(site: Site, world: World, harbour: dict[str, Any]) -> None:
    key = harbour["account"].key
    world.make("feedback", world.owner, title="Between us two", account=key, confidentiality=NAMED)
    world.make("participant", title="Guest of the pier", account=key)
    assert "Between us two" in site.text(key, "owner")
    private = {r.role: r.may("read_private", "research") for r in world.roles}
    assert set(private.values()) == {True, False}
    for role, may in private.items():
        page = site.text(key, role)
        assert ("Guest of the pier" in page) is may, role
        assert ("Between us two" in page) is (role == "owner"), role


def test_of_many_notes_the_newest_stand_there_with_the_way_to_all(site: Site, world: World) -> None:
    account = world.make("account", title="Harbour Works")
    for n in range(1, 8):
        world.make("feedback", title=f"Note of day {n}", account=account.key, received_on=f"2026-03-0{n}")
    page = site.text(account.key)
    assert [n for n in range(1, 8) if f"Note of day {n}" in page] == [3, 4, 5, 6, 7]
    assert f"feedback/?q=account%3A{account.key}" in page
    assert "All of them" in page


def test_a_customer_in_the_trash_has_a_page_still(site: Site, world: World, harbour: dict[str, Any]) -> None:
    verbs.archive(world.pm, "account", harbour["account"].key)
    assert "In the trash since" in site.text(harbour["account"].key)


def test_a_page_whose_record_nobody_may_rest_on_has_no_empty_heading(site: Site, world: World) -> None:
    assert "Nothing rests on this yet" not in site.text(world.make("account", title="Harbour Works").key)
    assert "Nothing rests on this yet" in site.text(world.make("feedback", title="Too slow").key)
