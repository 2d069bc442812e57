"""What all browser tests share: no stream of events runs beside them, so pages ask by the clock."""

from __future__ import annotations

import pytest

from threadline.faces.web import live


@pytest.fixture(autouse=True)
def _no_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "base", lambda request: "")
