"""What cells mean: dates in any order, numbers as people write them."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threadline.exchange import cells
from threadline.exchange.cells import Unread
from threadline.kernel import fields


@pytest.mark.parametrize(
    ("text", "order", "meant"),
    [
        ("2026-03-04", "", date(2026, 3, 4)),
        ("2026/3/4", "mdy", date(2026, 3, 4)),
        ("3/4/2026", "dmy", date(2026, 4, 3)),
        ("3/4/2026", "mdy", date(2026, 3, 4)),
        ("03.04.26", "dmy", date(2026, 4, 3)),
        ("26-03-04", "ymd", date(2026, 3, 4)),
        ("4 March 2026", "dmy", date(2026, 3, 4)),
        ("Mar 4, 2026", "dmy", date(2026, 3, 4)),
        ("20260304", "dmy", date(2026, 3, 4)),
        ("2026-03-04T05:06:07Z", "", datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)),
        ("Nov 30, 2014, 4:26PM", "", datetime(2014, 11, 30, 16, 26, tzinfo=UTC)),
        ("3/4/2026 12:05 am", "mdy", datetime(2026, 3, 4, 0, 5, tzinfo=UTC)),
        ("1772600000", "", datetime(2026, 3, 4, 4, 53, 20, tzinfo=UTC)),
        (" ", "", None),
    ],
)
def test_a_date_is_read_as_it_was_written(text: str, order: str, meant: object) -> None:
    assert cells.moment(text, order) == meant


def test_a_time_keeps_the_day_its_writer_saw() -> None:
    late = cells.moment("2026-03-04 00:30:00 +02:00", "")
    assert isinstance(late, datetime)
    assert late.date() == date(2026, 3, 4)


@pytest.mark.parametrize("text", ["31/02/2026", "2026-13-01", "soon", "12:30", "3/4/2026 at noon", "99999999999999"])
def test_what_is_no_date_is_said_to_be_none(text: str) -> None:
    with pytest.raises(Unread):
        cells.moment(text, "dmy")


@given(st.text(max_size=40), st.sampled_from(["", "dmy", "mdy", "ymd"]))
def test_no_text_breaks_the_reading_of_dates(text: str, order: str) -> None:
    with suppress(Unread):
        assert cells.moment(text, order) is None or isinstance(cells.moment(text, order), date)


@pytest.mark.parametrize(
    ("values", "order", "shown"),
    [
        (["1/2/2026", "3/4/2026", "23/4/2026"], "dmy", "23/4/2026"),
        (["1/2/2026", "3/14/2026"], "mdy", "3/14/2026"),
        (["1/2/2026", "3/4/2026"], "dmy", ""),
        (["2026-01-02", None, 7], "", ""),
    ],
)
def test_the_first_date_that_can_only_be_read_one_way_decides(values: list[object], order: str, shown: str) -> None:
    assert cells.order_of(values)[:2] == (order, shown)


@pytest.mark.parametrize(
    ("text", "out_of", "meant"),
    [
        ("4", None, "4"),
        ("4/5", None, 4.0),
        ("4/5", 5, 8.0),
        ("4 out of 5", 10, 8.0),
        ("5 stars", 5, 10.0),
        ("★★★☆☆", 5, 6.0),
        ("3", 5, 6.0),
        ("1,5", None, "1.5"),
        ("1.234,5", None, "1234.5"),
        ("1,234.5", None, "1234.5"),
        ("1,234", None, "1234"),
        ("12 %", None, "12"),
        ("good", 5, "good"),
    ],
)
def test_a_number_is_read_as_people_write_it(text: str, out_of: float | None, meant: object) -> None:
    assert cells.number(text, fields.Number(low=0, high=10), out_of) == meant
