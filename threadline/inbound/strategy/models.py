"""Objectives, key results, strategy and the beliefs it rests on, as rows."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from threadline.inbound.strategy import grading
from threadline.kernel.records import Record


class Objective(Record):
    """Something worth reaching, in words; its key results say when it is reached."""

    kind = "objective"
    prefix = "O"

    class Ambition(models.TextChoices):
        """Committed ones must be reached in full; aspirational ones do well at 0.6 to 0.7."""

        COMMITTED = "committed", "Committed"
        ASPIRATIONAL = "aspirational", "Aspirational"

    body = models.TextField(blank=True)
    ambition = models.CharField(max_length=20, choices=Ambition.choices, default=Ambition.ASPIRATIONAL)
    # Of all planned effort, in hundredths, as those who lead mean it; coverage says what the plan gives it.
    meant_share = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(100)])
    starts_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"


class KeyResult(Record):
    """One measurable result of an objective: from a baseline to a target by a date."""

    kind = "key_result"
    prefix = "KR"

    class Shape(models.TextChoices):
        """How it is graded."""

        REACH = "reach", "Reach a number"
        KEEP = "keep", "Keep within a range"
        STEPS = "steps", "Finish steps"
        DONE = "done", "Done or not"

    objective = models.ForeignKey(Objective, on_delete=models.PROTECT, related_name="key_results")
    shape = models.CharField(max_length=10, choices=Shape.choices, default=Shape.REACH)
    metric = models.CharField(max_length=200)
    unit = models.CharField(max_length=40, blank=True)
    baseline = models.FloatField(null=True, blank=True)
    target = models.FloatField(null=True, blank=True)
    current = models.FloatField(null=True, blank=True)
    # Check-ins of what is to stay within a range, and how many found it there, by the range of that day.
    checked = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    # How much it counts in the grade of its objective; blank: 1.
    weight = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(100)])
    # How likely the target is by its day, in hundredths, as whoever checked in last thinks.
    confidence = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(100)])
    due_on = models.DateField(null=True, blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["workspace", "objective"], name="keyresult_of_objective"),
        ]

    @property
    def progress(self) -> float | None:
        """Its grade by its shape, between 0 and 1; None when it cannot be said."""
        if self.shape == self.Shape.KEEP:
            return grading.kept(self.baseline, self.target, self.held, self.checked)
        if self.shape == self.Shape.DONE:
            return grading.done(self.current)
        return grading.grade(self.baseline, self.target, self.current)


class Vision(Record):
    """What should be true one day because the product exists (after R. Pichler's vision board)."""

    kind = "vision"
    prefix = "VI"

    body = models.TextField(blank=True)
    target_group = models.TextField(blank=True)
    needs = models.TextField(blank=True)
    offer = models.TextField(blank=True)
    goals = models.TextField(blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"


class Strategy(Record):
    """How the vision is to be reached: what is in the way, the approach, and what is done about it.

    Either as a kernel (R. Rumelt, "Good Strategy/Bad Strategy", 2011) or as choices (A. G. Lafley and
    R. Martin, "Playing to Win", 2013).
    """

    kind = "strategy"
    prefix = "SG"

    class Approach(models.TextChoices):
        """In whose words it is written."""

        KERNEL = "kernel", "Kernel: diagnosis, policy, actions"
        PLAYING = "playing", "Playing to win: where and how"

    approach = models.CharField(max_length=20, choices=Approach.choices, default=Approach.KERNEL)
    diagnosis = models.TextField(blank=True)
    guiding_policy = models.TextField(blank=True)
    actions = models.TextField(blank=True)
    aspiration = models.TextField(blank=True)
    where_to_play = models.TextField(blank=True)
    how_to_win = models.TextField(blank=True)
    capabilities = models.TextField(blank=True)
    systems = models.TextField(blank=True)
    kill_criteria = models.TextField(blank=True)
    allocation = models.TextField(blank=True)
    starts_on = models.DateField(null=True, blank=True)
    review_on = models.DateField(null=True, blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"


class Persona(Record):
    """Somebody the product is for, as research found them."""

    kind = "persona"
    prefix = "PE"

    body = models.TextField(blank=True)
    jobs = models.TextField(blank=True)
    pains = models.TextField(blank=True)
    gains = models.TextField(blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"


class Opportunity(Record):
    """A need, pain or wish of customers in their own words (T. Torres); where it stands on a tree is said by links."""

    kind = "opportunity"
    prefix = "OP"

    body = models.TextField(blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"


class Assumption(Record):
    """What must be true for a bet to pay off, how much hangs on it, and how well it is known (0 to 10 each)."""

    kind = "assumption"
    prefix = "AS"

    class Risk(models.TextChoices):
        """What kind of thing would be wrong if it were false."""

        DESIRABILITY = "desirability", "Desirability"
        VIABILITY = "viability", "Viability"
        FEASIBILITY = "feasibility", "Feasibility"
        USABILITY = "usability", "Usability"
        ETHICAL = "ethical", "Ethics"

    risk = models.CharField(max_length=20, choices=Risk.choices, default=Risk.DESIRABILITY)
    importance = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(10)])
    evidence = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(10)])
    body = models.TextField(blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"


class AssumptionTest(Record):
    """A trial of one assumption; what counts as success is fixed before it starts."""

    kind = "assumption_test"
    prefix = "AT"

    class Verdict(models.TextChoices):
        """What is done about it."""

        PERSEVERE = "persevere", "Go on"
        PIVOT = "pivot", "Change course"
        STOP = "stop", "Stop"

    assumption = models.ForeignKey(Assumption, on_delete=models.PROTECT, related_name="tests")
    method = models.CharField(max_length=300, blank=True)
    metric = models.CharField(max_length=200, blank=True)
    threshold = models.CharField(max_length=200, blank=True)
    sample = models.PositiveIntegerField(null=True, blank=True)
    # Of two groups, in hundredths: the share without it, the smallest worth finding, the chance to find it (blank: 80).
    usual = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(100)])
    hoped = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(100)])
    power = models.FloatField(null=True, blank=True, validators=[MinValueValidator(50), MaxValueValidator(99)])
    result = models.TextField(blank=True)
    verdict = models.CharField(max_length=20, choices=Verdict.choices, blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["workspace", "assumption"], name="test_of_assumption"),
        ]
