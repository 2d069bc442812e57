"""Who imports whom: the contracts in pyproject.toml, and the two rules they cannot express."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.sources import GROUPS, PACKAGE, ROOT, files, is_test, leaves, shown, tree

PRIVATE = frozenset({"models", "listeners"})


def imported(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of everything a file imports."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{name.name}") for name in node.names)


def local_imports(module: ast.Module) -> Iterator[int]:
    """Yield the lines of imports that stand inside a function."""
    functions = (one for one in ast.walk(module) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))
    for function in functions:
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield node.lineno


def reaches_into(names: Iterator[tuple[int, str]], own_leaf: str) -> Iterator[tuple[int, str]]:
    """Yield the imports of another leaf's private modules, seen from `own_leaf` (``group/leaf``)."""
    for line, name in names:
        parts = name.split(".")
        if len(parts) < 4 or parts[0] != "threadline" or parts[1] not in GROUPS or parts[3] not in PRIVATE:
            continue
        if f"{parts[1]}/{parts[2]}" != own_leaf:
            yield line, name


def test_contracts_are_kept() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


def test_contracts_know_no_exception() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    assert len(contracts) >= 6
    assert [one["name"] for one in contracts if "ignore_imports" in one or "skip_descendants" in one] == []


def test_no_function_imports() -> None:
    # An import inside a function is indented; most files have no indented import at all, and are not parsed.
    indented = re.compile(r"^[ \t]+(?:import|from)[ \t]|[:;][ \t]*(?:import|from)[ \t]", re.MULTILINE)
    suspects = [path for path in files(".py") if indented.search(path.read_text("utf-8"))]
    found = [f"{shown(path)}:{line}" for path in suspects for line in local_imports(tree(path))]
    assert found == []


def test_another_leaf_keeps_its_models_and_listeners_to_itself() -> None:
    found = [
        f"{shown(path)}:{line} imports {name}"
        for leaf in leaves()
        for path in files(".py", under=leaf)
        if not is_test(path)
        for line, name in reaches_into(imported(tree(path)), leaf.relative_to(PACKAGE).as_posix())
    ]
    assert found == []


def test_local_imports_are_seen() -> None:
    assert list(local_imports(ast.parse("import a\ndef f():\n    if 1:\n        from b import c\n"))) == [4]


def test_reaching_into_a_leaf_is_seen() -> None:
    leaf = "threadline.inbound.features"
    names = list(imported(ast.parse(f"from {leaf}.models import Feature\nfrom {leaf} import rules\n")))
    assert {line for line, _ in reaches_into(iter(names), "inbound/feedback")} == {1}
    assert list(reaches_into(iter(names), "inbound/features")) == []


def test_a_web_process_starts_without_what_it_seldom_needs(tmp_path: Path) -> None:
    """Solvers, workbooks and learning are as large as all the rest, and come when first used: see later.py."""
    large = ("numpy", "reportlab", "scipy", "highspy", "sklearn", "openpyxl", "xlsxwriter", "pypdf", "lxml", "pandas")
    started = f"import sys, threadline.wsgi; print([name for name in {large} if name in sys.modules])"
    ours = {**os.environ, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "threadline.settings"}
    ours.pop("DATABASE_URL", None)
    ran = subprocess.run([sys.executable, "-c", started], env=ours, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
