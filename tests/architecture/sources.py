"""Finds the files that the architecture tests read, and reads Python's syntax trees once."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "threadline"
GROUPS = ("inbound", "outbound", "lifecycle", "people")
SKIPPED = frozenset({
    ".git", ".venv", "node_modules", "build", "data", "dist", "__pycache__", "test-results",
    ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".import_linter_cache",
})  # fmt: skip


def files(*suffixes: str, under: Path = ROOT) -> Iterator[Path]:
    """Yield the project's files with one of `suffixes`, or all, in order."""
    for folder, names, leaves in os.walk(under):
        names[:] = sorted(name for name in names if name not in SKIPPED)
        yield from (Path(folder, leaf) for leaf in sorted(leaves) if not suffixes or leaf.endswith(suffixes))


def shown(path: Path) -> str:
    """Return the path as a reader of the failure wants it."""
    return path.relative_to(ROOT).as_posix()


def is_test(path: Path) -> bool:
    """Whether the file is a test or serves tests alone."""
    return "tests" in path.relative_to(ROOT).parts or path.name in {"conftest.py", "testing.py"}


def is_migration(path: Path) -> bool:
    """Whether the file is a migration, which Django wrote."""
    return "migrations" in path.parts


@cache
def tree(path: Path) -> ast.Module:
    """Return the file's syntax tree."""
    return ast.parse(path.read_text("utf-8"), filename=str(path))


def leaves() -> list[Path]:
    """Return the folder of every leaf: a package inside a group that has models."""
    found = (path.parent for group in GROUPS for path in PACKAGE.glob(f"{group}/*/models.py"))
    return sorted(found)
