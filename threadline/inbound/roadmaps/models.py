"""Roadmaps, links that share them, and commitments, as rows."""

from __future__ import annotations

from django.db import models

from threadline.kernel import rows
from threadline.kernel.members import Member
from threadline.kernel.records import Record
from threadline.kernel.workspaces import Workspace


class Roadmap(Record):
    """A view of the plan for somebody. It holds no dates of its own: those are the features' and releases'."""

    kind = "roadmap"
    prefix = "RM"

    class Audience(models.TextChoices):
        """Who reads it; that decides which fields leave the house (audiences.py)."""

        TEAM = "team", "Team"
        EXECUTIVE = "executive", "Executives"
        SALES = "sales", "Sales"
        CUSTOMER = "customer", "Customers"
        PUBLIC = "public", "Public"

    class Mode(models.TextChoices):
        """How it is drawn at first."""

        TIMELINE = "timeline", "Timeline"
        HORIZONS = "horizons", "Now, next, later"
        OUTCOMES = "outcomes", "Outcomes"

    class Lanes(models.TextChoices):
        """What its rows are grouped by."""

        OBJECTIVE = "objective", "Objective"
        TEAM = "team", "Team"
        PRODUCT = "product", "Product"
        RELEASE = "release", "Release"
        NONE = "none", "Nothing"

    class Zoom(models.TextChoices):
        """How wide a day is."""

        WEEK = "week", "Week"
        MONTH = "month", "Month"
        QUARTER = "quarter", "Quarter"
        YEAR = "year", "Year"

    body = models.TextField(blank=True)
    audience = models.CharField(max_length=12, choices=Audience.choices, default=Audience.TEAM)
    query = models.CharField(max_length=500, blank=True)
    mode = models.CharField(max_length=12, choices=Mode.choices, default=Mode.TIMELINE)
    lanes = models.CharField(max_length=12, choices=Lanes.choices, default=Lanes.OBJECTIVE)
    zoom = models.CharField(max_length=10, choices=Zoom.choices, default=Zoom.MONTH)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"


class ShareLink(Record):
    """An address that shows one roadmap to whoever has it, until it expires or is revoked."""

    kind = "share_link"
    prefix = "SL"

    roadmap = models.ForeignKey(Roadmap, on_delete=models.CASCADE, related_name="share_links")
    expires_on = models.DateField(null=True, blank=True)
    sites = models.TextField(blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        indexes = [*Record.Meta.indexes, models.Index(fields=["workspace", "roadmap"], name="share_of_roadmap")]


class Sharing(models.Model):
    """What opens a share link. Bookkeeping of the machine: no log, no undo, and in no export.

    The key in the address is made from the server's own key and ``salt``; only its hash is looked up, so the
    tables alone open nothing. ``member`` made the link; it is open only while they are here.
    """

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    link = models.OneToOneField(ShareLink, on_delete=models.CASCADE, related_name="sharing")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    salt = models.CharField(max_length=64)
    key_hash = models.CharField(max_length=64, unique=True)

    class Meta:
        app_label = "inbound"


class Commitment(Record):
    """A date or a feature that somebody was told of, in the words they heard."""

    kind = "commitment"
    prefix = "CO"

    words = models.TextField(blank=True)
    told_on = models.DateField(null=True, blank=True)
    promised_on = models.DateField(null=True, blank=True)
    account = models.ForeignKey("inbound.Account", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    contact = models.ForeignKey("inbound.contact", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # Whoever has no record here: a journalist, an analyst, a room at a fair.
    told_to = models.CharField(max_length=200, blank=True)
    feature = models.ForeignKey("inbound.Feature", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    release = models.ForeignKey("inbound.Release", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["workspace", "feature"], name="commitment_of_feature"),
            models.Index(fields=["workspace", "release"], name="commitment_of_release"),
        ]
