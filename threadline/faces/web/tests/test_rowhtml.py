"""The compiled rows and the kit's own table give the same markup."""

from __future__ import annotations

import re
from typing import Any

import pytest

from threadline.faces.web.jinja import templates
from threadline.faces.web.rowhtml import rows_html

COLUMNS = [
    {"name": "title", "label": "Title", "kind": "title"},
    {"name": "state", "label": "State", "kind": "state"},
    {"name": "score", "label": "RICE <b>", "kind": "number"},
    {"name": "money", "label": "Worth", "kind": "money"},
    {"name": "on", "label": "On {{ 1 }} {% x", "kind": "date"},
    {"name": "owner", "label": "Owner", "kind": "person"},
    {"name": "tags", "label": "Tags", "kind": "tags"},
    {"name": "about", "label": "About", "kind": "text"},
]
FULL = [
    "A <i>title</i> & more", {"label": "Planned", "tone": "info"}, "1,200", "€4", "3 Nov",
    {"name": "Ann O'Neill", "initials": "AO"}, ["slow", "<lag>"], {"text": "An & aim", "href": "/w/north/O-1"},
]  # fmt: skip
WORDS = [*FULL[:7], "plain words"]
BLANK = ["Bare", {"label": "New", "tone": ""}, None, None, None, None, [], None]


def row(cells: list[Any], number: int) -> dict[str, Any]:
    return {"id": f"id-{number}", "key": f"F-{number}", "href": f"/w/north/F-{number}", "cells": cells}


def same(markup: str) -> str:
    """Without what no reader sees: space between elements, and how an apostrophe or a brace is written."""
    plain = str.__str__(markup).replace("&#39;", "'").replace("&#34;", '"').replace("&#123;", "{")
    return re.sub(r"\s+", " ", re.sub(r"\s*(<[^>]*>)\s*", r"\1", plain)).strip()


@pytest.mark.parametrize("pick", [None, "bulk"])
@pytest.mark.parametrize("cells", [FULL, WORDS, BLANK])
def test_both_ways_to_draw_a_row_agree(cells: list[Any], pick: str | None) -> None:
    made = rows_html(COLUMNS, [row(cells, 1), row(cells, 2)], pick)
    module = templates().get_template("kit/table.html").module
    kit = "".join(str(module.row(row(cells, n), COLUMNS, pick)) for n in (1, 2))  # type: ignore[attr-defined]
    assert same(made) == same(kit)


def test_a_label_is_no_part_of_the_template() -> None:
    assert "On {{ 1 }} {% x" in same(rows_html(COLUMNS, [row(FULL, 1)], None))
