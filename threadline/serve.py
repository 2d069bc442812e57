"""Starts everything a server needs and stops it together: web, events, worker.

Three kinds of process, each a plain command that could run alone under another supervisor:
granian with wsgi.py (a process per core, two threads each), granian with asgi.py for event
streams, and ``threadline work`` for jobs. Whichever ends unasked takes the others with it,
so that a half-dead server is seen and restarted rather than limping.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

THREADS = 2
"""Threads a web process: while one waits for the disk, the other answers."""

GRACE = 10.0
"""Seconds the processes get to finish what they are doing before they are killed."""


MEMORY = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "1048576"}
"""For the C library of a process: give back what is no longer used rather than keep it for next time.

Measured on a worker that had read 20,000 notes: 340 MB without, 120 MB with, in the same time. Where the library is
another, the names mean nothing; where the operator has set one, theirs holds.
"""


class StartProblem(Exception):
    """The server cannot start; the message says why and what to do."""


@dataclass(frozen=True)
class Plan:
    """What to start, and where people reach it."""

    host: str
    port: int
    events_port: int
    processes: int
    address: str
    jobs: bool = True

    def commands(self) -> dict[str, list[str]]:
        """Return each process's command by its name."""
        found = {
            "web": [
                *_granian("wsgi", self.host, self.port, self.processes),
                *("--blocking-threads", str(THREADS)),
                # An idle thread keeps its database connection; ten minutes saves reopening it.
                *("--blocking-threads-idle-timeout", "600"),
                *("--backlog", "1024", "--backpressure", "256", "--workers-kill-timeout", "8"),
                "threadline.wsgi:application",
            ],
            "events": [
                *_granian("asgi", self.host, self.events_port, 1),
                # Streams never end by themselves: at a stop they are cut, and browsers join again.
                *("--loop", "asyncio", "--backpressure", "4096", "--workers-kill-timeout", "1"),
                "threadline.asgi:application",
            ],
        }
        if self.jobs:
            found["worker"] = [sys.executable, "-m", "threadline", "work"]
        return found


@dataclass
class Crew:
    """The running processes."""

    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    stopping: bool = False

    def start(self, commands: dict[str, list[str]]) -> None:
        """Start each command in a process group of its own, so that we can end it whole."""
        for name, command in commands.items():
            self.running[name] = subprocess.Popen(command, start_new_session=True, env={**MEMORY, **os.environ})

    def first_ended(self) -> str | None:
        """Name a process that has ended, or nothing."""
        return next((name for name, process in self.running.items() if process.poll() is not None), None)

    def stop(self, grace: float = GRACE) -> None:
        """Ask all to end; after `grace` seconds, end those that have not."""
        self.stopping = True
        for process in self.running.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        until = time.monotonic() + grace
        for process in self.running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(until - time.monotonic(), 0))
            # What is left: one that will not stop, or the children of one that was killed.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def cores() -> int:
    """Return how many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def serve(plan: Plan, *, say: Callable[[str], None] = print) -> int:
    """Run until told to stop; return the exit code. Migrations are the caller's business.

    Raises StartProblem when a port is taken.
    """
    for port in (plan.port, plan.events_port):
        _refuse_taken(plan.host, port)
    crew = Crew()
    _stop_on_signals(crew)
    commands = plan.commands()
    # The pages first: loading all three at once would make the first page wait for the others.
    crew.start({"web": commands.pop("web")})
    try:
        if not _wait_until_answering(plan, crew) and not crew.stopping:
            say("The web process did not answer; see its messages above.")
            return 1
        crew.start(commands)
        say(f"Threadline answers at {plan.address}")
        while not crew.stopping and crew.first_ended() is None:
            time.sleep(0.2)
        ended = None if crew.stopping else crew.first_ended()
    finally:
        crew.stop()
    if ended is None:
        say("Stopped.")
        return 0
    say(f"The {ended} process ended by itself (exit code {crew.running[ended].returncode}); stopped the rest.")
    return 1


def _granian(interface: str, host: str, port: int, processes: int) -> list[str]:
    return [
        *(sys.executable, "-m", "granian", "--interface", interface),
        *("--host", host, "--port", str(port), "--workers", str(processes)),
        *("--runtime-threads", "1", "--no-ws", "--http", "auto", "--log-level", "warning"),
        "--respawn-failed-workers",
    ]


def _refuse_taken(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            raise StartProblem(
                f"Port {port} on {host} cannot be used: {problem.strerror}. Choose another, as in PORT=8080."
            ) from problem


def _stop_on_signals(crew: Crew) -> None:
    def note(_number: int, _frame: FrameType | None) -> None:
        crew.stopping = True

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, note)


def _wait_until_answering(plan: Plan, crew: Crew, patience: float = 120.0) -> bool:
    until = time.monotonic() + patience
    while not crew.stopping and crew.first_ended() is None and time.monotonic() < until:
        if _answers(plan.host, plan.port):
            return True
        time.sleep(0.05)
    return False


def _answers(host: str, port: int) -> bool:
    # granian opens the port before its workers have loaded: only a reply shows that they have.
    spoken = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    line = http.client.HTTPConnection(spoken, port, timeout=5)
    try:
        line.request("HEAD", "/", headers={"Host": "localhost"})
        line.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()
    return True
