"""Decisions, the options they weigh, who disagreed, and predictions, as rows."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from threadline.inbound.decisions import scoring
from threadline.kernel.members import Member
from threadline.kernel.records import Record


class Decision(Record):
    """A question that had more than one answer, the answer taken, and why. Its title is the question."""

    kind = "decision"
    prefix = "D"

    class Reversible(models.TextChoices):
        """How hard it would be to take back."""

        EASILY = "easily", "Easy to take back"
        COSTLY = "costly", "Costly to take back"
        NEVER = "never", "Cannot be taken back"

    body = models.TextField(blank=True)
    reversible = models.CharField(max_length=10, choices=Reversible.choices, blank=True)
    chosen = models.ForeignKey("DecisionOption", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    rationale = models.TextField(blank=True)
    decided_on = models.DateField(null=True, blank=True)
    # Approval without a prediction, by name and with a reason.
    waived_by = models.ForeignKey(Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    waiver_reason = models.TextField(blank=True)
    # Against what the scores say: what is expected of it, and when that is looked at.
    override = models.BooleanField(default=False)
    expected_benefit = models.TextField(blank=True)
    review_on = models.DateField(null=True, blank=True)
    learned = models.TextField(blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        indexes = [
            *Record.Meta.indexes,
            models.Index(
                fields=["workspace", "review_on", "id"], condition=models.Q(override=True), name="decision_overrides"
            ),
        ]


class DecisionOption(Record):
    """One answer that was considered; its citations argue for it and against it."""

    kind = "option"
    prefix = "DO"

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="options")
    body = models.TextField(blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["workspace", "decision", "id"], name="option_of_decision"),
        ]


class Dissent(Record):
    """Somebody's disagreement with a decision, in their own words."""

    kind = "dissent"
    prefix = "DD"

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="dissents")
    body = models.TextField(blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["workspace", "decision", "id"], name="dissent_of_decision"),
        ]


class Prediction(Record):
    """What somebody expects a decision to do to a number by a day, said before the work starts.

    ``probability`` (per cent) is how sure they are that the number will lie from ``low`` to ``high``.
    """

    kind = "prediction"
    prefix = "DP"

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="predictions")
    metric = models.CharField(max_length=200)
    unit = models.CharField(max_length=40, blank=True)
    baseline = models.FloatField(null=True, blank=True)
    low = models.FloatField()
    high = models.FloatField()
    likely = models.FloatField(null=True, blank=True)
    probability = models.FloatField(default=80, validators=[MinValueValidator(50), MaxValueValidator(99)])
    due_on = models.DateField()
    actual = models.FloatField(null=True, blank=True)
    measured_on = models.DateField(null=True, blank=True)
    learned = models.TextField(blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["workspace", "decision", "id"], name="prediction_of_decision"),
            models.Index(fields=["workspace", "state", "due_on", "id"], name="prediction_due"),
        ]

    @property
    def expected(self) -> float:
        """The most likely value: as given, else the middle of the range."""
        return scoring.middle(self.low, self.high, self.likely)
