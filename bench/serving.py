"""How long a server takes to its first answer, and what its processes hold in memory after some work."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from bench import places
from threadline.serve import cores

STARTS = 3
REQUESTS = 300  # pages and answers before the memory is read
START_AIM, MEMORY_AIM = 3.0, 120.0  # seconds, MB
_PATIENCE = 120.0


def measured(folder: Path, key: str, address: str) -> dict[str, Any]:
    """Start and memory over a filled database; ``key`` opens its API, ``address`` is a page that needs no sign-in."""
    ours = [_start(_ours(), folder) for _ in range(STARTS)]
    plain = [_start(_plain, folder) for _ in range(STARTS)]
    return {
        "start_s": median(wall for wall, _ in ours),
        "start_cpu": median(cpu for _, cpu in ours),
        "plain_s": median(wall for wall, _ in plain),
        "plain_cpu": median(cpu for _, cpu in plain),
        **_memory(folder, key, address),
    }


Command = Sequence[str]


def _ours() -> Any:
    return lambda port: [sys.executable, "-m", "threadline", "serve"]


def _plain(port: int) -> Command:
    granian = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    return [*granian, "--workers", str(cores()), "--log-level", "warning", "bench.plain:application"]


def _start(command: Any, folder: Path) -> tuple[float, float]:
    """Seconds to the first answer, and the CPU seconds of all processes till then."""
    began = time.monotonic()
    with _running(command, folder) as (process, port):
        _wait(port)
        return time.monotonic() - began, sum(_cpu(pid) for pid in _family(process.pid))


def _memory(folder: Path, key: str, address: str) -> dict[str, float]:
    """MB held by a web worker and by the worker for jobs, after some hundred requests."""
    with _running(_ours(), folder) as (process, port):
        _wait(port)
        for number in range(REQUESTS):
            if number % 3 == 2:
                _ask(port, address, "")
            else:
                _ask(port, "/api/v1/features?limit=100" if number % 3 else "/api/v1/search?q=battle", key)
        time.sleep(2)
        family = [(_command(pid), _resident(pid)) for pid in _family(process.pid)]
    web = [size for command, size in family if "threadline.wsgi" in command or "multiprocessing" in command]
    jobs = [size for command, size in family if command.endswith("threadline\0work") or "threadline work" in command]
    return {"web_mb": max(web, default=0), "job_mb": max(jobs, default=0)}


@contextmanager
def _running(command: Any, folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = _free_port()
    own = {"PORT": str(port), "EVENTS_PORT": str(_free_port()), "HOST": "127.0.0.1"}
    env = {**places.environment(folder), **own, "BASE_URL": f"http://127.0.0.1:{port}"}
    process = subprocess.Popen(
        command(port), cwd=places.ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        yield process, port
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait(port: int) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        try:
            _ask(port, "/", "")
            return
        except (OSError, http.client.HTTPException):
            time.sleep(0.02)
    raise RuntimeError("the server did not answer")


def _ask(port: int, address: str, key: str) -> int:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        line.request("GET", address, headers={"Authorization": f"Bearer {key}"} if key else {})
        found = line.getresponse()
        found.read()
        return found.status
    finally:
        line.close()


def _family(pid: int) -> list[int]:
    """A process with all that descend from it."""
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        try:
            waiting += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
        except OSError:
            continue
    return found


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")  # with the children it waited for


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").decode("utf-8", "replace")
    except OSError:
        return ""


def _resident(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)
