"""Competitors, facts about them, trends, and what came in, as rows."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F

from threadline.kernel import rows
from threadline.kernel.members import Member
from threadline.kernel.records import Record
from threadline.kernel.workspaces import Workspace


class Competitor(Record):
    """Somebody that customers could choose instead of us."""

    kind = "competitor"
    prefix = "CM"

    class Threat(models.TextChoices):
        """How much it costs us when it moves."""

        HIGH = "high", "High"
        MEDIUM = "medium", "Medium"
        LOW = "low", "Low"

    body = models.TextField(blank=True)
    website = models.URLField(max_length=300, blank=True)
    threat = models.CharField(max_length=10, choices=Threat.choices, blank=True)
    positioning = models.TextField(blank=True)
    segments = models.CharField(max_length=300, blank=True)
    offers = models.CharField(max_length=300, blank=True)
    pricing = models.TextField(blank=True)
    offer_strength = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(10)])
    market_strength = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(10)])

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"


class Fact(Record):
    """One sentence that can be wrong: about whom, what, the value, who says so, and when that was checked."""

    kind = "fact"
    prefix = "FC"

    class About(models.TextChoices):
        """What it is about, which says how quickly it grows old (freshness.py)."""

        PRICE = "price", "Price"
        FEATURE = "feature", "What it can do"
        POSITIONING = "positioning", "How it is positioned"
        COMPANY = "company", "The company"
        CUSTOMERS = "customers", "Its customers"
        OTHER = "other", "Something else"

    class Reliability(models.TextChoices):
        """How far its source can be trusted, as intelligence services grade it."""

        A = "A", "A: completely reliable"
        B = "B", "B: usually reliable"
        C = "C", "C: fairly reliable"
        D = "D", "D: not usually reliable"
        E = "E", "E: unreliable"
        F = "F", "F: cannot be judged"

    competitor = models.ForeignKey(Competitor, null=True, blank=True, on_delete=models.SET_NULL, related_name="facts")
    about = models.CharField(max_length=20, choices=About.choices, default=About.OTHER)
    aspect = models.CharField(max_length=160)
    value = models.CharField(max_length=500)
    url = models.URLField(max_length=500, blank=True)
    source_note = models.CharField(max_length=300, blank=True)
    reliability = models.CharField(max_length=1, choices=Reliability.choices, default=Reliability.F)
    checked_on = models.DateField(null=True, blank=True)
    half_life = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(1_000)]
    )
    good_until = models.DateField(null=True, blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["workspace", "good_until", "id"], name="fact_good_until"),
            models.Index(fields=["workspace", "competitor", "id"], name="fact_of_competitor"),
        ]


class Trend(Record):
    """Something that moves the whole market, with the signals that say so."""

    kind = "trend"
    prefix = "TN"

    class Sector(models.TextChoices):
        """Where it comes from (PESTLE)."""

        POLITICAL = "political", "Political"
        ECONOMIC = "economic", "Economic"
        SOCIAL = "social", "Social"
        TECHNOLOGICAL = "technological", "Technological"
        LEGAL = "legal", "Legal"
        ENVIRONMENTAL = "environmental", "Environmental"

    class Ring(models.TextChoices):
        """What we do about it."""

        ACT = "act", "Act"
        PREPARE = "prepare", "Prepare"
        WATCH = "watch", "Watch"

    body = models.TextField(blank=True)
    sector = models.CharField(max_length=20, choices=Sector.choices)
    ring = models.CharField(max_length=10, choices=Ring.choices, default=Ring.WATCH)
    impact = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    likelihood = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(100)])
    strength = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    horizon = models.PositiveIntegerField(null=True, blank=True, validators=[MaxValueValidator(600)])

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"


class IntelSource(Record):
    """A feed or a page that is looked at again and again."""

    kind = "intel_source"
    prefix = "MS"

    class Form(models.TextChoices):
        """What stands at the address."""

        FEED = "feed", "Feed (RSS, Atom, JSON Feed)"
        PAGE = "page", "Page, watched for changes"

    url = models.URLField(max_length=500)
    form = models.CharField(max_length=10, choices=Form.choices, default=Form.FEED)
    competitor = models.ForeignKey(Competitor, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    every_hours = models.PositiveIntegerField(default=6, validators=[MinValueValidator(1), MaxValueValidator(720)])
    importance = models.PositiveSmallIntegerField(
        default=2, choices=((1, "Low"), (2, "Worth reading"), (3, "Act on it"))
    )

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"


class Intel(Record):
    """Something that came in about the market and waits to be judged."""

    kind = "intel"
    prefix = "MI"

    class Importance(models.IntegerChoices):
        """How soon somebody should read it."""

        LOW = 1, "Low"
        READ = 2, "Worth reading"
        ACT = 3, "Act on it"

    body = models.TextField(blank=True)
    url = models.URLField(max_length=500, blank=True)
    published_on = models.DateField(null=True, blank=True)
    importance = models.PositiveSmallIntegerField(choices=Importance.choices, default=Importance.READ)
    competitor = models.ForeignKey(Competitor, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    found_by = models.ForeignKey(IntelSource, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    repeats = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="repeated_by")
    # The address without what does not matter, for finding the same page again.
    address = models.CharField(max_length=500, blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        indexes = [
            *Record.Meta.indexes,
            models.Index(
                F("workspace"), F("state"), F("importance").desc(), F("id").desc(), name="intel_important_first"
            ),
            models.Index(fields=["workspace", "address"], condition=~models.Q(address=""), name="intel_of_address"),
        ]


class Polling(models.Model):
    """What the last look at a source found. Bookkeeping of the machine, not a record: no log, no undo."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    source = models.OneToOneField(IntelSource, on_delete=models.CASCADE, related_name="polling")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    url = models.URLField(max_length=500, blank=True)  # what the rest of this row is about
    etag = models.CharField(max_length=300, blank=True)
    last_modified = models.CharField(max_length=60, blank=True)
    seen_text = models.TextField(blank=True)
    looked_at = models.DateTimeField(null=True)
    worked_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(default=rows.now)
    failures = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        app_label = "inbound"
        indexes = [models.Index(fields=["next_at"], name="polling_due")]


class DigestReader(models.Model):
    """A member who wants the week's intelligence by mail, and the last day it was sent."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    member = models.OneToOneField(Member, on_delete=models.CASCADE, related_name="+")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    sent_on = models.DateField(null=True)

    class Meta:
        app_label = "inbound"
