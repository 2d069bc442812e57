"""Whatever people write, a file of any format says it again when it is read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from threadline.formats.reqif import ReqDocument, ReqObject, differs
from threadline.inbound.requirements.carrying import FORMATS, names

# As the door keeps them: no control characters, texts without blanks at their end, titles on one line.
LETTERS = some.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\u0085\ufeff\ufffe\uffff")
SIGNS = some.sampled_from(["#", "# ", ">", "> ", "```", "~~~", "- State: x", "**Detail**", "**AC-1**", "<!--", "-->",
                           "=1", "'", "|", "&", "<b>", "_x000D_", "\t", "    "])  # fmt: skip
WORDS = some.lists(some.one_of(some.text(LETTERS, max_size=6), SIGNS), max_size=6).map("".join)
LINES = some.lists(WORDS, max_size=5).map("\n".join).map(str.rstrip)
TITLES = WORDS.map(lambda said: " ".join(said.split())).filter(bool)
NUMBERS = some.floats(allow_nan=False, allow_infinity=False, width=32).map(lambda n: f"{n:.15g}")


@some.composite
def documents(draw: some.DrawFn) -> ReqDocument:
    """A tree of a few requirements with criteria, as it is given."""
    document, depth = ReqDocument("Baskets", names=set(names.NAMES)), 0
    for number in range(1, draw(some.integers(1, 4)) + 1):
        depth = draw(some.integers(0, depth + 1)) if number > 1 else 0
        said = {names.TEXT: draw(TITLES), names.DETAIL: draw(LINES), names.WHY: draw(LINES), "Value": draw(NUMBERS),
                names.STATE: "Agreed", "Measure": draw(TITLES)}  # fmt: skip
        _put(document, f"RQ-{number}", names.REQUIREMENT, depth, said)
        for at in range(draw(some.integers(0, 2))):
            steps = {names.TEXT: draw(TITLES), names.STEPS: draw(LINES), names.STATE: "Proposed"}
            _put(document, f"AC-{10 * number + at}", names.CRITERION, depth + 1, steps)
    return document


def _put(document: ReqDocument, ident: str, kind: str, depth: int, said: dict[str, str]) -> None:
    document.objects[ident] = ReqObject(ident, kind, {n: v for n, v in said.items() if v})
    document.tree.append((ident, depth))


@pytest.mark.parametrize("way", sorted(FORMATS))
def test_what_was_written_is_read(way: str) -> None:
    form = FORMATS[way]

    @settings(max_examples=120 if way != "xlsx" else 40, deadline=None)
    @given(documents())
    def again(document: ReqDocument) -> None:
        data, notes = form.write(document, "2026-03-04T05:06:07+00:00")
        assert notes == []
        assert differs(document, form.read(data)) == []

    again()
