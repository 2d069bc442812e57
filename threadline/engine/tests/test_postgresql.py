"""How hand-written statements reach PostgreSQL."""

from __future__ import annotations

from threadline.engine.postgresql.base import numbered


def test_parameters_are_numbered_from_left_to_right() -> None:
    assert (
        numbered("SELECT a FROM t WHERE b = %s AND c IN (%s, %s)") == "SELECT a FROM t WHERE b = $1 AND c IN ($2, $3)"
    )


def test_a_doubled_percent_sign_is_one_and_marks_nothing() -> None:
    assert (
        numbered("SELECT a FROM t WHERE b LIKE '100%%s' AND c = %s")
        == "SELECT a FROM t WHERE b LIKE '100%s' AND c = $1"
    )
