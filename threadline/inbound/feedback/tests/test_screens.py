"""The note's page offers where it belongs and what it repeats, and takes the offer in one press."""

from __future__ import annotations

import re

from django.test import Client

from threadline.kernel.testing import World, fresh


def _page(client: Client, key: str) -> str:
    return client.get(f"/w/north/{key}").content.decode()


def test_a_suggested_feature_is_linked_with_one_press(world: World, client: Client) -> None:
    feature = world.make("feature", title="Rejoin a raid after a disconnect", body="Keep the seat of the player warm.")
    note = world.make("feedback", body="Lost the raid after a disconnect and could not rejoin.")
    client.force_login(world.user("product_manager"))
    page = _page(client, note.key)
    assert "Belongs to" in page
    form = re.search(rf'action="(/w/north/{note.key}/do/link_to_feature)".*?</form>', page, re.DOTALL)
    assert form is not None
    hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0]))
    assert hidden["feature"] == feature.key
    assert client.post(form[1], hidden).status_code == 303
    assert fresh(note).state == "linked"


def test_a_repeat_is_merged_and_the_other_names_it(world: World, client: Client) -> None:
    first = world.make("feedback", body="The raid throws me out in every tunnel, let me rejoin.")
    second = world.make("feedback", body="Thrown out of the raid in a tunnel again, please let me rejoin.")
    client.force_login(world.user("product_manager"))
    assert f'name="into" value="{first.key}"' in _page(client, second.key)
    client.post(f"/w/north/{second.key}/do/merge_feedback", {"into": first.key})
    assert fresh(second).merged_into_id == first.pk
    assert "Repeated by" in _page(client, first.key)


def test_a_viewer_is_offered_nothing(world: World, client: Client) -> None:
    world.make("feature", title="Rejoin a raid after a disconnect")
    note = world.make("feedback", body="Lost the raid after a disconnect and could not rejoin.")
    client.force_login(world.user("viewer"))
    page = _page(client, note.key)
    assert note.title in page
    assert "Belongs to" not in page


def test_unlink_is_offered_only_where_something_is_linked(world: World, client: Client) -> None:
    note = world.make("feedback", body="A note of its own.")
    client.force_login(world.user("product_manager"))
    assert "unlink_from_feature" not in _page(client, note.key)


def test_a_note_is_labelled_with_one_press(world: World, client: Client) -> None:
    note = world.make("feedback", body="The map crashes.")
    client.force_login(world.user("product_manager"))
    page = _page(client, note.key)
    assert "proposed once 20 notes" in page
    assert 'name="label" value="bug"' in page
    assert client.post(f"/w/north/{note.key}/do/label_feedback", {"label": "bug"}).status_code == 303
    assert '<span class="chip ok ">Bug</span>' in _page(client, note.key)
    client.force_login(world.user("viewer"))
    assert "label_feedback" not in _page(client, note.key)


def test_every_page_of_the_room_leads_to_all_of_them(world: World, client: Client) -> None:
    client.force_login(world.user("product_manager"))
    for path in ("inbox", "", "themes", "learnt", "sources"):
        page = client.get(f"/w/north/feedback/{path}").content.decode()
        there = [place for place in ("inbox", "themes", "learnt", "sources") if f"/w/north/feedback/{place}" in page]
        assert there == ["inbox", "themes", "learnt", "sources"], path


def test_the_list_says_labels_as_people_do(world: World, client: Client) -> None:
    world.make("feedback", title="Crashes")
    client.force_login(world.user("product_manager"))
    assert '["churn_risk","Churn risk"]' in client.get("/w/north/feedback/").content.decode()
