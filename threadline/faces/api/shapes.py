"""How things beside the records look in JSON. The OpenAPI document describes each by its name."""

from __future__ import annotations

from typing import Any

from threadline.kernel.changes import Batch
from threadline.kernel.comments import Comment, Notification
from threadline.kernel.customs import CustomField
from threadline.kernel.feed import News
from threadline.kernel.files import Attachment
from threadline.kernel.links import Link
from threadline.kernel.members import Member, Team, Token
from threadline.kernel.past import Step
from threadline.kernel.search import Hit
from threadline.kernel.tags import Tag
from threadline.kernel.text import excerpt
from threadline.kernel.thread import Node, Suspect
from threadline.kernel.views import SavedView
from threadline.kernel.workspaces import Product

Shape = dict[str, Any]


def person(ident: Any, name: str) -> Shape | None:
    """Somebody by id and name; None for nobody."""
    return None if ident is None else {"id": str(ident), "name": name}


def comment(one: Comment) -> Shape:
    """A remark, its text in Markdown."""
    return {
        "id": one.pk,
        "author": person(one.author_id, one.author_name),
        "body": one.body,
        "created_at": one.created_at,
        "edited_at": one.edited_at,
    }


def link(one: Link) -> Shape:
    """A citation with both its ends."""
    return {
        "id": one.pk,
        "kind": one.kind,
        "source": _end(one.source),
        "target": {**_end(one.target), "revision": one.target.revision},
        "quote": one.quote,
        "weight": one.weight,
        "seen_revision": one.seen_revision,
        "suspect": one.target.revision > one.seen_revision,
        "created_at": one.created_at,
        "confirmed_at": one.confirmed_at,
    }


def _end(card: Any) -> Shape:
    return {
        "id": card.pk,
        "kind": card.kind,
        "key": card.key,
        "title": card.title,
        "state": card.state,
        "archived": card.archived_at is not None,
    }


def node(one: Node) -> Shape:
    """A record on the thread, with what it rests on in turn, or what rests on it."""
    return {
        "id": one.id,
        "kind": one.kind,
        "key": one.key,
        "title": one.title,
        "state": one.state,
        "archived": one.archived,
        "link": {
            "id": one.link_id,
            "kind": one.link_kind,
            "quote": one.quote,
            "weight": one.weight,
            "suspect": one.suspect,
        },
        "children": [node(child) for child in one.children],
    }


def step(one: Step) -> Shape:
    """A line of a record's history."""
    return {
        "id": one.id,
        "at": one.at,
        "who": one.who,
        "face": one.face,
        "action": one.action,
        "why": one.why,
        "changes": one.diff,
        "version": one.version,
        "batch": one.batch,
    }


def event(one: News) -> Shape:
    """A change in the stream, with the values from before and after."""
    return {**headline(one), "why": one.why, "changes": one.diff, "batch": one.batch}


def headline(one: News) -> Shape:
    """A change in the live stream: which record, what was done, which fields; values are read anew."""
    return {
        "id": one.id,
        "at": one.at,
        "kind": one.kind,
        "record": {"id": one.card_id, "key": one.key} if one.card_id else None,
        "action": one.action,
        "who": person(one.who_id, one.who),
        "face": one.face,
        "fields": sorted(one.diff),
        "version": one.version,
        "revision": one.revision,
    }


def suspect(one: Suspect) -> Shape:
    """A citation whose target has changed its meaning since it was read."""
    return {
        "link": one.link_id,
        "link_kind": one.link_kind,
        "source": {"kind": one.source_kind, "key": one.source_key, "title": one.source_title},
        "target": {"id": one.target_id, "kind": one.target_kind, "key": one.target_key, "title": one.target_title},
        "seen_revision": one.seen_revision,
        "revision": one.revision,
        "quote": one.quote,
        "good_until": one.good_until,
    }


def hit(one: Hit) -> Shape:
    """A found record, with the beginning of its text."""
    return {
        "id": one.card_id,
        "kind": one.kind,
        "key": one.key,
        "title": one.title,
        "state": one.state,
        "updated_at": one.updated_at,
        "excerpt": excerpt(one.body, 200),
    }


def attachment(one: Attachment) -> Shape:
    """A file on a record; its bytes are at ``files/{id}/content``."""
    return {
        "id": one.pk,
        "name": one.name,
        "content_type": one.content_type,
        "size": one.size,
        "sha256": one.sha256,
        "added_at": one.added_at,
    }


def member(one: Member, *, address: bool) -> Shape:
    """Somebody who is here; the mail address only for those who manage members."""
    found = {"id": one.pk, "name": one.name, "handle": one.handle, "role": one.role, "job_title": one.job_title}
    return {**found, "email": one.user.email} if address else found


def product(one: Product) -> Shape:
    """A product, or a part of one."""
    return {
        "id": one.pk,
        "name": one.name,
        "slug": one.slug,
        "parent": one.parent_id,
        "position": one.position,
        "archived": one.archived_at is not None,
    }


def team(one: Team) -> Shape:
    """A team with its sides, which were read along with it."""
    people = sorted((p.member for p in one.people.all()), key=lambda m: m.name)
    return {
        "id": one.pk,
        "name": one.name,
        "members": [person(m.pk, m.name) for m in people],
        "products": sorted(str(p.product_id) for p in one.products.all()),
    }


def tag(one: Tag) -> Shape:
    """A word on records."""
    return {"id": one.pk, "name": one.name}


def view(one: SavedView) -> Shape:
    """A saved view."""
    return {
        "id": one.pk,
        "kind": one.kind,
        "name": one.name,
        "query": one.query,
        "columns": one.columns,
        "owner": one.owner_id,
        "shared": one.shared,
        "position": one.position,
    }


def own_field(one: CustomField) -> Shape:
    """A field of the workspace's own."""
    return {
        "id": one.pk,
        "kind": one.kind,
        "name": one.name,
        "label": one.label,
        "type": one.type,
        "choices": one.choices,
        "position": one.position,
        "archived": one.archived_at is not None,
    }


def token(one: Token, works: bool) -> Shape:
    """A key, without its secret."""
    return {
        "id": one.pk,
        "name": one.name,
        "kind": one.kind,
        "prefix": one.prefix,
        "scopes": one.scopes,
        "member": person(one.member_id, one.member.name),
        "created_at": one.created_at,
        "expires_at": one.expires_at,
        "last_used_on": one.last_used_on,
        "works": works,
    }


def notification(one: Notification, card: Any) -> Shape:
    """Something one should know; the record is read through one's own reach."""
    return {
        "id": one.pk,
        "reason": one.reason,
        "who": one.actor_name,
        "record": _end(card),
        "created_at": one.created_at,
        "read_at": one.read_at,
    }


def batch(one: Batch) -> Shape:
    """A run that can be undone as one."""
    return {
        "id": one.pk,
        "label": one.label,
        "member": one.member_id,
        "created_at": one.created_at,
        "undone_at": one.undone_at,
    }
