"""Nothing in the project depends on where it was made: no registry's address, no path of one machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, files, shown

READ = (
    ".py", ".pyi", ".toml", ".txt", ".in", ".md", ".json", ".mjs", ".ts", ".tsx", ".css", ".html", ".svg",
    ".yml", ".yaml", ".cfg", ".csv", "Makefile", ".npmrc", ".gitignore", ".gitattributes", "LICENSE", "run",
)  # fmt: skip
ADDRESSES = re.compile(
    r"\b(?:pypi|pythonhosted|npmjs|yarnpkg|jsdelivr|unpkg)\.(?:org|com|net)\b|--(?:extra-)?index-url\s+\S*://|\"resolved\":"
)
MACHINE_PATHS = re.compile(r"(?<![\w.*~-])/(?:root|home|Users|work)/[\w.]")


def read_files() -> list[Path]:
    shell = [path for path in (ROOT / "tools").iterdir() if path.is_file()]
    return sorted({*files(*READ), *shell})


def matches(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{shown(path)}:{number}: {line.strip()[:120]}"
        for path in read_files()
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_address_of_a_package_registry() -> None:
    assert matches(ADDRESSES) == []


def test_no_path_of_one_machine() -> None:
    assert matches(MACHINE_PATHS) == []


def test_every_requirement_is_pinned_with_a_hash() -> None:
    for name in ("base", "dev", "uv"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8").replace("\\\n", " ")
        said = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
        assert said
        loose = [line for line in said if not ("==" in line and "--hash=sha256:" in line)]
        assert loose == []


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (ADDRESSES, "see https://{}.org/simple".format("pypi")),
        (ADDRESSES, "--{}-url https://mirror.example/simple".format("index")),
        (MACHINE_PATHS, "open('/{}/ann/x')".format("home")),
        (MACHINE_PATHS, "cd /{}/main".format("work")),
    ],
)
def test_the_patterns_find_what_they_seek(pattern: re.Pattern[str], line: str) -> None:
    assert pattern.search(line)
