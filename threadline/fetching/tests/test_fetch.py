"""Redirects, slow, endless and packed answers; and what a fetch is for."""

from __future__ import annotations

import gzip
import threading
import zlib
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from threadline.fetching.addresses import Refused
from threadline.fetching.fetch import FEEDS, Failed, Limits, fetch
from threadline.fetching.reading import words_of
from threadline.fetching.robots import asks
from threadline.fetching.tests.server import Stranger


def test_a_page_is_fetched_without_cookies_or_credentials(far: Stranger) -> None:
    far.page("/", "<p>Hello", ETag='"1"', Last_Modified="Mon, 01 Jan 2024 00:00:00 GMT", Set_Cookie="a=b")
    answer = fetch(far.at("/"))
    assert (answer.body, answer.etag, answer.charset) == (b"<p>Hello", '"1"', "utf-8")
    fetch(far.at("/"))
    for _, headers in far.seen:
        assert not {"Cookie", "Authorization", "Referer"} & headers.keys()
        assert headers["Host"] == far.host


def test_nothing_is_sent_again_that_did_not_change(far: Stranger) -> None:
    far.page("/", b"", status=304)
    assert fetch(far.at("/"), etag='"1"', last_modified="Mon, 01 Jan 2024 00:00:00 GMT").unchanged
    assert far.seen[0][1]["If-None-Match"] == '"1"'


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_d4_a_redirect_inside_is_not_followed(far: Stranger, shut: Stranger, status: int) -> None:
    """D4: each redirect is judged as the first address was."""
    for onward in (
        shut.at("/"),
        "http://[::1]/",
        "file:///etc/passwd",
        "gopher://x/",
        "http://127.1/",
        "//169.254.169.254/",
    ):
        far.page("/", b"", status=status, Location=onward)
        with pytest.raises(Refused):
            fetch(far.at("/"))
    assert shut.seen == []


def test_d4_redirects_are_followed_only_so_far(far: Stranger) -> None:
    """D4: twenty hops are fifteen too many."""
    for n in range(20):
        far.page(f"/{n}", b"", status=302, Location=f"/{n + 1}")
    far.page("/end", "here")
    with pytest.raises(Refused, match="redirects"):
        fetch(far.at("/0"))
    assert len(far.seen) == Limits().hops + 1
    far.page("/start", b"", status=301, Location="end")
    assert fetch(far.at("/start")).url == far.at("/end")


def test_d6_an_endless_body_is_cut(far: Stranger) -> None:
    """D6: a body without an end."""

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 65_536)

    far.pages["/"] = endless
    with pytest.raises(Failed, match="too large"):
        fetch(far.at("/"))


@pytest.mark.parametrize("part", ["head", "body"])
def test_d6_a_slow_answer_is_given_up(far: Stranger, part: str) -> None:
    """D6: a byte now and then, in the headers or in the body."""
    gone = threading.Event()

    def slow(handler: BaseHTTPRequestHandler) -> None:
        if part == "body":
            handler.send_response(200)
            handler.send_header("Content-Type", "text/html")
            handler.end_headers()
        else:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not gone.wait(0.02):
            handler.wfile.write(b"x")

    far.pages["/"] = slow
    with pytest.raises(Failed, match="too long"):
        fetch(far.at("/"), limits=Limits(seconds=0.3))
    gone.set()


def test_d6_a_packed_bomb_is_cut_while_it_unpacks(far: Stranger) -> None:
    """D6: a little that unpacks to a lot."""
    bomb = gzip.compress(b"\0" * 200_000_000, 9)
    assert len(bomb) < 300_000
    far.page("/", bomb, Content_Encoding="gzip")
    with pytest.raises(Failed, match="too large"):
        fetch(far.at("/"))


def test_d6_huge_headers_are_refused(far: Stranger) -> None:
    """D6: headers without an end."""

    def loud(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        for n in range(5_000):
            handler.send_header(f"X-{n}", "y" * 1_000)
        handler.end_headers()

    far.pages["/"] = loud
    with pytest.raises(Failed):
        fetch(far.at("/"))


def test_packed_pages_are_read(far: Stranger) -> None:
    far.page("/gzip", gzip.compress(b"<p>Hello"), Content_Encoding="gzip")
    far.page("/deflate", zlib.compress(b"<p>Hello"), Content_Encoding="deflate")
    assert fetch(far.at("/gzip")).body == fetch(far.at("/deflate")).body == b"<p>Hello"
    far.page("/odd", b"x", Content_Encoding="br")
    far.page("/broken", b"no gzip at all", Content_Encoding="gzip")
    for path in ("/odd", "/broken"):
        with pytest.raises(Failed):
            fetch(far.at(path))


def test_a_page_that_breaks_off_is_not_taken_for_whole(far: Stranger) -> None:
    def short(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"half")

    far.pages["/"] = short
    with pytest.raises(Failed):
        fetch(far.at("/"))


def test_other_kinds_of_content_are_not_read(far: Stranger) -> None:
    far.page("/", b"\x89PNG", kind="image/png")
    with pytest.raises(Failed, match="image/png"):
        fetch(far.at("/"))
    with pytest.raises(Failed):
        fetch(far.at("/"), kinds=FEEDS)


def test_d8_a_refusal_says_the_status_and_nothing_of_the_body(far: Stranger) -> None:
    """D8: what a person is told of a failure."""
    far.page("/", "SECRET of the far side", status=503, Retry_After="120")
    with pytest.raises(Failed) as told:
        fetch(far.at("/"))
    assert (told.value.status, told.value.retry_after) == (503, 120)
    assert "SECRET" not in str(told.value)


@pytest.mark.parametrize(("rules", "allowed"), [("User-agent: *\nDisallow: /in", False), ("", True), (None, True)])
def test_robots_are_asked_before_a_page_that_is_watched(far: Stranger, rules: str | None, allowed: bool) -> None:
    far.page("/in/page", "words")
    if rules is not None:
        far.page("/robots.txt", rules, kind="text/plain")
    if allowed:
        assert fetch(far.at("/in/page"), permitted=asks()).body == b"words"
    else:
        with pytest.raises(Refused, match="robots"):
            fetch(far.at("/in/page"), permitted=asks())
        assert [path for path, _ in far.seen] == ["/robots.txt"]


def test_a_site_whose_wishes_cannot_be_read_is_left_alone(far: Stranger) -> None:
    far.page("/robots.txt", "", status=500)
    far.page("/", "words")
    with pytest.raises(Refused):
        fetch(far.at("/"), permitted=asks())


def test_only_words_are_kept_of_a_page(far: Stranger) -> None:
    far.page(
        "/",
        "<html><head><title>Prices &amp; plans</title><style>p{}</style></head><body><nav>Home</nav><h1>Prices</h1>"
        "<script>alert(1)</script><p onclick=x>Team: <b>&euro;29</b> a&nbsp;seat<img src=x onerror=alert(1)></p>"
        "<svg><text>no</text></svg><p>&lt;script&gt; in words</p><iframe src=//evil></iframe></body></html>",
    )
    words = words_of(fetch(far.at("/")))
    assert words.title == "Prices & plans"
    assert words.text == "Prices\nTeam: €29 a seat\n<script> in words"


def test_the_letters_of_a_page_are_read_as_it_says(far: Stranger, settings: Any) -> None:
    far.page("/", "Größe".encode("latin-1"), kind="text/html; charset=iso-8859-1")
    far.page("/meta", '<meta charset="windows-1252"><p>10 €'.encode("windows-1252"), kind="text/html")
    far.page("/odd", b"x", kind="text/html; charset=klingon")
    assert words_of(fetch(far.at("/"))).text == "Größe"
    assert words_of(fetch(far.at("/meta"))).text == "10 €"
    assert words_of(fetch(far.at("/odd"))).text == "x"
