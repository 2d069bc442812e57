"""Projects out and in again: nothing that the format can hold is lost, whatever the script."""

from __future__ import annotations

import io
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from threadline.formats import refi, taguette
from threadline.formats.refusal import Unreadable
from threadline.inbound.research import carrying, consenting, highlighting, transcribing
from threadline.inbound.research.models import Code, Highlight, Interview, Study
from threadline.inbound.research.queries import codes_of, turns_of
from threadline.kernel import rows, verbs
from threadline.kernel.access import Actor, reach
from threadline.kernel.actions import through_door
from threadline.kernel.testing import World, fresh
from threadline.kernel.undo import undo

TURNS = [
    {"s": "Mira", "a": 0, "b": 1, "t": "¿Y después? 🙂"},
    {"s": "P7", "a": 2, "b": 3, "t": "לא עשיתי כלום. Then I closed the game 👩‍👩‍👧."},
    {"s": "P7", "a": 4, "b": 5, "t": "Cafe\u0301 = Café? I kept a list."},
]


def study_with(world: World) -> Study:
    """A study with one talk and two highlights, one over two turns."""
    study = world.make("study", title="Exits & entrances")
    person = world.make("participant", title="P7", full_name="Anna Persson")
    world.make("consent", participant=str(person.pk), take_part=True, quote_anonymous=True)
    talk = world.make("interview", title="P7", study=str(study.pk), participant=str(person.pk))
    turns = [t | {"t": carrying.unicodedata.normalize("NFC", t["t"])} for t in TURNS]
    through_door(world.pm, "t", lambda door: transcribing.set_transcript(door, talk, turns, source="", because="t"))
    whole = world.make("code", title="ways", definition="What people do <instead>.")
    part = world.make("code", title="lists & notes", parent=str(whole.pk))
    one = highlighting.highlight_words(
        world.pm, interview=talk.pk, quote="Then I closed the game 👩‍👩‍👧.", codes=[whole.key]
    )
    highlighting.highlight_words(
        world.pm, interview=talk.pk, quote="I kept a list.", codes=[part.key, whole.key], memo="m&m"
    )
    highlighting.highlight_words(
        world.pm, interview=talk.pk, quote="👩‍👩‍👧.\nCafé", turn=2, start=turns[1]["t"].index("👩"), codes=[part.key]
    )
    assert one.turn == 1
    return fresh(study)


def picture(actor: Actor, study: Study) -> list[Any]:
    """All that a project carries of a study, in our own terms."""
    found = []
    for talk in reach(actor, Interview).filter(study_id=study.pk).order_by("number"):
        marks = list(reach(actor, Highlight).filter(interview_id=talk.pk).order_by("turn", "start"))
        codes = codes_of(actor, [m.pk for m in marks])
        found.append([
            talk.title, [(t["s"], t["t"]) for t in turns_of(talk)],
            [(m.quote, m.turn, m.start, m.memo, sorted(c.title for c in codes.get(m.pk, []))) for m in marks],
        ])  # fmt: skip
    return found


def test_a_project_comes_back_as_it_went(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    study = study_with(world)
    project = carrying.as_project(world.pm, study)
    data = refi.write_project(project)
    assert data == refi.write_project(carrying.as_project(world.pm, study)), "the same study gives the same file"
    again = refi.read_project(data)
    other = world.make("study", world.stranger)
    made = carrying.bring_in(world.stranger, other.pk, again, batch=rows.new_id())
    assert picture(world.stranger, fresh(other)) == picture(world.pm, study)
    assert (made.codes, made.interviews, made.highlights, made.losses) == (2, 1, 3, [])
    there = reach(world.stranger, Code).get(title="lists & notes")
    assert there.parent is not None
    assert there.parent.definition == "What people do <instead>."
    print("Loss report of a REFI-QDA round trip:", *project.losses, sep="\n- ")
    assert "Times of turns" in capsys.readouterr().out


def test_a_codebook_comes_back_and_known_codes_are_not_made_twice(world: World) -> None:
    study = study_with(world)
    again = refi.read_codebook(refi.write_codebook(carrying.as_project(world.pm, study).codes))
    made = carrying.Brought()
    through_door(world.pm, "t", lambda door: carrying.bring_codes(door, again.codes, made))
    assert made.codes == 0
    assert Code.objects.count() == 2


def test_what_was_brought_in_is_undone_as_one(world: World) -> None:
    study = study_with(world)
    again = refi.read_project(refi.write_project(carrying.as_project(world.pm, study)))
    batch, other = rows.new_id(), world.make("study")
    carrying.bring_in(world.pm, other.pk, again, batch=batch)
    undo(world.pm, batch)
    assert not reach(world.pm, Interview).filter(study_id=other.pk, archived_at=None).exists()


def test_words_without_consent_are_in_no_file(world: World) -> None:
    study = study_with(world)
    person = reach(world.pm, Interview).get().participant_id
    assert carrying.lines_of(world.pm, study)
    assert carrying.lines_of(world.pm, study, outside=True) == []
    consenting.withdraw_participant(world.pm, participant=person)
    data = refi.write_project(carrying.as_project(world.pm, study))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        whole = b"".join(archive.read(n) for n in archive.namelist())
    assert b"closed the game" not in whole
    assert carrying.lines_of(world.pm, study) == []


def test_names_stay_here_unless_somebody_agreed(world: World) -> None:
    study = study_with(world)
    assert {line.who for line in carrying.lines_of(world.pm, study)} == {"P7"}
    person = reach(world.pm, Interview).get().participant_id
    world.make("consent", participant=str(person), quote_named=True)
    assert {line.who for line in carrying.lines_of(world.pm, study)} == {"Anna Persson"}
    assert {line.who for line in carrying.lines_of(world.viewer, study)} == {"P7"}


def test_foreign_positions_are_counted_with_their_line_ends() -> None:
    """Written under Windows: two characters for each line end."""
    text = "One.\r\nTwo 🙂.\r\nThree."
    qde = (
        '<Project xmlns="urn:QDA-XML:project:1.0" name="x"><CodeBook><Codes><Code guid="c" name="n" isCodable="true"/>'
        '</Codes></CodeBook><Sources><TextSource guid="s" name="t"><PlainTextContent/>'
        "</TextSource></Sources></Project>"
    )
    start = text.index("Two")
    selection = f'<PlainTextSelection guid="p" startPosition="{start}" endPosition="{start + 6}"/>'
    qde = qde.replace("<PlainTextContent/>", f"{selection}").replace(
        '<TextSource guid="s" name="t">', '<TextSource guid="s" name="t" plainTextPath="internal://s.txt">'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("project.qde", qde)
        archive.writestr("sources/s.txt", text.encode("utf-8-sig"))
    [source] = refi.read_project(out.getvalue()).sources
    [one] = source.selections
    assert source.text[one.start : one.end] == "Two 🙂."


def taguette_file(tmp_path: Path) -> bytes:
    """A database as Taguette makes it, with bytes for offsets."""
    path = tmp_path / "t.sqlite3"
    html = "<p>Grüße 🙂 &amp; mehr.</p><p>I kept <b>a list</b>.</p><script>alert(1)</script>"
    text = "Grüße 🙂 & mehr.I kept a list."
    start, end = (len(text[: text.index(w)].encode()) for w in ("I kept", "."))
    start = len(text[: text.index("I kept")].encode())
    end = start + len(b"I kept a list.")
    database = sqlite3.connect(path)
    database.executescript(
        "CREATE TABLE projects (id INTEGER, name TEXT);"
        "CREATE TABLE tags (id INTEGER, project_id INTEGER, path TEXT, description TEXT);"
        "CREATE TABLE documents (id INTEGER, project_id INTEGER, name TEXT, contents TEXT);"
        "CREATE TABLE highlights (id INTEGER, document_id INTEGER, start_offset INTEGER, end_offset INTEGER);"
        "CREATE TABLE highlight_tags (highlight_id INTEGER, tag_id INTEGER);"
        "INSERT INTO projects VALUES (1, 'Talks');"
        "INSERT INTO tags VALUES (1, 1, 'ways.lists', 'On paper'), (2, 1, 'greeting', '');"
    )
    database.execute("INSERT INTO documents VALUES (1, 1, 'doc.html', ?)", [html])
    database.execute("INSERT INTO highlights VALUES (1, 1, ?, ?)", [start, end])
    database.execute("INSERT INTO highlights VALUES (2, 1, 0, ?)", [len("Grüße 🙂".encode())])
    database.execute("INSERT INTO highlights VALUES (3, 1, 3, 4)")
    database.execute("INSERT INTO highlight_tags VALUES (1, 1), (2, 2)")
    database.commit()
    database.close()
    return path.read_bytes()


def test_taguette_counts_bytes_and_every_highlight_finds_its_words(world: World, tmp_path: Path) -> None:
    project = taguette.read_project(taguette_file(tmp_path))
    assert "alert" not in project.sources[0].text
    made = carrying.bring_in(world.pm, None, project, batch=rows.new_id())
    assert set(Highlight.objects.values_list("quote", flat=True)) == {"I kept a list.", "Grüße 🙂"}
    assert Code.objects.get(title="lists").parent == Code.objects.get(title="ways")
    assert "within a character" in made.losses[0]


def test_a_database_that_does_more_than_hold_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.sqlite3"
    path.write_bytes(taguette_file(tmp_path))
    database = sqlite3.connect(path)
    database.execute("ALTER TABLE tags RENAME TO t2")
    database.execute("CREATE VIEW tags AS SELECT * FROM t2")
    database.commit()
    database.close()
    for data in (path.read_bytes(), b"SQLite format 3\x00" + b"x" * 4_000, b"nothing"):
        with pytest.raises(Unreadable):
            taguette.read_project(data)


@pytest.mark.parametrize("head", ["tag,description", "name,description", "path,description,colour"])
def test_a_codebook_in_csv(head: str) -> None:
    project = taguette.read_codebook(f"{head}\nways.lists,On paper,red\nways,Whole,red\n".encode())
    assert [(c.name, c.description, bool(c.parent)) for c in project.codes] == [
        ("ways", "Whole", False), ("lists", "On paper", True),
    ]  # fmt: skip
    with pytest.raises(Unreadable):
        taguette.read_codebook(b"a,b\n1,2\n")


def test_harmful_projects_are_refused() -> None:
    """E1, E3: through the same guards as documents."""
    for name, content in (("project.qde", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><Project>&b;</Project>'),
                          ("../project.qde", b"<Project/>"), ("other", b"x")):  # fmt: skip
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr(name, content)
        with pytest.raises(Unreadable):
            refi.read_project(out.getvalue())


def test_a_source_outside_of_the_archive_is_not_followed() -> None:
    """E2: a path in the file is looked up in the archive alone."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(
            "project.qde",
            '<Project xmlns="urn:QDA-XML:project:1.0" name="x"><Sources><TextSource guid="s" name="t" '
            'plainTextPath="absolute:///etc/passwd"/></Sources></Project>',
        )
    found = refi.read_project(out.getvalue())
    assert found.sources == []
    assert "outside of the file" in found.losses[0]


def test_an_import_needs_the_right_to_import(world: World) -> None:
    assert not world.contributor.may("bulk", "research")
    assert verbs.card(world.pm, world.make("study").pk).kind == "study"


def test_what_is_taken_along_asks_no_more_of_more_talks(world: World) -> None:
    study = world.make("study")
    for number in range(6):
        person = world.make("participant", title=f"P{number}")
        world.make("consent", participant=person.key, take_part=True, quote_anonymous=True, share_outside=number > 2)
        talk = world.make("interview", study=study.key, participant=person.key, state="held")
        highlighting.highlight_words(world.pm, interview=talk.pk, quote=f"said {number}", codes=["a code"])
    with CaptureQueriesContext(connection) as asked:
        lines = carrying.lines_of(world.pm, study)
    assert [(line.quote, line.codes) for line in lines] == [(f"said {n}", ["a code"]) for n in range(6)]
    assert len(asked) <= 6
    assert [line.quote for line in carrying.lines_of(world.pm, study, outside=True)] == ["said 3", "said 4", "said 5"]
