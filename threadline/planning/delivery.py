"""DORA's five measures of delivery (dora.dev/guides/dora-metrics), from deployments. Medians, for one long night
would pull a mean along; and no grade: of the published clusters a middle one beats a high one on failures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median


@dataclass(frozen=True, slots=True)
class Deployed:
    """One deployment: when it was out, when its change was written, when it failed and was well again."""

    at: datetime
    written: datetime | None = None
    failed: datetime | None = None
    recovered: datetime | None = None
    unplanned: bool = False


@dataclass(frozen=True, slots=True)
class Measures:
    """What deployments of so many working days say; None where nothing says it."""

    count: int
    lead_time: timedelta | None
    a_day: float
    recovery: timedelta | None
    fail_rate: float | None
    rework_rate: float | None
    still_broken: int


def measures(deployed: Sequence[Deployed], working_days: int) -> Measures:
    """Change lead time, deployment frequency, failed deployment recovery time, change fail rate, rework rate."""
    count = len(deployed)
    leads = [one.at - one.written for one in deployed if one.written is not None]
    failed = [one for one in deployed if one.failed is not None]
    recovered = [one.recovered - one.failed for one in failed if one.recovered and one.failed]
    return Measures(
        count,
        _middle(leads),
        count / max(working_days, 1),
        _middle(recovered),
        len(failed) / count if count else None,
        sum(one.unplanned for one in deployed) / count if count else None,
        len(failed) - len(recovered),
    )


def _middle(times: Sequence[timedelta]) -> timedelta | None:
    return timedelta(seconds=median(one.total_seconds() for one in times)) if times else None
