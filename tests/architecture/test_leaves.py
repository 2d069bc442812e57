"""Every leaf explains itself in a README that fits on a screen."""

from __future__ import annotations

from tests.architecture.sources import leaves, shown

LONGEST = 25


def test_every_leaf_has_a_short_readme() -> None:
    assert leaves(), "no leaf was found: the test looks in the wrong place"
    wrong = [
        shown(leaf)
        for leaf in leaves()
        if not (leaf / "README.md").exists()
        or not 3 <= len((leaf / "README.md").read_text("utf-8").splitlines()) <= LONGEST
    ]
    assert wrong == []
