"""What whoever said something reads of it, and what they and others never read."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from threadline.inbound.feedback import following
from threadline.inbound.feedback.merging import merge_feedback
from threadline.inbound.feedback.models import Feedback, Following
from threadline.inbound.feedback.rules import decline_feedback, link_to_feature
from threadline.kernel import rows, undo, verbs
from threadline.kernel.access import NAMED
from threadline.kernel.changes import Change
from threadline.kernel.errors import Forbidden, Invalid
from threadline.kernel.members import Member
from threadline.kernel.testing import World, fresh

TODAY = rows.now().date


def key_of(world: World, note: Feedback, **said: Any) -> str:
    following.let_follow(world.pm, feedback=note.key, **said)
    return following.address_of(fresh(note)).rpartition("/")[2]


def page(key: str) -> str:
    answer = Client(enforce_csrf_checks=True).get(f"/note/{key}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_they_read_their_words_where_it_stands_and_why_not_and_nothing_else(world: World) -> None:
    account = world.make("account", title="Secretive Ltd")
    note = world.make("feedback", title="Our own heading", body="Let me **print** it.", account=account.key)
    verbs.comment(world.pm, note, "They always complain.")
    key = key_of(world, note)
    assert "Received" in page(key)
    decline_feedback(world.pm, feedback=note.key, reason="We are leaving paper behind.")
    text = page(key)
    assert "Not planned" in text
    assert "We are leaving paper behind." in text
    assert "Let me print it." in text
    for secret in ("Secretive", "Our own heading", "complain", note.key, world.pm.name, "<script"):
        assert secret not in text, secret


@pytest.mark.parametrize(
    ("states", "said"),
    [(["idea"], "Considered"), (["idea", "planned"], "Planned"), (["building", "planned"], "In the making"),
     (["shipped", "idea"], "Shipped"), (["declined", "idea"], "Considered"), (["declined"], "Not planned")],
)  # fmt: skip
def test_a_linked_note_stands_where_the_furthest_feature_does(world: World, states: list[str], said: str) -> None:
    note = world.make("feedback", body="Print it.")
    for state in states:
        feature = world.make("feature", title="Nobody outside reads this", state=state, declined_reason="No paper.")
        link_to_feature(world.pm, feedback=note.key, feature=feature.key)
    text = page(key_of(world, note))
    assert re.search(rf"chip[^>]*>[^<]*{said}", text)
    assert "Nobody outside" not in text


def test_a_feature_kept_for_named_people_says_nothing_outside(world: World) -> None:
    note = world.make("feedback", body="Print it.")
    feature = world.make("feature", state="building", confidentiality=NAMED)
    link_to_feature(world.pm, feedback=note.key, feature=feature.key)
    text = page(key_of(world, note))
    assert "Considered" in text
    assert "In the making" not in text


def test_a_repeat_stands_where_the_other_does_and_shows_its_own_words(world: World) -> None:
    first, again = world.make("feedback", body="Print it, said A."), world.make("feedback", body="Print it, said B.")
    merge_feedback(world.pm, feedback=again.key, into=first.key)
    decline_feedback(world.pm, feedback=first.key, reason="We are leaving paper behind.")
    text = page(key_of(world, again))
    assert "said B." in text
    assert "We are leaving paper behind." in text
    assert "said A." not in text


def test_a_repeat_of_a_note_for_named_people_does_not_tell_its_reason(world: World) -> None:
    first, again = world.make("feedback", body="Ours.", confidentiality=NAMED), world.make("feedback", body="Print it.")
    merge_feedback(world.pm, feedback=again.key, into=first.key)
    decline_feedback(world.pm, feedback=first.key, reason="Because of the lawsuit.")
    text = page(key_of(world, again))
    assert "lawsuit" not in text
    assert "Considered" in text


def test_what_ended_is_as_absent_as_a_wrong_key(world: World) -> None:
    note = world.make("feedback", body="Print it.")
    wrong = Client().get("/note/" + "a" * 24)
    assert wrong.status_code == 404

    def closed(key: str) -> bool:
        answer = Client().get(f"/note/{key}")
        return (answer.status_code, answer.content) == (404, wrong.content)

    key = key_of(world, note)
    assert not closed(key)
    following.end_follow(world.pm, feedback=note.key)
    assert closed(key)
    anew = key_of(world, note)
    assert anew != key
    assert closed(key), "an address that was closed stays closed"
    Feedback.objects.filter(pk=note.pk).update(followed_until=TODAY() - timedelta(days=1))
    assert closed(anew)
    last = key_of(world, note)
    verbs.archive(world.pm, "feedback", note)
    assert closed(last)
    verbs.restore(world.pm, "feedback", note)
    assert not closed(last)
    Member.objects.filter(pk=world.pm.member_id).update(left_at=rows.now())
    assert closed(last)


def test_it_ends_within_a_year_and_a_later_day_keeps_the_address(world: World) -> None:
    note = world.make("feedback", body="Print it.")
    with pytest.raises(Invalid):
        following.let_follow(world.pm, feedback=note.key, until=TODAY() + timedelta(days=367))
    first = key_of(world, note)
    assert fresh(note).followed_until == TODAY() + timedelta(days=90)
    assert key_of(world, note, until=TODAY() + timedelta(days=300)) == first


def test_the_tables_alone_open_nothing_and_the_log_says_who(world: World, settings: Any) -> None:
    note = world.make("feedback", body="Print it.")
    key = key_of(world, note)
    kept = Following.objects.get(note_id=note.pk)
    assert key not in (kept.salt, kept.key_hash)
    said = Change.objects.get(card_id=note.pk, action="let_follow")
    assert said.actor_name == world.pm.name
    assert key not in str(said.diff)
    settings.SECRET_KEY = "another server's key, which has never seen this address"
    assert following.address_of(fresh(note)).rpartition("/")[2] != key


def test_taking_it_back_closes_the_address(world: World) -> None:
    note = world.make("feedback", body="Print it.")
    key = key_of(world, note)
    undo.undo(world.pm, Change.objects.get(card_id=note.pk, action="let_follow").batch)
    assert Client().get(f"/note/{key}").status_code == 404


def test_only_who_may_answer_gives_it_away_and_reads_the_address(world: World) -> None:
    note = world.make("feedback", body="Print it.")
    with pytest.raises(Forbidden):
        following.let_follow(world.viewer, feedback=note.key)
    key = key_of(world, note)
    for role, reads in (("product_manager", True), ("viewer", False)):
        client = Client()
        client.force_login(world.user(role))
        assert (key in client.get(f"/w/north/{note.key}").content.decode()) is reads, role


def test_a_letter_to_them_stands_ready_where_their_address_is_known(world: World) -> None:
    contact = world.make("contact", title="Ana", email="ana@customer.example")
    note = world.make("feedback", body="Print it.", contact=contact.key)
    key = key_of(world, note)
    letter = following.followed(world.pm, fresh(note))
    assert letter is not None
    assert letter["letter"].startswith("mailto:ana%40customer.example?")
    assert key in letter["letter"]
