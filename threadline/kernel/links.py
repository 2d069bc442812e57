"""Typed citations between records, with the revision that was read.

A link points upstream: its source cites its target as the reason. Suspect is a comparison,
never a flag: the target's revision is higher than the one that was read, or the day has passed
until which the target could be relied on unseen, and nobody has confirmed the citation since.
"""

from __future__ import annotations

from django.db import models

from threadline.kernel import rows
from threadline.kernel.cards import Card
from threadline.kernel.members import Member
from threadline.kernel.workspaces import Workspace

MENTION = "mention"  # the kind of a link made by [[F-112]] in a text


def suspect(target: str, link: str) -> str:
    """Whether a citation is suspect, as SQL over the aliases of the target's card and of the link."""
    grown_old = f"{overdue(target)} AND ({link}.confirmed_at IS NULL OR {link}.confirmed_at < {target}.good_until)"
    return f"({target}.revision > {link}.seen_revision OR ({grown_old}))"


def overdue(target: str) -> str:
    """Whether the day has passed until which a card's record was good; NULL, as for no, where it has none."""
    return f"{target}.good_until < CURRENT_DATE"


class Link(models.Model):
    """``source`` cites ``target``; ``kind`` is one that the source's type declares."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    source = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="cites")
    target = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="cited_by")
    kind = models.CharField(max_length=40)
    seen_revision = models.PositiveIntegerField()
    # The part of the target that matters here, word for word; empty means all of it.
    quote = models.TextField(blank=True)
    # How much it matters to those who said it: 0 unknown, 1 nice to have, 2 important, 3 blocking.
    weight = models.PositiveSmallIntegerField(default=0)
    created_by = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=rows.now)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "kernel"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "source", "target", "kind"], name="link_once"),
            models.CheckConstraint(condition=~models.Q(source=models.F("target")), name="link_not_to_itself"),
        ]
        indexes = [models.Index(fields=["workspace", "target", "kind"], name="link_back")]
