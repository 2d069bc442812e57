"""Two addresses of one page are one."""

from __future__ import annotations

import pytest

from threadline.fetching.canonical import canonical


@pytest.mark.parametrize(
    "url",
    [
        "https://rival.example/blog/prices",
        "http://www.rival.example/blog/prices/",
        "https://RIVAL.example:443/blog/prices?utm_source=mail&utm_campaign=x#top",
        "https://rival.example//blog/prices/index.html?fbclid=abc",
        "https://m.rival.example/blog/prices/amp",
    ],
)
def test_one_page(url: str) -> None:
    assert canonical(url) == "rival.example/blog/prices"


def test_what_is_read_is_kept() -> None:
    assert canonical("https://rival.example/a?page=2&id=1") == canonical("https://rival.example/a?id=1&page=2&gclid=z")
    assert canonical("https://rival.example/a?page=2") != canonical("https://rival.example/a?page=3")
    assert canonical("https://rival.example:8080/a") != canonical("https://rival.example/a")
    assert canonical("javascript:alert(1)") == canonical("not an address") == canonical("http://[x") == ""
