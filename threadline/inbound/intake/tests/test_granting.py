"""Mailboxes of providers that take no passwords: a refresh token for an access token, through the guard, sealed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from threadline.inbound.feedback.models import Feedback
from threadline.inbound.intake import granting, mailbox, queries, rules, sealing
from threadline.inbound.intake.models import FeedbackSource, Intake, Mailbox
from threadline.inbound.intake.tests.imap import FakeIMAP, FakeTokens
from threadline.inbound.intake.tests.test_letters import mail
from threadline.kernel import verbs
from threadline.kernel.changes import Change
from threadline.kernel.errors import Invalid
from threadline.kernel.testing import World

ACCESS = "ya29.access"


@pytest.fixture
def server() -> Iterator[FakeIMAP]:
    made = FakeIMAP(token=ACCESS, mails={4: mail("1", "The export stops.")})
    yield made
    made.close()


@pytest.fixture
def tokens() -> Iterator[FakeTokens]:
    made = FakeTokens(answer=orjson.dumps({"access_token": ACCESS, "expires_in": 3599, "token_type": "Bearer"}))
    yield made
    made.close()


@pytest.fixture
def source(world: World, server: FakeIMAP, tokens: FakeTokens, settings: Any) -> FeedbackSource:
    settings.FETCH_ALLOWED_HOSTS = frozenset({f"localhost:{server.port}", f"localhost:{tokens.port}"})
    box = {"title": "Desk", "way": "mailbox", "host": "localhost", "port": server.port, "user_name": server.user}
    access = {"sign_in": "other", "client_id": "client-1", "token_url": f"http://localhost:{tokens.port}/token"}
    found = verbs.create(world.pm, "feedback_source", {**box, "encryption": "none", **access})
    assert isinstance(found, FeedbackSource)
    rules.keep_access(world.pm, found.key, "refresh-1", "client-secret")
    return found


def trouble(source: FeedbackSource) -> str:
    return Intake.objects.get(source=source).problem


def test_a_mailbox_is_read_with_an_access_token(source: FeedbackSource, server: FakeIMAP, tokens: FakeTokens) -> None:
    assert mailbox.look_into(source.pk) == 1
    assert Feedback.objects.get().body == "The export stops."
    asked = {"grant_type": "refresh_token", "refresh_token": "refresh-1", "client_id": "client-1"}
    assert tokens.asked == [asked | {"client_secret": "client-secret", "to": "/token"}]
    assert trouble(source) == ""


def test_nothing_of_the_access_is_kept_in_clear_or_logged(world: World, source: FeedbackSource) -> None:
    mailbox.look_into(source.pk)
    sealed = Mailbox.objects.get().sealed
    logged = " ".join(str(c.diff) for c in Change.objects.filter(card_id=source.pk))
    for secret in ("refresh-1", "client-secret", ACCESS):
        assert secret not in sealed
        assert secret not in logged


def test_a_refresh_token_that_comes_along_takes_the_place_of_the_one_before(
    source: FeedbackSource, tokens: FakeTokens
) -> None:
    tokens.answer = orjson.dumps({"access_token": ACCESS, "refresh_token": "refresh-2"})
    mailbox.look_into(source.pk)
    mailbox.look_into(source.pk)
    assert [a["refresh_token"] for a in tokens.asked] == ["refresh-1", "refresh-2"]
    assert tokens.asked[1]["client_secret"] == "client-secret"


def test_access_that_was_taken_back_is_said_in_our_words(source: FeedbackSource, tokens: FakeTokens) -> None:
    tokens.status, tokens.answer = 400, orjson.dumps({"error": "invalid_grant", "error_description": "marker-42"})
    assert mailbox.look_into(source.pk) == 0
    assert "has ended or was taken back" in trouble(source)
    assert "marker-42" not in trouble(source)
    assert Mailbox.objects.get().failures == 1


@pytest.mark.parametrize("answer", [b"", b"[]", b"<html>", b'{"access_token": 7}', b'{"access_token": "a\\u00e9"}'])
def test_an_answer_that_is_none_opens_nothing(
    source: FeedbackSource, server: FakeIMAP, tokens: FakeTokens, answer: bytes
) -> None:
    tokens.answer = answer
    assert mailbox.look_into(source.pk) == 0
    assert server.calls == 0
    assert "gave no access" in trouble(source)


def test_a_mail_server_that_refuses_the_token_is_said_so(source: FeedbackSource, server: FakeIMAP) -> None:
    server.token = "another"
    assert mailbox.look_into(source.pk) == 0
    assert "refuses the access" in trouble(source)
    assert "marker-42" not in trouble(source)


@pytest.mark.parametrize("change", [{"client_id": "x"}, {"user_name": "x"}, {"token_url": "http://evil.example/"}])
def test_a_changed_server_or_client_is_not_sent_the_refresh_token(
    world: World, source: FeedbackSource, tokens: FakeTokens, change: dict[str, str]
) -> None:
    verbs.update(world.pm, "feedback_source", source.key, change)
    assert mailbox.look_into(source.pk) == 0
    assert tokens.asked == []
    assert "Give it again" in trouble(source)


def test_a_token_server_inside_the_network_is_not_asked(
    source: FeedbackSource, server: FakeIMAP, tokens: FakeTokens, settings: Any
) -> None:
    """D1: what stands in the address of a token server opens nothing that the guard would not."""
    settings.FETCH_ALLOWED_HOSTS = frozenset({f"localhost:{server.port}"})
    assert mailbox.look_into(source.pk) == 0
    FeedbackSource.objects.filter(pk=source.pk).update(token_url=f"https://localhost:{tokens.port}/token")
    source.refresh_from_db()
    Mailbox.objects.update(sealed=sealing.seal(granting.sealed_text("r", ""), queries.bound_to(source)))
    assert mailbox.look_into(source.pk) == 0
    assert tokens.asked == []


def test_what_access_needs_is_asked_for(world: World, source: FeedbackSource) -> None:
    box = {"title": "Mail", "way": "mailbox", "host": "imap.example.com", "user_name": "desk"}
    with pytest.raises(Invalid) as refused:
        verbs.create(world.pm, "feedback_source", {**box, "sign_in": "other"})
    assert {problem.field for problem in refused.value.problems} == {"client_id", "token_url"}
    google = verbs.create(world.pm, "feedback_source", {**box, "sign_in": "google", "client_id": "c"})
    assert isinstance(google, FeedbackSource)
    assert granting.token_url(google).startswith("https://oauth2.googleapis.com/")
    with pytest.raises(Invalid):
        rules.keep_password(world.pm, google.key, "a password")
    with pytest.raises(Invalid):
        rules.keep_access(world.pm, google.key, "two words")
