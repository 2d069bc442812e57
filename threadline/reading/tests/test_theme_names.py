"""Names of themes are made of words that say something."""

from __future__ import annotations

import numpy as np

from threadline.reading import themes


def test_little_words_name_nothing_however_they_are_written() -> None:
    said = ["I dont get the calendar", "It does n't sync the calendar", "you cant open the calendar"] * 4
    texts = themes.gather(("", f"{s} {n}") for n, s in enumerate([*said, *["Photos look blurred"] * 12]))
    named = themes.names(texts, np.array([0] * 12 + [1] * 12), 2)
    assert not {"dont", "cant", "n't"} & set(" ".join(named[0].phrases).split())
