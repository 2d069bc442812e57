"""Charts beside tables: what their scales say."""

from __future__ import annotations

from threadline.inbound.releases import drawing


def test_what_is_counted_has_no_halves_on_its_scale() -> None:
    chart = drawing.line([(-11, 1), (-5, 0), (0, 2)])
    assert [one["text"] for one in chart["grid"]] == ["0", "1", "2"]


def test_a_mark_stands_where_its_number_is() -> None:
    chart = drawing.line([(-11, 1), (0, 2)])
    marks = {int(one["text"]): one["x"] for one in chart["ticks"]}
    assert list(marks) == [-11, -8, -6, -3, 0]
    wide = marks[0] - marks[-11]
    assert all(abs(x - marks[-11] - wide * (n + 11) / 11) < 0.2 for n, x in marks.items())


def test_thousands_are_set_apart_and_shares_are_percent() -> None:
    assert drawing.line([(0, 1.5), (1, 15_000.5)])["grid"][-1]["text"] == "20,000"
    assert [g["text"] for g in drawing.line([(0, 0.2)], top=1.0, percent=True)["grid"]][::4] == ["0%", "100%"]
