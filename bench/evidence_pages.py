"""``python -m bench.evidence_pages OUT INTERVIEWS HIGHLIGHTS NOTES FEATURES``: fill an empty database, ask for it."""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from bench import ready
from bench.calling import Request
from bench.capture import captured
from bench.evidence_filling import Filled, Size, fill
from bench.stage import Stage
from bench.timing import Thunk, quantile
from threadline.inbound.feedback.models import Feedback, Theme
from threadline.inbound.feedback.suggestions import suggest_features, suggest_repeats
from threadline.inbound.feedback.themes import figures
from threadline.kernel import rows

__all__ = ["ready"]
TIMES = 15


def addresses(filled: Filled) -> dict[str, tuple[str, dict[str, str]]]:
    """Every page of the rooms of evidence, by what it is called in the table."""
    at = filled.keys
    theme = Theme.objects.filter(archived_at=None).order_by("number").first()
    found: dict[str, tuple[str, dict[str, str]]] = {
        "studies": ("studies/", {}),
        "a study with its saturation": (at["study"], {}),
        "its affinity board": (f"{at['study']}/board", {}),
        "the study as CSV": (f"{at['study']}/give", {"as": "csv"}),
        "the study as a report": (f"{at['study']}/give", {"as": "md"}),
        "the study as REFI-QDA": (f"{at['study']}/give", {"as": "qdpx"}),
        "interviews": ("interviews/", {}),
        "an interview": (at["talk"], {}),
        "reader, 120 turns": (f"{at['talk']}/read", {}),
        "reader, 3 hours and 200 highlights": (f"{at['long talk']}/read", {}),
        "highlights": ("highlights/", {}),
        "a highlight": (at["mark"], {}),
        "highlights by words": ("highlights/", {"q": "ferrovia"}),
        "insights": ("insights/", {}),
        "an insight on 20 highlights": (at["insight"], {}),
        "an insight on 300 highlights": (at["broad insight"], {}),
        "codes": ("codes/", {}),
        "a code": (at["code"], {}),
        "a participant": (at["person"], {}),
        "research debt": ("studies/debt", {}),
        "what is kept how long": ("studies/retention", {}),
        "feedback, the list": ("feedback/", {}),
        "feedback of an account, by rating": ("feedback/", {"q": "channel:support sort:-rating"}),
        "feedback by words": ("feedback/", {"q": "sandglass"}),
        "inbox": ("feedback/inbox", {}),
        "inbox, filtered": ("feedback/inbox", {"q": "channel:email ferry"}),
        "inbox, a note": ("feedback/inbox-note", {"at": "N-77"}),
        "a note": ("N-77", {}),
        "themes": ("feedback/themes", {}),
        "what was learnt": ("feedback/learnt", {}),
        "today": ("", {}),
    }
    if theme is not None:
        found["a theme"] = (theme.key, {})
    return found


def measure(filled: Filled) -> list[dict[str, Any]]:
    """CPU, wall time, size and statements of every page and of the suggestions for a note."""
    stage = Stage()
    found = []
    for name, (path, query) in addresses(filled).items():
        asked = Request("GET", f"/w/{stage.slug}/{path}", query)
        found.append(_timed(name, [stage.web.prepared(asked) for _ in range(TIMES + 2)]))
    notes = list(Feedback.objects.filter(state="new").order_by("number")[: 4 * TIMES])
    today = rows.now().date()
    found.append(_timed("themes, counted anew", [lambda: figures.sizes(stage.actor, today)] * 7))
    ways: dict[str, Any] = {"features for a note": suggest_features, "repeats of a note": suggest_repeats}
    for name, suggest in ways.items():
        found.append(_timed(name, [lambda n=n, s=suggest: s(stage.actor, n, 4) for n in notes]))
    return found


def _timed(name: str, thunks: list[Thunk]) -> dict[str, Any]:
    print(f"  {name}", file=sys.stderr, flush=True)
    thunks[0]()
    with captured() as statements:
        answer = thunks[1]()
    gc.collect()
    walls, cpus = [], []
    for thunk in thunks[2:]:
        began, cpu = time.perf_counter(), time.process_time()
        thunk()
        walls.append((time.perf_counter() - began) * 1e3)
        cpus.append((time.process_time() - cpu) * 1e3)
    size = len(answer) / 1024 if isinstance(answer, bytes) else 0
    return {"name": name, "cpu": median(cpus), "p50": median(walls), "p95": quantile(walls, 0.95), "kb": size,
            "statements": len(statements)}  # fmt: skip


def main(out: Path, *size: int) -> None:
    """Fill, measure, write what was found as JSON."""
    filled = fill(Size(*size))
    pages = measure(filled)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    out.write_text(json.dumps({"pages": pages, "filled": filled.took, "memory_mb": memory}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:6]))
