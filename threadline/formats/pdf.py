"""Markdown as a PDF: real text on A4, headings as an outline, lists, quotations, code, tables, page numbers.

Letters come from a font of the machine that knows many scripts where there is one, else from the
font that the library brings, which knows Latin; a letter that neither has is shown as a box.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from markdown_it.token import Token

from threadline.formats.markdown import is_safe_link, parser, whole_characters
from threadline.later import later

platypus, styles_of = later("reportlab.platypus"), later("reportlab.lib.styles")
colors, units = later("reportlab.lib.colors"), later("reportlab.lib.units")
metrics, ttfonts = later("reportlab.pdfbase.pdfmetrics"), later("reportlab.pdfbase.ttfonts")

_LOWERED = 2  # how far below a page's own headings the parser puts those of a text
_SIZES = {1: 15.0, 2: 12.5, 3: 11.0}  # points of headings by their level
_TEXT, _LEADING = 9.8, 14.2  # points
_SHORT = 300  # letters of a heading that stays with what follows: what is longer than a page cannot
_COLUMNS = 84  # letters of code in a line
_NARROWEST = 90.0  # points that are left to a list within lists
_INK, _SOFT, _LINE = "#1b1b1f", "#5c5b66", "#d9d6cf"
_MARKS = {"strong": "b", "em": "i", "s": "strike"}
_FONTS = (
    ("DejaVu", "DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf", "DejaVuSans-BoldOblique.ttf"),
    ("Noto", "NotoSans-Regular.ttf", "NotoSans-Bold.ttf", "NotoSans-Italic.ttf", "NotoSans-BoldItalic.ttf"),
    ("Vera", "Vera.ttf", "VeraBd.ttf", "VeraIt.ttf", "VeraBI.ttf"),
)
_PLACES = ("/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/dejavu", "/usr/share/fonts/TTF",
           "/usr/share/fonts/truetype/noto", "/Library/Fonts", "C:/Windows/Fonts", "")  # fmt: skip


@cache
def family() -> str:
    """The name of the first family of which at least the upright face is here; faces that are not are the upright."""
    for name, *files in _FONTS:
        for place in _PLACES if name != "Vera" else ("",):
            try:
                for face, file in zip(("", "-b", "-i", "-bi"), files, strict=True):
                    there = not place or Path(place, file).is_file()
                    path = str(Path(place, file if there else files[0])) if place else file
                    metrics.registerFont(ttfonts.TTFont(f"{name}{face}", path))
            except (ttfonts.TTFError, OSError):
                continue
            metrics.registerFontFamily(name, name, f"{name}-b", f"{name}-i", f"{name}-bi")
            return name
    raise RuntimeError("the library's own font is missing")


def write(title: str, subtitle: str, text: str) -> bytes:
    """A document with a title, a line below it, and the text."""
    out = io.BytesIO()
    made = _template()(
        out, pagesize=(210 * units.mm, 297 * units.mm), title=_clean(title)[:250], author="", creator="Threadline",
        leftMargin=24 * units.mm, rightMargin=24 * units.mm, topMargin=22 * units.mm, bottomMargin=22 * units.mm,
    )  # fmt: skip
    writer = _Writer(made.width)
    story = [writer.heading(f"<b>{_escaped(title)}</b>", 0, _clean(title))]
    if subtitle:
        story.append(platypus.Paragraph(_escaped(subtitle), writer.style("sub", textColor=_SOFT, spaceAfter=10)))
    made.build([*story, *writer.blocks(iter(parser.parse(text)))], onFirstPage=_foot, onLaterPages=_foot)
    return out.getvalue()


def _template() -> Any:
    """A document template that puts headings into the outline as they are set."""

    class Outlined(platypus.SimpleDocTemplate):  # type: ignore[misc, name-defined]
        def afterFlowable(self, flowable: Any) -> None:  # noqa: N802 - the library's own name
            level = getattr(flowable, "outline_level", None)
            if level is not None:
                key = f"h{id(flowable)}"
                self.canv.bookmarkPage(key)
                self.canv.addOutlineEntry(flowable.outline_text, key, min(level, self._deep + 1), closed=False)
                self._deep = min(level, self._deep + 1)

        _deep = -1  # an outline may go only one level down at a time

    return Outlined


def _foot(canvas: Any, made: Any) -> None:
    canvas.saveState()
    canvas.setFont(family(), 8)
    canvas.setFillColor(colors.HexColor(_SOFT))
    canvas.drawString(made.leftMargin, 12 * units.mm, made.title[:90])
    canvas.drawRightString(made.pagesize[0] - made.rightMargin, 12 * units.mm, str(canvas.getPageNumber()))
    canvas.restoreState()


def _clean(text: str) -> str:
    return "".join(c for c in whole_characters(text) if c in "\t\n" or c.isprintable())


def _folded(code: str) -> str:
    """Code whose lines fit the page."""
    lines = code.expandtabs(4).split("\n")
    return "\n".join(line[at : at + _COLUMNS] for line in lines for at in range(0, max(len(line), 1), _COLUMNS))


def _escaped(text: str) -> str:
    return escape(_clean(text), quote=True)


class _Writer:
    """Goes through the tokens once and gives what stands on the pages."""

    def __init__(self, width: float) -> None:
        self.width = width

    def style(self, name: str, **more: Any) -> Any:
        given = {"fontName": family(), "fontSize": _TEXT, "leading": _LEADING, "textColor": _INK, "spaceAfter": 6}
        return styles_of.ParagraphStyle(name, **{**given, **more})

    def heading(self, markup: str, level: int, plain: str) -> Any:
        """A heading that keeps with what follows and stands in the outline."""
        size = 20.0 if level == 0 else _SIZES.get(level, 10.0)
        above = 0 if level == 0 else 12
        made = platypus.Paragraph(
            markup,
            self.style(
                f"h{level}", fontSize=size, leading=size * 1.25, spaceBefore=above, keepWithNext=len(plain) < _SHORT
            ),
        )
        made.outline_level, made.outline_text = level, plain
        return made

    def blocks(self, stream: Iterator[Token], until: str = "") -> list[Any]:
        """What stands up to the token that closes, or to the end."""
        found: list[Any] = []
        for token in stream:
            if token.type == until:
                break
            made = self._block(token, stream)
            if made is not None:
                found.append(made)
        return found

    def _block(self, token: Token, stream: Iterator[Token]) -> Any:
        if token.type == "heading_open":
            inline = next(stream)
            level = max(int(token.tag[1]) - _LOWERED, 1)
            return self.heading(f"<b>{_runs(inline.children or ())}</b>", level, _clean(inline.content))
        if token.type == "paragraph_open":
            return platypus.Paragraph(_runs(next(stream).children or ()), self.style("text"))
        if token.type in ("bullet_list_open", "ordered_list_open"):
            return self._list(token, stream)
        if token.type == "blockquote_open":
            inside = self.blocks(stream, "blockquote_close")
            line = [("LINEBEFORE", (0, 0), (0, -1), 2, colors.HexColor(_LINE)), ("LEFTPADDING", (0, 0), (-1, -1), 10)]
            return platypus.Table(
                [[one] for one in inside] or [[""]], colWidths=[self.width - 4], style=line, splitInRow=1
            )
        if token.type in ("fence", "code_block"):
            code = self.style("code", fontSize=8.4, leading=11.5, leftIndent=8, backColor="#f4f2ed", borderPadding=6)
            return platypus.XPreformatted(_escaped(_folded(token.content.rstrip("\n"))), code)
        if token.type == "hr":
            return platypus.HRFlowable(width="100%", color=colors.HexColor(_LINE), spaceBefore=6, spaceAfter=8)
        if token.type == "table_open":
            return self._table(stream)
        return None

    def _list(self, token: Token, stream: Iterator[Token]) -> Any:
        numbered, items = token.type.startswith("ordered"), []
        step = 16.0 if self.width > _NARROWEST else 0.0
        self.width -= step
        for inner in stream:
            if inner.type == token.type.replace("open", "close"):
                break
            if inner.type == "list_item_open":
                items.append(platypus.ListItem(self.blocks(stream, "list_item_close") or [platypus.Spacer(0, _TEXT)]))
        self.width += step
        look: dict[str, Any] = {"bulletType": "bullet", "start": "•"}
        if numbered:
            look = {"bulletType": "1", "start": int(token.attrGet("start") or 1), "bulletFormat": "%s."}
        font = {"bulletFontName": family(), "bulletFontSize": _TEXT, "bulletColor": _INK}
        return platypus.ListFlowable(items, leftIndent=step, **font, **look)

    def _table(self, stream: Iterator[Token]) -> Any:
        rows: list[list[Any]] = []
        heads = 0
        for token in stream:
            if token.type == "table_close":
                break
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "thead_close":
                heads = len(rows)
            elif token.type == "inline":
                text = _runs(token.children or ())
                rows[-1].append(
                    platypus.Paragraph(f"<b>{text}</b>" if not heads else text, self.style("cell", spaceAfter=0))
                )
        columns = max((len(row) for row in rows), default=1)
        whole = [row + [""] * (columns - len(row)) for row in rows] or [[""]]
        grid = [("GRID", (0, 0), (-1, -1), 0.5, colors.HexColor(_LINE)), ("VALIGN", (0, 0), (-1, -1), "TOP")]
        return platypus.Table(
            whole, colWidths=[self.width / columns] * columns, repeatRows=heads, style=grid, spaceAfter=8, splitInRow=1
        )


def _runs(inline: Sequence[Token]) -> str:
    """Inline tokens as the library's markup; every word is escaped."""
    found: list[str] = []
    for token in inline:
        mark = _MARKS.get(token.type.removesuffix("_open").removesuffix("_close"))
        if mark:
            found.append(f"<{mark}>" if token.nesting > 0 else f"</{mark}>")
        elif token.type == "link_open":
            address = str(token.attrGet("href") or "")
            leads = is_safe_link(address) and address.startswith("http")
            found.append(f'<a href="{_escaped(address)}" color="#1f5fae">' if leads else "<font>")
            closing = "</a>" if leads else "</font>"
        elif token.type == "link_close":
            found.append(closing)
        elif token.type == "code_inline":
            found.append(f'<font backColor="#f4f2ed">{_escaped(token.content)}</font>')
        elif token.type in ("softbreak", "hardbreak"):
            found.append("<br/>")
        else:
            found.append(_escaped(token.content))
    return "".join(found)
