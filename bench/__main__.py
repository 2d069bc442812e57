"""Measure Threadline and print the table: ``make bench``, or ``python -m bench --help``."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import places, serving, table

SIZES = (10_000, 100_000)
SECONDS = 3.0  # for each operation
IMPORTS = (("feature", 10_000), ("feedback", 10_000), ("feedback", 100_000))
Results = dict[tuple[str, int], list[dict[str, Any]]]
Brought = dict[tuple[str, str, int], dict[str, float]]


def asked(arguments: list[str] | None = None) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="SQLite alone, 10,000 records of a kind, in a minute")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--only", nargs="+", default=[], metavar="WORD", help="operations whose name holds a word")
    parser.add_argument("--seconds", type=float, default=0, help=f"for each operation (default {SECONDS}; quick: 1)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the report there too")
    return parser.parse_args(arguments)


def measure(wanted: argparse.Namespace, work: Path) -> Results:
    """All series that were asked for, each in a process of its own."""
    sizes = SIZES[:1] if wanted.quick else SIZES
    found: Results = {}
    for size in sizes:
        say(f"SQLite, {size:,}: filling, unless it is kept from before")
        folder = places.filled_sqlite(size, work)
        out = work / f"sqlite-{size}.json"
        places.run("bench.series", str(out), str(wanted.seconds), *wanted.only, folder=folder)
        found["sqlite", size] = json.loads(out.read_text())
    if not wanted.quick:
        found |= measure_postgres(wanted, work, sizes)
    return found


def measure_postgres(wanted: argparse.Namespace, work: Path, sizes: tuple[int, ...]) -> Results:
    """The series on a throw-away PostgreSQL; nothing but a plain line where there is none."""
    starter = places.ROOT / "tools" / "postgres"
    if subprocess.run([starter, "--found"], capture_output=True, check=False).returncode:
        say("PostgreSQL: not measured, because its binaries were not found.")
        return {}
    ours = [sys.executable, "-m", "bench.postgres", str(work), str(wanted.seconds), ",".join(map(str, sizes))]
    subprocess.run([starter, *ours, *wanted.only], check=True, cwd=places.ROOT, env=places.environment(work))
    return {("postgresql", size): json.loads((work / f"postgresql-{size}.json").read_text()) for size in sizes}


def measure_serving(work: Path) -> dict[str, Any]:
    """Start and memory, over the small database that the operations were measured on."""
    say("Starting servers")
    return serving.measured(work / "sqlite-10000", (work / "sqlite-10000.key").read_text(), "/accounts/login/")


def measure_imports(wanted: argparse.Namespace, work: Path) -> Brought:
    """Files brought in, beside the same rows written by hand, each into an empty database."""
    found: Brought = {}
    for kind, count in IMPORTS[: 2 if wanted.quick else None]:
        say(f"SQLite: bringing in {count:,} rows of {kind}")
        out = work / f"import-{kind}-{count}" / "out.json"
        out.parent.mkdir()
        for part in ("ours", "by hand"):
            places.run("bench.importing", str(out), str(count), kind, part, folder=out.parent)
        found["sqlite", kind, count] = json.loads(out.read_text())
    for out in sorted(work.glob("postgresql-import-*.json")):
        kind, count = out.stem.split("-")[2:]
        found["postgresql", kind, int(count)] = json.loads(out.read_text())
    return found


def report(found: Results, served: dict[str, Any], brought: Brought) -> str:
    """The whole report in Markdown."""
    parts = [table.operations(found), table.growths(found), table.serving(served), table.imports(brought)]
    parts.append("\n".join(f"- {line}" for line in table.recalls(found)))
    return "\n\n".join(part for part in parts if part) + "\n"


def say(line: str) -> None:
    """Tell what is going on, beside the report."""
    print(line, file=sys.stderr, flush=True)


def main() -> int:
    """Run; 1 when something could not be measured."""
    wanted, began = asked(), time.monotonic()
    wanted.seconds = wanted.seconds or (1.0 if wanted.quick else SECONDS)
    served: dict[str, Any] = {}
    brought: Brought = {}
    work = Path(tempfile.mkdtemp(prefix="threadline-bench-run-"))
    try:
        found = measure(wanted, work)
        if not wanted.only:
            served, brought = measure_serving(work), measure_imports(wanted, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    text = report(found, served, brought)
    figures = {f"{e} {s}": rows for (e, s), rows in found.items()}
    more = {"serving": served, "imports": {" ".join(map(str, name)): row for name, row in brought.items()}}
    print(json.dumps({**figures, **more}, indent=1) if wanted.json else text)
    if wanted.write:
        wanted.write.write_text(text)
    say(f"Took {time.monotonic() - began:.0f} s.")
    return int(any("failed" in row for rows in found.values() for row in rows))


if __name__ == "__main__":
    sys.exit(main())
