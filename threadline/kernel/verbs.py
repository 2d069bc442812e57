"""The verbs every record has: create, update, trash, link, confirm, comment, tag, watch.

All of them take the actor first and pass through the door; ``actor`` may also be an open
door, when a rule of a leaf uses one of these as part of its own run.
"""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from threadline.kernel import citing, fields, rows, text
from threadline.kernel.access import NAMED, Actor, reach_sql
from threadline.kernel.actions import through_door
from threadline.kernel.cards import Card, Reader
from threadline.kernel.comments import Comment, Notification, Watch
from threadline.kernel.door import Door
from threadline.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from threadline.kernel.links import Link
from threadline.kernel.records import Record
from threadline.kernel.registry import type_of
from threadline.kernel.tags import CardTag, Tag, clean_tag
from threadline.kernel.telling import tell

LONGEST_COMMENT = 20_000
MOST_CITES = 200
_KEY = re.compile(r"[A-Z]{1,9}-[1-9][0-9]{0,8}")
_QUOTE = fields.Markdown(longest=20_000)
_WEIGHT = fields.Number(low=0, high=3, whole=True)
_CITE_PARTS = frozenset({"kind", "target", "quote", "weight"})


def create(
    actor: Actor | Door,
    kind: str,
    values: dict[str, Any],
    *,
    cites: list[dict[str, Any]] | None = None,
    readers: list[Any] | None = None,
    why: str = "",
    batch: UUID | None = None,
) -> Record:
    """A new record from raw values.

    ``cites`` are links to make at once: ``{"kind", "target"}``, and ``quote`` and ``weight`` where wanted.
    """

    def run(door: Door) -> Record:
        wanted = [_cite(cite) for cite in cites or []]
        if len(wanted) > MOST_CITES:
            raise Invalid(("cites", f"At most {MOST_CITES} at once."))
        record = door.create(type_of(kind).model, values, readers=readers)
        for cite in wanted:
            link(door, record, cite["target"], cite["kind"], quote=cite.get("quote"), weight=cite.get("weight"))
        return record

    return through_door(actor, "create", run, why=why, batch=batch)


def _cite(cite: Any) -> dict[str, Any]:
    fine = isinstance(cite, dict) and cite.keys() <= _CITE_PARTS and isinstance(cite.get("kind"), str)
    if not fine or not isinstance(cite.get("target"), str | UUID | Record):
        raise Invalid(("cites", "Each citation has a kind and a target, and may have a quote and a weight."))
    return dict(cite)


def update(
    actor: Actor | Door,
    kind: str,
    ref: Any,
    values: dict[str, Any],
    *,
    expect: int | None = None,
    why: str = "",
    batch: UUID | None = None,
) -> Record:
    """Change fields. ``expect`` is the version that was read; another writer's later one is a Conflict."""

    def run(door: Door) -> Record:
        return door.update(door.get(type_of(kind).model, ref), values, expect=expect)

    return through_door(actor, "update", run, why=why, batch=batch)


def archive(
    actor: Actor | Door, kind: str, ref: Any, *, expect: int | None = None, why: str = "", batch: UUID | None = None
) -> Record:
    """Put a record in the trash."""

    def run(door: Door) -> Record:
        record = door.get(type_of(kind).model, ref, verb="archive")
        if expect is not None and record.version != expect:
            raise Conflict("Somebody changed this since you read it.", record.version)
        door.archive(record)
        return record

    return through_door(actor, "archive", run, why=why, batch=batch)


def restore(actor: Actor | Door, kind: str, ref: Any, *, why: str = "", batch: UUID | None = None) -> Record:
    """Bring a record back from the trash."""

    def run(door: Door) -> Record:
        record = door.get(type_of(kind).model, ref, verb="archive", archived=True)
        if record.archived_at is not None:
            door.restore(record)
        return record

    return through_door(actor, "restore", run, why=why, batch=batch)


def name_readers(actor: Actor | Door, ref: Any, people: list[Any], *, why: str = "") -> Record:
    """Keep a record for these people (by id, handle or name), its owner and whoever does this."""

    def run(door: Door) -> Record:
        record = _record(door, ref)
        before = sorted(map(str, Reader.objects.filter(card_id=record.pk).values_list("member_id", flat=True)))
        chosen = door.name_readers(record, people)
        if record.confidentiality != NAMED:
            record = door.change(record, {"confidentiality": NAMED})
        door.log(record, {"+readers": [before, sorted(map(str, chosen))]})
        door.announce(record, "name_readers")
        return record

    return through_door(actor, "name_readers", run, why=why)


# ---- the thread -------------------------------------------------------------------------


def card(actor: Actor, ref: Any, *, archived: bool = False) -> Card:
    """The card by id or key (F-112), through reach; NotFound for absent and forbidden alike."""
    if isinstance(ref, Record | Card):
        ref = ref.pk
    near, params = reach_sql(actor, "r")
    ident = fields.as_id(ref)
    key = str(ref).strip().upper()
    if ident is None and not _KEY.fullmatch(key):
        raise NotFound
    here = f"{'r.id' if ident else 'r.key'} = %s AND {near}{'' if archived else ' AND r.archived_at IS NULL'}"
    found = rows.fetch_instance(Card, here, [ident or key, *params])
    if found is None:
        raise NotFound
    return found


def link(
    actor: Actor | Door,
    source: Any,
    target: Any,
    kind: str,
    *,
    quote: str | None = None,
    weight: int | None = None,
    why: str = "",
    batch: UUID | None = None,
) -> Link:
    """``source`` now rests on ``target``, as it stands.

    Linking again confirms it, and replaces quote and weight where they are given (not None).
    """

    def run(door: Door) -> Link:
        record = _record(door, source)
        cited = card(door.actor, target)
        cite = type_of(record).cite_by_name.get(kind)
        if cite is None or cited.kind not in cite.to:
            label = type_of(record).label.lower()
            raise Invalid(("kind", f"A {label} cannot cite this as {kind[:40] or 'nothing'}."))
        if cited.pk == record.pk:
            raise Invalid(("target", "A record cannot rest on itself."))
        said = _said(door.actor, quote, weight)
        found = Link.objects.filter(
            workspace_id=record.workspace_id, source_id=record.pk, target_id=cited.pk, kind=kind
        ).first()
        made = found or Link(workspace_id=record.workspace_id, source_id=record.pk, target_id=cited.pk, kind=kind)
        before = citing.state_of(made)
        made.seen_revision = cited.revision
        for name, value in said.items():
            setattr(made, name, value)
        made.created_by_id = made.created_by_id or door.actor.member_id
        if found is None:
            citing.make(door, record, made)
        else:
            citing.amend(door, record, made, before)
        return made

    return through_door(actor, "link", run, why=why, batch=batch)


def unlink(actor: Actor | Door, link_id: Any, *, why: str = "", batch: UUID | None = None) -> None:
    """Take a citation back."""

    def run(door: Door) -> None:
        found, record = _link(door, link_id)
        citing.drop(door, record, found)

    through_door(actor, "unlink", run, why=why, batch=batch)


def confirm(
    actor: Actor | Door, link_id: Any, *, expect: int | None = None, why: str = "", batch: UUID | None = None
) -> Link:
    """The target's new meaning was read and the citation still holds. ``expect`` is that revision."""

    def run(door: Door) -> Link:
        found, record = _link(door, link_id)
        cited = card(door.actor, found.target_id, archived=True)
        if expect is not None and cited.revision != expect:
            raise Conflict("It changed again since you read it.", cited.revision)
        before = citing.state_of(found)
        found.seen_revision, found.confirmed_at = cited.revision, rows.now()
        citing.amend(door, record, found, before)
        return found

    return through_door(actor, "confirm", run, why=why, batch=batch)


def _record(door: Door, ref: Any, verb: str = "update") -> Record:
    found = card(door.actor, ref)
    return door.get(type_of(found.kind).model, found.pk, verb=verb)


def _link(door: Door, link_id: Any) -> tuple[Link, Record]:
    try:
        ident = link_id if isinstance(link_id, UUID) else UUID(str(link_id))
    except ValueError:
        raise NotFound from None
    found = Link.objects.filter(workspace_id=door.actor.workspace_id, pk=ident).first()
    if found is None:
        raise NotFound
    card(door.actor, found.target_id, archived=True)  # both ends must be in reach
    return found, _record(door, found.source_id)


def _said(actor: Actor, quote: Any, weight: Any) -> dict[str, Any]:
    """Quote and weight as given, cleaned; what was not given is left out."""
    problems, said = [], {}
    for name, raw, kind, blank in (("quote", quote, _QUOTE, ""), ("weight", weight, _WEIGHT, 0)):
        try:
            if raw is not None:
                said[name] = kind.clean(raw, actor) or blank
        except fields.Refused as refused:
            problems.append(Problem(name, str(refused)))
    if problems:
        raise Invalid(*problems)
    return said


# ---- talk -------------------------------------------------------------------------------


def comment(actor: Actor | Door, ref: Any, body: str, *, batch: UUID | None = None) -> Comment:
    """Say something about a record; mentions and watchers are told, citations become links."""

    def run(door: Door) -> Comment:
        cleaned = _comment_text(body)
        record = _record(door, ref, verb="comment")
        made = Comment(
            workspace_id=record.workspace_id,
            card_id=record.pk,
            author_id=door.actor.member_id,
            author_name=door.actor.name,
            body=cleaned,
        )
        rows.insert(made)
        door.log(record, {"+comment": [None, {"id": str(made.pk), "body": cleaned}]})
        mentioned = set(text.mentions(cleaned))
        door.mention(record, mentioned)
        watchers = Watch.objects.filter(workspace_id=record.workspace_id, card_id=record.pk)
        people = {*watchers.values_list("member_id", flat=True), record.owner_id} - {None}
        tell(door.actor, sorted(people), record.pk, Notification.Reason.COMMENT, door.batch)
        _watch(door, record.pk)
        return made

    return through_door(actor, "comment", run, batch=batch)


def edit_comment(actor: Actor | Door, comment_id: Any, body: str) -> Comment:
    """Change one's own remark."""

    def run(door: Door) -> Comment:
        found, record = _comment(door, comment_id)
        cleaned = _comment_text(body)
        before, found.body, found.edited_at = found.body, cleaned, rows.now()
        rows.update(found, ["body", "edited_at"])
        ident = str(found.pk)
        door.log(record, {"+comment": [{"id": ident, "body": before}, {"id": ident, "body": cleaned}]})
        door.mention(record, set(text.mentions(cleaned)) - set(text.mentions(before)))
        return found

    return through_door(actor, "edit_comment", run)


def remove_comment(actor: Actor | Door, comment_id: Any) -> None:
    """Take one's own remark back; heads of the workspace may take back any. Its words leave every page."""

    def run(door: Door) -> None:
        found, record = _comment(door, comment_id, others=door.actor.may("members"))
        found.body, found.removed_at = "", rows.now()
        rows.update(found, ["body", "removed_at"])
        door.log(record, {"+comment": [{"id": str(found.pk)}, None]})

    through_door(actor, "remove_comment", run)


def _comment_text(body: Any) -> str:
    if not isinstance(body, str) or not body.strip():
        raise Invalid(("body", "Write something first."))
    if len(body) > LONGEST_COMMENT or "\x00" in body or any("\ud800" <= c <= "\udfff" for c in body):
        raise Invalid(("body", f"At most {LONGEST_COMMENT:,} characters of plain text."))
    return body.replace("\r\n", "\n").strip()


def _comment(door: Door, comment_id: Any, *, others: bool = False) -> tuple[Comment, Record]:
    try:
        ident = comment_id if isinstance(comment_id, UUID) else UUID(str(comment_id))
    except ValueError:
        raise NotFound from None
    found = Comment.objects.filter(workspace_id=door.actor.workspace_id, pk=ident, removed_at=None).first()
    if found is None:
        raise NotFound
    record = _record(door, found.card_id, verb="comment")
    if found.author_id != door.actor.member_id and not others:
        raise Forbidden("Only its author can change a comment.")
    return found, record


# ---- tags and watches -------------------------------------------------------------------


def tag(actor: Actor | Door, ref: Any, names: list[str], *, batch: UUID | None = None) -> list[str]:
    """Make the record's tags exactly these; new words are added to the workspace's."""

    def run(door: Door) -> list[str]:
        record = _record(door, ref)
        wanted = sorted({clean_tag(n) for n in names})
        if len(wanted) > 50:
            raise Invalid(("tags", "At most 50 tags on one record."))
        mine = CardTag.objects.filter(workspace_id=record.workspace_id, card_id=record.pk)
        before = sorted(mine.values_list("tag__name", flat=True))
        if before == wanted:
            return wanted
        mine.exclude(tag__name__in=wanted).delete()
        for name in wanted:
            if name not in before:
                word, _ = Tag.objects.get_or_create(workspace_id=record.workspace_id, name=name)
                rows.insert(CardTag(workspace_id=record.workspace_id, card_id=record.pk, tag_id=word.pk))
        door.log(record, {"+tags": [before, wanted]})
        return wanted

    return through_door(actor, "tag", run, batch=batch)


def watch(actor: Actor | Door, ref: Any, on: bool = True) -> None:
    """Hear, or no longer hear, of changes to a record."""

    def run(door: Door) -> None:
        found = card(door.actor, ref)
        if on:
            _watch(door, found.pk)
        else:
            Watch.objects.filter(
                workspace_id=door.actor.workspace_id, card_id=found.pk, member_id=door.actor.member_id
            ).delete()

    through_door(actor, "watch", run)


def _watch(door: Door, card_id: UUID) -> None:
    Watch.objects.get_or_create(workspace_id=door.actor.workspace_id, card_id=card_id, member_id=door.actor.member_id)
