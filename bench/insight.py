"""Measure the suggestions on labelled data beside the lexical baseline: ``make bench-insight``.

FEEDBACK_DATA names a folder with ``dup-*/docs.csv`` (id, title, body) and ``dup-*/pairs.csv``
(id, duplicate_of). The data stays where it is; nothing of it is kept. Three ways are told
apart: FTS5 with porter stems and titles three times (the baseline, same run), our weights as
shipped, and weights taught by half of a set's duplicate groups and judged on the other half.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench import insight_links, insight_themes
from bench.made_up import notes as made_up_notes
from threadline.reading import choosing, grams, likeness, sorting
from threadline.reading.choosing import Question
from threadline.reading.shelf import Shelf, Text

CANDIDATES = 160
SETS = ("dup-openoffice", "dup-gitbugs", "dup-textual-dissimilar")
# R@1, R@5, R@10, MRR of "words + pieces" on the development splits, measured before this pipeline was built.
SORTED = (
    ("class-app-review/reviews.csv", ("review",), "label", ""),
    ("class-issue-type/issues.csv", ("title", "body"), "label", ""),
    ("class-informative-games-apps/labelled.csv", ("text",), "label", "app"),
)
# Macro-F1 of linear models on words and pieces, measured before; in brackets what is published.
SORTED_BEFORE = {
    "class-app-review ": ".745 (five parts, other half)", "class-issue-type ": ".793 pooled (.827)",
    "class-informative-games-apps facebook": ".904", "class-informative-games-apps swiftkey": ".773",
    "class-informative-games-apps tapfish": ".810", "class-informative-games-apps templerun2": ".826",
}  # fmt: skip
STOOD = {
    "dup-openoffice": (0.489, 0.688, 0.745, 0.578),
    "dup-gitbugs": (0.460, 0.730, 0.810, 0.576),
    "dup-textual-dissimilar": (0.578, 0.738, 0.796, 0.652),
}


@dataclass(frozen=True)
class Set:
    """Documents as (title, body), and for each asking one the places of its duplicates and its group."""

    docs: list[tuple[str, str]]
    right: dict[int, set[int]]
    group: dict[int, int]


def load(folder: Path) -> Set:
    """Read a set; groups are the transitive closure of the pairs."""
    csv.field_size_limit(10_000_000)
    with (folder / "docs.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    place = {row["id"]: i for i, row in enumerate(found)}
    parent = list(range(len(found)))

    def head(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    asking = []
    with (folder / "pairs.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["id"] in place and row["duplicate_of"] in place:
                asking.append(place[row["id"]])
                parent[head(place[row["id"]])] = head(place[row["duplicate_of"]])
    groups: dict[int, set[int]] = {}
    for i in range(len(found)):
        groups.setdefault(head(i), set()).add(i)
    group = {i: head(i) for i in asking}
    return Set([(r["title"], r["body"]) for r in found], {i: groups[g] - {i} for i, g in group.items()}, group)


def figures(places: Sequence[int | None]) -> tuple[float, ...]:
    """R@1, R@5, R@10 and the mean reciprocal place."""
    ranks = np.array([p or 10**9 for p in places], float)
    return (*(float((ranks <= k).mean()) for k in (1, 5, 10)), float((1 / ranks).mean()))


def by_fts5(given: Set) -> tuple[float, ...]:
    """The baseline: every word of the text, BM25, titles three times."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE t USING fts5(title, body, tokenize = 'porter unicode61')")
    base.executemany("INSERT INTO t (rowid, title, body) VALUES (?, ?, ?)", [(i, *d) for i, d in enumerate(given.docs)])
    places = []
    for asking, right in given.right.items():
        asked = " OR ".join(f'"{w}"' for w in dict.fromkeys(grams.words(" ".join(given.docs[asking]))[:400]))
        sql = "SELECT rowid FROM t WHERE t MATCH ? ORDER BY bm25(t, 3, 1) LIMIT 201"
        found = [r[0] for r in base.execute(sql, [asked]) if r[0] != asking] if asked else []
        places.append(next((n for n, i in enumerate(found, 1) if i in right), None))
    return figures(places)


def questions(given: Set, *, titles: bool = False) -> dict[int, Question]:
    """What the pipeline would choose among, for each asking text."""
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder) / "shelf")
        shelf.write(Text(str(i), "note", title, body) for i, (title, body) in enumerate(given.docs))
        tally, made = shelf.tally(), {}
        for asking, right in given.right.items():
            title, body = given.docs[asking]
            body = "" if titles else body
            near = [n for n in shelf.near(title, body, "note", CANDIDATES + 1) if n.id != str(asking)]
            measures = likeness.compare(likeness.read(title, body), [n.read for n in near], tally)
            made[asking] = Question(measures, np.array([int(n.id) in right for n in near], bool))
    return made


def places(asked: dict[int, Question], weights: choosing.Vector) -> list[int | None]:
    """Where the first right one stands, for each question."""
    return [choosing.place_of_right(q, weights) for q in asked.values()]


def taught(given: Set, asked: dict[int, Question], start: choosing.Vector) -> list[int | None]:
    """Taught by half of the groups, judged on the other half, both ways round."""
    found: dict[int, int | None] = {}
    half = {i: (given.group[i] * 2_654_435_761 >> 8) % 2 for i in asked}
    for judged in (0, 1):
        weights = choosing.learned([q for i, q in asked.items() if half[i] != judged], start)
        found |= {i: choosing.place_of_right(q, weights) for i, q in asked.items() if half[i] == judged}
    return list(found.values())


def tells_apart(given: Set, asked: dict[int, Question]) -> float:
    """AUC of the nearest likeness for "has a duplicate at all": texts that ask against as many that repeat nothing."""
    others = [
        i for i in range(len(given.docs)) if not any(i in r for r in given.right.values()) and i not in given.right
    ]
    if len(others) < 50:
        return float("nan")
    alone = random.Random(1).sample(others, min(len(others), 300))
    without = questions(Set(given.docs, {i: set() for i in alone}, {}))
    yes, no = (
        [float(q.measures[:, [0, 4]].mean(1).max()) for q in part.values() if len(q.measures)]
        for part in (asked, without)
    )
    return float(np.mean([(a > b) + 0.5 * (a == b) for a in yes for b in no]))


def speed(count: int) -> str:
    """How long a suggestion takes among many notes of made-up words with the frequencies of speech."""
    texts = made_up_notes(count)
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder) / "shelf")
        began = time.process_time()
        for at in range(0, count, 5_000):
            part = texts[at : at + 5_000]
            shelf.write(Text(str(at + i), "note", " ".join(t.split()[:6]), t) for i, t in enumerate(part))
        read = time.process_time() - began
        took = []
        for text in texts[:220]:
            began = time.process_time()
            near = shelf.near(" ".join(text.split()[:6]), text, "note", CANDIDATES)
            likeness.compare(likeness.read("", text), [n.read for n in near], shelf.tally())
            took.append(1_000 * (time.process_time() - began))
        disk = sum(f.stat().st_size for f in Path(folder).rglob("*") if f.is_file()) / 1e6
    middle, late = np.percentile(took[20:], (50, 95))
    return (
        f"{count:,} notes: read in {read:.0f} s of processor time, {disk:.0f} MB on disk; a suggestion takes"
        f" {middle:.1f} ms, p95 {late:.1f} ms of processor time"
    )


def sorting_figures(folder: Path) -> list[str]:
    """Macro-F1 of labels on texts not trained on (five parts), and how often those spoken of were right."""
    found = []
    for name, columns, label, by in SORTED:
        file = folder / name
        if not file.is_file():
            continue
        csv.field_size_limit(10_000_000)
        with file.open(encoding="utf-8", newline="") as opened:
            given = list(csv.DictReader(opened))
        for part in sorted({row[by] for row in given}) if by else [""]:
            mine = {tuple(row[c] for c in columns): row[label] for row in given if not by or row[by] == part}
            texts = [likeness.read(" ".join(said[:-1]), said[-1]) for said in mine]
            told = sorting.trained(texts, list(mine.values())).told
            shown = f"{told.macro_f1:.3f} | {told.spoken:.0%} | {told.right:.3f}"
            title = f"{file.parent.name} {part}"
            before = SORTED_BEFORE.get(title.lower(), "-")
            found.append(f"| {title} | {told.texts:,} | {shown} | {before} |")
    return found


def line(name: str, way: str, found: Sequence[float]) -> str:
    """One row of the table."""
    return f"| {name} | {way} | " + " | ".join(f"{f:.3f}" for f in found) + " |"


def report(folder: Path, notes: int) -> None:
    """Measure everything there is and print it."""
    print("| set | way | R@1 | R@5 | R@10 | MRR |\n|---|---|---|---|---|---|")
    shipped, kept, sets = np.array(choosing.OURS), {}, {}
    for name in SETS:
        if not (folder / name / "docs.csv").is_file():
            print(f"| {name} | not there | | | | |")
            continue
        given = load(folder / name)
        sets[name] = (given.docs, given.right)
        kept[name] = asked = questions(given)
        print(line(name, "FTS5, this run", by_fts5(given)))
        if name in STOOD:
            print(line(name, "words + pieces, before (development split)", STOOD[name]))
        print(line(name, "as shipped", figures(places(asked, shipped))))
        print(line(name, "taught by half of the groups, judged on the other", figures(taught(given, asked, shipped))))
        print(line(name, "titles alone, as shipped", figures(places(questions(given, titles=True), shipped))))
        print(f"| {name} | has a duplicate at all, AUC | {tells_apart(given, asked):.3f} | | | |", flush=True)
    if len(kept) > 1:
        for name, asked in kept.items():
            others = [q for other, part in kept.items() if other != name for q in part.values()]
            weights = choosing.learned(others, np.zeros(len(shipped)))
            print(line(name, "weights from the other sets alone", figures(places(asked, weights))), flush=True)
    print("\n| which feature | way | R@1 | R@5 | R@10 | MRR |\n|---|---|---|---|---|---|")
    print(*insight_links.report(sets), "", sep="\n", flush=True)
    print("| labels (copies taken out) | texts | macro-F1 | spoken of | right of those | before |")
    print("|---|---|---|---|---|---|")
    print(*sorting_figures(folder), "", sep="\n", flush=True)
    insight_themes.report(folder, notes)
    if notes:
        print(f"- {speed(notes)}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
    print(f"- the whole run: {time.process_time():.0f} s of processor time, at most {peak:.0f} MB of memory")


def main() -> int:
    """Run; 2 when there is no data to measure on."""
    parser = argparse.ArgumentParser(prog="python -m bench.insight", description=__doc__)
    parser.add_argument("--notes", type=int, default=100_000, help="for the measure of speed; 0 leaves it out")
    wanted = parser.parse_args()
    folder = os.environ.get("FEEDBACK_DATA", "")
    if not folder or not Path(folder).is_dir():
        print(
            "FEEDBACK_DATA is not set to a folder: set it to one that holds dup-openoffice/docs.csv and pairs.csv"
            " (docs/bench-insight.md says what stands in them).",
            file=sys.stderr,
        )
        return 2
    report(Path(folder), wanted.notes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
