"""Roadmaps as files: whole, dated, and with what the audience reads alone."""

from __future__ import annotations

import dataclasses
import io
import re
import zipfile
from datetime import timedelta
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pptx
import pytest
from django.test import Client
from lxml import etree
from pptx.oxml.ns import qn

from threadline.formats.sheets import open_sheet
from threadline.inbound.roadmaps import exporting, files, laying, painting, queries, slides
from threadline.inbound.roadmaps.tests.test_audiences import (
    AIM,
    EVERYTHING,
    NAMED_ONES,
    NEEDED,
    RELEASE,
    SECRET,
    SECRET_RELEASE,
    client,
    plan,  # noqa: F401 - a fixture
    shared,
)
from threadline.kernel import verbs
from threadline.kernel.testing import World

pytestmark = pytest.mark.django_db
ODD = 'A <b>&"odd" *title*, with; signs'


def text_of(name: str, made: bytes) -> str:
    """Everything that can be read in a file."""
    if name in ("pptx", "xlsx"):
        with zipfile.ZipFile(io.BytesIO(made)) as whole:
            parts = [whole.read(n).decode("utf-8", "replace") for n in whole.namelist()]
        # Words and names, without the measures and colours of shapes.
        said = [pair for part in parts for pair in re.findall(r'>([^<]+)<|(?:name|descr|title)="([^"]*)"', part)]
        return "\n".join(word for pair in said for word in pair if word)
    return made.decode("utf-8", "replace")


@pytest.mark.parametrize("name", [n for n in files.FORMATS if n not in ("png", "pdf")])
def test_a_file_holds_what_its_audience_reads_and_nothing_kept_apart(world: World, plan: Any, name: str) -> None:  # noqa: F811
    """A10: fields of another audience are absent from files."""
    for audience in ("customer", "public", "sales"):
        if name not in files.formats_of(audience):
            continue
        roadmap = plan(audience)
        text = text_of(name, files.FORMATS[name].make(queries.shown(world.pm, roadmap), roadmap))
        assert "Shown to all" in text
        theirs = (RELEASE, NEEDED) if audience == "sales" else ()  # the release, and an item of its own
        hidden = [w for w in EVERYTHING if w not in theirs and w in text]
        assert [hidden, [w for w in (SECRET, NAMED_ONES, SECRET_RELEASE) if w in text]] == [[], []]
    roadmap = plan("team")
    if name == "xlsx":
        assert AIM in text_of(name, files.FORMATS[name].make(queries.shown(world.pm, roadmap), roadmap))


@pytest.mark.parametrize("audience", ["team", "customer"])
def test_pictures_and_slides_are_what_they_say(world: World, plan: Any, audience: str) -> None:  # noqa: F811
    roadmap = plan(audience)
    found = queries.shown(world.pm, roadmap)
    assert files.FORMATS["png"].make(found, roadmap).startswith(b"\x89PNG\r\n\x1a\n")
    pages = files.FORMATS["pdf"].make(found, roadmap)
    assert pages.startswith(b"%PDF-")
    assert b"/Subtype /Image" not in pages  # letters and lines, not a picture of them
    assert b"/FontFile2" in pages
    with zipfile.ZipFile(io.BytesIO(files.FORMATS["pptx"].make(found, roadmap))) as whole:
        slide = whole.read("ppt/slides/slide1.xml").decode()
    assert slide.count("roundRect") >= len(found.items)  # native shapes, no picture
    assert "<p:pic" not in slide


def test_many_items_go_on_over_pages_and_no_row_is_cut(world: World) -> None:
    for number in range(120):
        day = 1 + number % 28
        world.make(
            "feature", title=f"Item {number}", state="planned", starts_on=f"2027-01-{day:02}", due_on="2027-03-01"
        )
    roadmap = world.make("roadmap", lanes="none")
    drawn = painting._drawn(queries.shown(world.pm, roadmap), roadmap)
    tall = 595 * drawn.width / 842
    pages = painting._pages(drawn, tall)
    assert len(pages) > 1
    assert (pages[0][0], pages[-1][1]) == (drawn.head, drawn.height)
    assert all(first[1] == then[0] and first[1] in drawn.cuts for first, then in pairwise(pages))
    assert all(end - top <= tall - drawn.head for top, end in pages)
    bars = exporting.laid(queries.shown(world.pm, roadmap), roadmap).bars
    edges = [(drawn.head + b.y, drawn.head + b.y + laying.BAR) for b in bars]
    assert not [(edge, cut) for edge in edges for _, cut in pages[:-1] if edge[0] < cut < edge[1]]


def test_odd_signs_stay_words(world: World) -> None:
    world.make("feature", title=ODD, state="planned", starts_on="2027-01-04", due_on="2027-02-01")
    roadmap = world.make("roadmap", lanes="none")
    found = queries.shown(world.pm, roadmap)
    drawn = ElementTree.fromstring(exporting.svg(found, roadmap))
    assert any(ODD in (t.text or "") for t in drawn.iter("{http://www.w3.org/2000/svg}text"))
    assert "\\<b\\>" in exporting.markdown(found, roadmap).decode()
    assert 'SUMMARY:A <b>&"odd" *title*\\, with\\; signs' in exporting.calendar(found, roadmap).decode()


def test_a_calendar_has_whole_days_and_short_lines(world: World) -> None:
    made = world.make("feature", title="é" * 90, state="planned", due_on="2027-02-01", late_on="2027-02-09")
    roadmap = world.make("roadmap")
    text = exporting.calendar(queries.shown(world.pm, roadmap), roadmap)
    assert b"DTSTART;VALUE=DATE:20270201\r\nDTEND;VALUE=DATE:20270210\r\n" in text
    assert max(len(line) for line in text.split(b"\r\n")) <= 75
    unfolded = text.replace(b"\r\n ", b"").decode()
    assert f"SUMMARY:{'é' * 90} (likely\\, then sure)" in unfolded
    assert f"{roadmap.pk.hex}-{made.key}@threadline" in unfolded


def test_a_workbook_has_a_row_for_each_item_and_a_column_for_each_field(world: World, tmp_path: Any) -> None:
    world.make("feature", title="=SUM(A1)", state="planned", due_on="2027-02-01")
    roadmap = world.make("roadmap", audience="sales")
    path = tmp_path / "roadmap.xlsx"
    path.write_bytes(exporting.xlsx(queries.shown(world.pm, roadmap), roadmap))
    (_, row), *others = [r for r in open_sheet(path).rows() if isinstance(r, tuple)]
    assert others == []
    assert row["Title"] == "=SUM(A1)"
    assert "Owner" not in row


def test_files_are_had_on_its_page_and_through_a_link_without_an_account(world: World, plan: Any) -> None:  # noqa: F811
    roadmap = plan("customer")
    pm = client(world, "product_manager")
    page = pm.get(f"/w/north/{roadmap.key}/export").content.decode()
    assert "file=pptx" in page
    assert "file=ics" not in page  # customers read no days
    answer = pm.get(f"/w/north/{roadmap.key}/export?file=md")
    assert answer["Content-Disposition"] == f'attachment; filename="roadmap-{roadmap.key}.md"'
    _, key = shared(world, roadmap)
    assert "Shown to all" in Client().get(f"/roadmap/{key}?as=md").content.decode()
    assert Client().get(f"/roadmap/{key}?as=ics").status_code == 404
    _, dated = shared(world, plan("sales"))
    answer = Client().get(f"/roadmap/{dated}?as=ics")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert not answer.cookies


def test_a_page_has_letters_to_read_and_lines_of_what_needs_what(world: World) -> None:
    first = world.make("feature", title="First", state="planned", starts_on="2027-01-04", due_on="2027-02-01")
    then = world.make("feature", title="Then", state="planned", starts_on="2028-06-01", due_on="2028-09-01")
    verbs.link(world.pm, then.pk, first.pk, "depends_on")
    roadmap = world.make("roadmap", lanes="none", zoom="week")
    found = queries.shown(world.pm, roadmap)
    drawn = painting._drawn(found, roadmap, painting._READ)
    assert 11 * 842 / drawn.width >= 7  # points of the smallest letters
    edge = exporting.laid(found, roadmap, 900).edges[0]
    assert (edge.corners[0], edge.corners[-1]) == (edge.points[:2], edge.points[2:])
    without = dataclasses.replace(found, items=[{**i, "needs": []} for i in found.items])
    assert len(drawn.strokes) > len(painting._drawn(without, roadmap, painting._READ).strokes)


def test_a_picture_says_how_its_bars_are_read_and_that_nothing_is_on_it(world: World) -> None:
    empty = queries.shown(world.pm, world.make("roadmap", query="tag:nobody"))
    assert exporting.under(empty, timeline=True).endswith(exporting.NOTHING)
    assert exporting.NOTHING in exporting.markdown(empty, world.make("roadmap")).decode()
    world.make("feature", title="Ranged", state="planned", due_on="2027-02-01", late_on="2027-02-09")
    found = queries.shown(world.pm, world.make("roadmap"))
    assert "Filled until" in exporting.under(found, timeline=True)
    assert "Filled until" not in exporting.under(found, timeline=False)


def test_names_of_lanes_begin_where_they_stand_and_lines_lie_behind_bars(world: World) -> None:
    first = world.make("feature", title="First", state="planned", starts_on="2027-01-04", due_on="2027-02-01")
    then = world.make("feature", title="Then", state="planned", starts_on="2027-03-01", due_on="2027-04-01")
    verbs.link(world.pm, then.pk, first.pk, "depends_on")
    roadmap = world.make("roadmap", lanes="none")
    slide = pptx.Presentation(io.BytesIO(slides.pptx_of(queries.shown(world.pm, roadmap), roadmap))).slides[0]
    kinds = [element.tag.rpartition("}")[2] for element in slide.shapes._spTree]
    elbow = next(n for n, e in enumerate(slide.shapes._spTree) if b"bentConnector" in etree.tostring(e))
    assert elbow < kinds.index("sp", kinds.index("sp") + 1)
    assert 'wrap="none"' not in etree.tostring(
        next(s for s in slide.shapes if getattr(s, "text", "") == "Everything").element, encoding=str
    )
    assert not [s.name for s in slide.shapes if s.element.find(qn("p:style")) is not None]


def test_every_label_of_time_ends_within_the_picture(world: World) -> None:
    world.make("feature", title="Ranged", state="planned", starts_on="2027-01-04", due_on="2027-03-20")
    roadmap = world.make("roadmap", lanes="none")
    for days in range(40):  # whatever the last line of the picture is
        found = queries.shown(world.pm, roadmap)
        found.items[0]["likely_on"] += timedelta(days=days)
        made = exporting.laid(found, roadmap)
        assert made.ticks[-1].x <= made.width
        assert [t for t in made.ticks if t.label and t.x + laying.LETTER * len(t.label) > made.width] == []


def test_what_a_picture_leaves_out_is_counted_and_what_starts_too_early_is_red(world: World) -> None:
    world.make("feature", title="Some day", state="planned")
    needed = world.make("feature", title="Needed", state="planned", due_on="2027-03-20")
    early = world.make("feature", title="Early", state="planned", starts_on="2027-02-01", due_on="2027-02-10")
    verbs.link(world.pm, early.pk, needed.pk, "depends_on")
    roadmap = world.make("roadmap", lanes="none")
    found = queries.shown(world.pm, roadmap)
    assert exporting.under(found, timeline=True).endswith("Not drawn: 1 without dates.")
    assert "Not drawn" not in exporting.under(found, timeline=False)
    red = [b.item["title"] for b in exporting.laid(found, roadmap).bars if exporting.is_red(b)]
    assert "Early" in red
    plain = dataclasses.replace(found, items=[{**i, "clashes": [], "critical": False} for i in found.items])
    assert not any(exporting.is_red(b) for b in exporting.laid(plain, roadmap).bars)
