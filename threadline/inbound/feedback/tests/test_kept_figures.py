"""Figures of a large backlog: kept for all, the same as when they are counted, for each reader what they may see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from threadline.inbound.feedback.models import Theme, ThemeNote
from threadline.inbound.feedback.themes import editing, figures, keeping, membership
from threadline.kernel import rows, verbs
from threadline.kernel.access import NAMED, Actor
from threadline.kernel.testing import World

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


@pytest.fixture
def themes(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Theme]]:
    """Two themes with notes of accounts, of people and of nobody known; one note that few may see."""
    monkeypatch.setattr(keeping, "MANY", 1)
    acme = world.make("account", title="Acme", annual_revenue=9_000)
    gone = world.make("account", title="Gone", annual_revenue=500)
    made = [world.make("theme", title=t) for t in ("Exports", "Logins")]
    for n in range(12):
        values: dict[str, Any] = {"received_on": str(TODAY - timedelta(days=25 * n)), "rating": n % 3 or None}
        values |= ({"account": acme.pk}, {"author": f"Ana {n % 2}"}, {"account": gone.pk}, {})[n % 4]
        values |= {"confidentiality": NAMED} if n == 5 else {}
        note = world.make("feedback", title=f"Said {n}", **values)
        rows.insert(ThemeNote(workspace_id=note.workspace_id, theme_id=made[n % 2].pk, note_id=note.pk, near=0.5))
    verbs.archive(world.pm, "account", gone)
    yield made
    keeping.file_of(world.north.pk).unlink(missing_ok=True)


def same(actor: Actor, today: date = TODAY) -> dict[Any, figures.Size]:
    """The figures from what is kept, after a look that they are those that are counted."""
    live = list(Theme.objects.filter(state__in=membership.LIVE))
    found = keeping.sizes(actor, today, live)
    assert found == {k: v for k, v in figures.sizes(actor, today).items() if k in {t.pk for t in live}}
    return found


def test_what_is_kept_is_what_would_be_counted_for_everybody(world: World, themes: list[Theme]) -> None:
    assert keeping.keep(world.north.pk)
    found = same(world.pm)
    assert found[themes[0].pk].notes == 6
    assert found[themes[0].pk].revenue == 9_000
    assert same(world.viewer)[themes[1].pk].revenue is None
    assert same(world.pm)[themes[1].pk].notes == same(world.contributor)[themes[1].pk].notes + 1
    assert same(world.pm, TODAY + timedelta(days=7)) != found  # months move on with the day
    assert keeping.sizes(world.stranger, TODAY, []) == {}


def test_it_is_read_and_not_counted(world: World, themes: list[Theme], monkeypatch: pytest.MonkeyPatch) -> None:
    keeping.keep(world.north.pk)
    monkeypatch.setattr(figures, "sizes", lambda *_: pytest.fail("counted"))
    found = keeping.sizes(world.pm, TODAY, themes)
    held = ThemeNote.objects.filter(theme=themes[0]).values_list("note_id", flat=True)
    verbs.archive(world.pm, "feedback", held[0])
    assert keeping.sizes(world.pm, TODAY, themes) == found, "until the worker counts again"


def test_what_people_shape_is_counted_at_once(world: World, themes: list[Theme]) -> None:
    whole, part = themes
    keeping.keep(world.north.pk)
    verbs.link(world.pm, whole, world.make("feedback", title="Later", author="Bo"), membership.HOLDS)
    assert same(world.pm)[whole.pk].notes == 7
    keeping.keep(world.north.pk)
    assert same(world.pm)[whole.pk].notes == 7
    editing.merge_theme(world.pm, theme=part.key, into=whole.key)
    assert same(world.pm)[whole.pk].notes == 13
    keeping.keep(world.north.pk)
    assert same(world.pm)[whole.pk].customers == same(world.pm)[whole.pk].customers
    editing.unmerge_theme(world.pm, theme=part.key)
    assert same(world.pm)[part.pk].notes == 6


def test_a_small_backlog_is_counted_and_nothing_is_kept(
    world: World, themes: list[Theme], monkeypatch: pytest.MonkeyPatch
) -> None:
    keeping.keep(world.north.pk)
    monkeypatch.setattr(keeping, "MANY", 1_000)
    assert not keeping.keep(world.north.pk)
    assert not keeping.file_of(world.north.pk).exists()
    assert same(world.pm)[themes[0].pk].notes == 6


def test_what_is_kept_names_nobody(world: World, themes: list[Theme]) -> None:
    keeping.keep(world.north.pk)
    assert b"Ana" not in keeping.file_of(world.north.pk).read_bytes()
