"""A roadmap as a file: SVG, XLSX, Markdown, calendar. Each is made of what its audience reads, and of nothing else."""

from __future__ import annotations

import io
from datetime import date, timedelta
from functools import partial
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from threadline.formats import sheets
from threadline.inbound.roadmaps import audiences, laying
from threadline.inbound.roadmaps.items import Shown
from threadline.inbound.roadmaps.models import Roadmap

_PAPER, _INK, _SOFT_INK, _LINE, _THREAD = "#ffffff", "#1b1b1f", "#5c5b66", "#e7e4dd", "#c5321d"
TONES = {  # fill and line, as the light theme has them
    "": ("#f3f1ec", "#5c5b66"), "info": ("#e6eefb", "#2257c4"), "plum": ("#f2e8f9", "#7a3aa8"),
    "ok": ("#e4f3ea", "#1d7a46"),
}  # fmt: skip
_FONT = "Inter, Helvetica, Arial, sans-serif"
_MONTH = 40  # pixels; where months have less, quarters are named
_COLUMNS = (
    ("key", "Key"), ("title", "Title"), ("stage_label", "Stands"), ("horizon_label", "When"), ("period", "Quarter"),
    ("product", "Product"), ("objective", "Objective"), ("metric", "Metric"), ("release", "Release"),
    ("teams", "Teams"), ("owner", "Owner"), ("starts_on", "Starts"), ("likely_on", "Likely by"),
    ("sure_on", "Sure by"), ("first_on", "First said"), ("slip", "Days later than first said"), ("why", "Why"),
    ("evidence", "Notes"), ("asked_last_on", "Last asked"), ("score", "RICE"), ("effort", "Person-days"),
    ("needs", "Depends on"),
)  # fmt: skip
NOT_A_PROMISE = "Plans change; this is not a promise."
NOTHING = "Nothing is on it yet."
HORIZONS = (("now", "Now"), ("next", "Next"), ("later", "Later"), ("done", "Done"))


def svg(found: Shown, roadmap: Roadmap) -> bytes:
    """The picture that the page shows, whole and by itself: the timeline, or columns where there is no time."""
    timeline = "timeline" in audiences.MODES[found.audience] and roadmap.mode == "timeline"
    width, height, inside = _timeline(found, roadmap) if timeline else _columns(found)
    head = (
        _text(16, 30, found.title, size=18, weight=600)
        + _text(16, 50, under(found, timeline=timeline), fill=_SOFT_INK)
    )  # fmt: skip
    made = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height + 70:g}"'
        f' viewBox="0 0 {width:g} {height + 70:g}" font-family={quoteattr(_FONT)} font-size="12" role="img"'
        f" aria-label={quoteattr(found.title)}>"
        f'<rect width="100%" height="100%" fill="{_PAPER}"/>{head}<g transform="translate(0 66)">{inside}</g></svg>\n'
    )
    return made.encode()


def under(found: Shown, *, timeline: bool) -> str:
    """What stands under a picture's title: its day, and how a bar is read."""
    parts = [f"As of {laying.day(found.on)}.", NOT_A_PROMISE]
    if not found.items:
        parts.append(NOTHING)
    elif timeline and any(item.get("sure_on") for item in found.items):
        parts.append("Filled until as likely done as not, outlined until 85 % sure.")
    if timeline and any(item.get("critical") or item.get("clashes") for item in found.items):
        parts.append("Red: what decides the end or starts too early.")
    undated = sum(laying.is_undated(item) for item in found.items) if timeline else 0
    if undated:
        parts.append(f"Not drawn: {undated} without dates.")
    return " ".join(parts)


def is_red(bar: laying.Bar) -> bool:
    """Whether it decides the end or starts too early."""
    return bool(bar.item.get("critical") or bar.item.get("clashes"))


def _text(
    x: float, y: float, text: str, *, size: int = 12, weight: int = 400, fill: str = _INK, end: bool = False
) -> str:
    anchor = ' text-anchor="end"' if end else ""
    kept = "".join(c for c in text if c in "\t\n" or ord(c) >= 32)
    look = f'font-size="{size}" font-weight="{weight}" fill="{fill}"{anchor}'
    return f'<text x="{x:g}" y="{y:g}" {look}>{escape(kept)}</text>'


def _rect(x: float, y: float, w: float, h: float, fill: str, line: str, more: str = "") -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" rx="5" fill="{fill}" stroke="{line}"{more}/>'


def _line(x1: float, y1: float, x2: float, y2: float, colour: str = _LINE, width: float = 1) -> str:
    return f'<path d="M{x1:g} {y1:g}L{x2:g} {y2:g}" stroke="{colour}" stroke-width="{width:g}"/>'


def laid(found: Shown, roadmap: Roadmap, width: float | None = None) -> laying.Timeline:
    """Everything in its place, as the roadmap says it is drawn, or made to fit a width."""
    lanes = audiences.lanes(found.audience, roadmap.lanes)
    lay = partial(laying.lay, found.items, found.releases, lanes=lanes, today=found.on, width=width)
    if width is None:
        return lay(zoom=roadmap.zoom)
    made = lay(zoom="quarter")
    return made if made.per_day * 30 >= _MONTH else lay(zoom="year")


def _timeline(found: Shown, roadmap: Roadmap) -> tuple[float, float, str]:
    made = laid(found, roadmap)
    left, top = laying.NAMES, laying.HEAD
    parts = [_line(0, top, left + made.width, top)]
    for tick in made.ticks:
        parts.append(_line(left + tick.x, top - 14 if tick.label else top, left + tick.x, top + made.height))
        if tick.label:
            parts.append(_text(left + tick.x + 5, top - 12, tick.label, fill=_INK if tick.strong else _SOFT_INK))
    for lane in made.lanes:
        parts.append(_line(0, top + lane.y, left + made.width, top + lane.y))
        parts += [_text(12, top + lane.y + below, part, weight=600) for below, part in lane.lines]
    if made.today_x is not None:
        parts.append(_line(left + made.today_x, top - 6, left + made.today_x, top + made.height, _THREAD, 1.5))
    parts.append(f'<g transform="translate({left} {top})">')
    for edge in made.edges:
        parts.append(f'<path d="{edge.d}" fill="none" stroke="{_THREAD if edge.kind else _SOFT_INK}"/>')
    for bar in made.bars:
        fill, line = TONES.get(bar.item.get("tone", ""), TONES[""])
        if bar.sure_w > bar.w:
            parts.append(_rect(bar.x, bar.y, bar.sure_w, laying.BAR, _PAPER, line, ' stroke-dasharray="3 3"'))
        stroke = _THREAD if is_red(bar) else line
        parts.append(_rect(bar.x, bar.y, bar.w, laying.BAR, fill, stroke))
        parts.append(_text(bar.x + 8, bar.y + 15, bar.short))
    parts.append("</g>")
    return left + made.width + 12, top + made.height + 12, "".join(parts)


def _columns(found: Shown) -> tuple[float, float, str]:
    wide, tall, parts, deepest, at = 300, 52, [], 0, 0
    for name, label in HORIZONS:
        cards = [i for i in found.items if i.get("horizon") == name]
        if not cards and name == "done":
            continue
        x = 16 + at * (wide + 14)
        at += 1
        parts.append(_text(x, 16, f"{label} ({len(cards)})", size=13, weight=600))
        for row, item in enumerate(cards):
            y = 28 + row * (tall + 8)
            fill, line = TONES.get(item.get("tone", ""), TONES[""])
            parts.append(_rect(x, y, wide, tall, fill, line))
            title = item["title"]
            parts.append(_text(x + 10, y + 21, title if len(title) <= 42 else f"{title[:41]}…", weight=600))
            said = ", ".join(s for s in (item["stage_label"], item.get("period", ""), range_of(item)) if s)
            parts.append(_text(x + 10, y + 40, said, fill=_SOFT_INK))
        deepest = max(deepest, 28 + len(cards) * (tall + 8))
    return 32 + max(at, 1) * (wide + 14), max(deepest, 60) + 12, "".join(parts)


def range_of(item: dict[str, Any]) -> str:
    """When it comes, as far as the audience reads days."""
    likely, sure = item.get("likely_on"), item.get("sure_on")
    if likely is None:
        return ""
    if sure and sure != likely:
        return f"{laying.day(likely)} to {laying.day(sure)}"
    return laying.day(likely)


def markdown(found: Shown, roadmap: Roadmap) -> bytes:
    """Headings of now, next and later, and a line for each item."""
    lines = [f"# {_plain(found.title)}", "", f"As of {laying.day(found.on)}. {NOT_A_PROMISE}"]
    if not found.items:
        lines += ["", NOTHING]
    for name, label in HORIZONS:
        cards = [i for i in found.items if i.get("horizon") == name]
        if not cards:
            continue
        lines += ["", f"## {label}", ""]
        for item in cards:
            said = [item["stage_label"], item.get("period", ""), range_of(item), item.get("metric", "")]
            if item.get("slip", 0) > 0:
                said.append(
                    f"{item['slip']} days later than first said" + (f": {item['why']}" if item.get("why") else "")
                )
            key = f"{item['key']} " if item.get("key") else ""
            lines.append(f"- **{_plain(key + item['title'])}**: {_plain(', '.join(s for s in said if s))}")
    return ("\n".join(lines) + "\n").encode()


def _plain(text: str) -> str:
    """Words as words, whatever signs of Markdown or HTML they hold."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>#|!" else c for c in " ".join(text.split()))


def xlsx(found: Shown, roadmap: Roadmap) -> bytes:
    """A row for each item, a column for each field that the audience reads."""
    columns = [(name, label) for name, label in _COLUMNS if name in audiences.FIELDS[found.audience]]
    table = [
        {label: ", ".join(v) if isinstance(v := item.get(name), list) else v for name, label in columns}
        for item in [*found.items, *found.releases]
    ]
    out = io.BytesIO()
    sheets.write_xlsx(table, [label for _, label in columns], out, sheet=f"As of {found.on:%Y-%m-%d}")
    return out.getvalue()


def calendar(found: Shown, roadmap: Roadmap) -> bytes:
    """Whole days as iCalendar has them (RFC 5545): from likely to sure, or the quarter. Without days, no entry."""
    stamp = f"{found.on:%Y%m%d}T000000Z"
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Threadline//Roadmap//EN",
        f"X-WR-CALNAME:{_said(found.title)}",
        f"X-WR-CALDESC:{_said(f'As of {laying.day(found.on)}. {NOT_A_PROMISE}')}",
    ]
    for number, item in enumerate([*found.items, *found.releases]):
        first, last = _days(item)
        if first is None or last is None:
            continue
        when = item.get("period") or ("due" if item.get("kind") == "release" else "likely, then sure")
        lines += [
            "BEGIN:VEVENT", f"UID:{_uid(roadmap, item, number)}", f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{first:%Y%m%d}", f"DTEND;VALUE=DATE:{last + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_said(item['title'])} ({_said(when)})", "TRANSP:TRANSPARENT", "END:VEVENT",
        ]  # fmt: skip
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines).encode()


def _days(item: dict[str, Any]) -> tuple[date | None, date | None]:
    if item.get("from_on"):
        return item["from_on"], item["to_on"]
    likely = item.get("likely_on")
    return likely, item.get("sure_on") or likely


def _uid(roadmap: Roadmap, item: dict[str, Any], number: int) -> str:
    return f"{roadmap.pk.hex}-{item.get('key') or number}@threadline"


def _said(text: str) -> str:
    return "".join({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": ""}.get(c, c) for c in text)


def _folded(line: str) -> str:
    """At most 75 octets to a line, never within a letter."""
    parts, size = [""], 0
    for letter in line:
        more = len(letter.encode())
        if size + more > (75 if len(parts) == 1 else 74):
            parts.append("")
            size = 0
        parts[-1] += letter
        size += more
    return "\r\n ".join(parts)
