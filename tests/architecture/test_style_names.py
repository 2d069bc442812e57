"""A class that one sheet styles by its bare name belongs to that sheet: two owners spoil each other's pages."""

from __future__ import annotations

import re
from collections import defaultdict

from tests.architecture.sources import PACKAGE

SHEETS = PACKAGE / "faces" / "web" / "css"
# What a medium changes of everybody's classes, and the frame that makes room for the panel at its side.
FOR_ALL = {"print.css", "forced.css"}
SHARED = {"app"}
BARE = re.compile(r"\.([a-z][a-z0-9-]*)(?:::?[a-z-]+(?:\([^)]*\))?|\[[^\]]*\])*")


def owners() -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for sheet in sorted(SHEETS.glob("*.css")):
        for line in sheet.read_text("utf-8").splitlines():
            rule = re.match(r"\s*([^{}@/]+)\{", line)
            for selector in rule[1].split(",") if rule else ():
                bare = BARE.fullmatch(selector.strip())
                if bare:
                    found[bare[1]].add(sheet.name)
    return found


def test_each_class_has_one_sheet() -> None:
    found = owners()
    assert len(found) > 100, "the sheets were not understood"
    shared = {name: sheets - FOR_ALL for name, sheets in found.items() if name not in SHARED}
    assert {name: sheets for name, sheets in shared.items() if len(sheets) > 1} == {}
