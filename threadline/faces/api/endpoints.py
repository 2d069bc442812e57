"""What an endpoint is: declared once, with its parameters, body and answers.

The checks of every request and the OpenAPI document both read that declaration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from threadline.kernel import fields
from threadline.kernel.access import Actor
from threadline.kernel.errors import Invalid, Problem
from threadline.kernel.idempotency import Answer
from threadline.kernel.query import nearest

WRITE_COST = 5


@dataclass(frozen=True)
class Part:
    """One query parameter, or one member of a JSON body."""

    name: str
    kind: fields.FieldKind
    help: str = ""
    required: bool = False
    default: Any = None
    many: bool = False
    schema: dict[str, Any] | None = None  # what the kind alone does not say; the endpoint checks it


ARGUMENTS = "{Action}"  # the body of an action: its own arguments, or nothing

FILE = "(file)"  # a body, or an answer, that is a table as a file and is never held whole
UPLOAD = "(upload)"  # a body that is any file, in a form or as it is
BYTES = "(bytes)"  # an answer that is any file

# On every write: a reason for the history, and a batch to undo it with others.
WHY = Part("why", fields.FieldKind(longest=2_000), "Why; kept in the history.")
BATCH = Part("batch", fields.FieldKind(longest=36), "A batch made with POST /batches, to undo several calls as one.")
WORKSPACE = Part("workspace", fields.FieldKind(longest=60), "The workspace's short name, for people in several.")


@dataclass(frozen=True)
class Endpoint:
    """A declared endpoint. ``answers`` maps a status to the name of a schema, or "" for no body."""

    method: str
    path: str
    run: Callable[..., Answer]
    summary: str
    section: str
    scope: str
    query: tuple[Part, ...]
    body: tuple[Part, ...] | str | None
    answers: Mapping[int, str]
    public: bool = False
    matches: bool = False  # takes If-Match
    cost: int = 1
    parameters: Mapping[str, Part] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    needed: bool = False  # whether a parameter must be given

    @property
    def help(self) -> str:
        """The docstring, as the reference shows it."""
        return " ".join((self.run.__doc__ or "").split())


ENDPOINTS: list[Endpoint] = []


def endpoint(
    method: str,
    path: str,
    summary: str,
    *,
    section: str,
    answers: Mapping[int, str],
    scope: str = "",
    query: tuple[Part, ...] = (),
    body: tuple[Part, ...] | str | None = None,
    public: bool = False,
    matches: bool = False,
    cost: int = 0,
    how: tuple[Part, ...] = (WHY, BATCH),
) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """Declare a function ``(call, **path values) -> Answer`` as an endpoint below /api/v1/."""
    reads = method == "GET"
    every = (*query, WORKSPACE) if reads else (*query, *how, WORKSPACE)

    def declare(run: Callable[..., Answer]) -> Callable[..., Answer]:
        ENDPOINTS.append(
            Endpoint(
                method,
                path,
                run,
                summary,
                section,
                scope or ("read" if reads else "write"),
                every,
                body,
                answers,
                public,
                matches,
                cost or (1 if reads else WRITE_COST),
                {p.name: p for p in every},
                {p.name: p.default for p in every},
                any(p.required for p in every),
            )
        )
        return run

    return declare


def cleaned(parts: tuple[Part, ...], given: Mapping[str, Any], actor: Actor | None) -> dict[str, Any]:
    """Values by name, every part present; raises Invalid with all that is wrong."""
    known = {p.name: p for p in parts}
    problems_found = [Problem(n, unknown(n, known)) for n in given if n not in known]
    values: dict[str, Any] = {}
    for part in parts:
        try:
            values[part.name] = _value(part, given.get(part.name), actor)
        except fields.Refused as refused:
            problems_found.append(Problem(part.name, str(refused)))
            continue
        if part.required and values[part.name] is None:
            problems_found.append(Problem(part.name, "Needed."))
    if problems_found:
        raise Invalid(*problems_found)
    return values


def unknown(name: str, known: Iterable[str]) -> str:
    return f"There is nothing called {name[:60]} here. {nearest(name, known)}"


def _value(part: Part, raw: Any, actor: Actor | None) -> Any:
    if raw is None or part.schema is not None:
        return part.default if raw is None else raw
    if not part.many:
        found = part.kind.clean(raw, actor)  # type: ignore[arg-type]
        return part.default if found is None else found
    items = raw.split(",") if isinstance(raw, str) else raw
    if not isinstance(items, list) or len(items) > 500:
        raise fields.Refused("Expected a list of at most 500.")
    return [v for v in (part.kind.clean(i, actor) for i in items) if v is not None]  # type: ignore[arg-type]
