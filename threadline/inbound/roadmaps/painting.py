"""A roadmap drawn once, as a picture in dots and as pages of lines and letters."""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from threadline.formats.pdf import family
from threadline.inbound.roadmaps import audiences, laying
from threadline.inbound.roadmaps.exporting import HORIZONS, TONES, is_red, laid, range_of, under
from threadline.inbound.roadmaps.items import Shown
from threadline.inbound.roadmaps.models import Roadmap
from threadline.later import later

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont
else:
    Image, ImageDraw, ImageFont = later("PIL.Image"), later("PIL.ImageDraw"), later("PIL.ImageFont")
canvases = later("reportlab.pdfgen.canvas")

_WIDE, _TALL = 842.0, 595.0  # points of a page: A4, lying
_READ = 1_320.0  # pixels of a layout on a page: its letters of 11 are then 7 points
_MOST = 24_000_000  # dots; what is larger is drawn in fewer
_INK, _SOFT, _LINE, _THREAD = "#1b1b1f", "#5c5b66", "#e7e4dd", "#c5321d"


class _Drawing:
    """What a roadmap is drawn of, in the pixels of its layout; a picture and pages are made of the same."""

    def __init__(self, width: float, height: float, head: float) -> None:
        self.width, self.height = width, height
        self.head = head  # what stands above this is at the top of every page
        self.cuts: list[float] = []  # where one page may end and the next begin
        self.strokes: list[Callable[[_Picture | _Page], None]] = []

    def box(self, x: float, y: float, w: float, h: float, fill: str, line: str) -> None:
        """A bar or a card."""
        self.strokes.append(lambda on: on.box(x, y, w, h, fill, line))

    def rule(self, x1: float, y1: float, x2: float, y2: float, colour: str = _LINE) -> None:
        """A line."""
        self.strokes.append(lambda on: on.rule(x1, y1, x2, y2, colour))

    def words(self, x: float, y: float, text: str, size: int = 12, colour: str = _INK) -> None:
        """A line of text; ``y`` is where its letters stand."""
        kept = "".join(c for c in text if ord(c) >= 32)
        self.strokes.append(lambda on: on.words(x, y, kept, size, colour))


class _Picture:
    """A drawing as dots."""

    def __init__(self, width: float, height: float) -> None:
        self.scale = 2.0 if width * height * 4 <= _MOST else max((_MOST / (width * height)) ** 0.5, 0.2)
        self.image = Image.new("RGB", (self._n(width), self._n(height)), "#ffffff")
        self.draw = ImageDraw.Draw(self.image)
        self.fonts: dict[int, Any] = {}

    def _n(self, value: float) -> int:
        return max(round(value * self.scale), 1)

    def box(self, x: float, y: float, w: float, h: float, fill: str, line: str) -> None:
        place = (self._n(x), self._n(y), self._n(x + w), self._n(y + h))
        self.draw.rounded_rectangle(place, radius=self._n(5), fill=fill, outline=line, width=self._n(1))

    def rule(self, x1: float, y1: float, x2: float, y2: float, colour: str) -> None:
        self.draw.line((self._n(x1), self._n(y1), self._n(x2), self._n(y2)), fill=colour, width=self._n(1))

    def words(self, x: float, y: float, text: str, size: int, colour: str) -> None:
        self.draw.text((self._n(x), self._n(y)), text, font=self._font(size), fill=colour, anchor="ls")

    def _font(self, size: int) -> Any:
        if size not in self.fonts:
            self.fonts[size] = _font(self._n(size))
        return self.fonts[size]


class _Page:
    """A drawing as lines and text of a PDF; its canvas is scaled so that x is the layout's, and y counts upwards."""

    def __init__(self, canvas: Any, bottom: float) -> None:
        self.canvas, self.bottom = canvas, bottom

    def box(self, x: float, y: float, w: float, h: float, fill: str, line: str) -> None:
        self.canvas.setFillColor(fill)
        self.canvas.setStrokeColor(line)
        self.canvas.roundRect(x, self.bottom - y - h, max(w, 1), h, min(5, max(w, 1) / 2), stroke=1, fill=1)

    def rule(self, x1: float, y1: float, x2: float, y2: float, colour: str) -> None:
        self.canvas.setStrokeColor(colour)
        self.canvas.line(x1, self.bottom - y1, x2, self.bottom - y2)

    def words(self, x: float, y: float, text: str, size: int, colour: str) -> None:
        self.canvas.setFont(family(), size)
        self.canvas.setFillColor(colour)
        self.canvas.drawString(x, self.bottom - y, text)


def _font(size: int) -> Any:
    """A font of the machine with many scripts, else the one that comes with the library, which knows Latin."""
    for name in ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "Arial.ttf"):
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


def png(found: Shown, roadmap: Roadmap) -> bytes:
    """The whole picture."""
    drawn = _drawn(found, roadmap)
    picture = _Picture(drawn.width, drawn.height)
    for stroke in drawn.strokes:
        stroke(picture)
    out = io.BytesIO()
    picture.image.save(out, "PNG", optimize=False)
    return out.getvalue()


def pdf(found: Shown, roadmap: Roadmap) -> bytes:
    """The same drawing on pages, from top to bottom: lines and letters, which are sharp at any size."""
    drawn = _drawn(found, roadmap, _READ)
    scale = _WIDE / drawn.width
    tall = _TALL / scale  # of the layout on a page
    out = io.BytesIO()
    canvas = canvases.Canvas(out, pagesize=(_WIDE, _TALL))
    canvas.setTitle(found.title)
    for top, end in _pages(drawn, tall):
        canvas.scale(scale, scale)
        _stretch(canvas, drawn, tall, 0, drawn.head)
        _stretch(canvas, drawn, tall - drawn.head, top, end)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _pages(drawn: _Drawing, tall: float) -> list[tuple[float, float]]:
    """What is below the head, from and to: as much on a page as fits whole."""
    pages, top, room = [], drawn.head, tall - drawn.head
    while top < drawn.height:
        end = drawn.height
        if end - top > room:
            end = max((cut for cut in drawn.cuts if top < cut <= top + room), default=top + max(room, 1))
        pages.append((top, end))
        top = end
    return pages


def _stretch(canvas: Any, drawn: _Drawing, above: float, top: float, end: float) -> None:
    """Draw what stands between two heights of the drawing, its upper edge ``above`` the page's lower."""
    canvas.saveState()
    window = canvas.beginPath()
    window.rect(0, above - (end - top), drawn.width, end - top)
    canvas.clipPath(window, stroke=0, fill=0)
    page = _Page(canvas, above + top)
    for stroke in drawn.strokes:
        stroke(page)
    canvas.restoreState()


def _drawn(found: Shown, roadmap: Roadmap, width: float | None = None) -> _Drawing:
    timeline = "timeline" in audiences.MODES[found.audience] and roadmap.mode == "timeline"
    paint = _timeline(found, roadmap, width) if timeline else _columns(found)
    paint.words(16, 30, found.title, 18)
    paint.words(16, 50, under(found, timeline=timeline), 11, _SOFT)
    return paint


def _timeline(found: Shown, roadmap: Roadmap, width: float | None) -> _Drawing:
    left, top = laying.NAMES, 66 + laying.HEAD
    made = laid(found, roadmap, width and width - left - 12)
    paint = _Drawing(left + made.width + 12, top + made.height + 12, top)
    for tick in made.ticks:
        paint.rule(left + tick.x, top - 12 if tick.label else top, left + tick.x, top + made.height)
        if tick.label:
            paint.words(left + tick.x + 5, top - 10, tick.label, 11, _INK if tick.strong else _SOFT)
    for lane in made.lanes:
        paint.rule(0, top + lane.y, left + made.width, top + lane.y)
        for below, part in lane.lines:
            paint.words(12, top + lane.y + below, part)
        paint.cuts += [
            top + lane.y,
            *(top + lane.y + 6 + row * laying.ROW for row in range(1, round(lane.h) // laying.ROW)),
        ]
    if made.today_x is not None:
        paint.rule(left + made.today_x, top - 4, left + made.today_x, top + made.height, _THREAD)
    for edge in made.edges:
        for (x1, y1), (x2, y2) in pairwise(edge.corners):
            paint.rule(left + x1, top + y1, left + x2, top + y2, _THREAD if edge.kind else _SOFT)
    for bar in made.bars:
        fill, line = TONES.get(bar.item.get("tone", ""), TONES[""])
        if bar.sure_w > bar.w:
            paint.box(left + bar.x, top + bar.y, bar.sure_w, laying.BAR, "#ffffff", line)
        paint.box(left + bar.x, top + bar.y, bar.w, laying.BAR, fill, _THREAD if is_red(bar) else line)
        paint.words(left + bar.x + 8, top + bar.y + 15, bar.short, 11)
    return paint


def _columns(found: Shown) -> _Drawing:
    by = [(label, [i for i in found.items if i.get("horizon") == name]) for name, label in HORIZONS]
    by = [(label, cards) for label, cards in by if cards or label != "Done"]
    deepest = max(len(cards) for _, cards in by)
    paint = _Drawing(32 + len(by) * 314, 110 + max(deepest, 1) * 60, 92)
    paint.cuts = [92.0 + row * 60 for row in range(1, deepest)]
    for at, (label, cards) in enumerate(by):
        x = 16 + at * 314
        paint.words(x, 84, f"{label} ({len(cards)})", 13)
        for row, item in enumerate(cards):
            y = 96 + row * 60
            paint.box(x, y, 300, 52, *TONES.get(item.get("tone", ""), TONES[""]))
            title = item["title"]
            paint.words(x + 10, y + 21, title if len(title) <= 42 else f"{title[:41]}…")
            said = ", ".join(s for s in (item["stage_label"], item.get("period", ""), range_of(item)) if s)
            paint.words(x + 10, y + 40, said, 11, _SOFT)
    return paint
