"""Transcripts as Zoom, Teams, recorders and people write them, and files that mean harm."""

from __future__ import annotations

import io
import zipfile

import pytest

from threadline.formats.archive import Archive, xml_root
from threadline.formats.refusal import Unreadable
from threadline.formats.transcripts import Found, read_text, read_transcript, timed

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
T = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


def said(found: Found) -> list[tuple[str, int | None, str]]:
    """Speaker, time and words of each turn."""
    return [(t["s"], t["a"], t["t"]) for t in found.turns]


def zipped(**parts: str | bytes) -> bytes:
    """An archive of parts; two underscores stand for a slash, one for a dot."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return out.getvalue()


ZOOM = """WEBVTT

1
00:00:01.000 --> 00:00:03.000
Mira Cole: When did you last stop?

2
00:00:03.500 --> 00:00:05.000
P7: Last week.

3
00:00:05.000 --> 00:00:08.000
P7: It was 12:30: late.
"""
TEAMS = """WEBVTT

6f2a/14-0
00:00:01.000 --> 00:00:03.000
<v Mira Cole>When did you &amp; yours stop?</v>

6f2a/14-1
00:01:03.500 --> 00:01:05.000
<v P7>Last <c.loud>week</c>.</v>
"""


def test_zoom_writes_names_before_a_colon() -> None:
    assert said(read_transcript("zoom.vtt", ZOOM.encode())) == [
        ("Mira Cole", 1_000, "When did you last stop?"),
        ("P7", 3_500, "Last week. It was 12:30: late."),
    ]


def test_teams_writes_voice_tags() -> None:
    found = read_transcript("teams.vtt", b"\xef\xbb\xbf" + TEAMS.replace("\n", "\r\n").encode())
    assert said(found) == [("Mira Cole", 1_000, "When did you & yours stop?"), ("P7", 63_500, "Last week.")]
    assert (found.format, found.losses, found.speakers) == ("vtt", [], ["Mira Cole", "P7"])


def test_teams_documents_have_times_names_and_words_on_lines_of_their_own() -> None:
    found = read_text("0:0:3.560 --> 0:0:5.120\nMira Cole\nHello there\n0:0:6.0 --> 0:0:9.1\nP7\nHi\n")
    assert said(found) == [("Mira Cole", 3_000, "Hello there"), ("P7", 6_000, "Hi")]


def test_srt_has_numbers_and_commas() -> None:
    srt = "1\n00:00:01,500 --> 00:00:03,000\nP7: Nothing.\n\n2\n01:00:04,000 --> 01:00:06,000\nMira: And then?\n"
    assert said(read_transcript("a.srt", srt.encode("utf-16"))) == [
        ("P7", 1_500, "Nothing."),
        ("Mira", 3_604_000, "And then?"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Mira: And then?\nP7: Nothing.\nFor three days.\nMira: Why?",
        "[Mira] 12:04:05\nAnd then?\n\n[P7] 12:04:09\nNothing.\nFor three days.\n\n[Mira] 12:05:00\nWhy?",
        "Mira   0:03\nAnd then?\n\nP7   0:09\nNothing.\nFor three days.\n\nMira   1:02:11\nWhy?",
        "00:03 Mira: And then?\n00:09 P7: Nothing.\nFor three days.\n00:30 Mira: Why?",
    ],
)
def test_text_of_every_manner_has_the_same_turns(text: str) -> None:
    assert [(t["s"], t["t"]) for t in read_text(text).turns] == [
        ("Mira", "And then?"),
        ("P7", "Nothing.\nFor three days."),
        ("Mira", "Why?"),
    ]


def test_text_without_names_is_paragraphs_and_says_so() -> None:
    found = read_text("One thing.\n\nAnother: thing.\n\nA third one.")
    assert len(found.turns) == 3
    assert "who speaks" in found.losses[0]


def test_documents_are_read_by_paragraph() -> None:
    body = "".join(
        f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in ("Mira: And then?", "P7: Nothing &amp; no one.")
    )
    docx = zipped(word__document_xml=f"<w:document {W}><w:body>{body}</w:body></w:document>")
    odt = zipped(
        content_xml=f"<office:document-content {T}><office:body><office:text><text:p>Mira: And<text:s/>then?</text:p>"
        "<text:p>P7: Nothing &amp; <text:span>no one</text:span>.</text:p></office:text></office:body>"
        "</office:document-content>"
    )
    for name, data in (("a.docx", docx), ("a.odt", odt)):
        assert said(read_transcript(name, data)) == [("Mira", None, "And then?"), ("P7", None, "Nothing & no one.")]


def test_nonsense_times_cost_the_time_and_not_the_words() -> None:
    """E12: negative, reversed and endless times."""
    vtt = (
        "WEBVTT\n\n-00:00:01.000 --> 00:00:02.000\nA: one\n\n00:00:09.000 --> 00:00:02.000\nB: two\n\n"
        "999:00:00.000 --> 999:00:01.000\nA: three\n\n00:00:01.000 --> 00:00:02.000\nB: four\n"
    )
    found = read_transcript("a.vtt", vtt.encode())
    assert said(found) == [("A", None, "one"), ("B", None, "two"), ("A", None, "three"), ("B", 1_000, "four")]
    assert len(found.losses) == 2


def test_a_million_cues_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """E12, with the limit brought down so that the file stays small."""
    monkeypatch.setattr(timed, "MOST_CUES", 50)
    with pytest.raises(Unreadable, match="More than 50 cues"):
        read_transcript("a.vtt", b"WEBVTT\n\n" + b"00:01.000 --> 00:02.000\nword\n\n" * 51)


def test_what_is_no_text_is_refused() -> None:
    for data in (b"\x00\x01\x02\xff" * 99, b"PK\x03\x04 not really"):
        with pytest.raises(Unreadable):
            read_transcript("a.vtt", data)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a/../../b", "\\\\server\\share"])
def test_archives_that_point_outside_are_refused(name: str) -> None:
    """E1, E2."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, "x")
    with pytest.raises(Unreadable):
        Archive(out.getvalue())


def test_links_and_bombs_and_crowds_in_archives_are_refused() -> None:
    """E1: a link, 1 GB in a small file, more parts than anybody has."""
    link = zipfile.ZipInfo("word/document.xml")
    link.external_attr = 0o120777 << 16
    bomb, crowd = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"\0" * (60 * 1024 * 1024))
    with zipfile.ZipFile(crowd, "w") as archive:
        for n in range(5_001):
            archive.writestr(f"{n}", "")
    linked = io.BytesIO()
    with zipfile.ZipFile(linked, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    for data in (bomb, crowd, linked):
        with pytest.raises(Unreadable):
            read_transcript("a.docx", data.getvalue())


BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;">]><a>&c;</a>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'


@pytest.mark.parametrize("data", [BOMB, OUTSIDE, b"<a>" * 5_000 + b"</a>" * 5_000, b"<a><b></a>", b""])
def test_xml_with_entities_or_without_end_is_refused(data: bytes) -> None:
    """E3."""
    with pytest.raises(Unreadable):
        xml_root(data)


def test_scripts_in_documents_are_words() -> None:
    """C6: nothing but text is taken, and text is escaped wherever it is shown."""
    found = read_text("P7: <script>alert(1)</script> and <img src=x onerror=alert(1)>\nMira: Why?")
    assert found.turns[0]["t"] == "<script>alert(1)</script> and <img src=x onerror=alert(1)>"
    vtt = read_transcript("a.vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v P7>a &lt;b&gt; c</v>\n")
    assert vtt.turns[0]["t"] == "a <b> c"
