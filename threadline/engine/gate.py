"""The write gate: one writer at a time, in the order they came.

SQLite lets one connection write and makes the others sleep and try again, with ever
longer naps. Whoever came last often wins, and under load a writer can wait for seconds.
The gate replaces the naps by queues: a ticket line inside each process, and file locks
between processes. The kernel frees a file lock when its holder dies, so a killed process
never leaves the gate shut.

SQLite's own lock still guards the data. The gate only decides whose turn it is, so a
program that does not know the gate can do no harm beyond waiting badly.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from time import monotonic

try:
    import fcntl
except ImportError:  # Windows: order holds inside a process, SQLite's lock between them
    fcntl = None  # type: ignore[assignment]


class GateTimeout(Exception):
    """Nobody let us through in time."""


class TicketLine:
    """First come, first served, among the threads of one process."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._taken = False

    def enter(self, timeout: float) -> None:
        """Wait for our turn; raise GateTimeout after `timeout` seconds."""
        with self._mutex:
            if not self._taken:
                self._taken = True
                return
            ticket = threading.Lock()
            ticket.acquire()
            self._waiting.append(ticket)
        if ticket.acquire(timeout=max(timeout, 0)):
            return
        with self._mutex:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
                raise GateTimeout
        # Our turn came between the timeout and the mutex: it is ours after all.

    def leave(self) -> None:
        """Hand the turn to whoever waits longest."""
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


class WriteGate:
    """The gate of one database file, shared by all connections of this process.

    Between processes it is a turnstile of two file locks: a writer takes ``next``, then
    ``now``, then lets ``next`` go. Whoever waits for ``now`` holds ``next``, so the process
    that has just written cannot slip in again before it.
    """

    def __init__(self, path: str) -> None:
        self._line = TicketLine()
        self._now_path = f"{path}-gate"
        self._next_path = f"{path}-gate-next"
        self._now: int | None = None

    def acquire(self, timeout: float) -> None:
        """Become the writer; raise GateTimeout after `timeout` seconds."""
        until = monotonic() + timeout
        self._line.enter(timeout)
        try:
            self._now = self._pass_turnstile(until)
        except BaseException:
            self._line.leave()
            raise

    def release(self) -> None:
        """Let the next writer in. Called once by whoever acquired."""
        held, self._now = self._now, None
        if held is not None:
            os.close(held)
        self._line.leave()

    def _pass_turnstile(self, until: float) -> int | None:
        if fcntl is None:
            return None
        before = _FileLock(self._next_path)
        try:
            before.take(until)
            now = _FileLock(self._now_path)
            try:
                now.take(until)
            except BaseException:
                now.drop()
                raise
            return now.descriptor
        finally:
            before.drop()


class _FileLock:
    """One try at a file lock. Each try opens the file anew: closing it is letting go."""

    def __init__(self, path: str) -> None:
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        self._abandoned = False
        self._waiter: threading.Thread | None = None
        self._mutex = threading.Lock()

    def take(self, until: float) -> None:
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._wait(until)

    def drop(self) -> None:
        """Let go. If a thread still waits inside the kernel, it lets go when it wakes."""
        with self._mutex:
            if self._waiter is not None and self._waiter.is_alive():
                self._abandoned = True
            else:
                os.close(self.descriptor)

    def _wait(self, until: float) -> None:
        # flock knows no timeout, so a thread sleeps in it and we wait for the thread.
        taken = threading.Event()
        self._waiter = threading.Thread(target=self._block, args=(taken.set,), daemon=True)
        self._waiter.start()
        if not taken.wait(max(until - monotonic(), 0)):
            raise GateTimeout

    def _block(self, tell: Callable[[], None]) -> None:
        fcntl.flock(self.descriptor, fcntl.LOCK_EX)
        with self._mutex:
            if self._abandoned:
                os.close(self.descriptor)
            else:
                self._waiter = None
                tell()


_gates: dict[str, WriteGate] = {}
_gates_mutex = threading.Lock()


def gate_of(path: str) -> WriteGate:
    """Return this process's gate for the database file at `path`."""
    with _gates_mutex:
        return _gates.setdefault(path, WriteGate(path))


def _forget_after_fork() -> None:
    # A child inherits neither the threads in the line nor the right to write.
    global _gates_mutex  # noqa: PLW0603
    _gates_mutex = threading.Lock()
    _gates.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)
