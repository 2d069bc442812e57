"""What one person works with across records: search, notifications, keys, batches and undo, events."""

from __future__ import annotations

from dataclasses import asdict

from threadline.exchange import carrying
from threadline.faces.api import answers, shapes
from threadline.faces.api.answers import CURSOR, LIMIT, NOTHING
from threadline.faces.api.calls import Call
from threadline.faces.api.endpoints import Part, endpoint
from threadline.faces.api.house import KIND
from threadline.house import furnishing as house
from threadline.house import tokens
from threadline.kernel import feed, fields, rows, search
from threadline.kernel.access import reach
from threadline.kernel.cards import Card
from threadline.kernel.changes import Batch
from threadline.kernel.comments import Notification
from threadline.kernel.idempotency import Answer
from threadline.kernel.members import Token

SECTION = "desk"


@endpoint(
    "GET",
    "search",
    "Search",
    section=SECTION,
    query=(
        Part(
            "q", fields.FieldKind(longest=400), 'Words, or a "phrase"; the last word may be unfinished.', required=True
        ),
        KIND,
        LIMIT,
    ),
    answers={200: "HitPage"},
)
def find(call: Call) -> Answer:
    """Records of every type whose title or text holds the words, the best first."""
    found = search.find(call.actor, call.query["q"], call.query["kind"], call.query["limit"])
    return answers.page(call, [shapes.hit(one) for one in found], None)


# ---- notifications ----------------------------------------------------------------------


@endpoint(
    "GET",
    "notifications",
    "List your notifications",
    section=SECTION,
    query=(Part("unread", fields.Flag(), "Only those not read.", default=False), LIMIT, CURSOR),
    answers={200: "NotificationPage"},
)
def list_notifications(call: Call) -> Answer:
    """What you should know, the newest first; only about records that you may see."""
    mine = Notification.objects.filter(workspace_id=call.actor.workspace_id, member_id=call.actor.member_id)
    mine = mine.filter(card__in=reach(call.actor, Card)).select_related("card")
    if call.query["unread"]:
        mine = mine.filter(read_at=None)
    return answers.newest_first(call, mine, lambda one: shapes.notification(one, one.card))


@endpoint(
    "POST",
    "notifications/read",
    "Mark notifications as read",
    section=SECTION,
    body=(Part("ids", fields.FieldKind(longest=36), "Which; all when not given.", many=True),),
    how=(),
    answers={200: "Read"},
)
def read_notifications(call: Call) -> Answer:
    """Say that you know."""
    return answers.one({"read": house.read_notifications(call.actor, call.body["ids"])})


# ---- keys -------------------------------------------------------------------------------


@endpoint(
    "GET", "tokens", "List the keys", section=SECTION, scope="admin", query=(LIMIT, CURSOR), answers={200: "TokenPage"}
)
def list_tokens(call: Call) -> Answer:
    """Your own; those who manage members see everybody's. Secrets cannot be read again."""
    found = tokens.visible(call.actor).select_related("member__user")
    return answers.newest_first(call, found, lambda one: shapes.token(one, tokens.works(one)))


@endpoint(
    "POST",
    "tokens",
    "Make a key",
    section=SECTION,
    scope="admin",
    body=(
        Part("name", fields.FieldKind(longest=120), "So that you know it again.", required=True),
        Part("scopes", fields.Choice(tuple((s, s) for s in tokens.SCOPES)), "What it opens.", required=True, many=True),
        Part("kind", fields.Choice(tuple((k, k) for k in tokens.KINDS)), "Whose.", default="personal"),
        Part(
            "days",
            fields.Number(low=1, high=tokens.LONGEST_DAYS, whole=True),
            "How long it works.",
            default=tokens.DEFAULT_DAYS,
        ),
    ),
    how=(),
    answers={201: "NewToken"},
)
def make_token(call: Call) -> Answer:
    """The answer holds the key's text, this once. No key makes one that opens more than itself."""
    given = call.body
    made, text = tokens.create(
        call.actor, name=given["name"], scopes=given["scopes"], kind=given["kind"], days=given["days"]
    )
    found = Token.objects.select_related("member").get(workspace_id=call.actor.workspace_id, pk=made.pk)
    return answers.one({**shapes.token(found, True), "token": text}, 201)


@endpoint("DELETE", "tokens/<id:ident>", "Revoke a key", section=SECTION, scope="admin", how=(), answers={204: ""})
def revoke_token(call: Call, ident: str) -> Answer:
    """End a key at once."""
    tokens.revoke(call.actor, ident)
    return NOTHING


# ---- batches ----------------------------------------------------------------------------


@endpoint("GET", "batches", "List the batches", section=SECTION, query=(LIMIT, CURSOR), answers={200: "BatchPage"})
def list_batches(call: Call) -> Answer:
    """Named runs, the newest first: your own, or everybody's for those who may undo them."""
    here = Batch.objects.filter(workspace_id=call.actor.workspace_id)
    mine = here if call.actor.may("undo_others") else here.filter(member_id=call.actor.member_id)
    return answers.newest_first(call, mine, shapes.batch)


@endpoint(
    "POST",
    "batches",
    "Open a batch",
    section=SECTION,
    body=(Part("label", fields.FieldKind(longest=200), "What is being done.", required=True),),
    how=(),
    answers={201: "Batch"},
)
def open_batch(call: Call) -> Answer:
    """A name for several calls: give its id to each as ?batch=, and undo them as one."""
    call.actor.need("comment", "inbound")
    made = Batch(workspace_id=call.actor.workspace_id, label=call.body["label"], member_id=call.actor.member_id)
    rows.insert(made)
    return answers.one(shapes.batch(made), 201)


@endpoint("POST", "batches/<id:ident>/undo", "Undo a batch", section=SECTION, how=(), answers={200: "Undone"})
def undo_batch(call: Call, ident: str) -> Answer:
    """Reverse what was done under an id from a Threadline-Batch header. What changed since is kept and named."""
    return answers.one(asdict(carrying.undo_batch(call.actor, ident)))


# ---- events -----------------------------------------------------------------------------


@endpoint(
    "GET",
    "events",
    "Read the stream of changes",
    section=SECTION,
    query=(
        Part(
            "after", fields.FieldKind(longest=36), "The next_cursor of the last page, or ``latest`` to begin from now."
        ),
        LIMIT,
    ),
    answers={200: "EventPage"},
)
def list_events(call: Call) -> Answer:
    """Every change that you may know of, the oldest first. Keep next_cursor and ask again: nothing is missed."""
    after, limit = call.query["after"], call.query["limit"]
    if after == "latest":
        newest = feed.newest(call.actor)
        return answers.stream_page([], str(newest) if newest else None, False)
    start = answers.id_of(after, "after") if after else None
    found, more = feed.stream(call.actor, start, limit)
    return answers.stream_page([shapes.event(one) for one in found], found[-1].id if found else after, more)
