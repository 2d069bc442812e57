"""How many places a field and a record type touch: what CONTRIBUTING.md promises, counted."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = [
    p
    for pattern in ("**/*.py", "**/*.html", "**/*.ts", "**/*.tsx")
    for p in sorted((ROOT / "threadline").glob(pattern))
    if "tests" not in p.parts and "demo" not in p.parts and "node_modules" not in p.parts
]


def places(word: str) -> set[str]:
    """Source files that say the word; all migrations together count once."""
    said = {p.relative_to(ROOT).as_posix() for p in SOURCES if re.search(rf"\b{word}\b", p.read_text("utf-8"))}
    return {re.sub(r"migrations/.*", "migrations/", s) for s in said}


def promised(heading: str) -> int:
    """How many numbered lines stand under a heading of CONTRIBUTING.md."""
    part = (ROOT / "CONTRIBUTING.md").read_text("utf-8").split(heading)[1].split("\n## ")[0]
    return len(re.findall(r"^\d+\. ", part, re.MULTILINE))


def test_a_field_is_said_in_model_migration_and_declaration_only() -> None:
    assert places("role_title") == {
        "threadline/inbound/feedback/models.py",
        "threadline/inbound/migrations/",
        "threadline/inbound/feedback/records.py",
    }
    assert promised("## A new field touches 4 places") == len(places("role_title")) + 1  # and its test


def test_a_record_type_is_said_in_model_collector_migration_and_declaration_only() -> None:
    assert places("Contact") == {
        "threadline/inbound/feedback/models.py",
        "threadline/inbound/models.py",
        "threadline/inbound/migrations/",
        "threadline/inbound/feedback/records.py",
    }
    assert promised("## A new record type touches 6 places") == len(places("Contact")) + 2  # its test, its README line


def test_kernel_and_faces_know_no_record_type() -> None:
    """A product word in the kernel or a face is a rule in the wrong room."""
    kinds = r"\b(feedback|feature|objective|key_result|account|contact)s?\b"
    offenders = []
    for path in (p for p in SOURCES if p.suffix == ".py" and p.parts[len(ROOT.parts) + 1] in ("kernel", "faces")):
        code = re.sub(r'""".*?"""|#[^\n]*', "", path.read_text("utf-8"), flags=re.DOTALL)
        if re.search(rf"import .*{kinds}|from threadline\.inbound|[\"']({kinds[2:-3]})[\"']", code):
            offenders.append(path.relative_to(ROOT).as_posix())
    assert offenders == []
