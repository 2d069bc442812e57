"""The program around the commands: help, mistakes, exit codes, and what it must not import."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from threadline.faces.cli import app
from threadline.faces.cli.talk import cut, fitted, safe, width
from threadline.kernel import errors

ROOT = Path(__file__).parents[4]


def program(*words: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    said = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **env}
    command = [sys.executable, "-m", "threadline", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=said, check=False)


def test_help_lists_commands_without_importing_django_models(tmp_path: Path) -> None:
    loaded = "print([m for m in sys.modules if m in sys.argv])"
    code = f"import sys; from threadline.__main__ import main; main(['--help']); {loaded}"
    heavy = ["django.db.models", "rich", "allauth", "openpyxl", "granian", "threadline.kernel.models"]
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    told = subprocess.run(
        [sys.executable, "-c", code, *heavy], capture_output=True, text=True, cwd=tmp_path, env=env, check=True
    )
    assert told.stdout.splitlines()[-1] == "[]"
    for name in ("list", "get", "new", "set", "why", "trace", "search", "undo", "act", "serve", "demo", "backup"):
        assert f"\n  {name} " in told.stdout
    assert list(tmp_path.iterdir()) == []  # nothing was made for somebody who only asked


def test_runs_from_any_folder_and_says_its_version(tmp_path: Path) -> None:
    told = program("--version", cwd=tmp_path)
    assert (told.returncode, told.stdout.split()[0]) == (0, "threadline")


def test_unknown_command_names_the_nearest(tmp_path: Path) -> None:
    told = program("serach", "x", cwd=tmp_path)
    assert told.returncode == app.USAGE
    assert told.stdout == ""
    assert "Did you mean search?" in told.stderr


def test_a_wrong_setting_is_told_in_words(tmp_path: Path) -> None:
    told = program("list", "features", DATA_DIR=str(tmp_path), PORT="eighty")
    assert told.returncode == app.USAGE
    assert told.stderr.startswith("PORT is eighty")


def test_a_database_without_tables_says_what_to_do(tmp_path: Path) -> None:
    told = program("list", "features", "--json", DATA_DIR=str(tmp_path))
    assert told.returncode == app.FAILED
    assert "threadline migrate" in json.loads(told.stderr)["error"]["message"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.NotFound(), 3),
        (errors.Forbidden("no"), 4),
        (errors.Conflict("late"), 5),
        (errors.Invalid(("a", "b")), 6),
    ],
)
def test_each_refusal_has_its_code(error: errors.KernelError, code: int) -> None:
    assert app.code_of(error) == code


def test_shared_options_may_stand_in_front() -> None:
    assert app.said_last(["--json", "--as", "x@y", "list", "--", "-n"]) == ["list", "--json", "--as", "x@y", "--", "-n"]


def test_text_of_strangers_cannot_move_the_cursor() -> None:
    assert safe("a\x1b[2Jb\x9bc\u202ed") == "a\ufffd[2Jb\ufffdc\ufffdd"
    assert safe("one\ntwo\tthree") == "one two three"
    assert safe("one\ntwo\x07", lines=True) == "one\ntwo\ufffd"


def test_columns_are_cut_by_what_they_show() -> None:
    assert width("日本") == 4
    assert cut("日本語", 5) == "日本…"
    assert width(cut("日本語のタイトル", 7)) <= 7
    assert cut("short", 5) == "short"


def test_the_widest_column_gives_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert fitted([10, 200, 8]) == [10, 38, 8]
