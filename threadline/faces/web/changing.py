"""Changes that an island sends: some at once, each in its own transaction, under one name to undo.

What can be done is done; what cannot is told, record by record, with the row as it stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

import orjson
from django.http import HttpResponse

from threadline.faces.web import feeding, island, places, shell
from threadline.faces.web.entrance import data_deed
from threadline.faces.web.visit import Visit
from threadline.formats import strictjson
from threadline.kernel import feed, verbs, windows
from threadline.kernel import rows as plain
from threadline.kernel import undo as undoing
from threadline.kernel.actions import actions_on
from threadline.kernel.changes import Batch
from threadline.kernel.errors import Conflict, Forbidden, Invalid, KernelError, NotFound
from threadline.kernel.idempotency import Answer, once
from threadline.kernel.links import Link
from threadline.kernel.listing import JSON_OPTIONS
from threadline.kernel.registry import RecordType

MOST = 200
Edit = dict[str, Any]


@data_deed
def change(visit: Visit, path: str) -> HttpResponse:
    """Do what was sent, at most once for its ``mutation``; answer with the rows as they are now."""
    declared = places.type_at(path)
    body = _body(visit)

    def run() -> Answer:
        told = _undo(visit, declared, body) if "undo" in body else _change(visit, declared, body)
        return Answer(200, orjson.dumps(told, option=JSON_OPTIONS, default=float))

    mutation = body.get("mutation")
    if not isinstance(mutation, str):
        raise Invalid(("mutation", "Each request names itself, so that it is done once."))
    answer, _ = once(visit.actor, f"island {mutation}"[:200], hashlib.sha256(visit.request.body).hexdigest(), run)
    shell.forget_counts(visit.actor)
    return HttpResponse(answer.body, status=answer.status, content_type="application/json")


def _body(visit: Visit) -> dict[str, Any]:
    try:
        body = strictjson.loads(visit.request.body)
    except strictjson.BadJSON as error:
        raise Invalid(("", str(error))) from None
    if not isinstance(body, dict):
        raise Invalid(("", "Expected an object."))
    return body


def _change(visit: Visit, declared: RecordType, body: dict[str, Any]) -> dict[str, Any]:
    edits = body.get("edits")
    if not isinstance(edits, list) or not 1 <= len(edits) <= MOST or not all(isinstance(e, dict) for e in edits):
        raise Invalid(("edits", f"Between 1 and {MOST} edits."))
    batch = _batch(visit, body, len(edits))
    done, refused = [], []
    for edit in edits:
        number = edit.get("n")
        try:
            if not isinstance(number, int):
                raise NotFound
            _one(visit, declared, edit, batch)
            done.append(number)
        except KernelError as error:
            refused.append({"n": number, **_said(error)})
    told = _rows(visit, declared, body, [e.get("n") for e in edits])
    return {**told, "batch": str(batch), "done": done, "refused": refused}


def _batch(visit: Visit, body: dict[str, Any], count: int) -> UUID:
    """A batch of this member's that goes on, or a new one; a name only for what touches several."""
    given = body.get("batch")
    mine = Batch.objects.filter(workspace_id=visit.actor.workspace_id, member_id=visit.actor.member_id)
    if given:
        try:
            return mine.get(pk=UUID(str(given))).pk
        except (ValueError, Batch.DoesNotExist):
            raise NotFound from None
    made = visit.new_batch()
    if count > 1:
        label = str(body.get("label") or "Several at once")[:200]
        plain.insert(
            Batch(id=made, workspace_id=visit.actor.workspace_id, label=label, member_id=visit.actor.member_id)
        )
    return made


def _one(visit: Visit, declared: RecordType, edit: Edit, batch: UUID) -> None:
    key = f"{declared.model.prefix}-{edit['n']}"
    expect = edit.get("version") if isinstance(edit.get("version"), int) else None
    way = next((w for name, w in _WAYS.items() if name in edit), None)
    if way is None:
        raise Invalid(("", "Nothing was asked for."))
    way(visit, declared, key, edit, expect, batch)


def _set(visit: Visit, declared: RecordType, key: str, edit: Edit, expect: int | None, batch: UUID) -> None:
    if not isinstance(edit["set"], dict):
        raise Invalid(("set", "Expected values by field."))
    verbs.update(visit.actor, declared.kind, key, edit["set"], expect=expect, batch=batch)


def _do(visit: Visit, declared: RecordType, key: str, edit: Edit, expect: int | None, batch: UUID) -> None:
    name, given = edit["do"], edit.get("given") or {}
    if name == "archive":
        verbs.archive(visit.actor, declared.kind, key, expect=expect, batch=batch)
    elif name == "restore":
        verbs.restore(visit.actor, declared.kind, key, batch=batch)
    else:
        found = next((a for a in actions_on(declared.kind) if a.name == name), None)
        if found is None or not isinstance(given, dict) or found.subject in given:
            raise NotFound("There is no such verb here.")
        found(visit.actor, expect=expect, batch=batch, **given, **{found.subject: key})


def _tags(visit: Visit, declared: RecordType, key: str, edit: Edit, expect: int | None, batch: UUID) -> None:
    """The tags exactly; or, with ``add``, these beside those that are there."""
    words = edit["tags"]
    if not isinstance(words, list) or not all(isinstance(w, str) for w in words):
        raise Invalid(("tags", "Expected a list of words."))
    if edit.get("add"):
        number = int(key.rpartition("-")[2])
        row = next(iter(windows.some(visit.actor, declared, [number], ["tags"])), None)
        words = [*(row or {}).get("tags", ()), *words]
    verbs.tag(visit.actor, key, words, batch=batch)


def _cite(visit: Visit, declared: RecordType, key: str, edit: Edit, expect: int | None, batch: UUID) -> None:
    """Cite ``target`` in place of ``instead``; without a target, only take that one back."""
    kind, target, instead = str(edit["cite"]), edit.get("target"), edit.get("instead")
    if instead and instead != target:
        source, cited = verbs.card(visit.actor, key), verbs.card(visit.actor, str(instead), archived=True)
        found = Link.objects.filter(
            workspace_id=visit.actor.workspace_id, source_id=source.pk, target_id=cited.pk, kind=kind
        ).first()
        if found is not None:
            verbs.unlink(visit.actor, found.pk, batch=batch)
    if target:
        verbs.link(visit.actor, key, str(target), kind, batch=batch)


_WAYS: dict[str, Callable[[Visit, RecordType, str, Edit, int | None, UUID], None]] = {
    "set": _set,
    "do": _do,
    "tags": _tags,
    "cite": _cite,
}


def _said(error: KernelError) -> dict[str, Any]:
    problems = [{"field": p.field, "message": p.message} for p in getattr(error, "problems", ())]
    names: dict[type[KernelError], str] = {Conflict: "conflict", Forbidden: "forbidden", NotFound: "gone"}
    why = next((n for kind, n in names.items() if isinstance(error, kind)), "invalid")
    said = {"why": why, "said": " ".join(p["message"] for p in problems) or str(error), "problems": problems}
    instead = next((p.instead for p in getattr(error, "problems", ()) if p.instead), "")
    return said | ({"instead": instead} if instead else {})


def _undo(visit: Visit, declared: RecordType, body: dict[str, Any]) -> dict[str, Any]:
    done = undoing.undo(visit.actor, body["undo"])
    return {"batch": str(done.batch), "done": [], "refused": [], "kept": done.kept[:6], "cursor": _cursor(visit)}


def _rows(visit: Visit, declared: RecordType, body: dict[str, Any], numbers: list[Any]) -> dict[str, Any]:
    known = island.names_of(visit, declared)
    given = body.get("columns")
    names = [n for n in given if isinstance(n, str) and n in known][:60] if isinstance(given, list) else []
    whole = [n for n in numbers if isinstance(n, int) and 0 < n < 2**31]
    listed = windows.some(visit.actor, declared, whole, feeding.read_names(visit, declared, names))
    return feeding.packed(visit, declared, listed, names) | {"cursor": _cursor(visit)}


def _cursor(visit: Visit) -> str:
    return str(feed.newest(visit.actor) or "")
