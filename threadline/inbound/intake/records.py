"""The sources of notes, declared."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from threadline.inbound.intake import (
    letters,  # noqa: F401 - declares a verb
    queries,
    rules,
)
from threadline.inbound.intake.models import FeedbackSource
from threadline.kernel.access import Actor
from threadline.kernel.door import Door
from threadline.kernel.fields import FieldKind
from threadline.kernel.records import Record
from threadline.kernel.registry import Computed, Field, RecordType, State, register


@register
class FeedbackSourceType(RecordType):
    """A way in."""

    model = FeedbackSource
    label, plural, icon = "Feedback source", "Feedback sources", "file"
    group, room = "inbound", "inbound/feedback"
    about = "A source brings in what customers say by itself: a program that calls, a form on your site, a mailbox."
    fields = (
        Field("title", label="Name", help="For example: Help desk, or Form on the pricing page."),
        Field("way", label="How it arrives", role="subtitle"),
        Field("intro", label="Form: what it asks", help="Shown above the form. Blank: a plain question."),
        Field("thanks", label="Form: what it says afterwards", help="Blank: a plain thank-you."),
        Field("sites", label="Form: sites that may show it", help="One a line, like https://shop.example."),
        Field("host", label="Mailbox: server", help="For example: imap.example.com."),
        Field("port", label="Mailbox: port", help="Blank: 993, or 143 with STARTTLS."),
        Field("encryption", label="Mailbox: encryption", help="Blank: TLS from the first byte."),
        Field(
            "user_name", label="Mailbox: user name", private=True, help="Its password is given on the sources' page."
        ),
        Field("sign_in", label="Mailbox: opens with", help="Blank: a password, which Google and Microsoft 365 refuse."),
        Field("client_id", label="Mailbox: client", private=True, help="Of OAuth 2: whom the provider gave access."),
        Field("token_url", label="Mailbox: token server", help="Of OAuth 2. Blank: the provider's own."),
        Field("folder", label="Mailbox: folder", help="Blank: INBOX. Mails stay where they are and stay unread."),
        Field(
            "vouching",
            label="Mailbox: server that checks senders",
            help="As it names itself in Authentication-Results, like mx.example.com. Blank: the uppermost such line.",
        ),
        Field("secret_made_at", label="Secret made", readonly=True),
    )
    computed = (
        Computed("taken", "Brought", queries.taken_by, help="Notes and follow-ups that came this way."),
        Computed("trouble", "Trouble", queries.trouble_of, kind=FieldKind()),
    )
    states = (State("open", "Open", "ok"), State("paused", "Paused"))
    kept = ("secret_made_at",)
    columns = ("title", "way", "taken", "trouble", "state", "owner")
    sort = "title"

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, FeedbackSource)
        rules.settle_source(record)

    def changed(self, door: Door, record: Record, names: Collection[str]) -> None:
        """Keep what a source needs to take notes in from the start: a page that only reads must not write it."""
        assert isinstance(record, FeedbackSource)
        queries.intake_of(record)
