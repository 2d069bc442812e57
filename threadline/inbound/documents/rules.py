"""What may be done with documents."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any
from uuid import UUID

from threadline.inbound.documents import queries
from threadline.inbound.documents.drafts import DRAFTS, draft
from threadline.inbound.documents.models import Document
from threadline.inbound.documents.parts import moved
from threadline.inbound.requirements.following import follow
from threadline.kernel import citing, verbs
from threadline.kernel.actions import Ask, action
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid
from threadline.kernel.links import Link

ABOUT = "about"
Reason = Annotated[str, Ask("Why?", "Kept in the history, for whoever asks later.", long=True)]
_NAMED = {"prd": "requirements", "prfaq": "press release and questions"}


def settle_document(document: Document, before: dict[str, Any] | None) -> None:
    """Seen by no more people than the feature it is about. What was agreed to and then reworded is a draft again."""
    if before is not None and document.state == "agreed" and {"title", "body"} & before.keys():
        document.state = "draft"
    if document.feature_id is None or (before is not None and "feature" not in before):
        return
    about = queries.feature_of(document)
    follow(document, about)
    if before is not None and about is not None:
        _move_parts(document, before.get("feature"), about.key)
    if before is None and about is not None and document.form in DRAFTS and not document.body:
        document.body = draft(document.form, about.key)
        document.title = document.title or f"{about.title}: {_NAMED[document.form]}"[:300]


def _move_parts(document: Document, before: Any, now: str) -> None:
    """What it draws of the feature that it was about, it draws of the one it is about now; reworded, it is a draft."""
    old = queries.feature_by_id(document, before)
    body = moved(document.body, old.key, now) if old is not None else document.body
    if body != document.body:
        document.body = body
        document.state = "draft" if document.state == "agreed" else document.state


def tie(door: Door, document: Document, before: Collection[UUID] = ()) -> None:
    """Let it cite the feature it is about, as that stands now, so that a change there makes it suspect.

    It leaves the features that it was about before; what somebody cited by hand stays.
    """
    mine = Link.objects.filter(workspace_id=document.workspace_id, source_id=document.pk, kind=ABOUT)
    for link in mine.filter(target_id__in=before).exclude(target_id=document.feature_id):
        citing.drop(door, document, link)
    if document.feature_id is not None and not mine.filter(target_id=document.feature_id).exists():
        verbs.link(door, document, document.feature_id, ABOUT)


@action(Document, verb="update", label="Ask for review", to="review", states=("draft",))
def review_document(door: Door, *, document: Document) -> Document:
    """Say that it is ready to be read by those who decide."""
    if not document.body.strip():
        raise Invalid(("body", "There is nothing to read yet."))
    return door.change(document, {"state": "review"})


@action(Document, verb="decide", label="Agree", to="agreed", states=("draft", "review"))
def agree_document(door: Door, *, document: Document) -> Document:
    """Agree to what it says, in your name. Whoever rewords it afterwards makes it a draft again."""
    if not document.body.strip():
        raise Invalid(("body", "There is nothing to agree to yet."))
    return door.change(document, {"state": "agreed"})


@action(Document, verb="update", label="Open again", to="draft", states=("review", "agreed", "retired"))
def reopen_document(door: Door, *, document: Document, reason: Reason) -> Document:
    """Take it back to a draft, with the reason."""
    door.why = reason[:2_000]
    return door.change(document, {"state": "draft"})


@action(Document, verb="update", label="Retire", to="retired", states=("draft", "review", "agreed"))
def retire_document(door: Door, *, document: Document, reason: Reason) -> Document:
    """Say that nobody should build from it any more."""
    door.why = reason[:2_000]
    return door.change(document, {"state": "retired"})
