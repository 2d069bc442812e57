"""What the values of a column look like."""

from __future__ import annotations

import re

from threadline.exchange import cells
from threadline.exchange.cells import Unread
from threadline.exchange.naming import Names
from threadline.formats.sheets import Cell
from threadline.kernel import fields
from threadline.kernel.access import Actor
from threadline.kernel.registry import Field

_ADDRESS = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")


def found(names: Names, value: Cell) -> bool:
    """Whether a cell names something that is here."""
    try:
        return names.find(str(value)) is not None
    except Unread:
        return False


def accepted(value: Cell, field: Field, actor: Actor) -> bool:
    """Whether a field would take the cell."""
    if field.kind.name in ("text", "markdown"):
        return True  # whatever does not fit is cut, and told
    try:
        if field.kind.name in ("date", "moment"):
            order = cells.order_of([value])[0] or "dmy"
            return cells.moment(value, order) is not None
        raw = cells.number(value, field.kind, None) if isinstance(field.kind, fields.Number) else value
        field.kind.clean(raw if not isinstance(raw, bool) else str(raw), actor)
    except (Unread, fields.Refused):
        return False
    return True


def number(value: Cell, field: Field) -> float | None:
    """The number in a cell, if there is one."""
    try:
        return float(cells.number(value, field.kind, None))
    except (TypeError, ValueError):
        return None


def is_address(value: Cell) -> bool:
    """Whether it looks like a mail address."""
    return isinstance(value, str) and bool(_ADDRESS.match(value.strip()))


def is_link(value: Cell) -> bool:
    """Whether it looks like a link."""
    return isinstance(value, str) and value.strip().lower().startswith(("http://", "https://"))


def is_written_date(value: Cell) -> bool:
    """Whether it looks like a date; a bare number does not."""
    if isinstance(value, int | float) or (isinstance(value, str) and value.strip().isdigit()):
        return False  # a number is a date only in a column that says so
    try:
        return cells.moment(value, cells.order_of([value])[0] or "dmy") is not None
    except Unread:
        return False
