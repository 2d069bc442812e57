"""A roadmap as a picture in dots, and as pages made of such pictures."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from threadline.inbound.roadmaps import audiences, laying
from threadline.inbound.roadmaps.exporting import HORIZONS, NOT_A_PROMISE, TONES, laid, range_of
from threadline.inbound.roadmaps.models import Roadmap
from threadline.inbound.roadmaps.queries import Shown
from threadline.later import later

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont
else:
    Image, ImageDraw, ImageFont = later("PIL.Image"), later("PIL.ImageDraw"), later("PIL.ImageFont")

_MOST = 24_000_000  # dots; what is larger is drawn in fewer
_INK, _SOFT, _LINE, _THREAD = "#1b1b1f", "#5c5b66", "#e7e4dd", "#c5321d"


class _Painter:
    """Draws in the pixels of the layout, whatever the scale."""

    def __init__(self, width: float, height: float) -> None:
        self.scale = 2.0 if width * height * 4 <= _MOST else max((_MOST / (width * height)) ** 0.5, 0.2)
        self.image = Image.new("RGB", (self._n(width), self._n(height)), "#ffffff")
        self.draw = ImageDraw.Draw(self.image)
        self.fonts: dict[int, Any] = {}

    def _n(self, value: float) -> int:
        return max(round(value * self.scale), 1)

    def box(self, x: float, y: float, w: float, h: float, fill: str | None, line: str) -> None:
        place = (self._n(x), self._n(y), self._n(x + w), self._n(y + h))
        self.draw.rounded_rectangle(place, radius=self._n(5), fill=fill, outline=line, width=self._n(1))

    def rule(self, x1: float, y1: float, x2: float, y2: float, colour: str = _LINE) -> None:
        self.draw.line((self._n(x1), self._n(y1), self._n(x2), self._n(y2)), fill=colour, width=self._n(1))

    def words(self, x: float, y: float, text: str, size: int = 12, colour: str = _INK) -> None:
        kept = "".join(c for c in text if ord(c) >= 32)
        self.draw.text((self._n(x), self._n(y)), kept, font=self._font(size), fill=colour, anchor="ls")

    def _font(self, size: int) -> Any:
        if size not in self.fonts:
            self.fonts[size] = _font(self._n(size))
        return self.fonts[size]


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
    out = io.BytesIO()
    _paint(found, roadmap).save(out, "PNG", optimize=False)
    return out.getvalue()


def pdf(found: Shown, roadmap: Roadmap) -> bytes:
    """The same picture on pages, from top to bottom."""
    image = _paint(found, roadmap)
    tall = max(round(image.width / 1.414), 200)
    pages = []
    for top in range(0, image.height, tall):
        page = Image.new("RGB", (image.width, tall), "#ffffff")
        page.paste(image.crop((0, top, image.width, min(top + tall, image.height))), (0, 0))
        pages.append(page)
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=150, title=found.title)
    return out.getvalue()


def _paint(found: Shown, roadmap: Roadmap) -> Any:
    timeline = "timeline" in audiences.MODES[found.audience] and roadmap.mode == "timeline"
    painter = _timeline(found, roadmap) if timeline else _columns(found)
    painter.words(16, 30, found.title, 18)
    painter.words(16, 50, f"As of {laying.day(found.on)}. {NOT_A_PROMISE}", 11, _SOFT)
    return painter.image


def _timeline(found: Shown, roadmap: Roadmap) -> _Painter:
    made = laid(found, roadmap)
    left, top = laying.NAMES, 66 + laying.HEAD
    paint = _Painter(left + made.width + 12, top + made.height + 12)
    for tick in made.ticks:
        paint.rule(left + tick.x, top - 12 if tick.label else top, left + tick.x, top + made.height)
        if tick.label:
            paint.words(left + tick.x + 5, top - 10, tick.label, 11, _INK if tick.strong else _SOFT)
    for lane in made.lanes:
        paint.rule(0, top + lane.y, left + made.width, top + lane.y)
        paint.words(12, top + lane.y + 25, lane.label[:26])
    if made.today_x is not None:
        paint.rule(left + made.today_x, top - 4, left + made.today_x, top + made.height, _THREAD)
    for bar in made.bars:
        fill, line = TONES.get(bar.item.get("tone", ""), TONES[""])
        if bar.sure_w > bar.w:
            paint.box(left + bar.x, top + bar.y, bar.sure_w, laying.BAR, "#ffffff", line)
        critical = bar.item.get("critical")
        paint.box(left + bar.x, top + bar.y, bar.w, laying.BAR, fill, _THREAD if critical else line)
        paint.words(left + bar.x + 8, top + bar.y + 15, bar.short, 11)
    return paint


def _columns(found: Shown) -> _Painter:
    by = [(label, [i for i in found.items if i.get("horizon") == name]) for name, label in HORIZONS]
    by = [(label, cards) for label, cards in by if cards or label != "Done"]
    deepest = max(len(cards) for _, cards in by)
    paint = _Painter(32 + len(by) * 314, 110 + max(deepest, 1) * 60)
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
