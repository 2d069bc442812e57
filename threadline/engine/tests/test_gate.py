"""The write gate by itself: order, time-outs, and what a dead holder leaves."""

from __future__ import annotations

import fcntl
import threading
from pathlib import Path

import pytest

from threadline.engine.gate import GateTimeout, TicketLine, WriteGate, gate_of


def test_threads_pass_in_the_order_they_came() -> None:
    line, order, threads = TicketLine(), [], []
    line.enter(1)
    for number in range(6):

        def pass_once(number: int = number) -> None:
            line.enter(10)
            order.append(number)
            line.leave()

        threads.append(threading.Thread(target=pass_once))
        threads[-1].start()
        while len(line._waiting) < number + 1:  # the next comes only when this one stands in line
            threading.Event().wait(0.001)
    line.leave()
    for thread in threads:
        thread.join(10)
    assert order == [0, 1, 2, 3, 4, 5]


def test_who_gives_up_leaves_the_line() -> None:
    line = TicketLine()
    line.enter(1)
    with pytest.raises(GateTimeout):
        line.enter(0.01)
    line.leave()
    line.enter(0)  # nobody stands in line any more: the turn is free at once
    with pytest.raises(GateTimeout):
        line.enter(0)


def test_gate_is_shut_while_another_process_writes(tmp_path: Path) -> None:
    gate = WriteGate(str(tmp_path / "db"))
    with open(tmp_path / "db-gate", "w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(GateTimeout):
            gate.acquire(0.05)
    gate.acquire(5)  # the time-out left nothing behind in this process
    gate.release()


def test_one_turn_cannot_be_taken_twice_in_a_row_past_a_waiter(tmp_path: Path) -> None:
    gate = WriteGate(str(tmp_path / "db"))
    with open(tmp_path / "db-gate-next", "w") as waiter:
        fcntl.flock(waiter, fcntl.LOCK_EX)  # another process stands at the turnstile
        with pytest.raises(GateTimeout):
            gate.acquire(0.05)


def test_waiter_gets_in_when_the_holder_lets_go(tmp_path: Path) -> None:
    first, second = WriteGate(str(tmp_path / "db")), WriteGate(str(tmp_path / "db"))
    first.acquire(1)
    inside = threading.Event()

    def follow() -> None:
        second.acquire(10)
        inside.set()
        second.release()

    thread = threading.Thread(target=follow)
    thread.start()
    assert not inside.wait(0.05)
    first.release()
    assert inside.wait(10)
    thread.join(10)


def test_connections_to_one_file_share_one_gate() -> None:
    assert gate_of("/nowhere/a") is gate_of("/nowhere/a")
    assert gate_of("/nowhere/a") is not gate_of("/nowhere/b")
