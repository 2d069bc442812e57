"""What is done on the page of a record, and what the page says of it."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from threadline.faces.web import wordwise
from threadline.faces.web.tests.conftest import Site
from threadline.house import filing
from threadline.kernel import verbs
from threadline.kernel.comments import Comment, Watch
from threadline.kernel.files import Attachment
from threadline.kernel.links import Link
from threadline.kernel.testing import fresh

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


def text_of(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


# ---- the thread -------------------------------------------------------------------------


def test_the_page_answers_why_in_the_customers_words(site: Site) -> None:
    world = site.world
    account = world.make("account", world.owner, title="Acme")
    note = world.make("feedback", body="We **lost** the boss key on a train.", account=account.key, channel="support")
    quiet = world.make("feedback", body="Please let me come back in.")
    feature = world.make("feature", title="Rejoin")
    objective = world.make("objective", title="Keep players")
    verbs.link(world.pm, feature, quiet.key, "evidence")
    verbs.link(world.pm, feature, note.key, "evidence", quote="the boss key on a train", weight=3)
    verbs.link(world.pm, feature, objective.key, "objective")
    markup = site.text(feature.key)
    first, second = markup.index("the boss key on a train"), markup.index("Please let me come back in.")
    assert first < second, "the strongest evidence comes first"
    said = text_of(markup)
    assert "2 voices" in said
    assert f"{note.key} · Support · Acme" in said
    assert "Keep players" in said
    assert "Rejoin" in text_of(site.text(note.key)), "what came of it"
    assert "Rejoin" in text_of(site.text(objective.key))


def test_a_hidden_voice_is_neither_quoted_nor_counted(site: Site) -> None:
    world = site.world
    feature = world.make("feature", world.owner)
    note = world.make("feedback", world.owner, body="secret words", confidentiality=2)
    verbs.link(world.owner, feature, note.key, "evidence", quote="secret words")
    assert "secret words" in site.text(feature.key, "owner")
    markup = site.text(feature.key)
    assert "secret words" not in markup
    assert note.key not in markup
    assert "voices, strongest" not in markup


def test_reasons_are_added_and_taken_away(site: Site) -> None:
    feature, note = site.world.make("feature"), site.world.make("feedback", body="Some words of theirs")
    sent = {"target": note.key.lower(), "kind": "", "quote": "words", "weight": "2"}
    assert site.post(f"{feature.key}/cite", sent).status_code == 303
    link = Link.objects.get(source_id=feature.pk)
    assert (link.kind, link.quote, link.weight) == ("evidence", "words", 2)
    assert note.key in site.text(f"{feature.key}/cite")
    assert site.post(f"links/{link.pk}/remove").status_code == 303
    assert not Link.objects.exists()


@pytest.mark.parametrize("target", ["", "N-999", "nonsense", "F-1"])
def test_a_reason_that_cannot_be_is_refused_in_the_form(site: Site, target: str) -> None:
    feature = site.world.make("feature")
    answer = site.post(f"{feature.key}/cite", {"target": target, "kind": "evidence"})
    assert answer.status_code == 422
    assert not Link.objects.exists()


def test_what_changed_is_reviewed_side_by_side(site: Site) -> None:
    world = site.world
    feature = world.make("feature", owner="me")
    objective = world.make("objective", title="Within three minutes of play")
    link = verbs.link(world.pm, feature, objective.key, "objective")
    verbs.update(world.owner, "objective", objective, {"title": "Within ninety seconds of play"}, why="Hosts keep 90 s")
    markup = site.text("review")
    assert "<del>three minutes</del>" in markup
    assert "<ins>ninety seconds</ins>" in markup
    assert "Hosts keep 90 s" in markup
    assert "rests on something that changed" in site.text("")
    assert "1 thing this rests on has changed" in site.text(feature.key)
    sent = re.search(r'name="revision" value="(\d+)"', markup)
    assert sent
    stale = site.post(f"links/{link.pk}/confirm", {"revision": "1"})
    assert stale.status_code == 409, "it changed since the page was drawn"
    assert site.post(f"links/{link.pk}/confirm", {"revision": sent[1]}).status_code == 303
    assert "Nothing to review" in site.text("review")


def test_the_queue_is_ones_own_and_everybodys_when_asked(site: Site) -> None:
    world = site.world
    feature = world.make("feature", owner="me")
    objective = world.make("objective")
    verbs.link(world.pm, feature, objective.key, "objective")
    verbs.update(world.owner, "objective", objective, {"title": "Another"})
    assert feature.key not in site.text("review", "viewer")
    shown = site.text("review", "viewer", mine="0")
    assert feature.key in shown
    assert "/confirm" not in shown, "a viewer confirms nothing"


# ---- words ------------------------------------------------------------------------------


def test_people_talk_change_and_take_back_their_words(site: Site) -> None:
    feature = site.world.make("feature")
    site.post(f"{feature.key}/comments", {"body": "First **words**"})
    comment = Comment.objects.get()
    assert "<strong>words</strong>" in site.text(feature.key)
    assert site.post(f"comments/{comment.pk}", {"body": "Better"}, "owner").status_code == 403
    assert site.post(f"comments/{comment.pk}", {"body": ""}).status_code == 422
    site.post(f"comments/{comment.pk}", {"body": "Better"})
    assert "Better" in site.text(feature.key)
    assert site.post(f"comments/{comment.pk}/remove", role="viewer").status_code == 403
    site.post(f"comments/{comment.pk}/remove", role="owner")
    assert "Better" not in site.text(feature.key) + site.text(f"{feature.key}/history")
    assert site.post(f"{feature.key}/comments", {"body": "x"}, "viewer").status_code == 403


def test_a_citation_in_a_text_leads_to_the_record_and_an_unseen_one_nowhere(site: Site) -> None:
    world = site.world
    seen = world.make("feedback", title="Seen note", body="x")
    hidden = world.make("feedback", world.owner, title="Hidden note", body="x", confidentiality=2)
    feature = world.make("feature", body=f"See [[{seen.key}]] and [[{hidden.key}]], @nobody.here")
    markup = site.text(feature.key)
    assert f'href="/w/north/{seen.key}"' in markup
    assert "Seen note" in markup
    assert "Hidden note" not in markup
    assert f"[[{hidden.key}]]" in markup


def test_watching_is_a_press_and_another_ends_it(site: Site) -> None:
    feature = site.world.make("feature")
    site.post(f"{feature.key}/watch", role="viewer")
    assert Watch.objects.count() == 1
    assert "Stop watching" in site.text(feature.key, "viewer")
    site.post(f"{feature.key}/watch", role="viewer")
    assert not Watch.objects.exists()


def test_the_bell_tells_and_is_read(site: Site) -> None:
    world = site.world
    feature = world.make("feature", world.owner, owner=str(world.pm.member_id), title="Yours now")
    assert "Yours now" in site.text("notifications")
    assert "Yours now" in site.text("")
    verbs.update(world.owner, "feature", feature, {"confidentiality": 2, "owner": str(world.owner.member_id)})
    assert "Yours now" not in site.text("notifications"), "titles are read through reach when shown"
    site.post("notifications/read")
    assert "Mark all as read" not in site.text("notifications")


# ---- to the trash and through time ------------------------------------------------------


def test_to_the_trash_with_a_way_back(site: Site) -> None:
    feature = site.world.make("feature")
    answer = site.post(f"{feature.key}/archive")
    assert answer.headers["Location"] == "/w/north/features/"
    undo = re.search(r'action="(/w/north/undo/[^"]+)"', site.text("features/"))
    assert undo
    assert "In the trash since" in site.text(feature.key)
    assert site.get(f"{feature.key}/edit").status_code == 404
    assert site.post(undo[1]).status_code == 303
    assert fresh(feature).archived_at is None


def test_the_past_is_a_page_of_its_own(site: Site) -> None:
    world = site.world
    feature = world.make("feature", title="Before", body="Old words")
    verbs.update(world.pm, "feature", feature, {"title": "After", "body": "New words"}, why="Because")
    type(feature)._default_manager.filter(pk=feature.pk).update(created_at="2026-01-01T00:00:00Z")
    past = site.text(feature.key, as_of="2026-02-01")
    assert "Before" in past
    assert "Old words" in past
    assert "New words" not in past
    assert "As it stood at the end of 1 Feb" in past
    history = site.text(f"{feature.key}/history", **{"from": "2026-02-01", "to": "2030-01-01"})
    assert "<del>Before</del>" in history
    assert "Because" in history
    assert site.get(feature.key, as_of="2025-12-31").status_code == 404
    for nonsense in ("x", "2026-13-40", "1' OR '1"):
        assert site.get(feature.key, as_of=nonsense).status_code == 404
        assert site.get(f"{feature.key}/history", **{"from": nonsense, "to": "2026-01-01"}).status_code == 422


def test_history_hides_what_one_may_not_read(site: Site) -> None:
    world = site.world
    account = world.make("account", world.owner, annual_revenue=123_456)
    verbs.update(world.owner, "account", account, {"annual_revenue": 654_321})
    assert "654,321" in site.text(f"{account.key}/history", "owner")
    markup = site.text(f"{account.key}/history", "viewer") + site.text(f"{account.key}?as_of=2030-01-01", "viewer")
    assert "654,321" not in markup
    assert "123,456" not in markup


@pytest.mark.parametrize(
    ("before", "after", "cut", "new"),
    [
        ("keep three minutes here", "keep ninety seconds here", ["three minutes"], ["ninety seconds"]),
        ("same words", "same words", [], []),
        ("a b c", "a c", ["b "], []),
        ("", "new", [], ["new"]),
    ],
)
def test_texts_are_compared_word_by_word(before: str, after: str, cut: list[str], new: list[str]) -> None:
    parts = wordwise.parts_of(before, after)
    assert [p["text"] for p in parts if p["op"] == "cut"] == cut
    assert [p["text"] for p in parts if p["op"] == "add"] == new
    assert "".join(p["text"] for p in parts if p["op"] != "add") == before
    assert "".join(p["text"] for p in parts if p["op"] != "cut") == after


# ---- files (row C4) ---------------------------------------------------------------------


def upload(site: Site, key: str, name: str, body: bytes) -> int:
    sent = SimpleUploadedFile(name, body, content_type="image/svg+xml")
    return site.client().post(f"/w/north/{key}/files", {"file": sent}).status_code


@pytest.mark.parametrize(
    ("name", "body", "inline"),
    [
        ("a.png", PNG, True),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", False),
        ("a.html", b"<script>alert(1)</script>", False),
        ("a.xml", b"<?xml version='1.0'?><x/>", False),
        ("a.pdf", b"%PDF-1.7 <script>", False),
        ("a.png.html", PNG + b"<script>alert(1)</script>", False),
        ("a\u202egnp.html", b"<script>", False),
    ],
)
def test_no_file_acts_in_the_page(site: Site, name: str, body: bytes, inline: bool) -> None:
    feature = site.world.make("feature")
    assert upload(site, feature.key, name, body) == 303
    made = Attachment.objects.get()
    answer = site.get(f"files/{made.pk}", "viewer")
    headers = answer.headers
    assert b"".join(answer.streaming_content) == body  # type: ignore[attr-defined]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["Content-Disposition"].startswith("inline" if inline else "attachment")
    assert headers["Content-Type"] == ("image/png" if inline else "application/octet-stream")
    assert "\u202e" not in made.name
    assert name.split(".")[-1] == made.name.split(".")[-1]


def test_a_picture_that_is_none_is_refused_and_leaves_nothing(site: Site) -> None:
    feature = site.world.make("feature")
    assert upload(site, feature.key, "a.png", b"<script>alert(1)</script>") == 422
    assert not Attachment.objects.exists()


def test_files_follow_the_reach_of_their_record(site: Site) -> None:
    hidden = site.world.make("feature", site.world.owner, confidentiality=2)
    made = filing.attach(site.world.owner, hidden, "a.txt", [b"words"])
    assert site.get(f"files/{made.pk}").status_code == 404
    assert site.client("product_manager", "south").get(f"/w/south/files/{made.pk}").status_code == 404
    assert site.post(f"files/{made.pk}/remove").status_code == 404
    assert site.post(f"files/{made.pk}/remove", role="owner").status_code == 303
    assert site.get(f"files/{made.pk}", "owner").status_code == 404
