"""Many read texts on disk: found by their words, compared by their counts, shared by all processes.

A shelf is a folder with a tantivy index (which keeps each text's packed counts beside its
words) and a tally. One process at a time writes, any number read; what they read is mapped
from the same files, so that it is in memory once. It can be thrown away and made again.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import tantivy

from threadline.later import np, npt
from threadline.reading import grams
from threadline.reading.likeness import Read, Tally, read, unpacked
from threadline.reading.stems import stems

FORM = 1  # rises when what is kept changes its form; another form is made again
MOST_WORDS = 400  # of a text that asks, its first
LARGE = 20_000  # texts, from which on words in more than COMMON of them are not looked for: they cost most, tell least
COMMON = 0.5
REOPENED = 3  # times, before what cannot be read is taken for broken
WRITER_MEMORY = 15_000_000  # bytes, the least that tantivy takes


@dataclass(frozen=True, slots=True)
class Text:
    """One text to keep: its id, which sort of thing it is, its title and body."""

    id: str
    kind: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Near:
    """A text that shares words: its id, what it was read as, and the score of its words (BM25)."""

    id: str
    read: Read
    score: float


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("kind", stored=False, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("words", stored=False, tokenizer_name="whitespace", index_option="freq")
    builder.add_bytes_field("read", stored=True, indexed=False)
    return builder.build()


def _stems(title: str, body: str) -> tuple[list[str], list[str]]:
    first, rest = grams.words(title), grams.words(body)
    said = stems(first + rest)
    return said[: len(first)], said[len(first) :]


class Shelf:
    """The texts of one collection under a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._mutex, self._writing = threading.Lock(), threading.Lock()
        self._index: Any = None
        self._made: float | None = None
        self._tally: Tally | None = None
        self._tally_made: tuple[int, int] | None = None

    # ---- reading -------------------------------------------------------------------------

    def ready(self) -> bool:
        """Whether anything has been kept here in the form that this version reads."""
        return self.state().get("form") == FORM

    def state(self) -> dict[str, Any]:
        """What the writer noted last: the form, and whatever it gave to :meth:`write`."""
        try:
            found: dict[str, Any] = orjson.loads((self.folder / "state.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return found

    def near(self, title: str, body: str, kind: str, most: int) -> list[Near]:
        """The texts of a kind that share most with this one, by its words; best first."""
        searcher, schema = self._searcher()
        query = None if searcher is None else _query(schema, self._telling(title, body), kind)
        if query is None:
            return []
        found = []
        for score, address in searcher.search(query, most, count=False).hits:
            held = searcher.doc(address)
            found.append(Near(held["id"][0], unpacked(bytes(held["read"][0])), score))
        return found

    def _telling(self, title: str, body: str) -> dict[str, float]:
        """The words to look for and what each weighs; in a large collection those in most texts are left out."""
        first, rest = _stems(title, body)
        asked = list(dict.fromkeys([*first, *rest]))[:MOST_WORDS]
        tally, heads = self.tally(), set(first)
        counted = tally.words.take([grams.bucket(w) for w in asked]).tolist() if asked else []
        common = COMMON * tally.texts if tally.texts >= LARGE else tally.texts
        told = [w for w, texts in zip(asked, counted, strict=True) if texts <= common] or asked
        return {w: 2.0 if w in heads else 1.0 for w in told}

    def kept(self, ids: Sequence[str]) -> dict[str, Read]:
        """What is kept of these ids."""
        searcher, schema = self._searcher()
        if searcher is None or not ids:
            return {}
        query = tantivy.Query.term_set_query(schema, "id", list(ids))
        held = (searcher.doc(address) for _, address in searcher.search(query, len(ids), count=False).hits)
        return {one["id"][0]: unpacked(bytes(one["read"][0])) for one in held}

    def tally(self) -> Tally:
        """The tally of everything kept, mapped from disk."""
        file = self.folder / "tally.npy"
        try:
            seen = file.stat()
        except OSError:
            return Tally.empty()
        if self._tally is None or self._tally_made != (seen.st_mtime_ns, seen.st_ino):
            state = self.state()
            counts = np.load(file, mmap_mode="r")
            self._tally = Tally(state.get("texts", 0), state.get("length", 0.0), counts[0], counts[1], counts[2])
            self._tally_made = (seen.st_mtime_ns, seen.st_ino)
        return self._tally

    def _searcher(self) -> tuple[Any, Any]:
        with self._mutex:
            place = self.folder / "words"
            try:
                made = place.stat().st_ino
            except OSError:
                return None, None
            for again in range(REOPENED, -1, -1):
                try:
                    if self._index is None or self._made != made:
                        self._index, self._made = tantivy.Index.open(str(place)), made
                    self._index.reload()
                    return self._index.searcher(), self._index.schema
                except ValueError:
                    # Another process merged: files went between reading their list and opening them.
                    self._index = None
                    if not again:
                        raise
            return None, None

    # ---- writing -------------------------------------------------------------------------

    def write(self, texts: Iterable[Text], gone: Iterable[str] = (), **noted: Any) -> int:
        """Keep texts (again), forget those that are gone, note ``noted`` in the state; how many were kept.

        Raises ValueError while another process writes.
        """
        with self._writing:
            return self._write({t.id: t for t in texts}, list(gone), noted)

    def _write(self, given: dict[str, Text], gone: list[str], noted: dict[str, Any]) -> int:
        if not self.ready():
            self._clear()
        place = self.folder / "words"
        place.mkdir(parents=True, exist_ok=True)
        index = tantivy.Index(_schema(), str(place))
        writer = index.writer(WRITER_MEMORY, 1)
        known = self.tally()
        counted = np.array([known.words, known.pieces, known.pairs])  # ours to write in, and kept as it is
        tally = Tally(known.texts, known.length, *counted)
        for id_, before in self.kept([*given, *gone]).items():
            tally.count(before, -1)
            writer.delete_documents_by_term("id", id_)
        for text in given.values():
            what = read(text.title, text.body)
            tally.count(what, 1)
            first, rest = _stems(text.title, text.body)
            document = tantivy.Document()
            document.add_text("id", text.id)
            document.add_text("kind", text.kind)
            document.add_text("words", " ".join([*first, *first, *rest]))
            document.add_bytes("read", what.packed())
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        self._keep(tally, counted, noted)
        return len(given)

    def _keep(self, tally: Tally, counted: npt.NDArray[np.int32], noted: dict[str, Any]) -> None:
        aside = self.folder / "tally.new.npy"
        np.save(aside, counted)
        state = {**self.state(), "form": FORM, "texts": tally.texts, "length": tally.length, **noted}
        self.note(state)
        os.replace(aside, self.folder / "tally.npy")
        self._tally = self._tally_made = None  # the old one's pages go; who only writes holds no map between

    def note(self, state: dict[str, Any]) -> None:
        """Replace the state as a whole."""
        aside = self.folder / "state.new.json"
        self.folder.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(orjson.dumps(state))
        os.replace(aside, self.folder / "state.json")

    def clear(self) -> None:
        """Throw everything away, once nobody here is writing."""
        with self._writing:
            self._clear()

    def _clear(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        with self._mutex:
            self._index = self._tally = self._tally_made = self._made = None


def _query(schema: Any, asked: dict[str, float], kind: str) -> Any:
    if not asked:
        return None
    should = [
        (
            tantivy.Occur.Should,
            tantivy.Query.boost_query(tantivy.Query.term_query(schema, "words", w, "freq"), weight),
        )
        for w, weight in asked.items()
    ]
    only = tantivy.Query.const_score_query(tantivy.Query.term_query(schema, "kind", kind, "basic"), 0.0)
    return tantivy.Query.boolean_query(
        [(tantivy.Occur.Must, only), (tantivy.Occur.Must, tantivy.Query.boolean_query(should))]
    )
