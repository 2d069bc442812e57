"""Measure the rooms of evidence at their full size: ``make bench-evidence``, or ``python -m bench.evidence``.

Fills a throw-away SQLite database through the door's bulk path with 500 interviews (one of three hours), 20,000
highlights and 100,000 notes, lets the worker's jobs read them and find themes, and asks for every page. The same with a
tenth of it shows which statements grow with the rows.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import places

Size = tuple[int, int, int, int]  # interviews, highlights, notes, features
WHOLE: Size = (500, 20_000, 100_000, 1_000)
TENTH: Size = (50, 2_000, 10_000, 100)
SLOW = 300.0  # milliseconds of the processor: what other programs on the machine hardly change


def measure(work: Path, size: Size, name: str) -> dict[str, Any]:
    """One size, in a process of its own."""
    say(f"{name}: {size[2]:,} notes, {size[0]} interviews, {size[1]:,} highlights")
    folder, out = work / name, work / f"{name}.json"
    folder.mkdir()
    places.run("bench.evidence_pages", str(out), *map(str, size), folder=folder)
    found: dict[str, Any] = json.loads(out.read_text())
    return found


def table(whole: dict[str, Any], tenth: dict[str, Any] | None) -> str:
    """The pages in Markdown, the slowest first."""
    before = {p["name"]: p for p in tenth["pages"]} if tenth else {}
    lines = [
        "| page | CPU ms | p50 ms | p95 ms | kB | statements | with a tenth |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for page in sorted(whole["pages"], key=lambda p: -p["p50"]):
        small = before.get(page["name"])
        grows = page["statements"] if small is None else small["statements"]
        mark = " **slow**" if page["cpu"] > SLOW else ""
        lines.append(
            f"| {page['name']}{mark} | {page['cpu']:.0f} | {page['p50']:.0f} | {page['p95']:.0f} | {page['kb']:.0f} |"
            f" {page['statements']} | {grows}{' **grows**' if page['statements'] > grows + 1 else ''} |"
        )
    took = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in whole["filled"].items())
    return "\n".join([*lines, "", f"Filling: {took}. Memory at the most: {whole['memory_mb']:.0f} MB."]) + "\n"


def say(line: str) -> None:
    """Tell what is going on, beside the report."""
    print(line, file=sys.stderr, flush=True)


def main() -> int:
    """Run; 1 when a page is slow."""
    parser = argparse.ArgumentParser(prog="python -m bench.evidence", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of it alone")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the table there too")
    wanted, began = parser.parse_args(), time.monotonic()
    work = Path(tempfile.mkdtemp(prefix="threadline-bench-evidence-"))
    try:
        tenth = measure(work, TENTH, "a tenth")
        whole = tenth if wanted.quick else measure(work, WHOLE, "the whole")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    text = table(whole, None if wanted.quick else tenth)
    print(text)
    if wanted.write:
        wanted.write.write_text(text)
    say(f"Took {time.monotonic() - began:.0f} s.")
    return int(any(page["cpu"] > SLOW for page in whole["pages"]))


if __name__ == "__main__":
    sys.exit(main())
