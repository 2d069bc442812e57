"""A document in parts: words stay what they were, live parts stand alone on their lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from threadline.inbound.documents.parts import MOST, Live, Words, parts_of


def test_a_live_part_stands_on_a_line_of_its_own() -> None:
    found = parts_of("Before\n\n{{requirements F-12}}\n\nAfter {{evidence F-12}} here\n{{ evidence F-1 }}")
    assert found == [
        Words("Before\n"),
        Live("requirements", "F-12"),
        Words("\nAfter {{evidence F-12}} here"),
        Live("evidence", "F-1"),
    ]


def test_what_stands_in_code_is_text_and_so_is_what_nobody_knows() -> None:
    text = "```\n{{requirements F-12}}\n```\n{{secrets F-12}}\n{{requirements f-12}}\n    {{evidence F-1}}"
    assert parts_of(text) == [Words(text)]
    assert parts_of("~~~\n```\n{{evidence F-1}}\n~~~\n{{evidence F-1}}")[1:] == [Live("evidence", "F-1")]


def test_there_is_an_end_to_live_parts() -> None:
    assert parts_of("{{requirements}}\n\n{{ evidence }}") == [Live("requirements"), Words("\n{{ evidence }}")]
    found = parts_of("{{evidence F-1}}\n" * (MOST + 5))
    assert sum(isinstance(one, Live) for one in found) == MOST


@given(some.text(some.sampled_from("{}ab F-1\n`~ evidence"), max_size=80))
def test_no_words_are_lost(text: str) -> None:
    lines = [line for line in text.splitlines() if line.strip()]
    said = [line for p in parts_of(text) for line in (p.text.splitlines() if isinstance(p, Words) else ["{{live}}"])]
    kept = [line for line in said if line.strip()]
    assert len(kept) == len(lines)
    assert all(a == b or b == "{{live}}" for a, b in zip(lines, kept, strict=True))
