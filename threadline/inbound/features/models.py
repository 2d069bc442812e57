"""Features, as rows."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F

from threadline.kernel.members import Member
from threadline.kernel.records import HighestFirst, Record


class Feature(Record):
    """Something the product could do, with the evidence for it and what became of it.

    RICE (Sean McBride, Intercom 2016): reach × impact × confidence / effort. Reach counts
    people per quarter, impact is one of 3, 2, 1, 0.5, 0.25, confidence a percentage, effort
    person-months. Each input carries where it came from and when.
    """

    kind = "feature"
    prefix = "F"

    class Impact(models.TextChoices):
        """How much it does for each person reached."""

        MASSIVE = "3", "Massive (3)"
        HIGH = "2", "High (2)"
        MEDIUM = "1", "Medium (1)"
        LOW = "0.5", "Low (0.5)"
        MINIMAL = "0.25", "Minimal (0.25)"

    class Horizon(models.TextChoices):
        """How near it is (now, next, later: Bastow)."""

        NOW = "now", "Now"
        NEXT = "next", "Next"
        LATER = "later", "Later"

    body = models.TextField(blank=True)
    hypothesis = models.TextField(blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="parts")
    outbound_owner = models.ForeignKey(Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    declined_reason = models.TextField(blank=True)
    rank = models.FloatField(null=True, blank=True)

    # The plan: a range, never one day. ``due_on`` is as likely as not, ``late_on`` holds 85 times in 100.
    horizon = models.CharField(max_length=10, choices=Horizon.choices, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    late_on = models.DateField(null=True, blank=True)

    # What it is to cost beside the time of those who build it, in whole units of the workspace's currency.
    budget = models.BigIntegerField(null=True, blank=True, validators=[MinValueValidator(0)])

    reach = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0)])
    reach_source = models.CharField(max_length=300, blank=True)
    reach_on = models.DateField(null=True, blank=True)
    impact = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0.25), MaxValueValidator(3)])
    impact_source = models.CharField(max_length=300, blank=True)
    impact_on = models.DateField(null=True, blank=True)
    confidence = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(100)])
    confidence_source = models.CharField(max_length=300, blank=True)
    confidence_on = models.DateField(null=True, blank=True)
    effort = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0.05)])
    effort_source = models.CharField(max_length=300, blank=True)
    effort_on = models.DateField(null=True, blank=True)
    # The database's own: it cannot disagree with its inputs, and lists sort by it through an index.
    score = models.GeneratedField(
        expression=F("reach") * F("impact") * F("confidence") / 100.0 / F("effort"),
        output_field=models.FloatField(null=True),
        db_persist=True,
    )

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        constraints = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(effort__isnull=True) | models.Q(effort__gt=0), name="effort_above_0"
            ),
        ]
        indexes = [
            *Record.Meta.indexes,
            HighestFirst(fields=["workspace", "score", "id"], name="feature_score"),
            HighestFirst(fields=["workspace", "state", "score", "id"], name="feature_state_score"),
            models.Index(fields=["workspace", "parent"], name="feature_parts"),
        ]
