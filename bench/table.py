"""The figures as a table that reads the same in a terminal and in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
GROWTH = 1.2
_HEAD = (
    *("operation", "rows", "CPU ms", "limit ms", "ratio", "aim", "same statements", "p50 / p95 ms", "limit p50 / p95"),
    *("statements", "rows read", "bytes"),
)


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells under a head, as a Markdown table with even columns; numbers to the right."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = [
        "| "
        + " | ".join(c.ljust(w) if at == 0 else c.rjust(w) for at, (c, w) in enumerate(zip(row, widths, strict=False)))
        + " |"
        for row in rows
    ]
    rule = "|" + "|".join("-" * (w + 2) if at == 0 else "-" * (w + 1) + ":" for at, w in enumerate(widths)) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def mark(holds: bool) -> str:
    """How a figure stands to its aim."""
    return "" if holds else " (missed)"


def number(value: float) -> str:
    """Three figures that count."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def operations(results: Mapping[tuple[str, int], Sequence[Mapping[str, Any]]]) -> str:
    """One table for each engine, the sizes under each other."""
    parts = []
    for engine in dict.fromkeys(engine for engine, _ in results):
        sizes = [size for e, size in results if e == engine]
        rows = [_HEAD]
        for name in dict.fromkeys(r["name"] for size in sizes for r in results[engine, size]):
            rows += [_row(r, size) for size in sizes for r in results[engine, size] if r["name"] == name]
        parts.append(f"## {ENGINES[engine]}\n\n{aligned(rows)}")
    return "\n\n".join(parts)


def _row(r: Mapping[str, Any], size: int) -> tuple[str, ...]:
    head = (r["name"], f"{size:,}")
    if "failed" in r:
        return (*head, "failed", "", "", f"{r['aim']}", *[""] * 6)
    sent = f"{r['statements']:g} ({r['in_limit']:g} in limit)"
    return (
        *head,
        number(r["cpu_ms"]),
        number(r["limit_ms"]),
        f"{r['ratio']:.2f}x{mark(r['ratio'] <= r['aim'])}",
        f"{r['aim']:g}x",
        f"{r['same_ratio']:.2f}x" if "same_ratio" in r else "",
        f"{number(r['p50_ms'])} / {number(r['p95_ms'])}",
        f"{number(r['limit_p50_ms'])} / {number(r['limit_p95_ms'])}",
        sent,
        f"{r['rows']:g}",
        f"{r['bytes']:,}",
    )


def serving(found: Mapping[str, Any]) -> str:
    """How long a start takes, and what is held in memory."""
    if not found:
        return ""
    start, cpu = found["start_s"], found["start_cpu"]
    rows = [
        ("what", "measured", "bare granian and Django", "ratio", "aim"),
        ("start, seconds to the first answer", number(start), number(found["plain_s"]),
         f"{start / found['plain_s']:.2f}x", f"3 s{mark(start <= 3)}"),
        ("start, CPU seconds of all processes till then", number(cpu), number(found["plain_cpu"]),
         f"{cpu / found['plain_cpu']:.2f}x", ""),
        ("web worker, MB after 300 requests", number(found["web_mb"]), "", "", f"120 MB{mark(found['web_mb'] <= 120)}"),
        ("worker for jobs, MB", number(found["job_mb"]), "", "", f"120 MB{mark(found['job_mb'] <= 120)}"),
    ]  # fmt: skip
    return f"## Start and memory\n\n{aligned(rows)}"


def imports(found: Mapping[tuple[str, str, int], Mapping[str, float]]) -> str:
    """Files brought in with history, card and search row, beside the same rows written by hand."""
    rows: list[tuple[str, ...]] = [
        ("import", "engine", "rows", "rows a CPU second", "by hand", "share of its speed", "aim", "check first, CPU s",
         "peak MB")
    ]  # fmt: skip
    for (engine, kind, count), r in found.items():
        share = r["hand_s"] / r["cpu_s"]
        rows.append((
            kind, ENGINES[engine], f"{count:,}", f"{count / r['cpu_s']:,.0f}", f"{count / r['hand_s']:,.0f}",
            f"{share:.2f}{mark(share >= 0.6)}", "0.6", number(r["check_s"]), f"{r['peak_mb']:.0f}",
        ))  # fmt: skip
    return f"## Import\n\n{aligned(rows)}" if len(rows) > 1 else ""


def growth(small: Mapping[str, Any], large: Mapping[str, Any]) -> float:
    """How much more CPU the large takes, after taking out how fast the machine was each time."""
    return float(large["cpu_ms"] / large["yardstick_ms"] / (small["cpu_ms"] / small["yardstick_ms"]))


def growths(results: Mapping[tuple[str, int], Sequence[Mapping[str, Any]]]) -> str:
    """What ten times the rows cost, for each engine that was measured at two sizes."""
    rows: list[tuple[str, ...]] = [("operation", *[ENGINES[e] for e in _twice(results)], "aim")]
    if len(rows[0]) == 2:
        return ""
    first = _twice(results)[0]
    for r in results[first, _sizes(results, first)[0]]:
        cells = [_grown(results, engine, r["name"]) for engine in _twice(results)]
        rows.append((r["name"], *cells, f"{GROWTH}x" if r["grows"] else "none"))
    sizes = _sizes(results, first)
    return f"## Growth from {sizes[0]:,} to {sizes[-1]:,}\n\n{aligned(rows)}"


def _twice(results: Mapping[tuple[str, int], Any]) -> list[str]:
    return [e for e in ENGINES if len(_sizes(results, e)) > 1]


def _sizes(results: Mapping[tuple[str, int], Any], engine: str) -> list[int]:
    return sorted(size for e, size in results if e == engine)


def _grown(results: Mapping[tuple[str, int], Sequence[Mapping[str, Any]]], engine: str, name: str) -> str:
    sizes = _sizes(results, engine)
    small, large = (_named(results[engine, size], name) for size in (sizes[0], sizes[-1]))
    if not small or not large or "failed" in small or "failed" in large:
        return "failed"
    times = growth(small, large)
    return f"{times:.2f}x{mark(times <= GROWTH or not small['grows'])}"


def _named(found: Iterable[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    return next((r for r in found if r["name"] == name), {})


def recalls(results: Mapping[tuple[str, int], Sequence[Mapping[str, Any]]]) -> list[str]:
    """A line for each search: the share of the records that hold the word and were found."""
    return [
        f"{ENGINES[engine]}, {size:,}: {r['name']} finds {r['recall']:.1%} of the records that hold it."
        for (engine, size), found in results.items()
        for r in found
        if "recall" in r
    ]
