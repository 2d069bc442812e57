"""What is read from files and rows becomes words and numbers, and never code or objects."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).parents[2] / "threadline"
UNSAFE = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "jsonpickle", "marshal", "shelve", "yaml"}
RUN = {"eval", "exec", "compile"}


def findings(source: str) -> list[str]:
    """The lines of a file that could make code or objects of what they read."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names = {(node.module or "").partition(".")[0]}
        elif isinstance(node, ast.Call):
            called = node.func.id if isinstance(node.func, ast.Name) else ""
            pickled = any(k.arg == "allow_pickle" and getattr(k.value, "value", True) for k in node.keywords)
            names = {called} & RUN | ({"allow_pickle"} if pickled else set())
        else:
            continue
        if names & (UNSAFE | RUN | {"allow_pickle"}):
            found.append(f"line {node.lineno}: {', '.join(sorted(names))}")
    return found


def test_no_file_of_ours_reads_bytes_as_objects() -> None:
    """E4: loaders that run what they read are nowhere, and sessions are JSON."""
    wrong = {str(p): said for p in sorted(ROOT.rglob("*.py")) if (said := findings(p.read_text(encoding="utf-8")))}
    assert wrong == {}
    assert settings.SESSION_SERIALIZER.endswith("JSONSerializer")


@pytest.mark.parametrize(
    "line",
    ["import pickle", "from yaml import load", "np.load(f, allow_pickle=True)", "eval(said)", "import marshal as m"],
)
def test_each_such_loader_would_be_found(line: str) -> None:
    assert findings(line)
