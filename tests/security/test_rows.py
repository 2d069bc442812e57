"""ROWS.md tells the truth: every promised row is held, and every test that holds one is named."""

from __future__ import annotations

import pytest

from tests.security.rows import REQUIRED, every_test, held


@pytest.mark.parametrize("row", REQUIRED)
def test_each_promised_row_is_held_by_tests_that_are_there(row: str) -> None:
    named, there = held().get(row, []), every_test()
    assert named, f"ROWS.md names no test for {row}: write one, and add it to the table"
    assert [one for one in named if one not in there] == [], "these tests are gone or renamed: mend ROWS.md"


def test_every_test_that_holds_a_row_is_in_the_table() -> None:
    table = held()
    missing = sorted(
        f"{row}: {name}"
        for name, said in every_test().items()
        for row in said & set(REQUIRED)
        if name not in table.get(row, [])
    )
    assert missing == [], "add these to ROWS.md, or take the row out of the test's docstring"
