"""What follows by itself: a document cites what it is about, and is seen by no more people than that."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from threadline.inbound.documents import queries, rules
from threadline.inbound.documents.models import Document
from threadline.inbound.requirements.following import narrow
from threadline.kernel import rows
from threadline.kernel.access import Actor, actor_of
from threadline.kernel.actions import through_door
from threadline.kernel.changes import Change
from threadline.kernel.events import Event, on
from threadline.kernel.members import Member
from threadline.kernel.registry import type_of

READERS = {"confidentiality", "product"}


def _actor(event: Event) -> Actor | None:
    member = Member.objects.filter(pk=event.member_id).first()
    return actor_of(member, face="job") if member is not None else None


def _find(event: Event, model: Any) -> Any:
    return model._default_manager.filter(workspace_id=event.workspace_id, pk=event.card_id).first()


def _before(event: Event) -> set[UUID]:
    """What it was about until then, by the ids that the log has."""
    said = Change.objects.filter(workspace_id=event.workspace_id, card_id=event.card_id, batch=event.batch)
    was = (diff.get("feature", [None])[0] for diff in said.values_list("diff", flat=True))
    return {rows.ident(ident) for ident in was if ident}


@on("document.created", "document.updated", fields={"feature"})
def tie_to_what_it_is_about(event: Event) -> None:
    """A document cites its feature, and is kept for those for whom that is kept."""
    document, actor = _find(event, Document), _actor(event)
    if document is None or actor is None or document.archived_at is not None:
        return
    about, before = queries.feature_of(document), _before(event)
    through_door(actor, "tie_document", lambda door: rules.tie(door, document, before))
    if about is not None:
        through_door(actor, "follow_feature", lambda door: narrow(door, about, {Document: [document.pk]}))


@on("feature.updated", "feature.name_readers", fields=READERS)
def keep_documents_as_close(event: Event) -> None:
    """Documents are seen by no more people than the feature they are about."""
    feature, actor = _find(event, type_of("feature").model), _actor(event)
    if feature is None or actor is None:
        return
    mine = Document.objects.filter(workspace_id=event.workspace_id, feature_id=feature.pk)
    ids = list(mine.values_list("pk", flat=True))
    if ids:
        through_door(actor, "follow_feature", lambda door: narrow(door, feature, {Document: ids}))
