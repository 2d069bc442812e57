"""Runs the program in this process, as a person of North."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from threadline.faces.cli import app
from threadline.kernel.testing import World


@dataclass
class Said:
    """What a run said."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """stdout as JSON."""
        return json.loads(self.out)


Run = Callable[..., Said]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """``run("list", "features")``; ``stdin`` is piped in."""
    monkeypatch.delenv("THREADLINE_AS", raising=False)
    monkeypatch.delenv("THREADLINE_WORKSPACE", raising=False)

    def go(*words: str, stdin: str = "") -> Said:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8"))
        capsys.readouterr()
        code = app.run(app.program(app.ENTRIES), words)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return go


@pytest.fixture
def pm(run: Run, world: World) -> Run:
    """The same, as North's product manager."""
    email = world.user("product_manager").email

    def go(*words: str, stdin: str = "") -> Said:
        return run(*words, "--as", email, "--workspace", "north", stdin=stdin)

    return go
