"""Markdown as a Word document: headings, paragraphs, lists, quotations, code and tables, with their emphasis."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

from markdown_it.token import Token

from threadline.formats.markdown import parser, whole_characters
from threadline.later import later

word = later("docx")
_LOWERED = 2  # how far below a page's own headings the parser puts those of a text
_DEEPEST = 3  # levels of lists that Word's own template has a style for
_MARKS = {"strong": "bold", "em": "italic", "s": "strike"}


def write(title: str, subtitle: str, text: str) -> bytes:
    """A document with a title, a line below it, and the text. What XML cannot hold is left out."""
    made = word.Document()
    made.core_properties.title = _clean(title)[:250]
    made.core_properties.author = ""
    made.add_heading(_clean(title), 0)
    if subtitle:
        made.add_paragraph(_clean(subtitle))
    _Writer(made).blocks(parser.parse(text))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _clean(text: str) -> str:
    return "".join(c for c in whole_characters(text) if c in "\t\n" or (c >= " " and c not in "\ufffe\uffff"))


class _Writer:
    """Goes through the tokens once; ``lists`` are the lists it is in, outermost first."""

    def __init__(self, made: Any) -> None:
        self.made = made
        self.lists: list[str] = []
        self.quoted = 0

    def blocks(self, tokens: Sequence[Token]) -> None:
        stream = iter(tokens)
        for token in stream:
            if token.type in ("bullet_list_open", "ordered_list_open"):
                self.lists.append("List Bullet" if token.type.startswith("bullet") else "List Number")
            elif token.type in ("bullet_list_close", "ordered_list_close"):
                self.lists.pop()
            elif token.type in ("blockquote_open", "blockquote_close"):
                self.quoted += 1 if token.type.endswith("open") else -1
            elif token.type == "heading_open":
                self._runs(self.made.add_heading("", max(int(token.tag[1]) - _LOWERED, 1)), next(stream).children or ())
            elif token.type == "paragraph_open":
                self._runs(self.made.add_paragraph(style=self._style()), next(stream).children or ())
            elif token.type in ("fence", "code_block"):
                self._code(self.made.add_paragraph(), token.content.rstrip("\n"))
            elif token.type == "hr":
                self.made.add_paragraph("* * *")
            elif token.type == "table_open":
                self._table(stream)

    def _style(self) -> str:
        if self.lists:
            depth = min(len(self.lists), _DEEPEST)
            return self.lists[-1] if depth == 1 else f"{self.lists[-1]} {depth}"
        return "Quote" if self.quoted else "Normal"

    def _table(self, stream: Iterator[Token]) -> None:
        rows: list[list[Sequence[Token]]] = []
        for token in stream:
            if token.type == "table_close":
                break
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(token.children or ())
        table = self.made.add_table(rows=0, cols=max((len(row) for row in rows), default=1), style="Table Grid")
        for row in rows:
            cells = table.add_row().cells
            for cell, inline in zip(cells, row, strict=False):
                self._runs(cell.paragraphs[0], inline)

    def _runs(self, paragraph: Any, inline: Sequence[Token]) -> None:
        on: set[str] = set()
        address = ""
        for token in inline:
            mark = _MARKS.get(token.type.removesuffix("_open").removesuffix("_close"))
            if mark:
                on = on | {mark} if token.nesting > 0 else on - {mark}
            elif token.type == "link_open":
                address = str(token.attrGet("href") or "")
            elif token.type == "link_close":
                self._run(paragraph, f" ({address})" if address else "", on)
            elif token.type == "code_inline":
                self._code(paragraph, token.content)
            elif token.type in ("softbreak", "hardbreak"):
                paragraph.add_run().add_break()
            else:
                self._run(paragraph, token.content, on)

    def _run(self, paragraph: Any, text: str, on: set[str]) -> None:
        if text:
            run = paragraph.add_run(_clean(text))
            run.bold, run.italic, run.font.strike = "bold" in on, "italic" in on, "strike" in on

    def _code(self, paragraph: Any, text: str) -> None:
        paragraph.add_run(_clean(text)).font.name = "Courier New"
