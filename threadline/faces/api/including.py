"""What can come along with a record: ``include=links,comments,why``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import QuerySet

from threadline.faces.api import shapes
from threadline.house import filing
from threadline.kernel import past, thread
from threadline.kernel.access import Actor, reach
from threadline.kernel.actions import actions_on
from threadline.kernel.cards import Card
from threadline.kernel.comments import Comment
from threadline.kernel.links import Link
from threadline.kernel.registry import RecordType

MOST = 200  # of each; the paths of their own give more


def included(actor: Actor, declared: RecordType, row: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The parts asked for, by name, each read through the actor's reach."""
    found = reach(actor, Card).get(pk=row["id"])
    return {name: PARTS[name](actor, declared, found) for name in names}


def links_of(actor: Actor, found: Card) -> QuerySet[Link]:
    """Citations by and of a record whose other end is in reach too."""
    here = Link.objects.filter(workspace_id=actor.workspace_id).select_related("source", "target")
    near = reach(actor, Card)
    return here.filter(source=found, target__in=near) | here.filter(target=found, source__in=near)


def comments_of(actor: Actor, found: Card) -> QuerySet[Comment]:
    """Remarks on a record, without those taken back."""
    return Comment.objects.filter(workspace_id=actor.workspace_id, card=found, removed_at=None)


def _links(actor: Actor, declared: RecordType, found: Card) -> list[shapes.Shape]:
    return [shapes.link(one) for one in links_of(actor, found).order_by("pk")[:MOST]]


def _comments(actor: Actor, declared: RecordType, found: Card) -> list[shapes.Shape]:
    return [shapes.comment(one) for one in comments_of(actor, found).order_by("pk")[:MOST]]


def _tags(actor: Actor, declared: RecordType, found: Card) -> list[str]:
    return list(found.tagged.order_by("tag__name").values_list("tag__name", flat=True))


def _why(actor: Actor, declared: RecordType, found: Card) -> list[shapes.Shape]:
    return [shapes.node(one) for one in thread.why(actor, found)]


def _came(actor: Actor, declared: RecordType, found: Card) -> list[shapes.Shape]:
    return [shapes.node(one) for one in thread.what_came_of_it(actor, found)]


def _history(actor: Actor, declared: RecordType, found: Card) -> list[shapes.Shape]:
    record = reach(actor, declared.model).get(pk=found.pk)
    return [shapes.step(one) for one in past.history(actor, record, limit=50)]


def _files(actor: Actor, declared: RecordType, found: Card) -> list[shapes.Shape]:
    return [shapes.attachment(one) for one in filing.files_of(actor, found)]


def _suspects(actor: Actor, declared: RecordType, found: Card) -> list[shapes.Shape]:
    return [shapes.suspect(one) for one in thread.suspects(actor, source=found.pk)]


def _actions(actor: Actor, declared: RecordType, found: Card) -> list[str]:
    mine = (a for a in actions_on(declared.kind) if actor.may(a.verb, declared.group))
    return [a.name for a in mine if not a.states or found.state in a.states]


def _answers(actor: Actor, declared: RecordType, found: Card) -> dict[str, Any]:
    record = reach(actor, declared.model).get(pk=found.pk)
    return {name: ask(actor, record) for name, ask in declared.answers().items()}


PARTS: dict[str, Callable[[Actor, RecordType, Card], list[Any] | dict[str, Any]]] = {
    "links": _links,
    "comments": _comments,
    "tags": _tags,
    "why": _why,
    "came": _came,
    "history": _history,
    "files": _files,
    "suspects": _suspects,
    "actions": _actions,
    "answers": _answers,
}
