"""Accepted themes collect new notes by what stood in them, surely or not at all; people's word stands."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from threadline.inbound.feedback.intelligence import keeping
from threadline.inbound.feedback.models import Theme, ThemeNote
from threadline.inbound.feedback.tests.test_themes import look, theme_of
from threadline.inbound.feedback.themes import accepted, editing, finding
from threadline.kernel.testing import World

pytestmark = pytest.mark.django_db
WHO = ("Our team", "Everyone here", "My colleague", "The night shift", "A new hire", "Our bookkeeper")
SAID = {
    "export": ("loses columns in the CSV export", "waits an hour for the CSV export", "cannot open the exported CSV"),
    "login": (
        "cannot reset the login password",
        "is sent back to the login page",
        "fails at login with single sign-on",
    ),
    "printer": ("finds no receipt printer", "sees the receipt printer print twice", "has a receipt printer that jams"),
}


@pytest.fixture
def read(world: World, settings: Any, tmp_path: Any) -> Iterator[Any]:
    """Eighteen notes of each of three topics, read, and two themes among those found."""
    settings.DATA_DIR = tmp_path
    keeping._shelf.cache_clear()
    (tmp_path / "reading").mkdir()
    for lines in SAID.values():
        for n, (who, line) in enumerate(itertools.product(WHO, lines)):
            world.make("feedback", title=f"{who} {line}", body=f"{who} {line}, day {n}")
    keeping.catch_up(world.north.pk)
    look(world)
    yield world
    keeping._shelf.cache_clear()


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accepted, "FEWEST", 5)


def kept(world: World) -> Theme:
    """The theme of exports, accepted."""
    found = list(Theme.objects.filter(placed__note__body__contains="CSV").distinct().order_by("number"))
    for theme in found[1:]:
        editing.merge_theme(world.pm, theme=theme.key, into=found[0].key)
    whole = Theme.objects.get(pk=found[0].pk)
    return editing.keep_theme(world.pm, theme=whole.key) if whole.state == "found" else whole


@pytest.mark.weighty
def test_an_accepted_theme_takes_what_it_surely_means_and_says_how_surely(
    world: World, read: Any, client: Client
) -> None:
    theme = kept(world)
    assert accepted.learn(world.north.pk) == 1
    note = world.make("feedback", title="Export", body="The apprentice loses columns in the CSV export")
    finding.place_one(world.north.pk, note.pk)
    placed = ThemeNote.objects.get(note_id=note.pk)
    assert placed.theme_id == theme.pk
    assert 1.5 < placed.near < 2
    client.force_login(world.user("product_manager"))
    assert f"{placed.near - 1:.0%} sure" in client.get(f"/w/north/{note.key}").content.decode()
    assert "only when that is sure enough" in client.get(f"/w/north/{theme.key}").content.decode()


@pytest.mark.weighty
def test_below_its_threshold_it_takes_nothing_however_near(world: World, read: Any) -> None:
    """A note that the plain likeness would have put there waits; the next look leaves it waiting too."""
    theme = kept(world)
    nearest = ThemeNote.objects.filter(theme_id=theme.pk).order_by("-near").first()
    assert nearest is not None
    note = world.make("feedback", title="Once more", body=nearest.note.body)
    finding.place_one(world.north.pk, note.pk)
    assert theme_of(note) == theme.pk
    ThemeNote.objects.filter(note_id=note.pk).delete()
    accepted.learn(world.north.pk)
    sorter = accepted.sorter_of(world.north.pk)
    assert sorter is not None
    sorter.threshold = 1.01  # as of a theme that never proved sure
    finding.place_one(world.north.pk, note.pk)
    assert theme_of(note) is None
    look(world)
    assert theme_of(note) != theme.pk


@pytest.mark.weighty
def test_what_people_said_stands(world: World, read: Any) -> None:
    theme = kept(world)
    accepted.learn(world.north.pk)
    out = world.make("feedback", title="Out", body="The apprentice loses columns in the CSV export")
    held = world.make("feedback", title="In", body="Something about boats")
    editing.leave_out_of_theme(world.pm, theme=theme.key, note=out.key)
    editing.put_into_theme(world.pm, theme=theme.key, note=held.key)
    for note in (out, held):
        finding.place_one(world.north.pk, note.pk)
        assert theme_of(note) is None  # the machine has no word beside theirs


@pytest.mark.weighty
def test_what_it_took_itself_teaches_nothing(world: World, read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    theme = kept(world)
    accepted.learn(world.north.pk)
    note = world.make("feedback", title="Export", body="The apprentice loses columns in the CSV export")
    finding.place_one(world.north.pk, note.pk)
    keeping.catch_up(world.north.pk)
    seen: list[int] = []
    real = accepted.sorting.trained
    monkeypatch.setattr(
        accepted.sorting, "trained", lambda texts, names: seen.append(names.count(str(theme.pk))) or real(texts, names)
    )
    accepted.learn(world.north.pk)
    editing.put_into_theme(world.pm, theme=theme.key, note=world.make("feedback", title="CSV", body="A CSV").key)
    keeping.catch_up(world.north.pk)
    accepted.learn(world.north.pk)
    assert seen[1] == seen[0] + 2  # the one put in, and the one that the person saw there


def test_nobody_accepted_anything_and_nothing_is_learnt(world: World, read: Any) -> None:
    assert accepted.learn(world.north.pk) == 0
    assert accepted.sorter_of(world.north.pk) is None
