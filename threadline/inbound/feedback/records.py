"""Feedback, Account and Contact, declared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from threadline.inbound.feedback import (
    following,  # noqa: F401 - declares verbs
    labelling,  # noqa: F401 - declares a verb
    merging,  # noqa: F401 - declares verbs
    presets,  # noqa: F401 - declares presets
    queries,
    refusing,  # noqa: F401 - declares verbs
    rules,
    suggestions,
)
from threadline.inbound.feedback.intelligence import labels
from threadline.inbound.feedback.models import Account, Contact, Feedback, Theme
from threadline.inbound.feedback.themes import editing, membership
from threadline.kernel.access import Actor
from threadline.kernel.door import Door
from threadline.kernel.fields import Choice
from threadline.kernel.links import Link
from threadline.kernel.records import Record
from threadline.kernel.registry import Cite, Computed, Field, RecordType, State, register

LABELS = (("label", "Label"), ("urgency", "How soon"), ("churn", "Will they stay"))


@register
class FeedbackType(RecordType):
    """Feedback."""

    model = Feedback
    label, plural, icon = "Note", "Feedback", "message"
    group, room, stop = "intake", "inbound/feedback", "voices"
    about = "Everything customers say, in their own words. Import what you have, then link each note to a feature."
    fields = (
        Field("title", required=False),
        Field(
            "body",
            role="body",
            meaning=True,
            search="B",
            aliases=(
                "review",
                "review text",
                "feedback",
                "comment",
                "comments",
                "message",
                "answer",
                "response",
                "verbatim",
            ),
        ),
        Field("channel", role="subtitle", aliases=("via", "medium")),
        Field(
            "received_on",
            label="Heard",
            role="start",
            aliases=("date posted", "posted", "date submitted", "submitted", "reviewed on", "received", "reported on"),
        ),
        Field(
            "account",
            role="matters",
            aliases=("company", "customer", "organisation", "organization", "client"),
            back="What they said",
        ),
        Field("contact", role="matters", aliases=("contact name", "person"), back="What they said"),
        Field(
            "author",
            private=True,
            help="The name it came with; not verified.",
            aliases=("user", "user name", "username", "reviewer", "reporter", "from"),
        ),
        Field("rating", aliases=("stars", "score", "nps")),
        Field(
            "votes",
            label="Votes it came with",
            help="A count from elsewhere. Nobody says who they were: not in demand.",
        ),
        Field(
            "reported_by",
            label="Reported by",
            role="matters",
            help="The colleague from sales or support who passes this on for the customer.",
            aliases=("on behalf of", "submitted by"),
        ),
        Field(
            "at_stake",
            label="Value at stake",
            role="number",
            private=True,
            help="What the customer's decision is worth: the deal that waits, the renewal at risk.",
            aliases=("deal value", "deal size", "opportunity value"),
        ),
        Field("url", label="Original", aliases=("link", "permalink")),
        Field("declined_reason", label="Why not"),
        Field("merged_into", label="Repeats", readonly=True),
        Field(
            "followed_until", label="Followed until", readonly=True, help="Whoever said it can read what becomes of it."
        ),
    )
    computed = (
        Computed(
            "importance",
            "Importance",
            queries.importance_of,
            kind=Choice(queries.IMPORTANCE),
            help="How much it matters to whoever said it, as it was linked.",
        ),
        *(
            Computed(
                name,
                label,
                queries.label_of(group.labels),
                kind=Choice(tuple((one.replace(" ", "_"), one.capitalize()) for one in group.labels)),
                help="The label that one of us gave it.",
            )
            for (name, label), group in zip(LABELS, labels.GROUPS, strict=True)
        ),
    )
    states = (
        State("new", "New", "warn"),
        State("linked", "Linked", "ok"),
        State("merged", "Repeat", final=True),
        State("declined", "Declined", "bad", final=True),
        State("held", "Held back"),
    )
    kept = ("merged_into", "followed_until")
    columns = ("title", "state", "label", "channel", "account", "product", "importance", "received_on", "owner")
    sort = "-received_on"

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, Feedback)
        rules.settle_feedback(record, before)

    def citations_changed(self, door: Door, ids: Sequence[UUID], kind: str, link: Link | None) -> None:
        rules.follow_citations(door, ids, link)
        editing.follow_people(door, ids, kind, link)

    def answers(self) -> dict[str, Callable[[Actor, Any], Any]]:
        return {
            "repeats": queries.repeats,
            "suggested_features": suggestions.suggest_features,
            "suggested_repeats": suggestions.suggest_repeats,
        }


@register
class AccountType(RecordType):
    """Account."""

    model = Account
    label, plural, icon = "Account", "Accounts", "building"
    group, room = "intake", "inbound/feedback"
    about = "A customer as a company, with what it pays, so that demand can be weighed."
    fields = (
        Field("plan", role="subtitle"),
        Field("annual_revenue", role="number", private=True, unit="a year", aliases=("arr", "revenue")),
        Field("segment", role="matters"),
        Field("region"),
        Field("domain", search="B", aliases=("website",)),
    )
    states = (State("active", "Active", "ok"), State("prospect", "Prospect", "info"), State("left", "Left", final=True))
    columns = ("title", "plan", "segment", "annual_revenue", "region", "state", "owner")
    sort = "title"


@register
class ContactType(RecordType):
    """Contact."""

    model = Contact
    label, plural, icon = "Contact", "Contacts", "user"
    group, room = "intake", "inbound/feedback"
    about = "A person at a customer, so that they can be told what became of their words."
    fields = (
        Field("email", role="subtitle", private=True),
        Field(
            "account", role="matters", aliases=("company", "customer", "organisation", "organization"), back="Contacts"
        ),
        Field("role_title", label="Job", aliases=("job title", "position")),
    )
    states = (State("active", "Active", "ok"), State("gone", "Gone", final=True))
    columns = ("title", "account", "role_title", "email", "state")
    sort = "title"


@register
class ThemeType(RecordType):
    """Theme."""

    model = Theme
    label, plural, icon = "Theme", "Themes", "tag"
    group, room = "intake", "inbound/feedback"
    about = "What many customers speak of, found in their words and shaped by you: how often, who, whether it grows."
    fields = (
        Field("title", label="Name"),
        Field("body", label="What it is about", role="body", search="B"),
        Field("words", role="matters", search="B", readonly=True, help="What its notes say more than others do."),
        Field("merged_into", label="Part of", readonly=True),
    )
    computed = (Computed("size", "Notes", membership.size_of, help="Notes that belong to it."),)
    states = (
        State("kept", "Kept", "ok"),
        State("found", "Found", "info"),
        State("merged", "Merged", final=True),
        State("dismissed", "No theme", "bad", final=True),
    )
    cites = (
        Cite(membership.HOLDS, "Put in by us", ("feedback",), back="In the theme"),
        Cite(membership.LEAVES_OUT, "Left out by us", ("feedback",), back="Left out of"),
    )
    kept = ("merged_into", "words")
    columns = ("title", "size", "words", "state", "owner", "updated_at")
    sort = "title"

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, Theme)
        editing.settle_theme(record, before, actor.face)
