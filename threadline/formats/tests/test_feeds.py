"""Feeds of every kind give the same plain entries; what is hostile is refused at once (row E3)."""

from __future__ import annotations

from datetime import date

import pytest

from threadline.formats.feeds import MOST_ENTRIES, NotAFeed, read_feed

BASE = "https://rival.example/feed.xml"
RSS = b"""<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Rival news</title><item><title>New  price</title><link>/prices</link><guid>tag:1</guid>
<pubDate>Tue, 03 Nov 2026 23:30:00 -0500</pubDate><description>short</description>
<content:encoded><![CDATA[<p>Long</p>]]></content:encoded></item></channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Rival news</title><entry>
<id>tag:1</id><title>New price</title>
<link rel="self" href="https://rival.example/self"/><link href="https://rival.example/prices"/>
<updated>2026-11-04T04:30:00Z</updated><content type="html">&lt;p&gt;Long&lt;/p&gt;</content></entry></feed>"""
RDF = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Rival news</title></channel><item><title>New price</title>
<link>https://rival.example/prices</link><dc:date>2026-11-04</dc:date><description>&lt;p&gt;Long&lt;/p&gt;</description></item></rdf:RDF>"""
JSON = b"""{"version": "https://jsonfeed.org/version/1.1", "title": "Rival news", "items": [{"id": "tag:1",
"title": "New price", "url": "https://rival.example/prices", "date_published": "2026-11-04T04:30:00Z",
"content_html": "<p>Long</p>"}]}"""


@pytest.mark.parametrize("body", [RSS, ATOM, RDF, JSON], ids=["rss", "atom", "rdf", "json"])
def test_every_kind_reads_alike(body: bytes) -> None:
    feed = read_feed(body, BASE)
    [entry] = feed.entries
    assert feed.title == "Rival news"
    assert (entry.title, entry.url, entry.summary) == ("New price", "https://rival.example/prices", "<p>Long</p>")
    assert entry.on == date(2026, 11, 4)


def test_links_that_are_no_pages_are_left_out() -> None:
    feed = read_feed(RSS.replace(b"/prices", b"javascript:alert(1)"), BASE)
    assert feed.entries[0].url == ""


def test_a_long_feed_is_cut() -> None:
    many = b"<rss><channel>" + b"<item><title>x</title></item>" * 2_000 + b"</channel></rss>"
    assert len(read_feed(many, BASE).entries) == MOST_ENTRIES


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><rss><channel><title>&b;</title></channel></rss>',
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><title>&x;</title></channel></rss>',
        b'<!DOCTYPE r SYSTEM "http://127.0.0.1/x.dtd"><rss><channel><title>&x;</title></channel></rss>',
        b"<html><body>No feed</body></html>", b"", b"\xff\xfe\x00", b"<rss", b'{"a": 1}', b'{"version": "https://jsonfeed.org/',
        b"{" * 100_000, b"<a>" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_feed_is_refused(body: bytes) -> None:
    """E3: entities, external ones and endless nesting in a feed."""
    with pytest.raises(NotAFeed):
        read_feed(body, BASE)


def test_dates_that_are_none_are_left_out() -> None:
    for said in (b"yesterday", b"0001-01-01T00:00:00+14:00", b"99999999999999"):
        assert read_feed(RSS.replace(b"Tue, 03 Nov 2026 23:30:00 -0500", said), BASE).entries[0].on is None
