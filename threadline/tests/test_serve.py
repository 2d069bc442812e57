"""The launcher: everything starts, everything stops, and nothing limps on alone."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from threadline.serve import Crew, Plan, StartProblem, serve

Start = Callable[[list[int]], subprocess.Popen[str]]

STARTER = """
import sys, threadline
from threadline.serve import Plan, serve
port, events = map(int, sys.argv[1:])
say = lambda line: print(line, flush=True)
sys.exit(serve(Plan("127.0.0.1", port, events, 1, "here", jobs=False), say=say))
"""


def free_ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    found = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return found


@pytest.fixture
def start() -> Iterator[Start]:
    """Start the launcher on two ports; whatever the test leaves running is told to stop."""
    started: list[subprocess.Popen[str]] = []

    def begin(ports: list[int]) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", STARTER, *map(str, ports)]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        stdout = started[-1].stdout
        assert stdout is not None
        assert stdout.readline().strip() == "Threadline answers at here"
        return started[-1]

    yield begin
    for launcher in started:
        launcher.terminate()
        launcher.communicate(timeout=30)


def eventual_status(port: int) -> int:
    """The reply of a server that may still be starting."""
    for _ in range(600):
        try:
            return status(port)
        except ConnectionError:
            time.sleep(0.05)
    raise AssertionError(f"nothing ever answered on port {port}")


def status(port: int) -> int:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    line.request("GET", "/static/no-such-file", headers={"Host": "localhost"})
    found = line.getresponse().status
    line.close()
    return found


def children(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True)
    pairs = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    return [child for child, parent in pairs if parent == pid]


def alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


@pytest.mark.slow
def test_web_and_events_answer_and_all_stop_when_told(start: Start) -> None:
    ports = free_ports(2)
    launcher = start(ports)
    assert [eventual_status(port) for port in ports] == [404, 404]
    family = [pid for child in children(launcher.pid) for pid in (child, *children(child))]
    assert len(family) == 4  # two granians, a worker each
    launcher.send_signal(signal.SIGTERM)
    # On a busy machine granian may say first that it cut a worker off: that is how streams end.
    assert launcher.communicate(timeout=30)[0].strip().splitlines()[-1] == "Stopped."
    assert launcher.returncode == 0
    assert [pid for pid in family if alive(pid)] == []


@pytest.mark.slow
def test_one_lost_process_stops_the_rest(start: Start) -> None:
    launcher = start(free_ports(2))
    granians = children(launcher.pid)
    family = [pid for child in granians for pid in (child, *children(child))]
    os.kill(granians[0], signal.SIGKILL)  # its worker cannot notice, and must go all the same
    assert "ended by itself" in launcher.communicate(timeout=30)[0]
    assert launcher.returncode == 1
    assert [pid for pid in family if alive(pid)] == []


def test_taken_port_is_told_before_anything_starts() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartProblem, match=f"Port {port}"):
            serve(Plan("127.0.0.1", port, port + 1, 1, "here"))


def test_process_that_will_not_stop_is_killed() -> None:
    stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
    crew = Crew()
    crew.running["stubborn"] = subprocess.Popen(
        [sys.executable, "-c", stubborn], stdout=subprocess.PIPE, start_new_session=True
    )
    stream = crew.running["stubborn"].stdout
    assert stream is not None
    stream.readline()
    crew.stop(grace=0.2)
    stream.close()
    assert crew.running["stubborn"].returncode == -signal.SIGKILL


def test_jobs_run_in_a_process_of_their_own_unless_told_otherwise() -> None:
    plan = Plan("127.0.0.1", 1, 2, 3, "here")
    assert set(plan.commands()) == {"web", "events", "worker"}
    assert plan.commands()["web"][plan.commands()["web"].index("--workers") + 1] == "3"
    assert set(Plan("127.0.0.1", 1, 2, 3, "here", jobs=False).commands()) == {"web", "events"}


def test_what_we_start_gives_memory_back_unless_the_operator_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLOC_ARENA_MAX", "7")
    monkeypatch.delenv("MALLOC_TRIM_THRESHOLD_", raising=False)
    told = "import os, sys; sys.exit(int(os.environ['MALLOC_ARENA_MAX']) + ('MALLOC_TRIM_THRESHOLD_' in os.environ))"
    crew = Crew()
    crew.start({"told": [sys.executable, "-c", told]})
    assert crew.running["told"].wait(30) == 8
