"""Many records in one request: each item passes the same door, each has its own result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction

from threadline.faces.api import answers, limits, problems
from threadline.faces.api.calls import Call
from threadline.faces.api.endpoints import Part, endpoint
from threadline.faces.api.problems import Refusal
from threadline.faces.api.records import SECTION, WHERE, action_of, run_action
from threadline.kernel import fields, verbs
from threadline.kernel.errors import Invalid, KernelError, NotFound
from threadline.kernel.idempotency import Answer
from threadline.kernel.records import Record
from threadline.kernel.registry import RecordType

MOST = 500
Item = dict[str, Any]
_MEMBERS = frozenset({"ref", "values", "arguments", "expect", "cites", "readers"})


class _AllOrNothing(Exception):
    """Rolls the whole request back."""


@endpoint(
    "POST",
    f"{WHERE}/bulk",
    "Change many {plural}",
    section=SECTION,
    body=(
        Part(
            "action",
            fields.FieldKind(longest=60),
            "create, update, archive, restore, or a verb of the type.",
            required=True,
        ),
        Part(
            "items",
            fields.FieldKind(),
            f"At most {MOST}. ``ref`` names the record, ``values`` or ``arguments`` say what, ``expect`` its version.",
            required=True,
            schema={
                "type": "array",
                "minItems": 1,
                "maxItems": MOST,
                "items": {"$ref": "#/components/schemas/BulkItem"},
            },
        ),
        Part("atomic", fields.Flag(), "All or nothing.", default=False),
    ),
    answers={200: "BulkResult", 207: "BulkResult", 422: "BulkResult"},
)
def bulk(call: Call, declared: RecordType) -> Answer:
    """One result for each item, in order. What failed did nothing; with ``atomic``, nothing was done at all.

    200 when all went well, 207 when some did, 422 when none did.
    """
    items, name = call.body["items"], call.body["action"]
    if not isinstance(items, list) or not 1 <= len(items) <= MOST:
        raise Invalid(("items", f"Between 1 and {MOST} items."))
    if limits.take(str(call.actor.extra.get("token_id") or call.actor.member_id), len(items)).wait:
        raise Refusal(429, "Too many items for now.")
    one = _verb(call, declared, name)
    results: list[Item] = []
    try:
        with transaction.atomic():
            results += [_result(index, item, one) for index, item in enumerate(items)]
            if call.body["atomic"] and any("problem" in r for r in results):
                raise _AllOrNothing
    except _AllOrNothing:
        results = [r if "problem" in r else {"index": r["index"], "status": 424} for r in results]
    return _answer(call, results)


def _answer(call: Call, results: list[Item]) -> Answer:
    done = sum(r["status"] < 300 for r in results)
    status = 200 if done == len(results) else 207 if done else 422
    found = {"batch": call.query["batch"], "succeeded": done, "failed": len(results) - done, "results": results}
    return answers.one(found, status, call.done)


def _result(index: int, item: Any, one: Callable[[Item], Record | None]) -> Item:
    if not isinstance(item, dict) or not item.keys() <= _MEMBERS:
        return _failed(index, Invalid(("", f"Expected an object of {', '.join(sorted(_MEMBERS))}.")), None)
    expect = item.get("expect")
    if expect is not None and (not isinstance(expect, int) or isinstance(expect, bool)):
        return _failed(index, Invalid(("expect", "Expected the number of a version.")), None)
    try:
        made = one(item)  # a savepoint of its own: a failed item takes back what it began
    except KernelError as error:
        return _failed(index, error, expect)
    found: Item = {"index": index, "status": 200}
    return {**found, "id": str(made.pk), "key": made.key, "version": made.version} if made is not None else found


def _failed(index: int, error: KernelError, expect: int | None) -> Item:
    found = problems.of(error, expect=expect)
    for one in found.get("errors", ()):
        one["pointer"] = f"/items/{index}{one['pointer']}"
    return {"index": index, "status": found["status"], "problem": found}


def _verb(call: Call, declared: RecordType, name: str) -> Callable[[Item], Record | None]:
    """What to do with each item; raises Invalid for a name that cannot be used here."""
    known: dict[str, Callable[[Item], Record | None]] = {
        "create": lambda item: verbs.create(
            call.actor, declared.kind, _object(item, "values"), cites=_list(item, "cites"),
            readers=_list(item, "readers"), **call.how
        ),
        "update": lambda item: verbs.update(
            call.actor, declared.kind, _ref(item), _object(item, "values"), expect=item.get("expect"), **call.how
        ),
        "archive": lambda item: verbs.archive(
            call.actor, declared.kind, _ref(item), expect=item.get("expect"), **call.how
        ),
        "restore": lambda item: verbs.restore(call.actor, declared.kind, _ref(item), **call.how),
    }  # fmt: skip
    if name in known:
        return known[name]
    try:
        act = action_of(declared, name)
    except NotFound:
        act = None
    if act is None or not act.bulk:
        raise Invalid(("action", "Expected create, update, archive, restore, or a verb of the type that takes many."))

    def run(item: Item) -> Record | None:
        made = run_action(
            act, call.actor, _ref(item), _object(item, "arguments"), expect=item.get("expect"), **call.how
        )
        return made if isinstance(made, Record) else None

    return run


def _ref(item: Item) -> str:
    ref = item.get("ref")
    if not isinstance(ref, str):
        raise Invalid(("ref", "Needed: the key or id of the record."))
    return ref[:60]


def _object(item: Item, name: str) -> Item:
    found = item.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Invalid((name, "Expected an object."))
    return found


def _list(item: Item, name: str) -> list[Any]:
    found = item.get(name)
    if found is None:
        return []
    if (
        not isinstance(found, list)
        or len(found) > 200
        or (name == "cites" and not all(isinstance(c, dict) for c in found))
    ):
        raise Invalid((name, "Expected a list of at most 200."))
    return found
