"""A roadmap as slides: native shapes and connectors, so that whoever gets them can go on from there."""

from __future__ import annotations

import io
import textwrap
from typing import TYPE_CHECKING, Any

from threadline.inbound.roadmaps import audiences, laying
from threadline.inbound.roadmaps.exporting import HORIZONS, TONES, is_red, laid, range_of, under
from threadline.inbound.roadmaps.items import Shown
from threadline.inbound.roadmaps.models import Roadmap
from threadline.later import later

if TYPE_CHECKING:
    import pptx
    from pptx.dml import color
    from pptx.enum import shapes as kinds
    from pptx.enum import text as texts
else:
    pptx, color = later("pptx"), later("pptx.dml.color")
    kinds, texts = later("pptx.enum.shapes"), later("pptx.enum.text")

WIDE, TALL = 1280, 720  # a slide in pixels of 1/96 inch
_PX = 9_525  # EMU
_TOP, _FOOT = 112, 34
_CARD, _CARDS = 62, 8
_INK, _SOFT, _LINE, _THREAD = "#1b1b1f", "#5c5b66", "#d6d2c8", "#c5321d"


def pptx_of(found: Shown, roadmap: Roadmap) -> bytes:
    """One or more slides of 16 to 9, each with its day."""
    show: Any = pptx.Presentation()
    show.slide_width, show.slide_height = WIDE * _PX, TALL * _PX
    show.core_properties.title, show.core_properties.author = found.title, "Threadline"
    if "timeline" in audiences.MODES[found.audience] and roadmap.mode == "timeline":
        _timeline(show, found, roadmap)
    else:
        _columns(show, found)
    out = io.BytesIO()
    show.save(out)
    return out.getvalue()


def _slide(show: Any, found: Shown, *, timeline: bool = False) -> Any:
    slide = show.slides.add_slide(show.slide_layouts[5])  # a title and nothing else
    title = slide.shapes.title
    title.left, title.top, title.width, title.height = (n * _PX for n in (28, 16, WIDE - 56, 44))
    _say(title.text_frame, found.title, 22, bold=True)
    _words(slide, 28, TALL - _FOOT, WIDE - 56, 22, under(found, timeline=timeline), 10, _SOFT)
    return slide


def _say(frame: Any, text: str, points: int, colour: str = _INK, *, bold: bool = False) -> None:
    frame.word_wrap = False
    frame.margin_left = frame.margin_right = 7 * _PX
    frame.margin_top = frame.margin_bottom = 0
    frame.vertical_anchor = texts.MSO_ANCHOR.MIDDLE
    said = frame.paragraphs[0]
    said.alignment = texts.PP_ALIGN.LEFT
    run = said.add_run()
    run.text = "".join(c for c in text if ord(c) >= 32)
    run.font.size, run.font.bold = pptx.util.Pt(points), bold
    run.font.color.rgb = _rgb(colour)


def _rgb(colour: str) -> Any:
    return color.RGBColor.from_string(colour[1:].upper())


def _words(slide: Any, x: float, y: float, w: float, h: float, text: str, points: int, colour: str = _INK, *,
           bold: bool = False) -> None:  # fmt: skip
    box = slide.shapes.add_textbox(*(round(n * _PX) for n in (x, y, w, h)))
    _say(box.text_frame, text, points, colour, bold=bold)
    box.text_frame.word_wrap = True  # a box that grows with its words would not stay where it begins


def _box(slide: Any, x: float, y: float, w: float, h: float, fill: str, line: str, *, dashed: bool = False) -> Any:
    made = slide.shapes.add_shape(kinds.MSO_SHAPE.ROUNDED_RECTANGLE, *(round(n * _PX) for n in (x, y, max(w, 3), h)))
    made.adjustments[0] = 0.2
    made.fill.solid()
    made.fill.fore_color.rgb = _rgb(fill)
    made.line.color.rgb, made.line.width = _rgb(line), pptx.util.Pt(1)
    if dashed:
        made.line.dash_style = pptx.enum.dml.MSO_LINE.DASH
    _plain(made)
    return made


def _plain(shape: Any) -> None:
    """Without the theme's style, which is a shadow under everything."""
    shape.element.remove(shape.element.find(pptx.oxml.ns.qn("p:style")))


def _rule(slide: Any, x1: float, y1: float, x2: float, y2: float, colour: str = _LINE) -> None:
    made = slide.shapes.add_connector(kinds.MSO_CONNECTOR.STRAIGHT, *(round(n * _PX) for n in (x1, y1, x2, y2)))
    made.line.color.rgb, made.line.width = _rgb(colour), pptx.util.Pt(0.75)
    _plain(made)


def _timeline(show: Any, found: Shown, roadmap: Roadmap) -> None:
    left = 28 + laying.NAMES
    made = laid(found, roadmap, WIDE - left - 28)
    bars = sorted(made.bars, key=lambda b: (b.y, b.x))
    if not bars:
        _words(_slide(show, found, timeline=True), 28, 90, 700, 30, "Nothing on it has a date.", 12, _SOFT)
    while bars:
        top = bars[0].y
        fit = [b for b in bars if b.y + laying.ROW - top <= TALL - _TOP - _FOOT - 12]
        bars = bars[len(fit) :]
        _page(_slide(show, found, timeline=True), made, fit, left, _TOP - top)


def _page(slide: Any, made: laying.Timeline, bars: list[laying.Bar], left: float, down: float) -> None:
    bottom = max(b.y for b in bars) + down + laying.ROW
    for tick in made.ticks:
        if tick.strong:
            _rule(slide, left + tick.x, _TOP - 14, left + tick.x, bottom)
            _words(slide, left + tick.x - 4, _TOP - 34, 110, 20, tick.label, 10, _SOFT)
    if made.today_x is not None:
        _rule(slide, left + made.today_x, _TOP - 10, left + made.today_x, bottom, _THREAD)
    blank = "Without one" if len(made.lanes) > 1 else made.lanes[0].label
    _bars(slide, bars, left, down, blank)


def _bars(slide: Any, bars: list[laying.Bar], left: float, down: float, blank: str) -> None:
    named: set[str] = set()
    shapes: dict[str, Any] = {}
    for bar in bars:
        if bar.lane not in named:
            named.add(bar.lane)
            if len(named) > 1:
                _rule(slide, 28, bar.y + down - 8, WIDE - 28, bar.y + down - 8)
            name = " ".join(textwrap.wrap(bar.lane or blank, 22, max_lines=2, placeholder="…"))
            _words(slide, 21, bar.y + down - 6, laying.NAMES - 8, laying.BAR + 12, name, 9, bold=True)
        fill, line = TONES.get(bar.item.get("tone", ""), TONES[""])
        if bar.sure_w > bar.w:
            _box(slide, left + bar.x, bar.y + down, bar.sure_w, laying.BAR, "#ffffff", line, dashed=True)
        line = _THREAD if is_red(bar) else line
        shape = _box(slide, left + bar.x, bar.y + down, bar.w, laying.BAR, fill, line)
        shape.name = bar.said[:200]
        _say(shape.text_frame, bar.short, 9)
        if bar.item.get("key"):
            shapes[bar.item["key"]] = shape
    _connect(slide, bars, shapes)


def _connect(slide: Any, bars: list[laying.Bar], shapes: dict[str, Any]) -> None:
    """Lines that stay with their shapes when somebody moves these; behind them, so that words stay readable."""
    for bar in bars:
        for key in bar.item.get("needs", ()):
            if key in shapes and bar.item.get("key") in shapes:
                made_line = slide.shapes.add_connector(kinds.MSO_CONNECTOR.ELBOW, 0, 0, 0, 0)
                made_line.begin_connect(shapes[key], 3)
                made_line.end_connect(shapes[bar.item["key"]], 1)
                made_line.line.color.rgb = _rgb(_THREAD if bar.item.get("critical") else _SOFT)
                made_line.line.width = pptx.util.Pt(0.75)
                _plain(made_line)
                slide.shapes.title.element.addnext(made_line.element)


def _columns(show: Any, found: Shown) -> None:
    by = [(label, [i for i in found.items if i.get("horizon") == name]) for name, label in HORIZONS]
    by = [(label, cards) for label, cards in by if cards or label != "Done"]
    wide = (WIDE - 56 - 14 * (len(by) - 1)) / len(by)
    for first in range(0, max(1, *(len(c) for _, c in by)), _CARDS):
        slide = _slide(show, found)
        for at, (label, cards) in enumerate(by):
            x = 28 + at * (wide + 14)
            _words(slide, x - 6, 74, wide, 24, f"{label} ({len(cards)})", 13, bold=True)
            for row, item in enumerate(cards[first : first + _CARDS]):
                _card(slide, item, x, 104 + row * (_CARD + 8), wide)


def _card(slide: Any, item: dict[str, Any], x: float, y: float, wide: float) -> None:
    fill, line = TONES.get(item.get("tone", ""), TONES[""])
    box = _box(slide, x, y, wide, _CARD, fill, line)
    box.name = item["title"][:200]
    _say(box.text_frame, item["title"], 11, bold=True)
    box.text_frame.word_wrap = True
    said = ", ".join(s for s in (item["stage_label"], item.get("period", ""), range_of(item)) if s)
    more = box.text_frame.add_paragraph()
    more.alignment = texts.PP_ALIGN.LEFT
    run = more.add_run()
    run.text, run.font.size = said, pptx.util.Pt(9)
    run.font.color.rgb = _rgb(_SOFT)
