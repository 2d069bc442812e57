"""Before and after a day, against the case that the method was made for, and what a benefit is worth today."""

from __future__ import annotations

import numpy as np
import pytest

from threadline.planning.trials import before_after
from threadline.planning.trials.benefit import present_value

# Car drivers killed or seriously injured in Great Britain each month, January 1969 to December 1984, and the price of
# petrol in pence a litre over the retail price index, in millionths: Department of Transport, as printed by A. C.
# Harvey and J. Durbin, Journal of the Royal Statistical Society A 149, 1986. Belts became law on 31 January 1983.
DRIVERS = """
    1687 1508 1507 1385 1632 1511 1559 1630 1579 1653 2152 2148
    1752 1765 1717 1558 1575 1520 1805 1800 1719 2008 2242 2478
    2030 1655 1693 1623 1805 1746 1795 1926 1619 1992 2233 2192
    2080 1768 1835 1569 1976 1853 1965 1689 1778 1976 2397 2654
    2097 1963 1677 1941 2003 1813 2012 1912 2084 2080 2118 2150
    1608 1503 1548 1382 1731 1798 1779 1887 2004 2077 2092 2051
    1577 1356 1652 1382 1519 1421 1442 1543 1656 1561 1905 2199
    1473 1655 1407 1395 1530 1309 1526 1327 1627 1748 1958 2274
    1648 1401 1411 1403 1394 1520 1528 1643 1515 1685 2000 2215
    1956 1462 1563 1459 1446 1622 1657 1638 1643 1683 2050 2262
    1813 1445 1762 1461 1556 1431 1427 1554 1645 1653 2016 2207
    1665 1361 1506 1360 1453 1522 1460 1552 1548 1827 1737 1941
    1474 1458 1542 1404 1522 1385 1641 1510 1681 1938 1868 1726
    1456 1445 1456 1365 1487 1558 1488 1684 1594 1850 1998 2079
    1494 1057 1218 1168 1236 1076 1174 1139 1427 1487 1483 1513
    1357 1165 1282 1110 1297 1185 1222 1284 1444 1575 1737 1763
"""
PETROL = """
    102972 102363 102062 100873 101020 100581 103774 104076 103774 103026 102730 101997
    101275 100704 100140 98621 98349 98080 97279 97411 97425 96381 95739 95106
    96736 96109 95367 94710 94118 93532 92954 92840 92725 92270 91707 91262
    90712 90276 89952 89100 88679 88159 88902 88181 88940 87727 87429 87035
    86450 85873 85398 83822 84591 84137 83778 83511 82806 81179 82854 94190
    92400 108161 107212 114043 112454 111316 110301 108197 107027 104947 119358 117622
    133027 130845 128318 123547 118587 116337 115161 114501 113523 111930 110611 115274
    113793 112350 111753 109643 108441 107885 109085 107571 106164 106300 104825 103452
    101450 100402 98862 102496 103027 102179 99837 92637 91815 90724 90021 89331
    88443 88353 86757 84995 84568 84432 84351 83601 83417 82745 85235 84770
    84459 85352 87559 90383 90783 108743 114142 112993 111321 109126 107698 107602
    103775 107114 107375 111695 110638 111855 109742 108194 106255 104193 101934 102794
    104760 104003 116656 115161 112990 113861 119118 124490 123223 120678 121049 116969
    112750 108079 108839 111292 111304 115454 114768 117207 119076 117966 117449 116988
    112611 113657 113144 118496 117969 117687 120059 119438 118881 118462 118017 117707
    117776 114797 115735 115356 114815 114777 114936 114797 114093 116466 116026 116067
"""
LAW = 169  # February 1983


def series(text: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    found = np.array([float(one) for one in text.split()])
    assert len(found) == 192
    return found


def test_the_belt_law() -> None:
    """A level that wanders, seasons and petrol: -0.236 for the law, -21.0 %, and -0.28 for petrol (R, datasets)."""
    drivers, petrol = series(DRIVERS), series(PETROL)
    found = before_after.step(np.log(drivers).tolist(), LAW, known=[np.log(petrol).tolist()])
    assert found is not None
    assert found.value == pytest.approx(-0.236, abs=1e-3)
    assert found.others[0] == pytest.approx(-0.2816, abs=2e-3)
    assert np.exp(found.value) - 1 == pytest.approx(-0.210, abs=1e-3)
    assert found.low < found.value < found.high < 0


def test_simpler_comparisons_say_something_else() -> None:
    """All before against all after -23.1 %, the same months of the year before -22.4 %, a straight trend -13.5 %."""
    drivers, petrol = series(DRIVERS), series(PETROL)
    assert drivers[LAW:].mean() / drivers[:LAW].mean() - 1 == pytest.approx(-0.231, abs=5e-4)
    assert drivers[LAW : LAW + 11].mean() / drivers[LAW - 12 : LAW - 1].mean() - 1 == pytest.approx(-0.224, abs=5e-4)
    when = np.arange(192)
    design = np.column_stack([
        when >= LAW, np.log(petrol), when, np.ones(192), *(when % 12 == month for month in range(11))
    ]).astype(float)  # fmt: skip
    straight = np.linalg.lstsq(design, np.log(drivers), rcond=None)[0][0]
    assert np.exp(straight) - 1 == pytest.approx(-0.135, abs=5e-4)


def test_a_step_that_was_put_in_is_found_and_none_where_none_is() -> None:
    source = np.random.default_rng(4)
    when = np.arange(60)
    plain = 10 + np.sin(2 * np.pi * when / 12) + source.normal(0, 0.1, 60) + source.normal(0, 0.02, 60).cumsum()
    none, some = (before_after.step((plain + by * (when >= 40)).tolist(), 40) for by in (0.0, 1.0))
    assert none is not None
    assert some is not None
    assert none.low < 0 < none.high
    assert some.low < 1 < some.high
    assert some.low > 0


def test_too_little_before_or_after_says_nothing() -> None:
    assert before_after.step([1.0] * 40, 20) is None
    assert before_after.step([1.0] * 40, 40) is None


def test_what_a_benefit_is_worth_today() -> None:
    """-100 today, then 40, 50 and 60 at 10 % are 22.76 (the formula of net present value, worked by hand)."""
    assert present_value([-100, 40, 50, 60], 0.1) == pytest.approx(22.76, abs=5e-3)
    assert present_value([100], 0.5) == 100
    assert present_value([-100, 40, 50, 60], 0) == 50
    with pytest.raises(ValueError, match="above -1"):
        present_value([1], -1)
