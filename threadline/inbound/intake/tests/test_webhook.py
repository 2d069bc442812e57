"""The webhook: what is signed is taken, once; everything else is turned away."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from threadline.inbound.feedback.models import Feedback
from threadline.inbound.intake import queries, rules, sealing, taking
from threadline.inbound.intake.models import Delivery, FeedbackSource, Intake
from threadline.kernel import verbs
from threadline.kernel.changes import Change
from threadline.kernel.errors import Forbidden
from threadline.kernel.links import Link
from threadline.kernel.testing import World, fresh


class Sender:
    """A program that signs."""

    def __init__(self, world: World, **values: Any) -> None:
        self.source = verbs.create(world.pm, "feedback_source", {"title": "Help desk", **values})
        assert isinstance(self.source, FeedbackSource)
        _, self.secret = rules.rotate(world.pm, self.source.key)
        self.key = queries.intake_of(self.source).key
        self.browser = Client(enforce_csrf_checks=True)

    def send(self, body: Any, delivery: str = "msg_1", **other: Any) -> HttpResponse:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        at = str(other.get("at", int(time.time()) - other.get("ago", 0)))
        signed = sealing.signature(other.get("secret", self.secret), delivery, at, other.get("signs", raw))
        return self.browser.post(
            f"/in/{other.get('key', self.key)}",
            raw,
            content_type="application/json",
            headers={
                "webhook-id": delivery,
                "webhook-timestamp": at,
                "webhook-signature": other.get("signature", signed),
            },
        )


@pytest.fixture
def sender(world: World) -> Sender:
    return Sender(world)


def test_the_signature_is_that_of_the_published_vector() -> None:
    """Standard Webhooks 1.0.0, spec/standard-webhooks.md: the example of its symmetric signature."""
    body = b'{"event_type":"ping","data":{"success":true}}'
    made = sealing.signature("whsec_plJ3nmyCDGBKInavdOK15jsl", "msg_loFOjxBNrRLzqYUf", "1731705121", body)
    assert made == "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="


def test_a_signed_message_becomes_a_note_of_its_sender(world: World, sender: Sender) -> None:
    account = world.make("account", title="Acme", domain="acme.example")
    contact = world.make("contact", title="Ana", email="ana@acme.example", account=account.pk)
    said = {"text": "The export stops.", "name": "Ana", "email": "Ana@acme.example", "channel": "support", "rating": 3}
    answer = sender.send(said)
    assert answer.status_code == 200
    note = Feedback.objects.get()
    assert json.loads(answer.content) == {"note": note.key, "outcome": "taken"}
    assert (note.body, note.contact_id, note.account_id) == ("The export stops.", contact.pk, account.pk)
    assert (note.channel, note.rating, note.state, note.source) == ("support", 3.0, "new", sender.source.key)
    change = Change.objects.get(card_id=note.pk)
    assert (change.actor_name, change.face) == ("Help desk (source)", "intake")
    assert not answer.cookies


def test_a_domain_finds_the_account_where_only_one_has_it(world: World, sender: Sender) -> None:
    acme = world.make("account", title="Acme", domain="acme.example")
    for title in ("One", "Two"):
        world.make("account", title=title, domain="shared.example")
    sender.send({"text": "a", "email": "x@mail.acme.example"}, "1")
    sender.send({"text": "b", "email": "x@shared.example"}, "2")
    sender.send({"text": "c", "company": "acme"}, "3")
    assert list(Feedback.objects.order_by("number").values_list("account", flat=True)) == [acme.pk, None, acme.pk]


def test_the_same_delivery_is_taken_once(sender: Sender) -> None:
    first, again = sender.send({"text": "Once."}), sender.send({"text": "Once."}, ago=5)
    assert json.loads(first.content) == json.loads(again.content)
    assert Feedback.objects.count() == 1
    assert sender.send({"text": "Other."}).status_code == 409
    assert sender.send({"text": "Other."}, "msg_2").status_code == 200
    assert Delivery.objects.count() == 2


@pytest.mark.parametrize(
    "other",
    [
        {"signature": ""},
        {"signature": "v1,"},
        {"signature": "v1," + "A" * 5_000},
        {"signature": "v1,ü\udc80"},
        {"signature": "sha256=" + "0" * 64},
        {"ago": 301},
        {"ago": -900},
        {"at": "-1"},
        {"at": "١٢"},
        {"at": ""},
        {"secret": "whsec_"},
        {"secret": ""},
        {"signs": b'{"text": "b"}'},
        {"key": "a" * 24},
    ],
    ids=repr,
)
def test_what_is_not_signed_is_turned_away(sender: Sender, other: dict[str, Any]) -> None:
    """F1: no, wrong, longer or foreign signature; old and future time; another body; an empty secret; no such key."""
    try:
        answer = sender.send({"text": "a"}, **other)
    except UnicodeEncodeError:  # a client cannot even send it
        return
    assert answer.status_code == 401
    assert not Feedback.objects.exists()


def test_delivery_ids_are_part_of_what_is_signed(sender: Sender) -> None:
    """F1: a caught delivery cannot be sent again under another id."""
    raw, at = b'{"text": "a"}', str(int(time.time()))
    signed = sealing.signature(sender.secret, "one", at, raw)
    assert sender.send(raw, "two", at=at, signature=signed).status_code == 401
    assert sender.send(raw, "", at=at).status_code == 401
    assert sender.send(raw, "one", at=at, signature=f"v1,wrong {signed}").status_code == 200


def test_before_its_secret_was_made_a_source_takes_nothing(world: World) -> None:
    """F1: the secret that nobody was shown opens nothing."""
    source = verbs.create(world.pm, "feedback_source", {"title": "New"})
    assert isinstance(source, FeedbackSource)
    intake = queries.intake_of(source)
    raw, at = b'{"text": "a"}', str(int(time.time()))
    signed = sealing.signature(sealing.secret_of(intake.key, intake.salt), "1", at, raw)
    headers = {"webhook-id": "1", "webhook-timestamp": at, "webhook-signature": signed}
    answer = Client().post(f"/in/{intake.key}", raw, content_type="application/json", headers=headers)
    assert answer.status_code == 401


def test_a_new_secret_ends_the_one_before(world: World, sender: Sender) -> None:
    before = sender.secret
    _, sender.secret = rules.rotate(world.pm, sender.source.key)
    assert sender.send({"text": "a"}, secret=before).status_code == 401
    assert sender.send({"text": "a"}).status_code == 200
    kept = " ".join(map(str, Intake.objects.values_list().get()))
    assert sender.secret not in kept
    assert sender.secret[6:] not in kept


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b'{"text": "a", "text": "b"}', 400),
        (b'{"text": NaN}', 400),
        (b'{"text": "\\ud800"}', 400),
        (b'{"text": "\\u0000"}', 400),
        (b"[" * 100_000, 400),
        (b'{"rating": ' + b"9" * 5_000 + b', "text": "a"}', 400),
        (b"\xff\xfe", 400),
        ({"text": "  "}, 422),
        ({"text": 1}, 422),
        ({"text": "a", "role": "owner"}, 422),
        ({"text": "a", "channel": "telepathy"}, 422),
        ({"text": "a", "rating": 11}, 422),
        ({"text": "a", "rating": True}, 422),
        ({"text": "a", "received_on": "yesterday"}, 422),
        ({"text": "a", "url": "javascript:alert(1)"}, 422),
        ({"text": "a" * 50_001}, 422),
        (b'{"text": "' + b"a" * 300_000 + b'"}', 413),
    ],
    ids=lambda v: str(v)[:40],
)
def test_only_strict_json_of_known_keys_is_taken(sender: Sender, body: Any, status: int) -> None:
    """E7: signed or not, what is not plain JSON of the keys we know makes no note and no error of ours."""
    answer = sender.send(body)
    assert answer.status_code == status, answer.content
    assert "error" in json.loads(answer.content)
    assert not Feedback.objects.exists()
    assert status == 413 or "refused" in Intake.objects.get().problem


def test_a_strangers_words_cite_mention_and_load_nothing(world: World, sender: Sender) -> None:
    """F5: links in a name go; citations, mentions and pictures are words."""
    feature = world.make("feature")
    said = (
        f"See [[{feature.key}]] @{world.owner.member.handle} ![x](https://spy.example/p.png)\n# Big\n1. one\n<b>x</b>"
    )
    sender.send({"text": said, "name": "Ana https://evil.example/x <b>", "title": "Hi https://evil.example"})
    note = Feedback.objects.get()
    assert not Link.objects.exists()
    assert not world.owner.member.__class__.objects.filter(pk=world.owner.member_id, preferences=None).exists()
    assert (note.author, note.title) == ("Ana b", "Hi")
    client = Client()
    client.force_login(world.user("product_manager"))
    page = client.get(f"/w/north/{note.key}").content.decode()
    assert "<img" not in page.partition('class="prose"')[2].partition("</section>")[0]
    assert f"[[{feature.key}]]" in page
    assert "<h3>Big" not in page


def test_a_paused_source_asks_to_come_again_later(world: World, sender: Sender) -> None:
    rules.pause_feedback_source(world.pm, feedback_source=sender.source)
    answer = sender.send({"text": "a"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "3600")
    rules.resume_feedback_source(world.pm, feedback_source=sender.source)
    assert sender.send({"text": "a"}).status_code == 200
    verbs.archive(world.pm, "feedback_source", sender.source)
    assert sender.send({"text": "b"}, "2").status_code == 401


def test_a_flood_is_stopped(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    """F5: signed or not, only so much is taken in a minute."""
    monkeypatch.setattr(queries, "A_MINUTE", 2)
    assert [sender.send({"text": "a"}, str(n)).status_code for n in range(4)] == [200, 200, 429, 429]
    assert [sender.send({"text": "a"}, signature="v1,x").status_code for _ in range(31)][-1] == 429


def test_a_source_is_no_more_than_its_owner(world: World, sender: Sender) -> None:
    assert taking.as_source(sender.source).role == "product_marketer"
    member = world.member("product_manager")
    member.role = "viewer"
    member.save()
    with pytest.raises(Forbidden):
        taking.as_source(fresh(sender.source))
    assert sender.send({"text": "a"}).status_code == 503
    assert "role" in Intake.objects.get().problem


def test_only_those_who_may_change_a_source_make_its_secret(world: World, sender: Sender) -> None:
    for role in ("contributor", "viewer", "product_marketer"):
        with pytest.raises(Forbidden):
            rules.rotate(world.actor(role), sender.source.key)
