"""What hangs on a record: citations, remarks, tags, watches, history; and the review queue."""

from __future__ import annotations

from threadline.faces.api import answers, shapes
from threadline.faces.api.answers import CURSOR, LIMIT, NOTHING
from threadline.faces.api.calls import Call
from threadline.faces.api.endpoints import BATCH, Part, endpoint
from threadline.faces.api.including import comments_of, links_of
from threadline.faces.api.records import ONE
from threadline.kernel import fields, past, thread, verbs
from threadline.kernel.access import Actor, reach
from threadline.kernel.cards import Card
from threadline.kernel.comments import Watch
from threadline.kernel.errors import NotFound
from threadline.kernel.idempotency import Answer
from threadline.kernel.links import Link
from threadline.kernel.registry import RecordType

SECTION = "thread"
_TEXT = Part(
    "body", fields.Markdown(longest=verbs.LONGEST_COMMENT), "Markdown; @handle tells, [[F-112]] cites.", required=True
)


def card_of(actor: Actor, declared: RecordType, ref: str) -> Card:
    """The card of a record of exactly this type; anything else is not found."""
    found = verbs.card(actor, ref)
    if found.kind != declared.kind:
        raise NotFound
    return found


# ---- citations --------------------------------------------------------------------------


@endpoint(
    "GET",
    f"{ONE}/links",
    "List the citations of a {label}",
    section=SECTION,
    query=(LIMIT, CURSOR),
    answers={200: "LinkPage"},
)
def list_links(call: Call, declared: RecordType, ref: str) -> Answer:
    """Citations by it and of it, newest first; only those whose other end you may see."""
    return answers.newest_first(call, links_of(call.actor, card_of(call.actor, declared, ref)), shapes.link)


@endpoint(
    "POST",
    f"{ONE}/links",
    "Cite a record",
    section=SECTION,
    body=(
        Part("kind", fields.FieldKind(longest=40), "One of the type's citations.", required=True),
        Part("target", fields.FieldKind(longest=40), "The key or id of what it rests on.", required=True),
        Part("quote", fields.Markdown(longest=20_000), "The part that matters, word for word.", default=""),
        Part(
            "weight", fields.Number(low=0, high=3, whole=True), "0 unknown, 1 nice, 2 important, 3 blocking.", default=0
        ),
    ),
    answers={201: "Link"},
)
def make_link(call: Call, declared: RecordType, ref: str) -> Answer:
    """The record now rests on another as it stands; citing again refreshes quote and weight."""
    given, source = call.body, card_of(call.actor, declared, ref)
    made = verbs.link(
        call.actor, source, given["target"], given["kind"], quote=given["quote"], weight=given["weight"], **call.how
    )
    return answers.one(shapes.link(_whole(made)), 201, call.done)


@endpoint("DELETE", "links/<id:ident>", "Take a citation back", section=SECTION, answers={204: ""})
def remove_link(call: Call, ident: str) -> Answer:
    """The record no longer rests on the other."""
    verbs.unlink(call.actor, ident, **call.how)
    return Answer(204, b"", call.done)


@endpoint(
    "POST",
    "links/<id:ident>/confirm",
    "Confirm a citation",
    section=SECTION,
    body=(Part("revision", fields.Number(low=1, high=10**9, whole=True), "The target's revision that you read."),),
    answers={200: "Link"},
)
def confirm_link(call: Call, ident: str) -> Answer:
    """The target's new meaning was read and the citation still holds. A later revision than yours is a conflict."""
    made = verbs.confirm(call.actor, ident, expect=call.body["revision"], **call.how)
    return answers.one(shapes.link(_whole(made)), headers=call.done)


def _whole(made: Link) -> Link:
    return Link.objects.select_related("source", "target").get(workspace_id=made.workspace_id, pk=made.pk)


@endpoint(
    "GET",
    "suspects",
    "List suspect citations",
    section=SECTION,
    query=(Part("mine", fields.Flag(), "Only of records that you own.", default=False), LIMIT),
    answers={200: "SuspectPage"},
)
def list_suspects(call: Call) -> Answer:
    """Citations whose target changed its meaning after it was read, the oldest change first."""
    found = thread.suspects(call.actor, mine=call.query["mine"], limit=call.query["limit"])
    return answers.page(call, [shapes.suspect(one) for one in found], None)


# ---- remarks ----------------------------------------------------------------------------


@endpoint(
    "GET",
    f"{ONE}/comments",
    "List the comments on a {label}",
    section=SECTION,
    query=(LIMIT, CURSOR),
    answers={200: "CommentPage"},
)
def list_comments(call: Call, declared: RecordType, ref: str) -> Answer:
    """What was said about it, newest first."""
    return answers.newest_first(call, comments_of(call.actor, card_of(call.actor, declared, ref)), shapes.comment)


@endpoint(
    "POST",
    f"{ONE}/comments",
    "Comment on a {label}",
    section=SECTION,
    body=(_TEXT,),
    how=(BATCH,),
    answers={201: "Comment"},
)
def make_comment(call: Call, declared: RecordType, ref: str) -> Answer:
    """Say something about it; those mentioned and those who watch it are told."""
    found = card_of(call.actor, declared, ref)
    made = verbs.comment(call.actor, found, call.body["body"], batch=call.query["batch"])
    return answers.one(shapes.comment(made), 201, call.done)


@endpoint(
    "PATCH", "comments/<id:ident>", "Change a comment", section=SECTION, body=(_TEXT,), how=(), answers={200: "Comment"}
)
def change_comment(call: Call, ident: str) -> Answer:
    """Change the words of a remark of your own."""
    return answers.one(shapes.comment(verbs.edit_comment(call.actor, ident, call.body["body"])))


@endpoint("DELETE", "comments/<id:ident>", "Take a comment back", section=SECTION, how=(), answers={204: ""})
def remove_comment(call: Call, ident: str) -> Answer:
    """Take back a remark of your own; those who manage members may take back any."""
    verbs.remove_comment(call.actor, ident)
    return NOTHING


# ---- tags and watches -------------------------------------------------------------------


@endpoint(
    "PUT",
    f"{ONE}/tags",
    "Set the tags of a {label}",
    section=SECTION,
    body=(Part("tags", fields.FieldKind(longest=60), "All of them; new words are added.", required=True, many=True),),
    how=(BATCH,),
    answers={200: "TagNames"},
)
def set_tags(call: Call, declared: RecordType, ref: str) -> Answer:
    """Make its tags exactly these words."""
    found = card_of(call.actor, declared, ref)
    return answers.one(
        {"tags": verbs.tag(call.actor, found, call.body["tags"], batch=call.query["batch"])}, headers=call.done
    )


@endpoint("GET", f"{ONE}/watch", "Whether you watch a {label}", section=SECTION, answers={200: "Watching"})
def read_watch(call: Call, declared: RecordType, ref: str) -> Answer:
    """Whether you hear of its changes without being its owner."""
    found = card_of(call.actor, declared, ref)
    mine = Watch.objects.filter(workspace_id=call.actor.workspace_id, card=found, member_id=call.actor.member_id)
    return answers.one({"watching": mine.exists()})


@endpoint("PUT", f"{ONE}/watch", "Watch a {label}", section=SECTION, how=(), answers={204: ""})
def start_watching(call: Call, declared: RecordType, ref: str) -> Answer:
    """Hear of its changes."""
    verbs.watch(call.actor, card_of(call.actor, declared, ref))
    return NOTHING


@endpoint("DELETE", f"{ONE}/watch", "Stop watching a {label}", section=SECTION, how=(), answers={204: ""})
def stop_watching(call: Call, declared: RecordType, ref: str) -> Answer:
    """No longer hear of its changes."""
    verbs.watch(call.actor, card_of(call.actor, declared, ref), on=False)
    return NOTHING


# ---- history ----------------------------------------------------------------------------


@endpoint(
    "GET",
    f"{ONE}/history",
    "Read the history of a {label}",
    section=SECTION,
    query=(LIMIT, CURSOR),
    answers={200: "StepPage"},
)
def read_history(call: Call, declared: RecordType, ref: str) -> Answer:
    """Who changed what, through which face, and why; newest first."""
    found = reach(call.actor, declared.model).get(pk=card_of(call.actor, declared, ref).pk)
    before = answers.id_of(call.query["cursor"]) if call.query["cursor"] else None
    limit = call.query["limit"]
    steps = past.history(call.actor, found, limit=limit + 1, before=before)
    following = str(steps[limit - 1].id) if len(steps) > limit else None
    return answers.page(call, [shapes.step(one) for one in steps[:limit]], following)
