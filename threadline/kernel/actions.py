"""The one door for writes.

Every write is a function under :func:`action`. Calling one opens the door: it authorises,
opens the transaction, loads what it was given through reach, checks the expected version,
runs, writes the changes, and refreshes card and search row. Faces derive their buttons,
endpoints, tools and commands from :class:`Action`, so one verb has one behaviour everywhere.
"""

from __future__ import annotations

import inspect
import time
import typing
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from django.db import OperationalError, transaction

from threadline.kernel import fields
from threadline.kernel.access import Actor
from threadline.kernel.door import Door
from threadline.kernel.errors import Conflict, Invalid, Problem
from threadline.kernel.records import Record

R = TypeVar("R")
_TRIES = 4  # a serialisation failure is retried; a second writer then sees the first one's row


@dataclass(frozen=True)
class Ask:
    """How to ask for an argument: ``Annotated[str, Ask("Reason", "Shown to those who asked.")]``."""

    label: str = ""
    help: str = ""
    long: bool = False
    to: str = ""  # the kind of record to choose; for records of another room, whose models are its own


@dataclass(frozen=True)
class Param:
    """One argument of an action, as faces need it."""

    name: str
    label: str
    help: str
    kind: fields.FieldKind
    required: bool
    default: Any
    many: bool = False


def through_door(
    actor: Actor | Door, name: str, run: Callable[[Door], R], *, why: str = "", batch: UUID | None = None
) -> R:
    """Run a write in one transaction; inside another action, as part of that one.

    A serialisation failure or deadlock of the database is retried from the start.
    """
    if isinstance(actor, Door):
        return run(actor)
    for attempt in range(_TRIES):
        try:
            with transaction.atomic():
                return run(Door(actor, name, batch=batch, why=why))
        except OperationalError as error:
            code = getattr(getattr(error, "__cause__", None), "sqlstate", None)
            if code not in ("40001", "40P01") or attempt == _TRIES - 1:
                raise
            time.sleep(0.01 * 2**attempt)
    raise AssertionError("unreachable")


class Action(Generic[R]):
    """A verb: callable by its function's keyword arguments, with the actor first."""

    def __init__(
        self,
        function: Callable[..., R],
        *,
        on: type[Record] | None,
        verb: str,
        label: str,
        states: tuple[str, ...],
        bulk: bool,
        to: str = "",
    ) -> None:
        self.function, self.on, self.verb, self.label, self.states, self.bulk, self.to = (
            function,
            on,
            verb,
            label,
            states,
            bulk,
            to,
        )
        self.name = function.__name__
        self.__doc__ = function.__doc__
        self._hints = typing.get_type_hints(function, include_extras=True)
        names = [p for p in inspect.signature(function).parameters.values() if p.kind is p.KEYWORD_ONLY]
        self.subject = names[0].name if on is not None else ""
        self.params = tuple(self._param(p) for p in names if p.name != self.subject)

    @property
    def help(self) -> str:
        """The docstring as product copy: what the button says it does."""
        return inspect.cleandoc(self.__doc__ or "").replace("\n", " ").strip()

    def __call__(
        self,
        actor: Actor | Door,
        /,
        *,
        expect: int | None = None,
        why: str = "",
        batch: UUID | None = None,
        **arguments: Any,
    ) -> R:
        """Run the verb. ``expect`` is the version the caller read; a lost race raises Conflict."""
        return through_door(actor, self.name, lambda door: self._run(door, expect, arguments), why=why, batch=batch)

    def possible(self, record: Record) -> bool:
        """Whether the record's state allows the verb."""
        return not self.states or record.state in self.states

    def _run(self, door: Door, expect: int | None, arguments: dict[str, Any]) -> R:
        given = dict(arguments)
        if self.on is not None:
            record = door.get(self.on, given.pop(self.subject), verb=self.verb)
            if expect is not None and record.version != expect:
                raise Conflict("Somebody changed this since you read it.", record.version)
            if not self.possible(record):
                raise Conflict(f"Not possible while it is {record.state.replace('_', ' ')}.", record.version)
            return self.function(door, **{self.subject: record}, **self._clean(door.actor, given))
        return self.function(door, **self._clean(door.actor, given))

    def _clean(self, actor: Actor, given: dict[str, Any]) -> dict[str, Any]:
        problems, cleaned = [], {}
        known = {p.name for p in self.params}
        problems += [Problem(n, "There is no such argument.") for n in given if n not in known]
        for param in self.params:
            try:
                value = self._value(actor, param, given.get(param.name))
            except fields.Refused as refused:
                problems.append(Problem(param.name, str(refused)))
                continue
            if value is None and param.required:
                problems.append(Problem(param.name, "Needed."))
            elif value is not None or param.name in given:
                cleaned[param.name] = value if value is not None else param.default
        if problems:
            raise Invalid(*problems)
        return cleaned

    @staticmethod
    def _value(actor: Actor, param: Param, raw: Any) -> Any:
        if not param.many:
            return param.kind.clean(raw, actor)
        if raw is None:
            return None
        items = raw if isinstance(raw, list | tuple) else [part for part in str(raw).split(",") if part.strip()]
        if len(items) > 500:
            raise fields.Refused("At most 500 at once.")
        return [one for item in items if (one := param.kind.clean(item, actor)) is not None] or None

    def _param(self, parameter: inspect.Parameter) -> Param:
        hint, ask = self._hints[parameter.name], Ask()
        if typing.get_origin(hint) is typing.Annotated:
            hint, *notes = typing.get_args(hint)
            ask = next((n for n in notes if isinstance(n, Ask)), ask)
        options = [a for a in typing.get_args(hint) if a is not type(None)]
        if type(None) in typing.get_args(hint):
            hint = options[0]
        many = typing.get_origin(hint) is list
        if many:
            hint = typing.get_args(hint)[0]
        empty = parameter.default is parameter.empty
        return Param(
            parameter.name,
            ask.label or parameter.name.replace("_", " ").capitalize(),
            ask.help,
            _kind_of_hint(hint, ask),
            required=empty,
            default=None if empty else parameter.default,
            many=many,
        )


def _kind_of_hint(hint: Any, ask: Ask) -> fields.FieldKind:
    if ask.to:
        return fields.Reference(ask.to)
    if typing.get_origin(hint) is Literal:
        return fields.Choice(tuple((v, str(v).replace("_", " ").capitalize()) for v in typing.get_args(hint)))
    if isinstance(hint, type) and issubclass(hint, Record):
        return fields.Reference(hint.kind)
    simple: dict[Any, fields.FieldKind] = {
        str: fields.Markdown() if ask.long else fields.FieldKind(longest=2_000),
        int: fields.Number(whole=True),
        float: fields.Number(),
        bool: fields.Flag(),
        date: fields.Day(),
        datetime: fields.Moment(),
    }
    return simple[hint]


_actions: dict[str, Action[Any]] = {}
_on: dict[str, list[Action[Any]]] = {}


def action(
    on: type[Record] | None = None,
    *,
    verb: str,
    label: str,
    states: tuple[str, ...] = (),
    bulk: bool = False,
    to: str = "",
) -> Callable[[Callable[..., R]], Action[R]]:
    """Declare a verb on a record type. Its first keyword-only argument is the record.

    ``verb`` is a column of the policy table; ``states`` the states in which it is possible;
    ``bulk`` offers it for many records at once; ``to`` is the state it leads to, so that a
    board can offer it for a card that is moved there.
    """

    def declare(function: Callable[..., R]) -> Action[R]:
        made: Action[R] = Action(function, on=on, verb=verb, label=label, states=states, bulk=bulk, to=to)
        if made.name in _actions:
            raise RuntimeError(f"two actions are called {made.name}")
        _actions[made.name] = made
        _on.setdefault(on.kind if on is not None else "", []).append(made)
        return made

    return declare


def actions_on(kind: type[Record] | str) -> list[Action[Any]]:
    """The declared verbs of a record type."""
    return _on.get(kind if isinstance(kind, str) else kind.kind, [])


def all_actions() -> list[Action[Any]]:
    """Every declared verb."""
    return list(_actions.values())
