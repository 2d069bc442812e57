"""How far coders agree: Cohen's and Fleiss' kappa, Krippendorff's alpha.

Written out here, because the one packaged implementation of alpha may not be linked with ours.
None stands for undefined: where nothing varies there is nothing to agree about.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

Level = str  # nominal, ordinal, interval, ratio
PREVALENT = 0.9  # above this share of one answer kappa says little (the kappa paradox)


def cohen(table: Sequence[Sequence[float]]) -> float | None:
    """Cohen's kappa of two coders: ``table[i][j]`` counts units coded i by one and j by the other.

    J. Cohen (1960), A coefficient of agreement for nominal scales, EPM 20, 37-46.
    """
    total = sum(map(sum, table))
    if not total:
        return None
    observed = sum(row[i] for i, row in enumerate(table)) / total
    columns = [sum(row[j] for row in table) for j in range(len(table))]
    expected = sum(sum(row) * column for row, column in zip(table, columns, strict=True)) / total**2
    return None if expected == 1 else (observed - expected) / (1 - expected)


def fleiss(counts: Sequence[Sequence[int]]) -> float | None:
    """Fleiss' kappa: ``counts[i][j]`` raters put unit i into category j; as many raters for every unit.

    J. L. Fleiss (1971), Measuring nominal scale agreement among many raters, Psych. Bull. 76, 378-382.
    """
    raters = sum(counts[0]) if counts else 0
    if raters < 2 or any(sum(row) != raters for row in counts):
        return None
    units = len(counts)
    each = [(sum(n * n for n in row) - raters) / (raters * (raters - 1)) for row in counts]
    shares = [sum(row[j] for row in counts) / (units * raters) for j in range(len(counts[0]))]
    observed, expected = sum(each) / units, sum(p * p for p in shares)
    return None if expected == 1 else (observed - expected) / (1 - expected)


def krippendorff(coders: Sequence[Sequence[Any]], level: Level = "nominal") -> float | None:
    """Krippendorff's alpha: ``coders[c][u]`` is what coder c gave unit u, None where nothing.

    K. Krippendorff (2011), Computing Krippendorff's alpha-reliability.
    """
    units = [[v for v in column if v is not None] for column in zip(*coders, strict=True)]
    units = [values for values in units if len(values) > 1]
    coincidences: dict[tuple[Any, Any], float] = defaultdict(float)
    for values in units:
        counted = Counter(values)
        for a, n in counted.items():
            for b, m in counted.items():
                coincidences[a, b] += (n * (m - (a == b))) / (len(values) - 1)
    marginals: dict[Any, float] = defaultdict(float)
    for (a, _), weight in coincidences.items():
        marginals[a] += weight
    values = sorted(marginals, key=lambda v: (str(type(v)), v))
    distance = _distance(level, values, marginals)
    total = sum(marginals.values())
    observed = sum(weight * distance(a, b) for (a, b), weight in coincidences.items())
    expected = sum(marginals[a] * marginals[b] * distance(a, b) for a in values for b in values)
    return None if not expected else 1 - (total - 1) * observed / expected


def _distance(level: Level, values: Sequence[Any], marginals: dict[Any, float]) -> Callable[[Any, Any], float]:
    if level == "nominal":
        return lambda a, b: float(a != b)
    if level == "interval":
        return lambda a, b: float((a - b) ** 2)
    if level == "ratio":
        return lambda a, b: float(((a - b) / (a + b)) ** 2) if a + b else 0.0
    place = {v: i for i, v in enumerate(values)}

    def ordinal(a: Any, b: Any) -> float:
        low, high = sorted((place[a], place[b]))
        between = sum(marginals[v] for v in values[low : high + 1])
        return float((between - (marginals[a] + marginals[b]) / 2) ** 2)

    return ordinal
