"""What an island knows before it asks: the columns, the verbs, the people, and where to ask.

It stands in the page as a block of JSON. Islands know no record type: all they can do is said here.
"""

from __future__ import annotations

from typing import Any

import orjson
from markupsafe import Markup

from threadline.faces.web import controls
from threadline.faces.web.kept import Kept
from threadline.faces.web.looks import Looks
from threadline.faces.web.visit import Visit
from threadline.kernel import rows
from threadline.kernel.actions import Param, actions_on
from threadline.kernel.fields import FieldKind
from threadline.kernel.listing import JSON_OPTIONS
from threadline.kernel.members import Member
from threadline.kernel.plan import GENERAL, names_for
from threadline.kernel.registry import ALIASES, Computed, Field, RecordType
from threadline.kernel.totals import summable
from threadline.kernel.workspaces import Product

MOST_PEOPLE = 500
_GROUPED_BY = frozenset({"choice", "person", "product", "reference", "flag"})


def names_of(visit: Visit, declared: RecordType) -> dict[str, Any]:
    """What may be a column: fields, computed columns, citations and tags that the reader may know of."""
    known = names_for(visit.actor, declared)
    named = {n: t for n, t in known.items() if n not in ALIASES and (n not in GENERAL or n in declared.cite_by_name)}
    return {**named, "tags": None}


def sourced(declared: RecordType, fields: dict[str, Field]) -> list[str]:
    """Numbers that are declared with a source and a date beside them."""
    return [n for n in fields if f"{n}_source" in fields and f"{n}_on" in fields]


# In what is kept no form's token stands. Nobody's words can look like this: their quotes are escaped.
_NOBODYS = '"token":""'
_blocks: Kept[Markup] = Kept(500)


def boot(now: Looks, query: str) -> Markup:
    """The block, ready to stand in a page. ``query`` is what is drawn: a board groups what does not say how."""
    visit, declared = now.visit, now.declared
    actor = visit.actor
    whom = (declared.kind, actor.workspace_id, actor.workspace.slug, actor.workspace.fields_version, actor.role)
    key = (*whom, actor.workspace.currency, actor.member_id, actor.name, now.ident, query)
    return _blocks.of(key, lambda: _block(now, query)).replace(_NOBODYS, Markup(f'"token":"{visit.csrf}"'), 1)  # noqa: S704 - letters and digits


def _block(now: Looks, query: str) -> Markup:
    visit, declared = now.visit, now.declared
    told: dict[str, Any] = {
        "kind": declared.kind,
        "label": declared.label,
        "plural": declared.plural,
        "prefix": declared.model.prefix,
        "base": visit.listing(declared),
        "home": visit.home,
        "slug": visit.slug,
        "me": {"id": str(visit.actor.member_id), "name": visit.actor.name},
        "currency": visit.actor.workspace.currency,
        "version": f"{visit.actor.workspace.fields_version}.{visit.actor.role}",
        "binary": not rows.is_postgres(),
        "token": "",
        "query": query,
        "asked": now.query,
        "layout": now.layout,
        "sort": declared.sort,
        "columns": now.columns,
        "view": {
            "id": now.view.id if now.view else "",
            "query": now.saved.query,
            "columns": now.saved.columns,
            "layout": now.saved.layout,
        },
        **_of_type(visit, declared),
        "people": [],
        "products": [],
    }
    raw = orjson.dumps(told, option=JSON_OPTIONS, default=str).decode()
    # Inside a script element only "<" could end it or open another.
    return Markup('<script type="application/json" id="island">{}</script>').format(
        Markup(raw.replace("<", "\\u003c"))  # noqa: S704 - JSON without "<"
    )


_kept: Kept[dict[str, orjson.Fragment]] = Kept(500)


def _of_type(visit: Visit, declared: RecordType) -> dict[str, orjson.Fragment]:
    """What is the same for everybody of a role until the workspace's own fields change, already written as JSON."""
    actor = visit.actor
    key = (declared.kind, actor.workspace_id, actor.workspace.fields_version, actor.role)

    def make() -> dict[str, orjson.Fragment]:
        told: dict[str, Any] = {
            "fields": [_field(visit, declared, n, t) for n, t in names_of(visit, declared).items()],
            "states": [{"name": s.name, "label": s.label, "tone": s.tone, "final": s.final} for s in declared.states],
            "verbs": [_verb(a) for a in actions_on(declared.kind) if actor.may(a.verb, declared.group)],
            "may": {v: actor.may(v, declared.group) for v in ("update", "create", "archive", "decide", "comment")},
        }
        return {n: orjson.Fragment(orjson.dumps(part, option=JSON_OPTIONS, default=str)) for n, part in told.items()}

    return _kept.of(key, make)


def _field(visit: Visit, declared: RecordType, name: str, target: Field | Computed | None) -> dict[str, Any]:
    if target is None:
        cite = declared.cite_by_name.get(name)
        told: dict[str, Any] = {
            "name": name,
            "label": cite.label if cite else "Tags",
            "kind": "cite" if cite else "tags",
        }
        told["edit"] = visit.actor.may("update", declared.group)
        if cite:
            told |= {"to": list(cite.to), "group": True}
        return told
    kind = target.kind.name if target.kind is not None else "number"
    told = {"name": name, "label": target.label, "kind": kind, "help": target.help, "unit": target.unit}
    told["compare"] = target.kind.compare if target.kind is not None else "number"
    if isinstance(target, Computed):
        chosen = limits(target.kind) if target.kind is not None else {}
        return {k: v for k, v in told.items() if v} | {"computed": True} | chosen
    told["edit"] = _may_edit(visit, declared, target)
    told["group"] = kind in _GROUPED_BY
    told["sum"] = summable(target)
    told |= {"role": target.role, "required": target.required, "own": target.custom, **limits(target.kind)}
    return {k: v for k, v in told.items() if v not in (None, "", False)}


def _may_edit(visit: Visit, declared: RecordType, target: Field) -> bool:
    if target.readonly or target.name in controls.LEFT_OUT or not visit.actor.may("update", declared.group):
        return False
    return not (target.name == "state" and any(a.states for a in actions_on(declared.kind)))


def limits(kind: FieldKind) -> dict[str, Any]:
    """What an editor needs to know of a kind: choices, whole numbers, the kind referred to."""
    told: dict[str, Any] = {}
    if kind.name == "choice":
        told["choices"] = [[v, label] for v, label in kind.choices]  # type: ignore[attr-defined]
    elif kind.name == "reference":
        told["to"] = [kind.kind]  # type: ignore[attr-defined]
    elif kind.name in ("number", "money") and kind.whole:  # type: ignore[attr-defined]
        told["whole"] = True
    return told


def _verb(action: Any) -> dict[str, Any]:
    return {
        "name": action.name,
        "label": action.label,
        "help": action.help,
        "states": list(action.states),
        "to": action.to,
        "bulk": action.bulk,
        "params": [_param(p) for p in action.params],
    }


def _param(param: Param) -> dict[str, Any]:
    long = param.kind.name == "markdown"
    return {
        "name": param.name,
        "label": param.label,
        "help": param.help,
        "kind": param.kind.name,
        "required": param.required,
        "many": param.many,
        "long": long,
        **limits(param.kind),
    }


def people(visit: Visit) -> list[dict[str, str]]:
    """Who is here, to choose from."""
    here = Member.objects.filter(workspace_id=visit.actor.workspace_id, left_at=None).order_by("name")
    found = here.values_list("pk", "name", "handle")[:MOST_PEOPLE]
    return [{"id": str(pk), "name": name, "handle": handle} for pk, name, handle in found]


def products(visit: Visit) -> list[dict[str, str]]:
    """The products, to choose from."""
    here = Product.objects.filter(workspace_id=visit.actor.workspace_id, archived_at=None)
    found = here.order_by("position", "name").values_list("pk", "name", "slug")[:MOST_PEOPLE]
    return [{"id": str(pk), "name": name, "slug": slug} for pk, name, slug in found]
