"""Markdown on pages: its words are there to be found and copied, and nothing that is written breaks a page."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from threadline.formats import pdf

TEXT = """# Why
Some *soft* and **loud** words, [a link](https://a.example/?a=1&b=2), [none](javascript:alert(1)) & `co<de>`.

- one
- two
  1. deep

> said

| a | b |
|---|---|
| 1 | x & y |

```
if a < b:
```

## How
"""


def test_it_is_a_whole_file_with_outline_title_and_links() -> None:
    made = pdf.write("Über alles", "DOC-1", TEXT)
    assert made.startswith(b"%PDF-")
    assert made.rstrip().endswith(b"%%EOF")
    assert b"https://a.example/?a=1&b=2" in made
    assert b"javascript" not in made
    assert len(re.findall(rb"/Outlines", made)) >= 1
    for heading in ("Why", "How"):
        assert heading.encode() in made or heading.encode("utf-16-be") in made


def test_long_texts_take_more_pages() -> None:
    short, long = pdf.write("a", "", "word"), pdf.write("a", "", "word " * 4_000)
    assert len(re.findall(rb"/Type /Page\b", short)) == 1
    assert len(re.findall(rb"/Type /Page\b", long)) > 3


@pytest.mark.parametrize(
    "text",
    [
        "> " + "word " * 6_000,
        "| a |\n|---|\n| " + "word " * 6_000 + " |",
        "\n".join("  " * n + "- deep" for n in range(60)),
        "```\n" + "x" * 3_000 + "\n```",
        "w" * 5_000,
        "1. a\n" * 400,
        ">" * 40 + " deep",
        "|" * 60 + "\n" + "|-" * 60,
        "# " + "h" * 3_000,
        "# again\n" * 300,
        "",
        "<para>&lt;</para> <br/> <img src='file:///etc/passwd'/>",
        "\x00\ud800 \u202e",
    ],
    ids=range(13),
)
def test_nothing_breaks_a_page(text: str) -> None:
    assert pdf.write("title", "sub", text).startswith(b"%PDF-")


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from(
            ["# ", "- ", "> ", "1. ", "**", "`", "<b>", "|", "\n", "\n\n", "a", "&", "[x](/y)", "  ", "```"]
        ),
        max_size=40,
    )
)
def test_any_order_of_signs_makes_pages(parts: list[str]) -> None:
    assert pdf.write("title", "", "".join(parts)).startswith(b"%PDF-")
