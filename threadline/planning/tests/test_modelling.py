"""Score models: published scores through the common form, ranges, moves between models, one number from many."""

from __future__ import annotations

import pytest

from threadline.planning.priority import modelling
from threadline.planning.priority.modelling import Given


def said(
    method: str, *values: float, source: str = "log", criteria: str = ""
) -> tuple[modelling.Method, dict[str, Given]]:
    made = modelling.method_of(method, criteria)
    return made, {i.name: Given(v, source) for i, v in zip(made.inputs, values, strict=True)}


@pytest.mark.parametrize(
    ("method", "values", "score"),
    [
        # RICE: two public examples of Intercom's formula, 2000 x 2 x 80 % / 3 and 5000 x 0.5 x 100 % / 1.
        ("rice", (2000, 2, 80, 3), 1066.6667),
        ("rice", (5000, 0.5, 100, 1), 2500),
        # ICE: the same inputs by both schools.
        ("ice", (8, 7, 6), 336),
        ("ice_mean", (8, 7, 6), 7.0),
        # WSJF: examples of SAFe's guidance.
        ("wsjf", (7, 9, 5, 2), 10.5),
        ("wsjf", (8, 3, 4, 8), 1.875),
        # Cost of delay over duration: the ice-cream case.
        ("cd3", (10, 2), 5),
        ("cd3", (30, 4), 7.5),
        # Ulwick: importance 9 with satisfaction 3, 9 and 9, 4 and 8.
        ("opportunity", (9, 3), 15),
        ("opportunity", (9, 9), 9),
        ("opportunity", (4, 8), 4),
    ],
)
def test_published_scores_come_out_of_the_common_form(method: str, values: tuple[float, ...], score: float) -> None:
    made, given = said(method, *values)
    found = modelling.score_of(made, given)
    assert (found.low, found.likely, found.high) == pytest.approx((score, score, score))
    assert found.unsourced == ()


def test_a_weighted_score_is_the_mean_by_weights() -> None:
    made, given = said("weighted", 8, 3, criteria="Revenue: 0.6\n- Reach = 0.4")
    assert modelling.score_of(made, given).likely == pytest.approx(6.0)
    assert [i.name for i in made.inputs] == ["c_revenue", "c_reach"]


@pytest.mark.parametrize(
    "text", ["", "Revenue", "Revenue: -1", "Revenue: 0", "A: 1\na: 2", "\n".join(f"C{n}: 1" for n in range(13))]
)
def test_criteria_that_cannot_be_weighed_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        modelling.criteria(text)


def test_an_input_without_a_source_makes_the_score_a_range() -> None:
    made, given = said("wsjf", 7, 9, 5, 2)
    found = modelling.score_of(made, {**given, "wsjf_size": Given(2), "wsjf_value": Given(7)})
    assert (found.low, found.likely, found.high) == pytest.approx(((5 + 9 + 5) / 4, 10.5, (9 + 9 + 5) / 1))
    assert found.unsourced == ("Business value", "Job size")
    made, given = said("cd3", 10, 2)
    found = modelling.score_of(made, {**given, "cost_of_delay": Given(10)})
    assert (found.low, found.high) == (2.5, 7.5)


def test_a_range_that_was_given_is_taken_as_it_is() -> None:
    made, given = said("cd3", 10, 2)
    found = modelling.score_of(made, {**given, "duration": Given(2, "team", 1, 5)})
    assert (found.low, found.likely, found.high) == (2, 5, 10)


def test_without_one_input_there_is_no_score() -> None:
    made, given = said("cd3", 10, 2)
    found = modelling.score_of(made, {"duration": given["duration"]})
    assert (found.likely, found.missing) == (None, ("Cost of delay",))


def test_unsourced_numbers_make_places_unsure_and_sourced_ones_do_not() -> None:
    def rice(reach: float, source: str) -> dict[str, modelling.Given]:
        others = {"impact": 1.0, "confidence": 80.0, "effort": 2.0}
        return {"reach": modelling.Given(reach, source)} | {n: modelling.Given(v, "Log") for n, v in others.items()}

    sure = modelling.sure_places(modelling.RICE, [rice(1_000, "Log"), rice(900, "Log")])
    assert [(p.low, p.high, p.over_next) for p in sure] == [(1, 1, 1.0), (2, 2, None)]
    unsure = modelling.sure_places(modelling.RICE, [rice(1_000, ""), rice(900, "Log")])
    assert [(p.low, p.high) for p in unsure] == [(1, 2), (1, 2)]
    assert unsure[0].over_next == pytest.approx(1 - 0.4**2 / 0.5, abs=0.03)  # triangle from 500 to 1,500, above 900


@pytest.mark.parametrize("method", list(modelling.METHODS.values()), ids=lambda m: m.name)
def test_every_method_takes_samples(method: modelling.Method) -> None:
    low, high = ({i.name: modelling.Given(v, "") for i in method.inputs} for v in (2.0, 3.0))
    assert len(modelling.sure_places(method, [high, low])) == 2


def test_moves_say_who_changes_place_and_why() -> None:
    before = modelling.method_of("weighted", "Revenue: 3\nReach: 1")
    after = modelling.method_of("weighted", "Revenue: 1\nReach: 3")
    items = {
        "A": {"c_revenue": Given(9, "x"), "c_reach": Given(1, "x")},
        "B": {"c_revenue": Given(5, "x"), "c_reach": Given(5, "x")},
        "C": {"c_revenue": Given(1, "x"), "c_reach": Given(9, "x")},
    }
    moved = {m.item: m for m in modelling.moves(before, after, items)}
    assert {i: (m.was, m.now, m.up) for i, m in moved.items()} == {"A": (1, 3, -2), "C": (3, 1, 2)}
    assert moved["C"].because == "Weight from 1 to 3: reach, 1st of 3."
    assert moved["A"].because == "Weight from 3 to 1: revenue, 1st of 3."


def test_a_move_to_another_method_names_what_it_asks_or_lacks() -> None:
    rice, wsjf = modelling.METHODS["rice"], modelling.METHODS["wsjf"]
    _, much = said("rice", 1000, 2, 80, 2)
    _, little = said("rice", 100, 1, 80, 2)
    _, late = said("wsjf", 3, 18, 2, 2)
    _, calm = said("wsjf", 3, 1, 2, 2)
    moved = {
        m.item: m for m in modelling.moves(rice, wsjf, {"A": {**much, **calm}, "B": {**little, **late}, "C": much})
    }
    assert (moved["B"].was, moved["B"].now) == (3, 1)
    assert moved["B"].because == "Asked now: time criticality, 1st of 2."
    assert (moved["C"].now, moved["C"].because) == (
        None, "No score: business value, time criticality, risk reduction and job size are missing."
    )  # fmt: skip


@pytest.mark.parametrize(("rule", "value"), [("median", 3), ("mean", 4), ("trimmed", 3)])
def test_one_number_from_many(rule: str, value: float) -> None:
    found = modelling.together([10, 2, 3, 2, 3], rule)
    assert found.value == pytest.approx({"trimmed": 8 / 3}.get(rule, value))
    assert (found.low, found.high, found.count, found.apart) == (2, 10, 5, 8)
    assert modelling.together([1, 4], rule).value == 2.5
