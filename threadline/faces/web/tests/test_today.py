"""Today: what needs whom, in whose scope, and what moved."""

from __future__ import annotations

import html

import pytest
from django.test import Client

from threadline.faces.web import today
from threadline.faces.web.tests.conftest import Site
from threadline.faces.web.tests.test_budgets import load
from threadline.house import furnishing
from threadline.house.membership import found_workspace
from threadline.kernel import verbs
from threadline.kernel.members import User
from threadline.kernel.registry import type_of


def test_what_changed_under_ones_records_stands_first_with_both_words(site: Site) -> None:
    world = site.world
    note = world.make("feedback", body="Forty agents wait.")
    feature = world.make("feature", title="Shorter queue", owner="me")
    verbs.link(world.pm, feature, note, "evidence")
    verbs.update(world.owner, "feedback", note, {"body": "Fourteen agents wait."})
    page = site.text("")
    assert page.index("Shorter queue rests on something that changed") < page.index("Moved since yesterday")
    assert "<del>Forty</del>" in page
    assert "<ins>Fourteen</ins>" in page


def test_notes_to_triage_lead_to_the_inbox_of_whoever_may_judge(site: Site) -> None:
    site.world.make("feedback", body="One.")
    assert "1 note to triage" in site.text("")
    assert 'href="/w/north/feedback/inbox"' in site.text("")
    assert "to triage" not in site.text("", "viewer")


def test_key_results_off_track_need_their_owner(site: Site) -> None:
    objective = site.world.make("objective", title="Keep players")
    values = {"objective": objective.key, "metric": "D30", "baseline": 10, "target": 20, "current": 11}
    result = site.world.make("key_result", title="Retention", owner="me", state="off_track", **values)
    page = site.text("")
    assert f"{result.key} Retention is off track" in page
    assert f'href="/w/north/{result.key}/do/check_in"' in page
    assert "11 of 20" in page
    assert "is off track" not in site.text("", "owner")


def test_my_products_are_those_of_my_teams(site: Site) -> None:
    world = site.world
    ours = furnishing.add_product(world.owner, "Jetty")
    furnishing.add_product(world.owner, "Lighthouse")
    furnishing.add_team(world.owner, "Quay", members=[str(world.pm.member_id)], products=[str(ours.pk)])
    for product, title in (("Jetty", "Ours"), ("Lighthouse", "Theirs")):
        note = world.make("feedback", world.owner, body=f"Words on {title}.")
        feature = world.make("feature", world.owner, title=title, product=product)
        verbs.link(world.owner, feature, note, "evidence")
        verbs.update(world.owner, "feedback", note, {"body": f"Other words on {title}."})
    page = site.text("", of="products")
    assert "Ours rests on something that changed" in page
    assert "Theirs rests on something that changed" not in page
    assert "rests on something that changed" not in site.text("")


def test_what_moved_is_told_in_sentences_and_leads_there(site: Site) -> None:
    for number in range(3):
        site.world.make("feature", title=f"Idea {number}")
    one = site.world.make("objective", title="Aim")
    page = site.text("")
    assert "3 new features" in page
    assert "q=created%3C1d" in page
    assert f"{one.key} new objective" in page


def test_effort_on_evidence_is_never_said_without_what_is_confirmed(site: Site) -> None:
    world = site.world
    note = world.make("feedback", body="Forty.")
    feature = world.make("feature", title="Planned", state="planned", effort=3)
    world.make("feature", title="Bare", state="planned", effort=1)
    verbs.link(world.pm, feature, note, "evidence")
    assert "75%" in site.text("")
    verbs.update(world.owner, "feedback", note, {"body": "Fourteen."})
    assert "75%, 0% confirmed" in site.text("")


def test_an_empty_workspace_begins_with_what_customers_say(site: Site) -> None:
    assert site.world.north
    user = User.objects.create_user("first@new.example", "a-long-word-for-it", name="Ada First")
    found_workspace(user, "Empty Works", "empty-works")
    client = Client()
    client.force_login(user)
    page = client.get("/w/empty-works/").content.decode()
    assert 'href="/w/empty-works/feedback/import"' in page
    assert "Import feedback" in page
    assert type_of("feedback").about in html.unescape(page)


def test_an_import_is_told_once_and_hides_nothing_that_people_did(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(today, "LOOKED_AT", 4)
    load(site.world, "feedback", [{"body": f"Row {n}"} for n in range(12)])
    site.world.make("feature", title="Made afterwards")
    page = site.text("")
    assert "12 notes brought in" in page
    assert "new feature" in page
    assert "more than can be told" not in page
    monkeypatch.setattr(today, "MOST_IMPORTED", 5)
    assert "5+ notes brought in" in site.text("")
