"""How much one caller may ask of this server: a bucket that refills steadily, the same in all its processes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import ceil
from pathlib import Path

from django.conf import settings

from threadline.engine.buckets import Buckets

WINDOW = 60  # seconds
UNITS = 6_000  # a window's worth: a read costs 1, a write 5, a bulk write 5 and 1 for each item


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left to a caller; ``wait`` is above 0 when the request is refused (seconds)."""

    units: int
    left: int
    reset: int
    wait: int

    def headers(self) -> dict[str, str]:
        """The draft standard's RateLimit fields, and Retry-After when refused."""
        found = {
            "RateLimit-Policy": f'"default";q={self.units};w={WINDOW}',
            "RateLimit": f'"default";r={self.left};t={self.reset}',
        }
        return {**found, "Retry-After": str(self.wait)} if self.wait else found


@cache
def _buckets() -> Buckets:
    return Buckets(Path(settings.DATA_DIR) / "cache" / "callers")


def take(caller: str, cost: int) -> Allowance:
    """Take ``cost`` units from the caller's bucket, if they are there."""
    units = getattr(settings, "API_UNITS_PER_MINUTE", UNITS)
    rate = units / WINDOW
    left, enough = _buckets().take(caller, cost, most=units, rate=rate)
    wait = 0 if enough else max(1, ceil((cost - left) / rate))
    return Allowance(units, int(left), ceil((units - left) / rate), wait)
