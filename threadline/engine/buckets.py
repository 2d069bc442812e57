"""Buckets that refill steadily, shared by all processes of one server.

They lie in one small file that each process maps into its memory: taking from a bucket is a
lock on some bytes and two numbers written, a few microseconds. Nothing in it must be kept:
where no file can be made, a process has buckets of its own.
"""

from __future__ import annotations

import mmap
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # Windows: the buckets are right inside a process
    fcntl = None  # type: ignore[assignment]

_SLOT = struct.Struct("<16sdd")  # whose, units left, moment they were counted
WAYS = 8  # slots that a name may lie in
SETS = 2_048
SIZE = SETS * WAYS * _SLOT.size


class Buckets:
    """Buckets by name, in the file at ``path``."""

    def __init__(self, path: Path) -> None:
        self._mutex = threading.Lock()
        self._file = _opened(path)
        self._memory = mmap.mmap(self._file.fileno() if self._file else -1, SIZE)

    def take(self, name: str, cost: float, *, most: float, rate: float) -> tuple[float, bool]:
        """Take ``cost`` from a bucket that holds ``most`` and refills by ``rate`` a second.

        What is left in it, and whether it was enough; a bucket with too little keeps what it has.
        """
        ident = blake2b(name.encode(), digest_size=16).digest()
        start = int.from_bytes(ident[:4], "little") % SETS * WAYS * _SLOT.size
        with self._mutex, self._locked(start):
            now = time.monotonic()  # the same clock in every process of a machine
            at, left = self._found(ident, start, now, most, rate)
            enough = cost <= left
            left -= cost if enough else 0
            _SLOT.pack_into(self._memory, at, ident, left, now)
        return left, enough

    def _found(self, ident: bytes, start: int, now: float, most: float, rate: float) -> tuple[int, float]:
        """Where the bucket lies and what is in it; a new one takes the place of the fullest, which says least."""
        fullest, fill = start, -1.0
        for at in range(start, start + WAYS * _SLOT.size, _SLOT.size):
            whose, left, counted = _SLOT.unpack_from(self._memory, at)
            # Zeroes are a slot that was never used; a moment to come is from before the machine started anew.
            left = most if not counted or counted > now else min(most, left + (now - counted) * rate)
            if whose == ident:
                return at, left
            if left > fill:
                fullest, fill = at, left
        return fullest, most

    @contextmanager
    def _locked(self, start: int) -> Iterator[None]:
        if fcntl is None or self._file is None:
            yield
            return
        where = (WAYS * _SLOT.size, start)
        fcntl.lockf(self._file, fcntl.LOCK_EX, *where)
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN, *where)


def _opened(path: Path) -> BinaryIO | None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = path.open("a+b")
        file.truncate(SIZE)
    except OSError:
        return None
    return file
