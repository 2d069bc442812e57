"""The attack table as ROWS.md keeps it, and what the tests say of themselves."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = Path(__file__).with_name("ROWS.md")
# What this version promises; later rows come with the rooms that they attack.
REQUIRED = (
    *(f"A{n}" for n in range(1, 15)),
    *(f"B{n}" for n in (1, 2, 3, 4, 7, 8, 9, 10)),
    *(f"C{n}" for n in range(1, 11)),
    *(f"D{n}" for n in range(1, 10)),
    *(f"E{n}" for n in range(1, 13)),
    *(f"F{n}" for n in (1, 4, 5, 6, 7, 8, 12)),
)
_SAID = re.compile(r"(?:Attack rows? )?((?:[A-F]\d+(?:, | and )?)+):")


def held() -> dict[str, list[str]]:
    """Each row's tests, as ``path::name``, from the table in ROWS.md."""
    lines = [line.strip("|").split("|") for line in TABLE.read_text(encoding="utf-8").splitlines() if "::" in line]
    return {cells[0].strip(): re.findall(r"`([^`]+::[^`]+)`", cells[2]) for cells in lines}


@cache
def every_test() -> dict[str, set[str]]:
    """Every test of the project, as ``path::name``, with the rows that its docstring, or its file's, begins with."""
    return dict(_every())


def _every() -> Iterator[tuple[str, set[str]]]:
    for folder in ("tests", "threadline"):
        for path in sorted((ROOT / folder).rglob("test_*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            whole = _rows(ast.get_docstring(tree), "Attack row")
            for node in tree.body:
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                    own = _rows(ast.get_docstring(node))
                    yield f"{path.relative_to(ROOT).as_posix()}::{node.name}", own or whole


def _rows(text: str | None, begin: str = "") -> set[str]:
    found = _SAID.match(text or "")
    return set(re.findall(r"[A-F]\d+", found[1])) if found and (text or "").startswith(begin) else set()
