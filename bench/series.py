"""``python -m bench.series OUT SECONDS [WORD...]``: measure the operations on the environment's filled database."""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path
from typing import Any

from bench import ready, words
from bench.capture import is_content
from bench.measuring import measured
from bench.operations import chosen
from bench.stage import Stage
from threadline.kernel import listing
from threadline.kernel.registry import type_of

__all__ = ["is_content", "ready"]


def recall(stage: Stage) -> dict[str, float]:
    """The share of records holding a control word that a search for it finds."""
    found = {}
    for name, word, rest in (("title word", words.TITLE_WORD, 17), ("body word", words.BODY_WORD, 53)):
        hits = expected = 0
        for kind in ("feature", "feedback"):
            declared = type_of(kind)
            total = listing.count_of(stage.actor, declared, "source:bench" if kind == "feedback" else "", None)[0]
            hits += listing.count_of(stage.actor, declared, word + " ", None)[0]
            expected += len(range(rest, total, words.ONE_IN))
        found[name] = hits / expected
    return found


def main(out: Path, seconds: float, only: list[str]) -> None:
    """Measure, and write what was found as JSON; an operation that fails is noted, and the rest goes on."""
    stage = Stage()
    out.with_suffix(".key").write_text(stage.key)
    found: list[dict[str, Any]] = []
    shares = recall(stage)
    for operation in chosen(only):
        print(f"  {operation.name}", file=sys.stderr, flush=True)
        try:
            figures = measured(stage, operation, seconds)
        except Exception as problem:
            traceback.print_exc(limit=-3)
            figures = {"name": operation.name, "aim": operation.aim, "failed": f"{type(problem).__name__}: {problem}"}
        for name, share in shares.items():
            if name in operation.name:
                figures["recall"] = share
        found.append(figures | {"grows": getattr(operation, "grows", True)})
    out.write_text(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3:])
