"""Repeats are told before a file is brought in, by their words alone."""

from __future__ import annotations

import pytest

from threadline.exchange import alike, carrying
from threadline.exchange.tests.conftest import Desk, Rows
from threadline.kernel.testing import World

HEADS = ["id", "text", "date"]


def told(desk: Desk, *texts: str) -> str:
    rows: Rows = [HEADS, *([f"R{at}", text, "2026-03-04"] for at, text in enumerate(texts))]
    return " ".join(carrying.check(desk.actor, desk.take(rows))["notes"])


def test_the_same_words_twice_in_a_file_are_counted_and_still_come_in(desk: Desk) -> None:
    said = told(desk, "The map never loads at all.", "the MAP never  loads at all", "Something else is wrong here")
    assert "1 row holds the same words as an earlier row of the file." in said
    assert "no voice is lost" in said


def test_what_is_here_already_is_named_apart(desk: Desk, world: World) -> None:
    world.make("feedback", body="The map never loads at all.")
    said = told(desk, "The map never loads at all", "The map never loads at all!", "A new thing to say here")
    assert "2 rows hold the same words as a record that is here already" in said
    assert "earlier row" not in said


def test_what_is_here_is_read_in_parts_to_its_end(desk: Desk, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike, "PART", 2)
    texts = [f"This is what customer {n} said" for n in range(5)]
    for text in texts:
        world.make("feedback", body=text)
    assert "5 rows hold the same words as a record that is here already." in told(desk, *texts)


def test_few_words_are_said_by_many(desk: Desk) -> None:
    assert "same words" not in told(desk, "Great app", "Great app", "great app!")


def test_nothing_is_told_of_what_the_reader_may_not_read(desk: Desk, world: World) -> None:
    world.make("feedback", world.owner, body="The map never loads at all.", confidentiality=2)
    world.make("feedback", world.stranger, body="The map never loads at all.")
    assert "same words" not in told(desk, "The map never loads at all.")
