"""Measure themes: agreement with people's groups, coherence, stability, and time and memory at full size.

Coherence is the mean normalised pointwise mutual information (Bouma, 2009) of the ten most telling words of each
group, over the texts of the set; stability is the adjusted Rand index (Hubert and Arabie, 1985) of what two seeds find.
"""

from __future__ import annotations

import csv
import itertools
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from bench.made_up import notes as made_up_notes
from threadline.reading import naming, themes

CODED = ("hinderances", "difficult_aspects", "features_changes")  # answers that analysts coded
GROUPS = 16  # of OpenOffice's texts, as measured before
STOOD = (0.225, 0.25)  # coherence and stability before, of the whole set


def agreement(ours: Sequence[int], theirs: Sequence[str]) -> float:
    """Normalised mutual information of two ways to group the same things (the mean of both entropies below)."""
    known = {label: n for n, label in enumerate(dict.fromkeys(theirs))}
    table = np.zeros((max(ours) + 1, len(known)))
    np.add.at(table, (np.array(ours), np.array([known[t] for t in theirs])), 1)
    share = table / table.sum()
    rows, columns = share.sum(1), share.sum(0)
    there = share > 0
    shared = float((share[there] * np.log(share[there] / np.outer(rows, columns)[there])).sum())
    own = sum(-float((p[p > 0] * np.log(p[p > 0])).sum()) for p in (rows, columns)) / 2
    return shared / own if own else 0.0


def themed(folder: Path) -> Iterator[tuple[str, list[tuple[str, str]], list[str], str]]:
    """Sets of texts that people grouped: name, texts, groups, and what stood before."""
    csv.field_size_limit(10_000_000)
    file = folder / "class-issue-type" / "issues.csv"
    if file.is_file():
        with file.open(encoding="utf-8", newline="") as opened:
            given = list(csv.DictReader(opened))
        yield "issues by project", [(r["title"], r["body"]) for r in given], [r["repo"] for r in given], "-"
    survey = folder / "themes-jupyter-ux" / "survey_2015.csv"
    if not survey.is_file():
        return
    with survey.open(encoding="utf-8", newline="") as opened:
        answers = {row["row"]: row for row in csv.DictReader(opened)}
    for name in CODED:
        with (survey.parent / f"themes_{name}.csv").open(encoding="utf-8", newline="") as opened:
            coded = {row["row"]: row[f"{name}_themes"] for row in csv.DictReader(opened)}
        texts, codes = [], []
        for row, code in coded.items():
            said = " ".join(v for n, v in answers.get(row, {}).items() if n.startswith(name) and v)
            if said and code and "," not in code:
                texts.append(("", said))
                codes.append(code)
        yield f"survey, {name.replace('_', ' ')}", texts, codes, ".33 to .39"


def theme_figures(folder: Path) -> list[str]:
    """How well groups that are found agree with those that people made: as many as they have, then as we choose."""
    found = []
    for name, texts, groups, stood in themed(folder):
        gathered = themes.gather(texts)
        places = themes.space_of(gathered).place(gathered)
        counts = (len(set(groups)), themes.good_count(len(texts)))
        shown = " | ".join(f"{agreement(themes.grouped(places, c)[1].tolist(), groups):.3f} ({c})" for c in counts)
        found.append(f"| {name} | {len(texts):,} | {shown} | {stood} |")
    return found


def same_pairs(one: Sequence[int], other: Sequence[int]) -> float:
    """The adjusted Rand index: 1 where two ways to group agree, about 0 where they agree by chance."""
    table = np.zeros((max(one) + 1, max(other) + 1))
    np.add.at(table, (np.array(one), np.array(other)), 1)
    pairs = [float((n * (n - 1) / 2).sum()) for n in (table, table.sum(1), table.sum(0))]
    chance = pairs[1] * pairs[2] / (len(one) * (len(one) - 1) / 2)
    return (pairs[0] - chance) / max((pairs[1] + pairs[2]) / 2 - chance, 1e-9)


def coherence(texts: themes.Gathered, group: themes.Ints, count: int) -> float:
    """The mean NPMI of all pairs among the ten most telling words of each group."""
    met = texts.counts()
    met.data[:] = 1
    met = met.tocsc()
    share = np.asarray(met.mean(0)).ravel()
    found = []
    for words in naming.telling(texts, group, count, 10):
        for a, b in itertools.combinations(words, 2):
            both = float(met[:, a].multiply(met[:, b]).sum()) / len(texts)
            found.append(float(np.log(both / (share[a] * share[b])) / -np.log(both)) if both else -1.0)
    return float(np.mean(found))


def of_issues(folder: Path) -> tuple[float, float]:
    """Coherence and stability of OpenOffice's texts in sixteen groups."""
    csv.field_size_limit(10_000_000)
    with (folder / "dup-openoffice" / "docs.csv").open(encoding="utf-8", newline="") as opened:
        texts = themes.gather((row["title"], row["body"]) for row in csv.DictReader(opened))
    places = themes.space_of(texts).place(texts)
    _, group = themes.grouped(places, GROUPS)
    _, again = themes.grouped(places, GROUPS, seed=11)
    return coherence(texts, group, GROUPS), same_pairs(group.tolist(), again.tolist())


def at_size(count: int) -> str:
    """How long finding and naming themes takes, and the most memory, in a process of its own."""
    said = subprocess.run(
        [sys.executable, "-m", "bench.insight_themes", str(count)], check=True, capture_output=True, text=True
    )
    return said.stdout.strip()


def report(folder: Path, notes: int) -> None:
    """Measure everything there is and print it."""
    print("| themes | texts | NMI with as many groups | NMI with as many as we choose | before |")
    print("|---|---|---|---|---|")
    print(*theme_figures(folder), "", sep="\n", flush=True)
    if (folder / "dup-openoffice" / "docs.csv").is_file():
        coherent, stable = of_issues(folder)
        print(
            f"- OpenOffice in {GROUPS} groups: coherence (NPMI) {coherent:.3f}, stability of two seeds (ARI)"
            f" {stable:.2f}; before, of the whole set, {STOOD[0]} and {STOOD[1]}"
        )
    if notes:
        print(f"- themes, {at_size(notes)}", flush=True)


def main(count: int) -> None:
    """Find and name themes of so many made-up notes; the making of the notes is not counted."""
    texts = [("", text) for text in made_up_notes(count)]
    before, began = _memory(), time.process_time()
    gathered = themes.gather(texts)
    places = themes.space_of(gathered).place(gathered)
    _, group = themes.grouped(places, themes.good_count(count))
    naming.names(gathered, group, int(group.max()) + 1)
    took = time.process_time() - began
    print(f"{count:,} notes: {took:.0f} s of processor time, at most {_memory():.0f} MB ({before:.0f} MB before)")


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)


if __name__ == "__main__":
    main(int(sys.argv[1]))
