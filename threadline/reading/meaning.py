"""Vectors of texts on disk: what a model made of each, found again by nearness.

Three files grow side by side: what each vector is of (an id and a digest of the text), the
vector itself at half precision, and a short image of it (a random projection, Johnson and
Lindenstrauss 1984) that is quick to look through. A later row of an id stands for the earlier
one. One process writes, any number read; the files can be thrown away and made again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import orjson

from threadline.later import np, npt

Matrix: TypeAlias = "npt.NDArray[np.float32]"
SHORT = 128  # numbers in the image of a vector
_ID, _DIGEST = 36, 32  # bytes
_KIND = 12
_ENTRY = _ID + _KIND + _DIGEST
_GONE = b"\0" * _DIGEST


def digest_of(text: str) -> bytes:
    """What a text is known by; the same text is not asked about twice."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST).digest()


@dataclass(slots=True)
class _Held:
    """What is known of the files at one time."""

    rows: int
    at: dict[str, int]  # the row that stands for an id
    by_digest: dict[bytes, int]
    kinds: npt.NDArray[np.bytes_]
    ids: npt.NDArray[np.bytes_]
    standing: npt.NDArray[np.bool_]


class Vectors:
    """The vectors of one collection, all of one model and one length."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._mutex = threading.Lock()
        self._held: _Held | None = None
        self._made: tuple[int, int] | None = None

    def state(self) -> dict[str, Any]:
        """What the writer noted last."""
        try:
            found: dict[str, Any] = orjson.loads((self.folder / "state.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return found

    def note(self, **noted: Any) -> None:
        """Add to the state."""
        self.folder.mkdir(parents=True, exist_ok=True)
        aside = self.folder / "state.new.json"
        aside.write_bytes(orjson.dumps({**self.state(), **noted}))
        os.replace(aside, self.folder / "state.json")

    # ---- reading -------------------------------------------------------------------------

    def count(self) -> int:
        """Of how many texts there are vectors."""
        held = self._read()
        return len(held.at) if held else 0

    def of(self, ids: Sequence[str]) -> dict[str, Matrix]:
        """The vectors of these ids, as far as there are any; each of length one."""
        held = self._read()
        if held is None:
            return {}
        full = self._map("full.f16", np.float16, self.state()["dims"], held.rows)
        return {i: full[held.at[i]].astype(np.float32) for i in ids if i in held.at}

    def digests(self, digests: Iterable[bytes]) -> dict[bytes, Matrix]:
        """The vectors that are known for these texts, whatever they are of."""
        held = self._read()
        if held is None:
            return {}
        full = self._map("full.f16", np.float16, self.state()["dims"], held.rows)
        return {d: full[held.by_digest[d]].astype(np.float32) for d in digests if d in held.by_digest}

    def near(self, vector: Matrix, kind: str, most: int) -> list[str]:
        """The ids of a kind whose vectors are nearest, by their short images."""
        held = self._read()
        if held is None or not held.rows:
            return []
        short = self._map("short.f32", np.float32, SHORT, held.rows)
        likeness = short @ _image(vector[None], self.state()["dims"])[0]
        likeness[~(held.standing & (held.kinds == kind.encode()[:_KIND]))] = -2
        most = min(most, len(likeness))
        best = np.argpartition(-likeness, most - 1)[:most]
        ordered = best[np.argsort(-likeness[best], kind="stable")]
        return [held.ids[n].decode() for n in ordered if likeness[n] > -2]

    def _map(self, name: str, kind: Any, width: int, rows: int) -> npt.NDArray[Any]:
        if not rows:
            return np.zeros((0, width), kind)
        return np.memmap(self.folder / name, dtype=kind, mode="r", shape=(rows, width))

    def _read(self) -> _Held | None:
        dims = self.state().get("dims")
        try:
            seen = (self.folder / "of").stat()
        except OSError:
            return None
        if not dims:
            return None
        with self._mutex:
            if self._held is None or self._made != (seen.st_size, seen.st_ino):
                self._held, self._made = self._load(int(dims)), (seen.st_size, seen.st_ino)
            return self._held

    def _rows(self, dims: int) -> int:
        """Rows that are whole in all three files: a writer may have been stopped between them."""
        sizes = (("of", _ENTRY), ("full.f16", 2 * dims), ("short.f32", 4 * SHORT))
        return min(((self.folder / n).stat().st_size // width for n, width in sizes), default=0)

    def _load(self, dims: int) -> _Held:
        rows = self._rows(dims)
        kind = np.dtype([("id", f"S{_ID}"), ("kind", f"S{_KIND}"), ("digest", f"V{_DIGEST}")])
        with (self.folder / "of").open("rb") as file:
            found = np.frombuffer(file.read(rows * _ENTRY), kind)
        at: dict[str, int] = {}
        by_digest: dict[bytes, int] = {}
        for row, (ident, digest) in enumerate(zip(found["id"].tolist(), found["digest"].tolist(), strict=True)):
            if digest == _GONE:
                at.pop(ident.decode(), None)
            else:
                at[ident.decode()] = row
                by_digest[digest] = row
        standing = np.zeros(rows, bool)
        standing[list(at.values())] = True
        return _Held(rows, at, by_digest, found["kind"], found["id"], standing)

    # ---- writing -------------------------------------------------------------------------

    def begin(self, model: str, dims: int) -> None:
        """Keep vectors of this model; those of another are thrown away, never mixed."""
        state = self.state()
        if (state.get("model"), state.get("dims")) != (model, dims):
            self.clear()
            self.note(model=model, dims=dims)
        self._cut(dims)

    def _cut(self, dims: int) -> None:
        names = ("of", "full.f16", "short.f32")
        for name in names:
            (self.folder / name).touch()
        rows = self._rows(dims)
        for name, width in zip(names, (_ENTRY, 2 * dims, 4 * SHORT), strict=True):
            if (self.folder / name).stat().st_size != rows * width:
                os.truncate(self.folder / name, rows * width)

    def write(self, given: Sequence[tuple[str, str, bytes, Matrix]], gone: Sequence[str] = ()) -> None:
        """Keep (id, kind, digest, vector), and forget what is gone. After :meth:`begin`."""
        dims = int(self.state()["dims"])
        empty = np.zeros(dims, np.float32)
        rows = [*given, *((ident, "", _GONE, empty) for ident in gone)]
        if not rows:
            return
        full = np.stack([_unit(vector) for *_, vector in rows])
        self._append("full.f16", full.astype(np.float16).tobytes())
        self._append("short.f32", _image(full, dims).tobytes())
        entries = (
            i.encode()[:_ID].ljust(_ID, b"\0") + k.encode()[:_KIND].ljust(_KIND, b"\0") + d for i, k, d, _ in rows
        )
        self._append("of", b"".join(entries))

    def _append(self, name: str, content: bytes) -> None:
        with (self.folder / name).open("ab") as file:
            file.write(content)

    def forget_all_but(self, living: frozenset[str]) -> bool:
        """Write the files anew without what is no longer there; whether there was anything to leave out."""
        held = self._read()
        if held is None or (held.rows == len(held.at) and set(held.at) <= living):
            return False
        dims = int(self.state()["dims"])
        kept = sorted(row for ident, row in held.at.items() if ident in living)
        entries = (self.folder / "of").read_bytes()
        full = self._map("full.f16", np.float16, dims, held.rows)[kept]
        short = self._map("short.f32", np.float32, SHORT, held.rows)[kept]
        of = b"".join(entries[row * _ENTRY : (row + 1) * _ENTRY] for row in kept)
        for name, content in (("of", of), ("full.f16", full.tobytes()), ("short.f32", short.tobytes())):
            (self.folder / f"{name}.new").write_bytes(content)
        for name in ("of", "full.f16", "short.f32"):
            os.replace(self.folder / f"{name}.new", self.folder / name)
        return True

    def clear(self) -> None:
        """Throw everything away."""
        shutil.rmtree(self.folder, ignore_errors=True)
        with self._mutex:
            self._held = self._made = None


def _unit(vector: Matrix) -> Matrix:
    found: Matrix = (vector / max(float(np.linalg.norm(vector)), 1e-12)).astype(np.float32)
    return found


def _image(full: Matrix, dims: int) -> Matrix:
    """The short image of unit vectors, made of unit length again; the same on every machine."""
    if dims <= SHORT:
        found = np.zeros((len(full), SHORT), np.float32)
        found[:, :dims] = full
        return found
    made = full @ _projection(dims)
    length = np.linalg.norm(made, axis=1, keepdims=True).clip(1e-12)
    short: Matrix = (made / length).astype(np.float32)
    return short


_PROJECTIONS: dict[int, Matrix] = {}


def _projection(dims: int) -> Matrix:
    if dims not in _PROJECTIONS:
        chance = np.random.Generator(np.random.PCG64(dims))
        _PROJECTIONS[dims] = chance.standard_normal((dims, SHORT)).astype(np.float32) / np.float32(SHORT**0.5)
    return _PROJECTIONS[dims]
