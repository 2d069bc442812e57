"""How the columns of a file become fields: said by a person, remembered, or guessed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from threadline.kernel import fields
from threadline.kernel.access import Actor
from threadline.kernel.customs import all_fields
from threadline.kernel.errors import Invalid, Problem
from threadline.kernel.query import nearest
from threadline.kernel.registry import Field, RecordType

# Targets that are no field: words on the record, and what says which record a row is.
TAGS, SOURCE_ID, OWN_ID, OWN_KEY = "tags", "source_id", "id", "key"
ORDERS = ("dmy", "mdy", "ymd")
MISSING = ("create", "blank")
# What the run itself decides, whatever a file says.
_NEVER = frozenset({"source", "source_id"})
_JOINED = ("text", "markdown")
MOST_VALUES = 500


@dataclass(frozen=True, slots=True)
class Target:
    """A place a column can go to."""

    name: str
    label: str
    field: Field | None = None
    required: bool = False

    @property
    def many(self) -> bool:
        """Whether several columns may go there together."""
        if self.field is not None:
            return self.field.kind.name in _JOINED
        return self.name not in (SOURCE_ID, OWN_ID, OWN_KEY)


def targets(actor: Actor, declared: RecordType) -> dict[str, Target]:
    """Everything a column of a file may become for this actor, by name, in page order."""
    found = {
        n: Target(n, f.label, f, bool(f.required))
        for n, f in all_fields(actor, declared).items()
        if not f.readonly and n not in _NEVER
    }
    found[TAGS] = Target(TAGS, "Tags")
    found |= {c.name: Target(c.name, f"{c.label} (keys)") for c in declared.cites if c.name not in found}
    found[SOURCE_ID] = Target(SOURCE_ID, "Id in its own system")
    found[OWN_ID] = Target(OWN_ID, "Id here, to change what is there")
    found[OWN_KEY] = Target(OWN_KEY, f"Key here ({declared.model.prefix}-12), to change what is there")
    return found


@dataclass(frozen=True, slots=True)
class Pair:
    """One column and where it goes. ``values`` says what words of the column mean here."""

    column: str
    to: str
    values: dict[str, str] = field(default_factory=dict)  # by the word in small letters
    order: str = ""  # of the numbers in a date: dmy, mdy or ymd
    out_of: float | None = None  # the top of the file's own scale


@dataclass(frozen=True, slots=True)
class Mapping:
    """Everything a person decides about a file."""

    pairs: tuple[Pair, ...] = ()
    constants: dict[str, Any] = field(default_factory=dict)  # field (or tags) to raw value
    missing: dict[str, str] = field(default_factory=dict)  # field to "create" or "blank"; else the row is refused
    headings: bool = False  # name each column where several are joined into one text
    exact: bool = False  # a blank cell empties the field, and tags not in the file are taken off

    def __post_init__(self) -> None:
        # PostgreSQL keeps no NUL in JSON, and no field takes one.
        for name, value in list(self.constants.items()):
            if isinstance(value, str) and "\x00" in value:
                self.constants[name] = value.replace("\x00", "")

    def to(self, target: str) -> list[Pair]:
        """The columns that go to a target, in file order."""
        return [p for p in self.pairs if p.to == target]

    def as_json(self) -> dict[str, Any]:
        """The form it is kept in."""
        pairs = []
        for p in self.pairs:
            given = {"column": p.column, "to": p.to, "values": p.values, "order": p.order, "out_of": p.out_of}
            pairs.append({n: v for n, v in given.items() if v or n in ("column", "to")})
        said = {"constants": self.constants, "missing": self.missing, "headings": self.headings, "exact": self.exact}
        return {"pairs": pairs, **{n: v for n, v in said.items() if v}}

    @property
    def digest(self) -> str:
        """The same for the same decisions."""
        return hashlib.sha256(orjson.dumps(self.as_json(), option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def from_json(raw: Any) -> Mapping:
    """A mapping from its kept form, or from the API; raises Invalid for any other shape."""
    if not isinstance(raw, dict):
        raise Invalid(("mapping", "Expected an object."))
    pairs = raw.get("pairs", [])
    if not isinstance(pairs, list) or len(pairs) > 2_000:
        raise Invalid(("mapping", "Expected a list of columns and where they go."))
    return Mapping(
        tuple(_pair(one) for one in pairs),
        _words(raw.get("constants"), "constants"),
        {n: str(v) for n, v in _words(raw.get("missing"), "missing").items()},
        raw.get("headings") is True,
        raw.get("exact") is True,
    )


def _pair(raw: Any) -> Pair:
    if not isinstance(raw, dict) or not isinstance(raw.get("column"), str) or not isinstance(raw.get("to"), str):
        raise Invalid(("mapping", "Expected a column and where it goes."))
    out_of = raw.get("out_of")
    if out_of is not None and (isinstance(out_of, bool) or not isinstance(out_of, int | float) or not 0 < out_of < 1e9):
        raise Invalid(("mapping", f"{raw['column'][:60]}: the top of the scale is a number above 0."))
    values = {" ".join(str(k).lower().split()): str(v) for k, v in _words(raw.get("values"), "values").items()}
    return Pair(raw["column"], raw["to"], values, str(raw.get("order") or ""), out_of)


def _words(raw: Any, name: str) -> dict[str, Any]:
    if raw is None:
        return {}
    if not isinstance(raw, dict) or len(raw) > MOST_VALUES:
        raise Invalid(("mapping", f"{name}: expected an object of at most {MOST_VALUES} names."))
    if not all(isinstance(v, str | int | float | bool) for v in raw.values()):
        raise Invalid(("mapping", f"{name}: expected plain values."))
    return {str(k)[:1_000]: v for k, v in raw.items()}


def checked(actor: Actor, declared: RecordType, mapping: Mapping, columns: Iterable[str]) -> Mapping:
    """The mapping, if every name in it exists and goes together; raises Invalid with all that does not."""
    known, present = targets(actor, declared), set(columns)
    wrong = [Problem("mapping", text) for text in _wrong_pairs(mapping, known, present)]
    for name in mapping.constants:
        if name not in known or (known[name].field is None and name != TAGS):
            wrong.append(Problem("constants", f"There is no field called {name[:60]}. {nearest(name, known)}"))
    for name, choice in mapping.missing.items():
        target = known.get(name)
        if target is None or target.field is None or target.field.kind.compare != "id" or choice not in MISSING:
            wrong.append(
                Problem("missing", f"{name[:60]}: expected a field that names something, and create or blank.")
            )
        elif choice == "create" and not isinstance(target.field.kind, fields.Reference):
            wrong.append(Problem("missing", f"{target.label}: cannot be made by an import; leave it blank instead."))
        elif choice == "create" and target.field.kind.kind == declared.kind:
            wrong.append(
                Problem("missing", f"{target.label}: names other rows of the file; it cannot be made beside them.")
            )
    if wrong:
        raise Invalid(*wrong)
    return mapping


def _wrong_pairs(mapping: Mapping, known: dict[str, Target], present: set[str]) -> Iterable[str]:
    taken: dict[str, str] = {}
    for pair in mapping.pairs:
        target = known.get(pair.to)
        if pair.column not in present:
            yield f"The file has no column called {pair.column[:60]}. {nearest(pair.column, present)}"
        elif target is None:
            yield f"There is no field called {pair.to[:60]}. {nearest(pair.to, known)}"
        elif pair.to in taken and not target.many:
            yield f"Both {taken[pair.to][:60]} and {pair.column[:60]} go to {target.label}; only one column can."
        elif pair.order and pair.order not in ORDERS:
            yield f"{pair.column[:60]}: the order of a date is one of {', '.join(ORDERS)}."
        taken[pair.to] = pair.column
    ways = [t for t in (SOURCE_ID, OWN_ID, OWN_KEY) if t in taken]
    if SOURCE_ID in ways and len(ways) > 1:
        yield "Say either which id a row has in its own system, or which it has here; not both."


def overridden(guess: Mapping, said: Mapping, left_out: Iterable[str] = ()) -> Mapping:
    """A guess with what a person said put in its place: their columns, and their columns' targets, win."""
    columns, aims = {p.column for p in said.pairs} | set(left_out), {p.to for p in said.pairs}
    kept = [p for p in guess.pairs if p.column not in columns and (p.to not in aims or p.to == TAGS)]
    aims |= {p.to for p in kept}
    return Mapping(
        (*kept, *said.pairs),
        {**guess.constants, **said.constants},
        {n: v for n, v in {**guess.missing, **said.missing}.items() if n in aims},
        said.headings or (guess.headings and len([p for p in kept if p.to not in (TAGS, SOURCE_ID)]) > 1),
        said.exact or guess.exact,
    )


def signature(columns: Sequence[str]) -> str:
    """The same for the same column names in any order."""
    names = sorted(plain_name(c) for c in columns)
    return hashlib.sha256("\x1f".join(names).encode()).hexdigest()


def plain_name(name: str) -> str:
    """A column's name for comparing: small letters and digits, single spaces."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return " ".join(re.sub(r"[\W_]+", " ", spaced.lower()).split())
