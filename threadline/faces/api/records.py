"""Records of every type: list, create, read, change, trash, restore, and the verbs of their own."""

from __future__ import annotations

from typing import Any

from threadline.faces.api import answers, including
from threadline.faces.api.answers import CURSOR, LIMIT
from threadline.faces.api.calls import Call
from threadline.faces.api.endpoints import ARGUMENTS, Part, endpoint
from threadline.kernel import fields, listing, verbs
from threadline.kernel.access import Actor, reach
from threadline.kernel.actions import Action, actions_on, through_door
from threadline.kernel.customs import all_fields
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.idempotency import Answer
from threadline.kernel.past import as_of, links_as_of
from threadline.kernel.plan import names_for
from threadline.kernel.query import QueryError
from threadline.kernel.records import Record
from threadline.kernel.registry import RecordType, type_of

SECTION = "records"
WHERE = "<records:declared>"
ONE = f"{WHERE}/<ref:ref>"
_ARCHIVED = Part("archived", fields.Flag(), "Look in the trash.", default=False)
_FIELDS = Part("fields", fields.FieldKind(longest=60), "Only these fields, separated by commas.", many=True)
_MINIMAL = "return=minimal"


@endpoint(
    "GET",
    WHERE,
    "List {plural}",
    section=SECTION,
    query=(
        Part("q", fields.FieldKind(longest=2_000), 'A query: state:planned owner:me updated<30d "some words".'),
        Part(
            "sort", fields.FieldKind(longest=200), "Fields to sort by, the strongest first; -field for highest first."
        ),
        _FIELDS,
        LIMIT,
        CURSOR,
        _ARCHIVED,
        Part("count", fields.Choice((("capped", "Up to 1,000"), ("exact", "All"))), "Count the matches too."),
    ),
    answers={200: "{Type}Page"},
)
def list_records(call: Call, declared: RecordType) -> Answer:
    """One page of the records that match, in a stable order; go on with next_cursor."""
    asked = call.query
    query = f"{asked['q'] or ''} {_sort(asked['sort'])}".strip()
    archived = bool(asked["archived"])
    how = {n: asked[n] for n in ("limit", "cursor")}
    try:
        found = listing.list_page(call.actor, declared, query, names=asked["fields"], archived=archived, **how)
    except QueryError as error:
        raise _blamed(call, declared, error) from None
    more = {}
    if asked["count"]:
        cap = None if asked["count"] == "exact" else listing.COUNT_CAP
        value, exact = listing.count_of(call.actor, declared, query, cap, archived=archived)
        more["count"] = {"value": value, "exact": exact}
    return answers.page(call, found.rows, found.next_cursor, **more)


def _blamed(call: Call, declared: RecordType, error: QueryError) -> Invalid:
    """The same complaint under the name of the parameter that holds what is wrong."""
    known = {*names_for(call.actor, declared), "id", "kind", "version", "revision", "number", "tags"}
    if any(name not in known for name in call.query["fields"] or ()):
        return Invalid(("fields", error.message))
    return Invalid(("sort", error.message)) if call.query.get("sort") and not call.query.get("q") else error


def _sort(text: str | None) -> str:
    if not text:
        return ""
    if not all(c.isalnum() or c in "-_,." for c in text):
        raise Invalid(("sort", "Expected names of fields separated by commas."))
    return f"sort:{text}"


@endpoint("POST", WHERE, "Create a {label}", section=SECTION, body="{Type}Create", answers={201: "{Type}"})
def create_record(call: Call, declared: RecordType) -> Answer:
    """A new record. ``cites`` are citations to make at once; ``readers`` the people it is kept for."""
    values = dict(call.body)
    cites, readers = _list(values, "cites"), _list(values, "readers")

    def run(door: Door) -> Record:
        made = verbs.create(door, declared.kind, values, readers=readers)
        for index, cite in enumerate(cites):
            _cite(door, made, cite, f"/cites/{index}")
        return made

    made = through_door(call.actor, "create", run, why=call.query["why"] or "", batch=call.query["batch"])
    return written(call, declared, made, 201, {"Location": f"/api/v1/{declared.path}/{made.key}"})


def _list(values: dict[str, Any], name: str) -> list[Any]:
    found = values.pop(name, None)
    if found is None:
        return []
    if not isinstance(found, list) or len(found) > 200:
        raise Invalid((name, "Expected a list of at most 200."))
    return found


def _cite(door: Door, made: Record, cite: Any, where: str) -> None:
    if not isinstance(cite, dict) or not cite.keys() <= {"kind", "target", "quote", "weight"}:
        raise Invalid((where, "Expected an object of kind, target, quote and weight."))
    quote, weight = cite.get("quote", ""), cite.get("weight", 0)
    if not isinstance(quote, str) or not isinstance(weight, int) or isinstance(weight, bool):
        raise Invalid((where, "Expected the quote as text and the weight as a whole number."))
    try:
        verbs.link(door, made, str(cite.get("target")), str(cite.get("kind")), quote=quote, weight=weight)
    except Invalid as refused:
        raise Invalid(*((f"{where}/{p.field}", p.message) for p in refused.problems)) from None
    except NotFound:
        raise Invalid((f"{where}/target", "There is nothing of this name that you may see.")) from None


@endpoint(
    "GET",
    ONE,
    "Read a {label}",
    section=SECTION,
    query=(
        _FIELDS,
        Part(
            "include",
            fields.Choice(tuple((n, n) for n in including.PARTS)),
            f"What comes with it, separated by commas: {', '.join(including.PARTS)}.",
            many=True,
        ),
        Part("as_of", fields.Moment(), "The record as it stood at this moment."),
        _ARCHIVED,
    ),
    answers={200: "{Type}", 304: ""},
)
def read_record(call: Call, declared: RecordType, ref: str) -> Answer:
    """One record by id or key, with its ETag. With ``as_of``, its values and citations at that moment."""
    archived = bool(call.query["archived"])
    if call.query["as_of"] is not None:
        return _as_of(call, declared, ref)
    try:
        row = shown(call.actor, declared, ref, names=call.query["fields"], archived=archived)
    except QueryError as error:
        raise _blamed(call, declared, error) from None
    if call.query["include"]:
        row["included"] = including.included(call.actor, declared, row, call.query["include"])
    return answers.record(call, row)


def _as_of(call: Call, declared: RecordType, ref: str) -> Answer:
    row = listing.row_of(call.actor, declared, ref, names=["title"], archived=True)
    found, at = reach(call.actor, declared.model).get(pk=row["id"]), call.query["as_of"]
    values = as_of(call.actor, found, at)
    if values is None:
        raise NotFound
    links = links_as_of(call.actor, found, at)
    about = {n: row[n] for n in ("id", "key", "kind", "version", "revision")}
    return answers.one({**about, "as_of": at, "values": values, "links": links})


@endpoint("PATCH", ONE, "Change a {label}", section=SECTION, body="{Type}Update", answers={200: "{Type}"}, matches=True)
def change_record(call: Call, declared: RecordType, ref: str) -> Answer:
    """Change the fields given; null empties one. With If-Match, only if nobody wrote since."""
    made = verbs.update(call.actor, declared.kind, ref, call.body, expect=call.expect, **call.how)
    return written(call, declared, made)


@endpoint("DELETE", ONE, "Put a {label} in the trash", section=SECTION, answers={204: ""}, matches=True)
def archive_record(call: Call, declared: RecordType, ref: str) -> Answer:
    """To the trash, from where it can be restored; citations of it stay."""
    verbs.archive(call.actor, declared.kind, ref, expect=call.expect, **call.how)
    return Answer(204, b"", call.done)


@endpoint("POST", f"{ONE}/restore", "Restore a {label}", section=SECTION, answers={200: "{Type}"})
def restore_record(call: Call, declared: RecordType, ref: str) -> Answer:
    """Back from the trash."""
    return written(call, declared, verbs.restore(call.actor, declared.kind, ref, **call.how))


@endpoint(
    "POST",
    f"{ONE}/<verb:action>",
    "{action}",
    section=SECTION,
    body=ARGUMENTS,
    answers={200: "{Result}"},
    matches=True,
)
def act_on_record(call: Call, declared: RecordType, ref: str, action: str) -> Answer:
    """A verb of the type's own."""
    made = run_action(action_of(declared, action), call.actor, ref, call.body, expect=call.expect, **call.how)
    return of_result(call, declared, ref, made)


def run_action(act: Action[Any], actor: Actor, ref: str, arguments: dict[str, Any], **how: Any) -> Any:
    """Call a verb with arguments from outside: none of them can stand for the record or the call itself."""
    known = {p.name for p in act.params}
    if extra := [n for n in arguments if n not in known]:
        raise Invalid(*((n, "There is no such argument.") for n in extra))
    return act(actor, **{**arguments, act.subject: ref, **how})


def action_of(declared: RecordType, name: str) -> Action[Any]:
    """The declared verb of a type; NotFound for any other name."""
    found = next((a for a in actions_on(declared.kind) if a.name == name), None)
    if found is None:
        raise NotFound
    return found


def of_result(call: Call, declared: RecordType, ref: str, made: Any) -> Answer:
    """What a verb gave back: the record it made or changed, else the record it was about."""
    if isinstance(made, Record):
        return written(call, type_of(made), made)
    row = listing.row_of(call.actor, declared, ref, names=["title"], archived=True)
    return answers.record(call, shown(call.actor, declared, row["id"], archived=True), 200, call.done)


def shown(
    actor: Actor, declared: RecordType, ref: str, *, names: list[str] | None = None, archived: bool = False
) -> dict[str, Any]:
    """A record as it is read alone: every field, computed column and tag that the actor may see."""
    return listing.row_of(actor, declared, ref, names=names or _whole(actor, declared), archived=archived)


def _whole(actor: Actor, declared: RecordType) -> tuple[str, ...]:
    private = actor.may("read_private", declared.group)
    computed = [c.name for c in declared.computed if private or not c.private]
    return (*all_fields(actor, declared), *computed, "tags")


def written(
    call: Call, declared: RecordType, made: Record, status: int = 200, headers: dict[str, str] | None = None
) -> Answer:
    """The record after a write; only its id and version when the caller prefers so, or may no longer see it."""
    headers = {**(headers or {}), **call.done}
    brief = {"id": str(made.pk), "key": made.key, "kind": made.kind, "version": made.version, "revision": made.revision}
    if _MINIMAL in call.request.META.get("HTTP_PREFER", ""):
        return answers.record(call, brief, status, {**headers, "Preference-Applied": _MINIMAL})
    try:
        return answers.record(
            call, shown(call.actor, declared, str(made.pk), archived=made.archived_at is not None), status, headers
        )
    except NotFound:  # it was given to others
        return answers.record(call, brief, status, headers)
