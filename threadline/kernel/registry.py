"""The declaration of a record type, and the frozen register of all of them.

A leaf's ``records.py`` declares each type once. Tables, forms, the API, exchange, search,
history and about twenty-five inherited tests all come from it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from threadline.kernel import fields
from threadline.kernel.access import Actor
from threadline.kernel.errors import NotFound
from threadline.kernel.links import Link
from threadline.kernel.records import Record

if TYPE_CHECKING:
    from threadline.kernel.door import Door

SQL = tuple[str, list[Any]]


@dataclass(frozen=True)
class Field:
    """One declared field. What is not said is read from the model's column of that name.

    ``role`` is its part on a page: title, subtitle, body, matters (shown under the thread bar),
    number, start, due. ``meaning`` raises the revision when it changes, and so makes citing
    records suspect. ``private`` needs the ``read_private`` verb. ``search`` is A or B.
    ``aliases`` are other names that columns of imported files give it, in small letters. ``back``,
    of a field that names a record, is the heading under which that record's page lists these.
    """

    name: str
    label: str = ""
    role: str = ""
    meaning: bool = False
    private: bool = False
    required: bool | None = None  # None means: as every record has it, else not
    readonly: bool = False
    search: str = ""
    help: str = ""
    unit: str = ""
    kind: Any = None  # a FieldKind; None means: as the column says
    attname: str = ""
    column: str = ""
    custom: bool = False
    aliases: tuple[str, ...] = ()
    back: str = ""

    def sql(self, alias: str, postgres: bool) -> str:
        """The expression of this field's stored value over ``alias``; never holds user input."""
        if not self.custom:
            return f'{alias}."{self.column}"'
        if not postgres:
            return f"json_extract({alias}.custom, '$.{self.name}')"
        text = f"({alias}.custom ->> '{self.name}')"
        return f"CAST({text} AS double precision)" if self.kind.compare == "number" else text


@dataclass(frozen=True)
class Computed:
    """A column that is a question, not a value: ``sql(actor, alias)`` gives one subquery."""

    name: str
    label: str
    sql: Callable[[Actor, str], SQL]
    kind: Any = None
    private: bool = False
    unit: str = ""
    help: str = ""

    @property
    def number(self) -> bool:
        """Whether it sorts and compares as a number."""
        return self.kind is None or self.kind.compare == "number"


@dataclass(frozen=True)
class State:
    """A state of the workflow. ``tone`` colours its chip; ``final`` ones count as done with."""

    name: str
    label: str
    tone: str = ""
    final: bool = False


@dataclass(frozen=True)
class Cite:
    """A citation a type may make: ``name`` is the link's kind, ``to`` the kinds it may point at."""

    name: str
    label: str
    to: tuple[str, ...]
    back: str = ""  # how the target's page names the citing records


_BASE = (
    Field("title", role="title", required=True, search="A"),
    Field("state", role="state"),
    Field("owner", role="owner"),
    Field("product", role="subtitle"),
    Field("confidentiality", label="Who may see it"),
    Field("source", label="Imported from"),
    Field("source_id", label="Id there"),
    Field("created_at", label="Created", readonly=True),
    Field("updated_at", label="Updated", readonly=True),
)
# Short names for the query language.
ALIASES = {"created": "created_at", "updated": "updated_at", "id": "key"}


class RecordType:
    """The declaration. Subclass it, set what differs, decorate with :func:`register`."""

    model: ClassVar[type[Record]]
    label: ClassVar[str]
    plural: ClassVar[str]
    icon: ClassVar[str] = "circle"
    group: ClassVar[str]  # row of the policy table
    room: ClassVar[str]  # "inbound/features"
    stop: ClassVar[str] = ""  # voices, insights, opportunity, feature, release, launch, outcome, aim
    about: ClassVar[str] = ""  # one sentence, shown when there is nothing yet
    fields: ClassVar[tuple[Field, ...]] = ()
    computed: ClassVar[tuple[Computed, ...]] = ()
    states: ClassVar[tuple[State, ...]]
    cites: ClassVar[tuple[Cite, ...]] = ()
    good_until: ClassVar[str] = ""  # the date column after which whatever cites a record is suspect until it is checked
    kept: ClassVar[tuple[str, ...]] = ()  # fields set by verbs alone that the log keeps all the same
    recordings: ClassVar[bool] = False  # whether sound and pictures of hours may lie on its records
    columns: ClassVar[tuple[str, ...]] = ("title", "state", "owner", "updated_at")
    sort: ClassVar[str] = "-updated"

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        """Called by the door before each write: derive what is derived, refuse what may not be.

        ``before`` holds the old values of what changes (by field name), None for a new record.
        Raise :class:`~threadline.kernel.errors.Invalid`.
        """

    def may_enter(self, door: Door, record: Record, before: str | None) -> None:
        """Called by the door before a record is written in another state than it was in, whichever way it came.

        ``before`` is the state it was in, None for a new record; ``door.action`` the verb that brings it. Raise
        :class:`~threadline.kernel.errors.Invalid` to refuse it.
        """

    def citations_changed(self, door: Door, ids: Sequence[UUID], kind: str, link: Link | None) -> None:
        """Called by the door, in the same transaction, when records of this type gain or lose citations.

        That is when a link of ``kind`` to them was made, amended or taken back, and when the
        citing record went to the trash or came back. ``link`` is one that somebody just wrote;
        raise :class:`~threadline.kernel.errors.Invalid` to refuse it.
        """

    def changed(self, door: Door, record: Record, names: Collection[str]) -> None:
        """Called by the door, in the same transaction, after a record of this type was written.

        ``names`` are the fields that changed (all that were set, for a new record), ``archived_at``
        for the way to the trash and back, ``readers`` when others were named. For what must follow
        at once and not as a job, such as the reach of records that belong to this one.
        """

    def receives(self, record: Record, name: str) -> None:
        """Called before a file of this name is put on a record; raise Invalid to refuse it."""

    def answers(self) -> dict[str, Callable[[Actor, Any], Any]]:
        """Questions beyond the columns, by name: each takes an actor and a record within reach.

        What they give back is dataclasses and plain values, ready for a page and for JSON.
        """
        return {}

    @cached_property
    def follows(self) -> bool:
        """Whether the type has anything to do after a write."""
        return type(self).changed is not RecordType.changed

    @cached_property
    def kind(self) -> str:
        """The type's name in code and addresses: ``feature``."""
        return self.model.kind

    @cached_property
    def path(self) -> str:
        """The plural in addresses: ``features``, ``key-results``."""
        return self.plural.lower().replace(" ", "-")

    @property
    def table(self) -> str:
        """The database table."""
        return self.model._meta.db_table

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """All stored fields, base fields included, in page order: the declared order first."""
        base = {f.name: f for f in _BASE}
        given = {f.name: _merged(base.get(f.name), f) for f in self.fields}
        order = ["title", *[n for n in given if n != "title"], *[n for n in base if n not in given and n != "title"]]
        return {name: self._bound(given.get(name) or base[name]) for name in order}

    @cached_property
    def required(self) -> tuple[Field, ...]:
        """Fields that may not be blank."""
        return tuple(f for f in self.by_name.values() if f.required)

    @cached_property
    def logged(self) -> tuple[tuple[str, str, Callable[[Any], Any] | None], ...]:
        """(name, attribute, exchange or None when the value goes as it is) of what the log keeps."""
        plain = fields.FieldKind.exchange
        return tuple(
            (n, f.attname, None if type(f.kind).exchange is plain else f.kind.exchange)
            for n, f in self.by_name.items()
            if not f.readonly or n in self.kept
        )

    @cached_property
    def indexed(self) -> tuple[str, ...]:
        """Attributes whose text is searchable beside the title."""
        return tuple(f.attname for f in self.by_name.values() if f.search and f.role != "title")

    @cached_property
    def searched(self) -> frozenset[str]:
        """Names of the fields that search reads."""
        return frozenset(f.name for f in self.by_name.values() if f.search)

    @cached_property
    def meaning(self) -> frozenset[str]:
        """Names of the fields whose change makes citing records suspect."""
        return frozenset(f.name for f in self.by_name.values() if f.meaning)

    @cached_property
    def computed_by_name(self) -> dict[str, Computed]:
        """Computed columns by name."""
        return {c.name: c for c in self.computed}

    @cached_property
    def cite_by_name(self) -> dict[str, Cite]:
        """Citations by link kind."""
        return {c.name: c for c in self.cites}

    @cached_property
    def state_by_name(self) -> dict[str, State]:
        """States by name."""
        return {s.name: s for s in self.states}

    def with_role(self, role: str) -> list[Field]:
        """Fields of a role, in order."""
        return [f for f in self.by_name.values() if f.role == role]

    def readable(self, actor: Actor) -> dict[str, Field]:
        """The stored fields that this actor may read at all."""
        if actor.may("read_private", self.group):
            return self.by_name
        return {n: f for n, f in self.by_name.items() if not f.private}

    def _bound(self, field: Field) -> Field:
        column: Any = self.model._meta.get_field(field.name)
        kind = field.kind or (
            fields.Choice(tuple((s.name, s.label) for s in self.states))
            if field.name == "state"
            else fields.kind_of(column)
        )
        return replace(
            field,
            label=field.label or field.name.replace("_", " ").capitalize(),
            kind=kind,
            attname=column.attname,
            column=column.column,
            required=bool(field.required),
            readonly=field.readonly or bool(getattr(column, "generated", False)),
        )


def _merged(base: Field | None, given: Field) -> Field:
    if base is None:
        return given
    return replace(
        given,
        label=given.label or base.label,
        role=given.role or base.role,
        required=base.required if given.required is None else given.required,
        search=given.search or base.search,
        readonly=given.readonly or base.readonly,
    )


class _Register(dict[str, RecordType]):
    """Every type by kind; closed after start-up."""

    frozen = False


_types = _Register()


def register(cls: type[RecordType]) -> type[RecordType]:
    """Add a type to the register; refused after start-up and for a name or prefix taken twice."""
    declared = cls()
    if _types.frozen:
        raise RuntimeError("the register of record types is frozen after start-up")
    for other in _types.values():
        if declared.kind == other.kind or declared.model.prefix == other.model.prefix or declared.path == other.path:
            raise RuntimeError(f"{declared.kind} and {other.kind} share a name, path or key prefix")
    _types[declared.kind] = declared
    return cls


def freeze() -> None:
    """Close the register; called once when everything is loaded."""
    _types.frozen = True


def kinds() -> Iterable[RecordType]:
    """All record types, in order of registration."""
    return _types.values()


def type_of(kind: str | Record | type[Record]) -> RecordType:
    """The type by kind, path, or record; raises NotFound for a name nobody registered."""
    name = kind if isinstance(kind, str) else kind.kind
    found = _types.get(name)
    if found is None:
        found = next((t for t in _types.values() if t.path == name), None)
    if found is None:
        raise NotFound(f"There is no record type called {name[:60]}.")
    return found


def type_of_prefix(prefix: str) -> RecordType | None:
    """The type whose keys begin with this prefix (F for F-112)."""
    return next((t for t in _types.values() if t.model.prefix == prefix), None)
