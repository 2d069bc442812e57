"""Files small enough to read in one go. Long ones fail; longish ones are listed as warnings."""

from __future__ import annotations

import ast
import warnings
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGE, files, is_migration, is_test, shown, tree

WRITTEN = (".py", ".ts", ".tsx", ".mjs", ".css", ".html")
LONGEST_FILE = 500
LONGISH_FILE = 300
LONGISH_FUNCTION = 30
LONGEST_FUNCTION = 60
KERNEL = 5_000


class Longish(UserWarning):
    """Still allowed; worth splitting when next touched."""


def lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def written() -> list[Path]:
    return [path for path in files(*WRITTEN) if not is_migration(path)]


def test_no_file_is_too_long() -> None:
    counts = {shown(path): lines(path) for path in written()}
    longish = {name: count for name, count in counts.items() if count > LONGISH_FILE}
    if longish:
        warnings.warn(f"files over {LONGISH_FILE} lines: {longish}", Longish, stacklevel=1)
    assert {name: count for name, count in longish.items() if count > LONGEST_FILE} == {}


def test_no_function_is_too_long() -> None:
    counts = {
        f"{shown(path)}:{node.lineno} {node.name}": spoken_lines(node)
        for path in files(".py", under=PACKAGE)
        if not is_test(path) and not is_migration(path)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    longish = {name: count for name, count in counts.items() if count > LONGISH_FUNCTION}
    if longish:
        warnings.warn(f"functions over {LONGISH_FUNCTION} lines: {longish}", Longish, stacklevel=1)
    assert {name: count for name, count in longish.items() if count > LONGEST_FUNCTION} == {}
    assert len(longish) <= len(counts) // 50


def spoken_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return a function's length without its docstring."""
    first = node.body[0]
    said = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return (node.end_lineno or 0) - node.lineno + 1 - ((first.end_lineno or 0) - first.lineno + 1 if said else 0)


def test_kernel_stays_small() -> None:
    counted = [path for path in files(".py", under=PACKAGE / "kernel") if not is_test(path) and not is_migration(path)]
    counted = [path for path in counted if path.name != "testing.py"]
    assert len(counted) > 10
    assert sum(map(code_lines, counted)) < KERNEL


def code_lines(path: Path) -> int:
    """Return a file's lines without blank ones, comments and docstrings: what there is to hold in mind."""
    said: set[int] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                said.update(range(first.lineno, (first.end_lineno or 0) + 1))
    written_lines = enumerate(path.read_text("utf-8").splitlines(), start=1)
    return sum(1 for at, line in written_lines if at not in said and line.strip() and line.lstrip()[0] != "#")


@pytest.mark.parametrize(
    ("source", "length"),
    [("def f():\n    '''Says.\n    More.'''\n    return 1", 2), ("def f():\n    return 1", 2)],
)
def test_docstrings_do_not_lengthen_a_function(source: str, length: int) -> None:
    [function] = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    assert spoken_lines(function) == length
