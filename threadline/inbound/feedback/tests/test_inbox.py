"""The inbox as pages and forms: what waits, the note, where it belongs; and its small questions."""

from __future__ import annotations

import re
from datetime import timedelta

from django.test import Client

from threadline.inbound.feedback import rules, triage
from threadline.kernel.changes import Change
from threadline.kernel.testing import World, fresh

INBOX = "/w/north/feedback/inbox"


def _signed_in(world: World, client: Client, role: str = "product_manager") -> Client:
    client.force_login(world.user(role))
    return client


def test_the_inbox_lists_what_waits_and_opens_the_first(world: World, client: Client) -> None:
    old = world.make("feedback", body="The export takes an hour.", received_on="2026-01-02")
    new = world.make("feedback", body="The raid threw me out.", received_on="2026-02-03")
    done = world.make("feedback", body="Answered long ago.")
    rules.decline_feedback(world.pm, feedback=done, reason="Not ours.")
    page = _signed_in(world, client).get(INBOX).content.decode()
    assert "2 to triage" in page
    assert page.index(f'data-key-of="{new.key}"') < page.index(f'data-key-of="{old.key}"')
    assert f'data-at="{new.key}"' in page
    assert done.key not in re.findall(r'data-key-of="([^"]+)"', page)


def test_a_filter_narrows_what_waits_and_a_wrong_one_says_so(world: World, client: Client) -> None:
    world.make("feedback", body="Heard on the telephone.", channel="sales_call")
    asked_for = world.make("feedback", body="Survey words.", channel="survey")
    _signed_in(world, client)
    page = client.get(INBOX, {"q": "channel:survey"}).content.decode()
    assert re.findall(r'data-key-of="([^"]+)"', page) == [asked_for.key]
    wrong = client.get(INBOX, {"q": "nonsense:1"})
    assert wrong.status_code == 422
    assert "There is no field called nonsense" in wrong.content.decode()


def test_a_press_links_and_leads_to_the_next_note(world: World, client: Client) -> None:
    feature = world.make("feature", title="Rejoin a raid after a disconnect")
    second = world.make("feedback", body="Lost the raid in a tunnel, no way to rejoin.", received_on="2026-01-02")
    first = world.make("feedback", body="Disconnect in the raid; let me rejoin.", received_on="2026-02-03")
    page = _signed_in(world, client).get(INBOX).content.decode()
    assert f'name="feature" value="{feature.key}"' in page
    then = re.search(r'id="triage".*?name="then" value="([^"]+)"', page, re.DOTALL)
    assert then is not None
    sent = {"feature": feature.key, "weight": "3", "quote": "let me rejoin", "then": then[1].replace("&amp;", "&")}
    answer = client.post(f"/w/north/{first.key}/do/link_to_feature", sent)
    assert answer["Location"] == f"{INBOX}?at={second.key}"
    support = triage.supports(world.pm, first)
    assert [(s.key, s.quote) for s in support] == [(feature.key, "let me rejoin")]
    assert "<mark>let me rejoin</mark>" in client.get(INBOX, {"at": first.key}).content.decode()


def test_a_form_may_not_lead_out_of_the_workspace(world: World, client: Client) -> None:
    note = world.make("feedback", body="One.")
    _signed_in(world, client)
    for away in ("https://elsewhere.example/", "//elsewhere.example/w/north/", "/w/north/\\elsewhere"):
        sent = {"reason": "No.", "then": away}
        answer = client.post(f"/w/north/{note.key}/do/decline_feedback", sent)
        assert answer["Location"] == f"/w/north/{note.key}"
        rules.reopen_feedback(world.pm, feedback=note)


def test_a_script_is_told_in_json_what_was_done_and_how_to_undo_it(world: World, client: Client) -> None:
    note = world.make("feedback", body="One.")
    _signed_in(world, client)
    asked = {"headers": {"accept": "application/json"}}
    said = client.post(f"/w/north/{note.key}/do/decline_feedback", {"reason": "No."}, **asked).json()
    assert fresh(note).state == "declined"
    client.post(said["undo"], {}, **asked)
    assert fresh(note).state == "new"
    refused = client.post(f"/w/north/{note.key}/do/decline_feedback", {"reason": ""}, **asked)
    assert (refused.status_code, "Needed" in refused.json()["text"]) == (422, True)


def test_features_are_found_by_word_and_by_key(world: World, client: Client) -> None:
    feature = world.make("feature", title="Dark harbour theme")
    note = world.make("feedback", body="Anything.")
    _signed_in(world, client)
    for words in ("harb", feature.key.lower()):
        found = client.get("/w/north/feedback/inbox-find", {"at": note.key, "find": words}).content.decode()
        assert feature.title in found
    nothing = client.get("/w/north/feedback/inbox-find", {"at": note.key, "find": "submarine"}).content.decode()
    assert "No feature has these words" in nothing


def test_a_viewer_reads_and_is_offered_nothing(world: World, client: Client) -> None:
    world.make("feature", title="Rejoin a raid")
    world.make("feedback", body="Let me rejoin the raid.")
    page = _signed_in(world, client, "viewer").get(INBOX).content.decode()
    assert "Let me rejoin the raid." in page
    assert "You may read notes, not judge them" in page
    assert "link_to_feature" not in page


def test_who_may_not_read_authors_sees_none(world: World, client: Client) -> None:
    world.make("feedback", body="Secret voice.", author="Ada Ashore")
    assert "Ada Ashore" in _signed_in(world, client).get(INBOX).content.decode()
    assert "Ada Ashore" not in _signed_in(world, client, "viewer").get(INBOX).content.decode()


def test_an_empty_inbox_teaches(world: World, client: Client) -> None:
    assert "No notes yet" in _signed_in(world, client).get(INBOX).content.decode()
    note = world.make("feedback", body="One.")
    rules.decline_feedback(world.pm, feedback=note, reason="No.")
    assert "Everything is read" in client.get(INBOX).content.decode()


def test_a_note_of_others_has_no_fragment(world: World, client: Client) -> None:
    hidden = world.make("feedback", world.owner, body="Kept.", confidentiality=2)
    _signed_in(world, client)
    assert client.get("/w/north/feedback/inbox-note", {"at": hidden.key}).status_code == 404
    assert client.get("/w/north/feedback/inbox-note", {"at": "N-none"}).status_code == 404


def test_recent_reasons_are_offered_once_each_the_latest_first(world: World) -> None:
    for reason in ("Too rare.", "Not ours.", "Too rare."):
        rules.decline_feedback(world.pm, feedback=world.make("feedback", body=f"For {reason}"), reason=reason)
    assert triage.reasons(world.pm) == ["Too rare.", "Not ours."]


def test_pace_is_the_median_gap_of_ones_own_answers(world: World) -> None:
    assert triage.pace(world.pm) is None
    for number in range(7):
        rules.decline_feedback(world.pm, feedback=world.make("feedback", body=f"Note {number}"), reason="No.")
    rules.decline_feedback(world.owner, feedback=world.make("feedback", world.owner, body="Hers"), reason="No.")
    mine = Change.objects.filter(action="decline_feedback", actor_id=world.pm.member_id).order_by("pk")
    first = mine[0].at
    # Ten seconds each, but for one pause of an hour that is no part of it.
    for number, change in enumerate(mine):
        seconds = number * 10 + (3_600 if number > 5 else 0)
        Change.objects.filter(pk=change.pk).update(at=first.replace(microsecond=0) + timedelta(seconds=seconds))
    assert triage.pace(world.pm) == 10


def test_quoted_parts_are_marked_in_their_paragraphs() -> None:
    said = "It is slow.\nReally slow, and loud."
    assert triage.pieces(said, ["slow.\nReally"]) == [
        [("It is ", False), ("slow.", True)],
        [("Really", True), (" slow, and loud.", False)],
    ]
    assert triage.pieces(said, ["not there", ""]) == [[("It is slow.", False)], [("Really slow, and loud.", False)]]
