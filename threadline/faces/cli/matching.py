"""The options of `threadline import` that say where the columns of a file go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import click

from threadline.exchange.mapping import Mapping, from_json, overridden
from threadline.exchange.runs import ImportRun
from threadline.faces.cli.talk import safe

_OPTIONS = (
    click.option("--source", metavar="NAME", help="Where the rows come from, such as app-reviews-2026; remembered."),
    click.option(
        "--map", "maps", multiple=True, metavar="COLUMN=FIELD", help="Where a column goes; COLUMN= leaves it out."
    ),
    click.option("--const", "constants", multiple=True, metavar="FIELD=VALUE", help="The same in every row."),
    click.option(
        "--value", "values", multiple=True, metavar="COLUMN:WORD=VALUE", help="What a word of a column means here."
    ),
    click.option(
        "--dates", multiple=True, metavar="COLUMN=ORDER", help="Order of the numbers in dates: dmy, mdy or ymd."
    ),
    click.option("--out-of", multiple=True, metavar="COLUMN=TOP", help="The top of the file's own scale, such as 5."),
    click.option("--create", multiple=True, metavar="FIELD", help="Make what a field names and is not here."),
    click.option(
        "--blank", multiple=True, metavar="FIELD", help="Leave a field blank where its name is not known here."
    ),
    click.option("--headings", is_flag=True, help="Name each column where several become one text."),
    click.option("--exact", is_flag=True, help="Blank cells empty fields; tags not in the file are taken off."),
    click.option("--no-guess", is_flag=True, help="Only the columns that --map names."),
)


def mapping_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say where columns go."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def chosen(run: ImportRun, said: dict[str, Any]) -> Mapping:
    """The mapping: what is proposed for the file, and over it what was said."""
    words = _by_column(said["values"])
    orders, tops = dict(_pairs(said["dates"], last=True)), dict(_pairs(said["out_of"], last=True))
    given = list(_pairs(said["maps"], last=True))
    guess = Mapping() if said["no_guess"] else from_json(run.mapping)
    named = {column for column, _ in given}
    touched = [(p.column, p.to) for p in guess.pairs if p.column not in named and p.column in {*words, *orders, *tops}]
    aimed = {column for column, to in (*given, *touched) if to}
    for column in (*words, *orders, *tops):
        if column not in aimed:
            raise click.UsageError(
                f"{safe(column)[:60]} goes nowhere yet: say --map {safe(column)[:60]}=FIELD as well."
            )
    pairs = [
        {
            "column": column,
            "to": to,
            "values": words.get(column, {}),
            "order": orders.get(column) or _order(guess, column),
            "out_of": _top(tops[column]) if column in tops else None,
        }
        for column, to in (*given, *touched)
        if to
    ]
    missing = {**dict.fromkeys(said["create"], "create"), **dict.fromkeys(said["blank"], "blank")}
    constants = dict(_pairs(said["constants"]))
    raw = {"pairs": pairs, "constants": constants, "missing": missing}
    mine = from_json({**raw, "headings": said["headings"], "exact": said["exact"]})
    return overridden(guess, mine, [column for column, to in given if not to])


def _order(guess: Mapping, column: str) -> str:
    return next((p.order for p in guess.pairs if p.column == column), "")


def _top(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise click.UsageError(f"--out-of takes a number, not {text[:40]}.") from None


def _pairs(words: Iterable[str], *, last: bool = False) -> Iterator[tuple[str, str]]:
    for word in words:
        name, sign, value = word.rpartition("=") if last else word.partition("=")  # columns may hold the sign
        if not sign or not name:
            raise click.UsageError(f"Write name=value, not {word[:60]}.")
        yield name, value


def _by_column(words: Iterable[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, value in _pairs(words, last=True):
        column, sign, word = name.rpartition(":")
        if not sign or not column:
            raise click.UsageError(f"Write COLUMN:WORD=VALUE, not {name[:60]}.")
        found.setdefault(column, {})[word] = value
    return found
