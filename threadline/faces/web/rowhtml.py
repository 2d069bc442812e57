"""The rows of a list as markup, by a template compiled for its columns.

A list page spends most of its time in its cells. kit/table.html asks of every cell what kind
it is; here a template without questions is written once for each set of columns and kept.
A test holds the two to the same markup.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from jinja2 import Template
from markupsafe import Markup, escape

from threadline.faces.web.jinja import templates

RIGHT = frozenset({"number", "money", "bar"})
Column = dict[str, Any]


def rows_html(columns: Sequence[Column], rows: Sequence[dict[str, Any]], pick: str | None) -> Markup:
    """The rows (as :meth:`Table.row` makes them) as table rows; ``pick`` is the form of the tick boxes."""
    template = _compiled(tuple((c["kind"], c["label"]) for c in columns), pick or "")
    finish = [_finisher(c["kind"]) for c in columns]
    made = [
        (r["id"], r["href"], r["key"], *[f(cell) if f else cell for f, cell in zip(finish, r["cells"], strict=True)])
        for r in rows
    ]
    return Markup(template.render(rows=made))  # noqa: S704 - a template escaped it


@lru_cache(maxsize=256)
def _compiled(columns: tuple[tuple[str, str], ...], pick: str) -> Template:
    names = [f"c{i}" for i in range(len(columns))]
    cells = "".join(_cell(name, kind, label) for name, (kind, label) in zip(names, columns, strict=True))
    tick = ""
    if pick:
        tick = (
            '<td class="tick"><label class="pick"><input type="checkbox" name="ids" value="{{ id }}"'
            f' form="{escape(pick)}"><span class="visually-hidden">Select {{{{ key }}}}</span></label></td>'
        )
    source = f"{{% for id, href, key, {', '.join(names)} in rows %}}<tr>{tick}{cells}</tr>\n{{% endfor %}}"
    return templates().from_string(source)


def _cell(name: str, kind: str, label: str) -> str:
    if kind == "title":
        return (
            '<th scope="row" class="wrap"><a href="{{ href }}"><span class="key">{{ key }}</span>'
            f"{{{{ {name} }}}}</a></th>"
        )
    # The label is a workspace's own words: they are escaped, and no part of the template's language.
    said = str(escape(label)).replace("{", "&#123;")
    blank = f'<td class="blank{" n" if kind in RIGHT else ""}"></td>'
    look = ' class="n"' if kind in RIGHT else ' class="wrap"' if kind == "long" else ""
    full = f'<td data-label="{said}"{look}>{{{{ {name} }}}}</td>'
    return f"{{% if {name} is none %}}{blank}{{% else %}}{full}{{% endif %}}"


def _finisher(kind: str) -> Callable[[Any], Any] | None:
    """What turns a cell into markup, or None where the text itself is the cell. Equal cells are made once."""
    makers: dict[str, Callable[[Any], str]] = {
        "state": _state,
        "person": _person,
        "tags": _tags,
        "text": _link,
        "bar": _bar,
    }
    make = makers.get(kind)
    if make is None:
        return None
    kept: dict[Any, Any] = {}

    def finish(cell: Any) -> Any:
        if cell is None or cell == [] or isinstance(cell, str):
            return cell or None
        ident = tuple(cell) if isinstance(cell, list) else tuple(cell.values())
        if ident not in kept:
            kept[ident] = Markup(make(cell))  # noqa: S704 - each part is escaped below
        return kept[ident]

    return finish


def _state(cell: dict[str, str]) -> str:
    return f'<span class="chip {escape(cell["tone"])}">{escape(cell["label"])}</span>'


def _person(cell: dict[str, str]) -> str:
    letters = escape(cell["initials"])
    return f'<span class="person"><span class="av" aria-hidden="true">{letters}</span>{escape(cell["name"])}</span>'


def _tags(cell: list[str]) -> str:
    chips = "".join(f'<span class="chip tag">{escape(tag)}</span>' for tag in cell)
    return f'<span class="chips">{chips}</span>'


def _link(cell: dict[str, str]) -> str:
    return f'<a href="{escape(cell["href"])}">{escape(cell["text"])}</a>'


def _bar(cell: dict[str, Any]) -> str:
    width = round(50 * cell["share"], 1)
    return (
        f'{escape(cell["text"])}<svg class="bar-mark" viewBox="0 0 50 5" aria-hidden="true">'
        f'<rect width="{width}" height="5" rx="2.5"/></svg>'
    )
