"""Erasing a person: no table and no file holds a word of theirs; what rested on it says so; nothing brings it back."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from threadline.house import filing
from threadline.inbound.research import erasing, rules
from threadline.inbound.research.tests.test_consent import WORDS, told
from threadline.kernel import rows, verbs
from threadline.kernel.errors import Conflict, Forbidden, Invalid
from threadline.kernel.past import history
from threadline.kernel.testing import World, fresh
from threadline.kernel.undo import undo

pytestmark = pytest.mark.django_db
NAME, ADDRESS = "Wilhelmina Marker", "wilhelmina@marker.example"


def everything() -> str:
    """Every cell of every table as one text."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found.append(str(cursor.fetchall()))
    return "\n".join(found)


@pytest.fixture
def known(world: World) -> tuple[Any, ...]:
    """Somebody with a name, a talk, a highlight, a remark, a file, a contact and an insight that rests on it."""
    participant, talk, highlight, insight = told(world)
    verbs.update(world.pm, "participant", participant, {"full_name": NAME, "email": ADDRESS, "title": NAME})
    verbs.update(world.pm, "participant", participant, {"title": "P7", "notes": f"Met {NAME}"})
    verbs.update(world.pm, "interview", talk, {"notes": f"{NAME} was late"})
    verbs.comment(world.pm, talk, f"{NAME} said it twice")
    rules.note_contact(world.pm, participant=participant.key, how="email", about=f"Wrote to {NAME}")
    return participant, talk, highlight, insight


def test_no_table_holds_a_word_of_theirs(world: World, known: tuple[Any, ...]) -> None:
    """F12: who it was and what was said leave what stands, search and the history."""
    participant, talk, _, insight = known
    marks = (NAME, ADDRESS, WORDS, "I closed the game")
    assert all(mark in everything() for mark in marks)
    erasing.erase_participant(world.pm, participant=participant.key, sure="erase")
    left = everything()
    assert [mark for mark in marks if mark in left] == []
    assert [word for word in ("wilhelmina", "swallowed") if word in left.lower()] == []
    assert fresh(insight).state == "shaken"
    assert fresh(talk).participant_id == participant.pk, "that somebody took part stays"
    assert any("+erased" in change.diff for change in history(world.pm, verbs.card(world.pm, participant.pk)))


def test_their_files_leave_the_disk(
    world: World, known: tuple[Any, ...], django_capture_on_commit_callbacks: Any
) -> None:
    participant = known[0]
    made = filing.attach(world.pm, participant.key, "consent.txt", [NAME.encode()])
    path = filing.path_of(made)
    assert path.exists()
    with django_capture_on_commit_callbacks(execute=True):
        erasing.erase_participant(world.pm, participant=participant.key, sure="“Erase”")
    assert not path.exists()


def test_undo_does_not_bring_them_back(world: World, known: tuple[Any, ...]) -> None:
    batch = rows.new_id()
    erasing.erase_participant(world.pm, participant=known[0].key, sure="erase", batch=batch)
    with contextlib.suppress(Conflict, Invalid):
        undo(world.pm, batch)
    assert NAME not in everything()
    assert WORDS not in everything()


def test_nobody_is_erased_by_a_slip_or_by_whoever_may_not_know_them(world: World, known: tuple[Any, ...]) -> None:
    with pytest.raises(Invalid):
        erasing.erase_participant(world.pm, participant=known[0].key, sure="yes")
    with pytest.raises(Forbidden):
        erasing.erase_participant(world.viewer, participant=known[0].key, sure="erase")
    assert NAME in everything()


def test_the_button_stands_apart_from_what_is_pressed_every_day(
    world: World, known: tuple[Any, ...], client: Client
) -> None:
    client.force_login(world.user("product_manager"))
    page = client.get(f"/w/north/{known[0].key}").content.decode()
    head = page[: page.index("</header>", page.index('class="bar"'))] if "</header>" in page else page
    assert "do/erase_participant" in page
    assert head.index("do/erase_participant") > head.index(f"{known[0].key}/edit")
