"""Takes the figures of one operation: ours beside its limit, in turns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import cycle
from typing import Any

from bench.capture import Statement, captured, is_content, is_row_and_history, split_answer
from bench.operations import Reading, Writing
from bench.stage import Stage
from bench.timing import Source, Taken, Thunk, in_turns, quantile, yardstick
from threadline.kernel import rows

# Values that stand for "the version before, the version after, the new value" while an update
# is captured: such as occur nowhere else in its statements.
_BEFORE, _AFTER, _VALUE = 700_001, 700_002, 987_654
_CAPTURED = 3  # of the keys: the record whose update is captured
BLOCK = 5


def measured(stage: Stage, operation: Reading | Writing, seconds: float) -> dict[str, Any]:
    """The figures of an operation, ready for the table."""
    run = _reading if isinstance(operation, Reading) else _writing
    return {"name": operation.name, "aim": operation.aim, **run(stage, operation, seconds)}  # type: ignore[arg-type]


def _reading(stage: Stage, operation: Reading, seconds: float) -> dict[str, Any]:
    makers = operation.makers(stage)
    for make in makers:  # what is cached between requests is cached now
        make()()
    sent, size, limits = [], 0, []
    for make in makers:
        with captured() as statements:
            size += len(make()())  # type: ignore[arg-type]
        sent.append(statements)
        limits.append(stage.bare.reading([s for s in statements if operation.rests_on(s)]))
    ours, limit = cycle(makers), cycle(limits)
    taken = in_turns(
        {
            "ours": lambda count: [next(ours)() for _ in range(count)],
            "limit": lambda count: [next(limit) for _ in range(count)],
            "yardstick": yardstick,
        },
        stage.meter,
        seconds=seconds,
        block=BLOCK,
    )
    return _figures(taken) | _shape(stage, sent, operation.rests_on) | {"bytes": size // len(makers)}


def _writing(stage: Stage, operation: Writing, seconds: float) -> dict[str, Any]:
    ours_keys, limit_keys = cycle(stage.keys[:400]), cycle(stage.keys[400:])
    for key in stage.keys[:3]:
        operation.make(stage, key, 5)()
    statements, size = _captured_write(stage, operation, stage.keys[_CAPTURED])
    whole, answer = split_answer([s for s in statements if operation.rests_on(s)])
    least = [s for s in whole if is_row_and_history(s)]
    instead = _changed if operation.updates else _created
    values = iter(range(1_000, 10**9))

    def replayed(chosen: Sequence[Statement], before: Sequence[Statement] = ()) -> Source:
        def prepare(count: int) -> list[Thunk]:
            others = instead(stage, whole, limit_keys, count)
            for other in others if before else ():
                stage.bare.writing(before, other)()
            return [stage.bare.writing(chosen, other, answer) for other in others]

        return prepare

    # A history row points at a card. Where the limit writes none, it finds one there.
    cards = [s for s in whole if s.writes == "kernel_card" and s.verb == "INSERT"]

    taken = in_turns(
        {
            "ours": lambda count: [operation.make(stage, next(ours_keys), next(values)) for _ in range(count)],
            "limit": replayed(least, cards),
            "same": replayed(whole),
            "yardstick": yardstick,
        },
        stage.meter,
        seconds=seconds,
        block=BLOCK,
    )
    return _figures(taken) | _shape(stage, [statements], operation.rests_on) | {"bytes": size}


def _captured_write(stage: Stage, operation: Writing, key: str) -> tuple[list[Statement], int]:
    if operation.updates:
        number = number_of(key)
        rows.execute("UPDATE inbound_feature SET version = %s WHERE number = %s", [_BEFORE, number])
    work = operation.make(stage, key, _VALUE)
    with captured() as statements:
        size = len(work())  # type: ignore[arg-type]
    return statements, size


def number_of(key: str) -> int:
    """The number in a key: 112 of F-112."""
    return int(key.rpartition("-")[2])


def _insert_of(statements: Sequence[Statement], table: str) -> dict[str, Any]:
    """The values of the statement that adds a row to a table, by column."""
    for statement in statements:
        if statement.writes == table and statement.verb == "INSERT":
            names = statement.sql.partition("(")[2].partition(")")[0].split(",")
            return dict(zip([n.strip(' "') for n in names], statement.params, strict=False))
    return {}


def _created(stage: Stage, whole: Sequence[Statement], keys: Any, count: int) -> list[Mapping[Any, Any]]:
    """For each new record: an id, number, key and row in the search table that nobody has."""
    card = _insert_of(whole, "kernel_card")
    first = 0
    if not rows.is_postgres():
        first = stage.bare.raw.execute("SELECT max(rowid) FROM kernel_search").fetchone()[0] + 1
    found: list[Mapping[Any, Any]] = []
    for offset in range(count):
        number = next(stage.numbers)
        changed = {card["id"]: rows.new_id(), card["number"]: number, card["key"]: f"F-{number}"}
        found.append(changed if card["doc"] is None else {**changed, card["doc"]: first + offset})
    return found


def _changed(stage: Stage, whole: Sequence[Statement], keys: Any, count: int) -> list[Mapping[Any, Any]]:
    """For each changed record: its own id and versions, and a new value."""
    change, captured_number = _insert_of(whole, "kernel_change"), number_of(stage.keys[_CAPTURED])
    found: list[Mapping[Any, Any]] = []
    for key in (next(keys) for _ in range(count)):
        number = number_of(key)
        pk, version = rows.fetch("SELECT id, version FROM inbound_feature WHERE number = %s", [number])[0]
        versions = {_BEFORE: version, _AFTER: version + 1, captured_number: number}
        found.append({change["card_id"]: rows.ident(pk), **versions, _VALUE: next(stage.numbers) / 8})
    return found


def _figures(taken: Mapping[str, Taken]) -> dict[str, Any]:
    ours, limit = taken["ours"], taken["limit"]
    found = {
        "cpu_ms": ours.cpu * 1e3,
        "limit_ms": limit.cpu * 1e3,
        "ratio": ours.cpu / limit.cpu,
        "p50_ms": quantile(ours.walls, 0.5) * 1e3,
        "p95_ms": quantile(ours.walls, 0.95) * 1e3,
        "limit_p50_ms": quantile(limit.walls, 0.5) * 1e3,
        "limit_p95_ms": quantile(limit.walls, 0.95) * 1e3,
        "yardstick_ms": taken["yardstick"].cpu * 1e3,
        "requests": len(ours.walls),
    }
    if "same" in taken:
        found |= {"same_ms": taken["same"].cpu * 1e3, "same_ratio": ours.cpu / taken["same"].cpu}
    return found


def _shape(stage: Stage, sent: Sequence[Sequence[Statement]], rests_on: Callable[[Statement], bool]) -> dict[str, Any]:
    """Statements and rows per request; those the limit leaves out are counted too."""
    count = len(sent)
    return {
        "statements": round(sum(map(len, sent)) / count, 1),
        "about_who_asks": round(sum(not is_content(s) for one in sent for s in one) / count, 1),
        "in_limit": round(sum(rests_on(s) for one in sent for s in one) / count, 1),
        "rows": round(sum(map(stage.bare.rows_of, sent)) / count, 1),
    }
