"""Accounts, contacts and what they said, as rows."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from threadline.kernel import rows
from threadline.kernel.cards import Card
from threadline.kernel.members import Member
from threadline.kernel.records import HighestFirst, Record
from threadline.kernel.workspaces import Workspace


class Account(Record):
    """A customer as a company (or a household of players): what it pays and which kind it is."""

    kind = "account"
    prefix = "A"

    class Plan(models.TextChoices):
        """What it has bought."""

        FREE = "free", "Free"
        STARTER = "starter", "Starter"
        GROWTH = "growth", "Growth"
        ENTERPRISE = "enterprise", "Enterprise"

    class Segment(models.TextChoices):
        """Which kind of customer."""

        ENTERPRISE = "enterprise", "Enterprise"
        MID_MARKET = "mid_market", "Mid-market"
        SMALL_BUSINESS = "small_business", "Small business"
        CONSUMER = "consumer", "Consumer"
        PARTNER = "partner", "Partner"

    plan = models.CharField(max_length=20, choices=Plan.choices, blank=True)
    annual_revenue = models.BigIntegerField(null=True, blank=True, validators=[MinValueValidator(0)])
    segment = models.CharField(max_length=20, choices=Segment.choices, blank=True)
    region = models.CharField(max_length=60, blank=True)
    domain = models.CharField(max_length=120, blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"


class Contact(Record):
    """A person at a customer."""

    kind = "contact"
    prefix = "P"

    email = models.EmailField(max_length=254, blank=True)
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="contacts")
    role_title = models.CharField(max_length=120, blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        indexes = [*Record.Meta.indexes, models.Index(fields=["workspace", "account"], name="contact_of_account")]


class Feedback(Record):
    """Something a customer said, in their own words. One voice, however often it is repeated."""

    kind = "feedback"
    prefix = "N"

    class Channel(models.TextChoices):
        """Where it was heard."""

        SUPPORT = "support", "Support"
        SALES_CALL = "sales_call", "Sales call"
        APP_REVIEW = "app_review", "App review"
        SURVEY = "survey", "Survey"
        INTERVIEW = "interview", "Interview"
        COMMUNITY = "community", "Community"
        EMAIL = "email", "E-mail"
        ISSUE = "issue", "Issue report"
        OTHER = "other", "Other"

    body = models.TextField(blank=True)
    channel = models.CharField(max_length=20, choices=Channel.choices, default=Channel.OTHER)
    received_on = models.DateField(null=True, blank=True)
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="said")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="said")
    # The name an imported item came with; a claim, never a verified person.
    author = models.CharField(max_length=200, blank=True)
    rating = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(10)])
    # A count that another product kept; who they were is not known, so demand does not count them.
    votes = models.PositiveIntegerField(null=True, blank=True)
    # Who of us heard it and speaks for the customer here, and what the customer's decision is worth.
    reported_by = models.ForeignKey(Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at_stake = models.BigIntegerField(null=True, blank=True, validators=[MinValueValidator(0)])
    url = models.URLField(max_length=500, blank=True)
    declined_reason = models.TextField(blank=True)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="repeats")
    # Until when whoever said it may read, by an address of their own, what becomes of it (following.py).
    followed_until = models.DateField(null=True, blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        indexes = [
            *Record.Meta.indexes,
            HighestFirst(fields=["workspace", "received_on", "id"], name="feedback_received"),
            # Repeats alone: with all the blanks in it, statistics would tell the planner that it is of no use.
            models.Index(
                fields=["workspace", "merged_into"],
                condition=models.Q(merged_into__isnull=False),
                name="feedback_repeats",
            ),
            models.Index(fields=["workspace", "account"], name="feedback_of_account"),
            # What not everybody may see, which is little: what is kept of the rest is the same for all.
            models.Index(
                fields=["workspace", "confidentiality"],
                condition=models.Q(confidentiality__gt=0),
                name="feedback_apart",
            ),
        ]


class Following(models.Model):
    """What opens a note to whoever said it. Bookkeeping of the machine: no log, no undo, and in no export.

    The key in the address is made from the server's own key and ``salt``; only its hash is looked up. ``member`` gave
    the address away: it is open only while they are here and the note is within their reach.
    """

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    note = models.OneToOneField(Feedback, on_delete=models.CASCADE, related_name="following")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    salt = models.CharField(max_length=64)
    key_hash = models.CharField(max_length=64, unique=True)

    class Meta:
        app_label = "inbound"


class Refused(models.Model):
    """That somebody said "not this one" of what a note was offered: a feature, or a note that it repeats."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    note = models.ForeignKey(Feedback, on_delete=models.CASCADE, related_name="refused")
    what = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=rows.now)

    class Meta:
        app_label = "inbound"
        constraints = [models.UniqueConstraint(fields=["workspace", "note", "what"], name="refused_once")]


class Theme(Record):
    """What many notes are about. Found by the machine or made by a person; a person's word on it stands."""

    kind = "theme"
    prefix = "TH"

    body = models.TextField(blank=True)
    # What its notes say far more often than others: words of notes that everybody here may see.
    words = models.CharField(max_length=500, blank=True)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="merged")

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"


class ThemeNote(models.Model):
    """Where the machine put a note: derived, made anew at will. What people say of a note is a link of the theme."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    theme = models.ForeignKey(Theme, on_delete=models.CASCADE, related_name="placed")
    note = models.OneToOneField(Feedback, on_delete=models.CASCADE, related_name="placed")
    near = models.FloatField(default=0)

    class Meta:
        app_label = "inbound"
        indexes = [models.Index(fields=["workspace", "theme", "note"], name="theme_holds")]
