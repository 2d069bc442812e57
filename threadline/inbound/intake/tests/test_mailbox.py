"""Mailboxes: looked into with their own password, through the guard, once for each mail."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from threadline.inbound.feedback.models import Feedback
from threadline.inbound.intake import listeners, mailbox, queries, rules, sealing
from threadline.inbound.intake.models import Delivery, FeedbackSource, Intake, Mailbox
from threadline.inbound.intake.tests.imap import FakeIMAP, certificate
from threadline.inbound.intake.tests.test_letters import mail
from threadline.kernel import rows, verbs, work
from threadline.kernel.changes import Change
from threadline.kernel.errors import Invalid
from threadline.kernel.jobs import Job
from threadline.kernel.testing import World


@pytest.fixture
def server() -> Iterator[FakeIMAP]:
    made = FakeIMAP()
    yield made
    made.close()


@pytest.fixture
def source(world: World, server: FakeIMAP, settings: Any) -> FeedbackSource:
    settings.FETCH_ALLOWED_HOSTS = frozenset({f"localhost:{server.port}"})
    return made(world, server)


def made(world: World, server: FakeIMAP, **values: Any) -> FeedbackSource:
    box = {"title": "Desk", "way": "mailbox", "host": "localhost", "port": server.port, "user_name": server.user}
    found = verbs.create(world.pm, "feedback_source", {**box, "encryption": "none", **values})
    assert isinstance(found, FeedbackSource)
    rules.keep_password(world.pm, found.key, server.password)
    return found


def trouble(source: FeedbackSource) -> str:
    return Intake.objects.get(source=source).problem


def test_what_came_is_taken_in_once_and_left_as_it_was(source: FeedbackSource, server: FakeIMAP) -> None:
    server.mails = {4: mail("1", "The export stops."), 9: mail("2", "The import too.")}
    assert mailbox.look_into(source.pk) == 2
    assert sorted(Feedback.objects.values_list("body", flat=True)) == ["The export stops.", "The import too."]
    server.mails[10] = mail("3", "And the rest.")
    assert mailbox.look_into(source.pk) == 1
    assert Feedback.objects.count() == 3
    assert any("BODY.PEEK" in said for said in server.said)
    assert not any(word in said for said in server.said for word in ("STORE", "SELECT ", "EXPUNGE", "COPY"))


def test_a_folder_made_anew_is_read_again_and_nothing_comes_twice(source: FeedbackSource, server: FakeIMAP) -> None:
    server.mails = {4: mail("1", "The export stops.")}
    mailbox.look_into(source.pk)
    server.validity, server.mails = 8, {1: mail("1", "The export stops."), 2: mail("2", "More.")}
    mailbox.look_into(source.pk)
    assert Feedback.objects.count() == 2


def test_the_password_is_sealed_and_in_no_log(world: World, source: FeedbackSource, server: FakeIMAP) -> None:
    sealed = Mailbox.objects.get().sealed
    assert server.password not in sealed
    assert sealing.unseal(sealed, queries.bound_to(source)) == server.password
    assert all(server.password not in str(c.diff) for c in Change.objects.filter(card_id=source.pk))


@pytest.mark.parametrize("change", [{"host": "evil.example"}, {"user_name": "other"}, {"port": 993}])
def test_a_changed_address_is_not_sent_the_password(
    world: World, source: FeedbackSource, server: FakeIMAP, change: dict[str, Any]
) -> None:
    verbs.update(world.pm, "feedback_source", source.key, change)
    assert mailbox.look_into(source.pk) == 0
    assert server.calls == 0
    assert "Give it again" in trouble(source)


def test_a_refused_password_is_tried_ever_more_seldom(world: World, source: FeedbackSource, server: FakeIMAP) -> None:
    server.password = "another"
    waits = []
    for _ in range(4):
        mailbox.look_into(source.pk)
        waits.append(Mailbox.objects.get().next_at - rows.now())
    assert all(later > 1.8 * earlier for earlier, later in itertools.pairwise(waits))
    assert "refuses the name or the password" in trouble(source)
    assert "marker-42" not in trouble(source)  # nothing that the server said is shown
    rules.keep_password(world.pm, source.key, "another")
    assert mailbox.look_into(source.pk) == 0
    assert trouble(source) == ""


def test_inside_the_network_only_what_the_operator_named_is_asked(
    source: FeedbackSource, server: FakeIMAP, settings: Any
) -> None:
    """D1, D7: a mailbox at an address of this machine or network gets no packet."""
    settings.FETCH_ALLOWED_HOSTS = frozenset()
    mailbox.look_into(source.pk)
    assert server.calls == 0
    assert "is not one that this is asked at" in trouble(source)
    FeedbackSource.objects.filter(pk=source.pk).update(port=993, encryption="tls")
    source.refresh_from_db()
    Mailbox.objects.update(sealed=sealing.seal("x", queries.bound_to(source)))
    for number in ("127.0.0.1", "10.0.0.7", "169.254.169.254", "::1"):
        mailbox.look_into(source.pk, resolver=lambda host, port, number=number: [number])
        assert "private network" in trouble(source)


def test_without_encryption_a_stranger_is_not_asked(source: FeedbackSource, server: FakeIMAP) -> None:
    FeedbackSource.objects.filter(pk=source.pk).update(host="mail.example", port=143)
    source.refresh_from_db()
    Mailbox.objects.update(sealed=sealing.seal("x", queries.bound_to(source)))
    mailbox.look_into(source.pk, resolver=lambda host, port: ["93.184.216.34"])
    assert "Without encryption" in trouble(source)


def test_a_certificate_must_be_good(world: World, server: FakeIMAP, settings: Any, tmp_path: Path) -> None:
    server.tls, trusting = certificate(tmp_path)
    server.mails = {1: mail("1", "Over TLS.")}
    settings.FETCH_ALLOWED_HOSTS = frozenset({f"localhost:{server.port}"})
    source = made(world, server, encryption="")
    assert mailbox.look_into(source.pk) == 0
    assert "certificate" in trouble(source)
    assert mailbox.look_into(source.pk, tls=trusting) == 1
    assert trouble(source) == ""


def test_too_large_a_mail_waits_apart_with_its_head_alone(source: FeedbackSource, server: FakeIMAP) -> None:
    """F4: a mail of 30 MB is never fetched; who sent it and what about waits for a person."""
    server.mails, server.sizes = {1: mail("1", "Huge.", subject="All my files")}, {1: 30 * 1024 * 1024}
    assert mailbox.look_into(source.pk) == 1
    note = Feedback.objects.get()
    assert (note.title, note.state) == ("All my files", "held")
    assert "30 MB" in Delivery.objects.get().because
    assert not any("BODY.PEEK[]" in said for said in server.said)


def test_a_server_that_sends_without_end_is_cut(source: FeedbackSource, server: FakeIMAP) -> None:
    """F4, D6: what a server announces is believed to a measure only."""
    server.mails, server.floods = {1: mail("1", "x")}, True
    assert mailbox.look_into(source.pk) == 0
    assert "more than was asked for" in trouble(source)


def test_what_cannot_be_read_is_said_and_passed_over(source: FeedbackSource, server: FakeIMAP) -> None:
    server.mails = {1: b"not a mail\r\n\r\n", 2: mail("2", "Fine.")}
    assert mailbox.look_into(source.pk) == 1
    assert "could not be taken in" in trouble(source)
    assert mailbox.look_into(source.pk) == 0  # not again and again


def test_many_mails_come_in_several_looks(
    source: FeedbackSource, server: FakeIMAP, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "AT_ONCE", 2)
    server.mails = {n: mail(str(n), f"Note {n}.") for n in range(1, 6)}
    steps: list[Any] = []
    assert mailbox.look_into(source.pk, lambda done, total, note: steps.append((done, total))) == 2
    assert (1, 5) in steps
    assert Mailbox.objects.get().next_at < rows.now() + timedelta(minutes=1)
    assert [mailbox.look_into(source.pk) for _ in range(3)] == [2, 1, 0]


def test_a_mailbox_is_looked_into_when_its_time_has_come(
    world: World, source: FeedbackSource, server: FakeIMAP
) -> None:
    waiting = lambda: Job.objects.filter(name=rules.LOOK, state="waiting").count()  # noqa: E731
    progress: Any = None
    assert listeners.look_into_what_is_due(progress) == {"due": 1}
    assert waiting() == 1
    rules.look_into_mailbox(world.pm, feedback_source=source.key)
    assert waiting() == 1  # it waits already
    Job.objects.all().delete()
    mailbox.look_into(source.pk)
    assert listeners.look_into_what_is_due(progress) == {"due": 0}
    rules.pause_feedback_source(world.pm, feedback_source=source.key)
    Mailbox.objects.update(next_at=None)
    assert listeners.look_into_what_is_due(progress) == {"due": 0}
    assert mailbox.look_into(source.pk) == 0
    assert work.declared_as(rules.LOOK) is not None


def test_a_mailbox_says_what_it_needs(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        verbs.create(world.pm, "feedback_source", {"title": "Desk", "way": "mailbox"})
    assert {p.field for p in refused.value.problems} == {"host", "user_name"}


@pytest.mark.parametrize("folder", ["INBOX", 'A "b" \\c', "Vorgänge & mehr"])
def test_folders_of_any_name_are_opened(world: World, source: FeedbackSource, server: FakeIMAP, folder: str) -> None:
    server.folder = {"INBOX": "INBOX", 'A "b" \\c': 'A \\"b\\" \\\\c', "Vorgänge & mehr": "Vorg&AOQ-nge &- mehr"}[
        folder
    ]
    verbs.update(world.pm, "feedback_source", source.key, {"folder": folder})
    mailbox.look_into(source.pk)
    assert trouble(source) == ""
