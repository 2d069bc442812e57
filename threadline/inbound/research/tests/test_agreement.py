"""The statistics against the numbers that were published with them."""

from __future__ import annotations

import pytest

from threadline.inbound.research.agreement import cohen, fleiss, krippendorff
from threadline.inbound.research.saturation import curve, reached

# K. Krippendorff (2011), Computing Krippendorff's alpha-reliability, example C and D: four observers, twelve units.
FOUR = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]


@pytest.mark.parametrize(
    ("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_krippendorff_2011_with_gaps(level: str, alpha: float) -> None:
    assert krippendorff(FOUR, level) == pytest.approx(alpha, abs=0.0005)


def test_krippendorff_2011_two_observers_two_values() -> None:
    """Example A."""
    meg = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
    owen = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    assert krippendorff([meg, owen]) == pytest.approx(0.095, abs=0.0005)


def test_krippendorff_2011_two_observers_five_values() -> None:
    """Example B."""
    ben, gerry = list("aabbdcccedda"), list("babbbccceddd")
    assert krippendorff([ben, gerry]) == pytest.approx(0.692, abs=0.0005)


@pytest.mark.parametrize(
    ("table", "kappa"),
    [([[20, 5], [10, 15]], 0.4), ([[45, 15], [25, 15]], 0.1304), ([[25, 35], [5, 35]], 0.2593)],
)
def test_cohens_kappa(table: list[list[int]], kappa: float) -> None:
    """The worked examples that textbooks and encyclopedias give for Cohen (1960)."""
    assert cohen(table) == pytest.approx(kappa, abs=0.00005)


# The example of 14 raters, 10 subjects and 5 categories that goes with Fleiss (1971): kappa 0.210.
FOURTEEN = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip


def test_fleiss_kappa() -> None:
    assert fleiss(FOURTEEN) == pytest.approx(0.20993, abs=0.000005)


def test_where_nothing_varies_agreement_is_undefined_and_not_perfect() -> None:
    assert cohen([[10, 0], [0, 0]]) is None
    assert cohen([[0, 0], [0, 0]]) is None
    assert fleiss([[3, 0], [3, 0]]) is None
    assert fleiss([]) is None
    assert krippendorff([[1, 1, 1], [1, 1, 1]]) is None
    assert krippendorff([[1, None], [None, 1]]) is None


def test_full_agreement_is_one() -> None:
    assert cohen([[5, 0], [0, 5]]) == 1
    assert fleiss([[3, 0], [0, 3]]) == 1
    assert krippendorff([[1, 2, 3], [1, 2, 3]]) == 1


def test_saturation_by_the_vector_of_the_method() -> None:
    """Guest, Namey and Chen (2020): a base of 18 codes, then runs with 2, 1 and no new ones."""
    base = [set(range(18)), {0}, {1}, {2}]
    found = curve([*base, {18}, {19}, {1}, {2}])
    assert [s.ratio for s in found[:5]] == [None] * 5
    assert [round(s.ratio or 0, 3) for s in found[5:]] == [0.111, 0.056, 0.0]
    assert reached(found) == 8
    assert reached(found, 0.06) == 7
    assert reached(found[:6]) is None


def test_without_codes_there_is_no_saturation() -> None:
    assert reached(curve([set()] * 8)) is None
