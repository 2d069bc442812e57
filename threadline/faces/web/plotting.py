"""Points of a plot that lie on one another stand beside each other instead, so that each can be read and pressed."""

from __future__ import annotations

from math import hypot
from typing import Any

_ROUNDS = 60


def set_apart(points: list[dict[str, Any]], *, least: float, inside: tuple[float, float, float, float]) -> None:
    """Push ``x`` and ``y`` of points apart until none is nearer than ``least``, within left, top, right and bottom.

    The same points always end in the same places. Where there is no room for all, they share what there is.
    """
    left, top, right, bottom = inside
    for turn in range(_ROUNDS):
        moved = False
        for at, one in enumerate(points):
            for other in points[at + 1 :]:
                across, down = other["x"] - one["x"], other["y"] - one["y"]
                far = hypot(across, down)
                if far >= least:
                    continue
                if far < 0.01:  # in the same place: to one side, the later further on
                    across, down, far = (1.0, 0.0, 1.0) if turn % 2 == 0 else (0.6, 0.8, 1.0)
                    push = least / 2
                else:
                    push = (least - far) / 2
                for point, way in ((one, -push), (other, push)):
                    point["x"] = min(max(point["x"] + way * across / far, left), right)
                    point["y"] = min(max(point["y"] + way * down / far, top), bottom)
                moved = True
        if not moved:
            break
    for one in points:
        one["x"], one["y"] = round(one["x"], 1), round(one["y"], 1)
