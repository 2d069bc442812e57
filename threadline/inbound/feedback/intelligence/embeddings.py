"""The model that an operator named: any server that answers ``POST …/embeddings`` as OpenAI's does.

Off unless EMBEDDINGS_URL is set. The address passes the same judgement as every page that is
fetched, so a model on this machine or network is asked only where FETCH_ALLOWED_HOSTS names it.
Only jobs ask it; no page ever waits for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson
from django.conf import settings

from threadline.fetching.addresses import Refused, Resolver
from threadline.fetching.fetch import Failed, Limits, send_json
from threadline.later import np, npt

Matrix: TypeAlias = "npt.NDArray[np.float32]"
BATCH = 64  # texts in one request
LONGEST = 6_000  # characters of a text that are sent; models read about so much
TRIES = 3
BORNE = Limits(60.0, 40_000_000, 60_000_000)
LONGEST_PAUSE = 20.0  # seconds waited within a job; a longer wish is left to the next job
MOST_DIMENSIONS = 8_192


class NoVectors(Exception):
    """The model could not be asked, or answered nonsense; the text is shown to people."""


@dataclass(frozen=True, slots=True)
class Model:
    """Which model is asked, and where. The key is in no text that is shown or kept."""

    url: str
    name: str
    key: str = ""
    dims: int = 0  # asked for and checked; 0 takes what comes

    @property
    def known_as(self) -> str:
        """What its vectors are kept under; another address or name means others."""
        return f"{self.name} at {self.url}"

    def vectors(
        self, texts: Sequence[str], *, resolver: Resolver | None = None, pause: Callable[[float], None] = time.sleep
    ) -> Matrix:
        """One vector a text, in order. Raises NoVectors."""
        parts = [self._asked(texts[n : n + BATCH], resolver, pause) for n in range(0, len(texts), BATCH)]
        if len({part.shape[1] for part in parts}) > 1:
            raise NoVectors("The model gave vectors of several lengths.")
        return np.concatenate(parts) if parts else np.zeros((0, self.dims), np.float32)

    def _asked(self, texts: Sequence[str], resolver: Resolver | None, pause: Callable[[float], None]) -> Matrix:
        body: dict[str, Any] = {"model": self.name, "input": [text[:LONGEST] or " " for text in texts]}
        if self.dims:
            body["dimensions"] = self.dims
        heads = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        for left in reversed(range(TRIES)):
            try:
                where = f"{self.url}/embeddings"
                answer = send_json(where, orjson.dumps(body), heads=heads, limits=BORNE, resolver=resolver)
                return self._read(answer, len(texts))
            except Refused as error:
                raise NoVectors(f"The model's address is not asked: {error}") from error
            except Failed as error:
                wish = float(error.retry_after or 2 ** (TRIES - left))
                passing = error.status in (0, 408, 409, 429) or error.status >= 500
                if not (left and passing) or wish > LONGEST_PAUSE:
                    raise NoVectors(f"The model did not answer: {error}") from error
                pause(wish)
        raise AssertionError("unreachable")

    def _read(self, answer: bytes, wanted: int) -> Matrix:
        try:
            data = orjson.loads(answer)["data"]
            ordered = sorted(data, key=lambda one: one.get("index", 0)) if wanted > 1 else data
            found = np.array([one["embedding"] for one in ordered], np.float32)
        except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
            raise NoVectors("The model's answer was not understood.") from error
        if found.ndim != 2 or len(found) != wanted or not 1 <= found.shape[1] <= MOST_DIMENSIONS:
            raise NoVectors("The model gave not one vector for each text.")
        if self.dims and found.shape[1] != self.dims:
            raise NoVectors(f"The model gave {found.shape[1]} numbers a text; EMBEDDINGS_DIMENSIONS says {self.dims}.")
        if not np.isfinite(found).all() or not (np.linalg.norm(found, axis=1) > 0).all():
            raise NoVectors("The model gave vectors that say nothing.")
        return found


def model() -> Model | None:
    """The model that the operator named; None when there is none."""
    if not settings.EMBEDDINGS_URL:
        return None
    return Model(
        settings.EMBEDDINGS_URL, settings.EMBEDDINGS_MODEL, settings.EMBEDDINGS_KEY, settings.EMBEDDINGS_DIMENSIONS
    )
