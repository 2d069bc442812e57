"""The sources' page: what there is, how it fares, and secrets shown once."""

from __future__ import annotations

import pytest
from django.test import Client

from threadline.inbound.intake import queries, sealing, taking
from threadline.inbound.intake.models import FeedbackSource, Intake
from threadline.inbound.intake.taking import Said
from threadline.kernel import verbs
from threadline.kernel.testing import World

HERE = "/w/north/feedback/sources"


@pytest.fixture
def client(world: World, client: Client) -> Client:
    client.force_login(world.user("product_manager"))
    return client


def made(world: World, **values: str) -> FeedbackSource:
    source = verbs.create(world.pm, "feedback_source", {"title": "Help desk", **values})
    assert isinstance(source, FeedbackSource)
    return source


def test_without_a_source_the_page_says_what_one_is(client: Client) -> None:
    page = client.get(HERE).content.decode()
    assert "No source yet" in page
    assert "/w/north/feedback-sources/new" in page


def test_a_secret_is_shown_once(world: World, client: Client) -> None:
    source = made(world)
    intake = queries.intake_of(source)
    answer = client.post(HERE, {"source": source.key}).content.decode()
    secret = sealing.secret_of(intake.key, Intake.objects.get().salt)
    assert secret.replace("+", "&#43;") in answer or secret in answer
    later = client.get(HERE).content.decode() + client.get(f"/w/north/{source.key}").content.decode()
    assert "whsec_" not in later.replace("whsec_}", "")
    assert intake.key in later


def test_how_a_source_fares_is_told(world: World, client: Client) -> None:
    source = made(world)
    intake = queries.intake_of(source)
    taking.take(intake, Said(text="Buy pills"), "1", b"1", held="Held back: it holds more than 2 links.")
    taking.went_wrong(intake, "A delivery was refused: it is late.")
    page = client.get(HERE).content.decode()
    for words in ("1 note or follow-up", "it is late", "1 note looks like spam"):
        assert words in page
    page = client.get(f"/w/north/{source.key}").content.decode()
    assert "Buy pills" in page
    assert "more than 2 links" in page


def test_a_viewer_reads_and_does_not_rotate(world: World, client: Client) -> None:
    source = made(world)
    client.force_login(world.user("viewer"))
    assert "Make the secret" not in client.get(HERE).content.decode()
    assert client.post(HERE, {"source": source.key}).status_code == 403


def test_a_new_source_is_asked_first_how_it_arrives(client: Client) -> None:
    page = client.get("/w/north/feedback-sources/new").content.decode()
    order = [page.index(f'name="{name}"') for name in ("title", "way", "intro", "host", "sign_in", "owner")]
    assert order == sorted(order)
    assert "<h2" in page[: page.index('name="host"')]
    assert "Mailbox: " not in page


def test_access_of_a_provider_is_given_on_the_page_and_never_shown(world: World, client: Client) -> None:
    box = {"way": "mailbox", "host": "imap.gmail.com", "user_name": "desk@example.com"}
    source = made(world, **box, sign_in="google", client_id="client-1")
    page = client.get(HERE).content.decode()
    assert 'name="refresh"' in page
    assert 'name="password"' not in page
    client.post(HERE, {"source": source.key, "refresh": " 1//refresh ", "secret": ""})
    assert queries.opens(source)
    assert "1//refresh" not in client.get(HERE).content.decode()
