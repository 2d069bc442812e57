"""Notes of made-up words with the frequencies of speech, for measures of speed and memory."""

from __future__ import annotations

import numpy as np


def notes(count: int) -> list[str]:
    """So many texts of 12 to 90 words out of 30,000, always the same."""
    chance = np.random.default_rng(3)
    vocabulary = ["".join(chance.choice(list("abcdefghilmnoprstuvw"), size)) for size in chance.integers(3, 10, 30_000)]
    share = 1 / np.arange(3, 30_003)
    share /= share.sum()
    sizes = chance.integers(12, 90, count)
    said = chance.choice(30_000, int(sizes.sum()), p=share)
    ends = np.cumsum(sizes)
    return [" ".join(vocabulary[w] for w in said[e - s : e]) for s, e in zip(sizes, ends, strict=True)]
