"""Texts on disk: found by words, changed in place, forgotten, shared with other readers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tantivy

from threadline.reading.shelf import Shelf, Text

OPEN = tantivy.Index.open

RAID = Text("a", "note", "Cannot rejoin", "The connection dropped in the raid, could not rejoin the party")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    made = Shelf(tmp_path / "shelf")
    made.write(
        [
            RAID,
            Text("b", "note", "Stickers", "More stickers for the harbour"),
            Text("c", "feature", "Rejoin a raid", "after a dropped connection"),
        ]
    )
    return made


def near(shelf: Shelf, text: str, kind: str = "note") -> list[str]:
    return [n.id for n in shelf.near("", text, kind, 10)]


def test_texts_are_found_by_their_stems_and_their_kind(shelf: Shelf) -> None:
    assert near(shelf, "rejoining raids") == ["a"]
    assert near(shelf, "rejoining raids", "feature") == ["c"]
    assert near(shelf, "") == []
    assert near(shelf, "unheard of") == []


def test_a_changed_text_is_found_by_its_new_words_alone(shelf: Shelf) -> None:
    shelf.write([Text("a", "note", "Sound", "Music is too loud")])
    assert near(shelf, "raid") == []
    assert near(shelf, "loud music") == ["a"]
    assert shelf.tally().texts == 3


def test_what_is_gone_is_found_no_more_and_leaves_the_tally(shelf: Shelf) -> None:
    shelf.write([], ["a", "never there"])
    assert near(shelf, "raid") == []
    assert shelf.tally().texts == 2


def test_another_reader_of_the_folder_sees_what_was_written_since(shelf: Shelf) -> None:
    other = Shelf(shelf.folder)
    assert near(other, "raid") == ["a"]
    shelf.write([Text("d", "note", "Raid again", "the raid")], mark="later")
    assert set(near(other, "raid")) == {"a", "d"}
    assert other.tally().texts == 4
    assert other.state()["mark"] == "later"


def test_writing_in_parts_counts_as_writing_at_once(shelf: Shelf, tmp_path: Path) -> None:
    parts = Shelf(tmp_path / "parts")
    for text in (RAID, Text("b", "note", "Stickers", "More stickers for the harbour")):
        parts.write([text])
    parts.write([Text("c", "feature", "Rejoin a raid", "after a dropped connection")])
    for kind in ("words", "pieces", "pairs"):
        assert getattr(parts.tally(), kind).tolist() == getattr(shelf.tally(), kind).tolist()


def test_a_cleared_shelf_is_empty_and_can_be_written_again(shelf: Shelf) -> None:
    shelf.clear()
    assert not shelf.ready()
    assert near(shelf, "raid") == []
    assert shelf.tally().texts == 0
    shelf.write([RAID])
    assert near(shelf, "raid") == ["a"]


class Merged:
    """An index whose files another process merges away while it is opened, a few times."""

    def __init__(self, times: int) -> None:
        self.times = times

    def open(self, place: str) -> Any:
        self.times -= 1
        if self.times >= 0:
            raise ValueError("Failed to open file for read: 'FileDoesNotExist(...)'")
        return OPEN(place)


def test_files_that_were_merged_away_meanwhile_are_opened_anew(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tantivy, "Index", Merged(2))
    assert near(Shelf(shelf.folder), "rejoining raids") == ["a"]


def test_what_cannot_be_opened_at_all_is_told(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tantivy, "Index", Merged(100))
    with pytest.raises(ValueError, match="FileDoesNotExist"):
        near(Shelf(shelf.folder), "rejoining raids")


def test_in_a_large_collection_words_of_most_texts_are_not_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Shelf(tmp_path / "large")
    made.write(Text(f"t{n}", "note", "Window", "raid" if n == 7 else "harbour" if n == 8 else "") for n in range(10))
    assert len(near(made, "window raid")) == 10
    monkeypatch.setattr("threadline.reading.shelf.LARGE", 10)
    assert near(made, "window raid") == ["t7"]
    assert len(near(made, "window")) == 10  # nothing else to go by
