"""Requirements, acceptance criteria, baselines and agreed words, as rows."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from threadline.inbound.requirements.characteristics import CHOICES
from threadline.kernel import rows
from threadline.kernel.members import Member
from threadline.kernel.records import Record
from threadline.kernel.workspaces import Workspace
from threadline.reading.clarity import PATTERNS


class Requirement(Record):
    """Something that must hold of a feature. Its title is the sentence; a quality has a measure with a number."""

    kind = "requirement"
    prefix = "RQ"

    class Bound(models.TextChoices):
        """Which side of the number is good."""

        MOST = "at_most", "at most"
        LEAST = "at_least", "at least"
        EXACTLY = "exactly", "exactly"

    # Blank: it holds of the whole product.
    feature = models.ForeignKey(
        "inbound.Feature", null=True, blank=True, on_delete=models.PROTECT, related_name="requirements"
    )
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="parts")
    # Among its siblings; the key is what stays, the place is what one reads by.
    position = models.FloatField(default=0)
    body = models.TextField(blank=True)
    rationale = models.TextField(blank=True)
    pattern = models.CharField(max_length=12, choices=PATTERNS, default="free")
    characteristic = models.CharField(max_length=40, choices=CHOICES, blank=True)
    measure = models.CharField(max_length=200, blank=True)
    bound = models.CharField(max_length=10, choices=Bound.choices, blank=True)
    value = models.FloatField(null=True, blank=True)
    unit = models.CharField(max_length=40, blank=True)
    percentile = models.FloatField(null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(100)])
    conditions = models.CharField(max_length=300, blank=True)
    verified_how = models.TextField(blank=True)
    dropped_reason = models.TextField(blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["workspace", "feature", "position", "id"], name="requirement_in_order"),
            models.Index(fields=["workspace", "parent"], name="requirement_parts"),
        ]


class Criterion(Record):
    """How one can see that a requirement is met: given, when, then."""

    kind = "criterion"
    prefix = "AC"

    requirement = models.ForeignKey(Requirement, on_delete=models.PROTECT, related_name="criteria")
    body = models.TextField(blank=True)
    accepted_by = models.ForeignKey(Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    accepted_on = models.DateField(null=True, blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["workspace", "requirement", "id"], name="criterion_of_requirement"),
        ]


class Baseline(Record):
    """Requirements as they stood at one moment. ``content`` is never written again."""

    kind = "baseline"
    prefix = "BL"

    # Blank: what holds of the whole product.
    feature = models.ForeignKey(
        "inbound.Feature", null=True, blank=True, on_delete=models.PROTECT, related_name="baselines"
    )
    body = models.TextField(blank=True)
    content = models.TextField(blank=True)
    digest = models.CharField(max_length=64, blank=True)
    items = models.PositiveIntegerField(default=0)
    taken_at = models.DateTimeField(null=True, blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["workspace", "feature", "id"], name="baseline_of_feature"),
        ]


class Signature(models.Model):
    """One person's word on a baseline: asked for, then given once. Each seals the one before it."""

    class Verdict(models.TextChoices):
        """What was said."""

        ASKED = "asked", "Asked"
        APPROVED = "approved", "Approves"
        REFUSED = "refused", "Refuses"

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    baseline = models.ForeignKey(Baseline, on_delete=models.CASCADE, related_name="signatures")
    member = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=200)
    verdict = models.CharField(max_length=10, choices=Verdict.choices, default=Verdict.ASKED)
    words = models.TextField(blank=True)
    content_digest = models.CharField(max_length=64, blank=True)
    seal = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(default=rows.now)

    class Meta:
        app_label = "inbound"
        constraints = [models.UniqueConstraint(fields=["workspace", "baseline", "member"], name="signature_once")]


class AgreedWord(Record):
    """A word or a class of words that this house does not want marked in requirements."""

    kind = "agreed_word"
    prefix = "AW"

    because = models.TextField(blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
