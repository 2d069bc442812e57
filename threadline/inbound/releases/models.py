"""Releases, those who build them, what it takes, and plans, as rows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from threadline.kernel import rows
from threadline.kernel.members import Member
from threadline.kernel.records import Record
from threadline.kernel.workspaces import Workspace


class Release(Record):
    """Something that comes out on a day; its scope are the features it cites."""

    kind = "release"
    prefix = "R"

    version_name = models.CharField(max_length=60, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    body = models.TextField(blank=True)
    rollback_plan = models.TextField(blank=True)
    # What it is to cost beside what its features cost, in whole units of the workspace's currency.
    budget = models.BigIntegerField(null=True, blank=True, validators=[MinValueValidator(0)])
    shipped_on = models.DateField(null=True, blank=True)
    notes = models.TextField(blank=True)
    notes_cover = models.TextField(blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        indexes = [*Record.Meta.indexes, models.Index(fields=["workspace", "due_on", "id"], name="release_by_day")]


class Gate(Record):
    """What must be seen before a release goes on, who decides it, and what they saw."""

    kind = "gate"
    prefix = "GT"

    class Phase(models.TextChoices):
        """What it stands before."""

        READY = "ready", "Before it is called ready"
        SHIP = "ship", "Before it ships"

    release_id: UUID
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="gates")
    phase = models.CharField(max_length=8, choices=Phase.choices, default=Phase.SHIP)
    approver_id: UUID | None
    approver = models.ForeignKey(Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    body = models.TextField(blank=True)
    evidence = models.TextField(blank=True)
    waived_until = models.DateField(null=True, blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        indexes = [*Record.Meta.indexes, models.Index(fields=["workspace", "release"], name="gate_of_release")]


class RolloutStage(Record):
    """A part of the customers who get a release before the rest."""

    kind = "rollout_stage"
    prefix = "RS"

    release_id: UUID
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="stages")
    percent = models.FloatField(validators=[MinValueValidator(0.1), MaxValueValidator(100)])
    watch = models.TextField(blank=True)
    started_on = models.DateField(null=True, blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        indexes = [*Record.Meta.indexes, models.Index(fields=["workspace", "release"], name="stage_of_release")]


class Deployment(Record):
    """A change that went out to where customers use it, and whether it held."""

    kind = "deployment"
    prefix = "DY"

    service = models.CharField(max_length=120, blank=True)
    deployed_at = models.DateTimeField(null=True, blank=True)
    written_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    recovered_at = models.DateTimeField(null=True, blank=True)
    unplanned = models.BooleanField(default=False)
    release = models.ForeignKey(Release, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    body = models.TextField(blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["workspace", "deployed_at", "id"], name="deployment_by_time"),
        ]


class Forecast(Record):
    """When the work left in a release was thought to be done, and from which days or estimates that was read."""

    kind = "forecast"
    prefix = "FO"

    class Method(models.TextChoices):
        """What it was read from."""

        THROUGHPUT = "throughput", "What was shipped"
        ESTIMATES = "estimates", "Estimates"

    release_id: UUID
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="forecasts")
    made_on = models.DateField(null=True, blank=True)
    left = models.PositiveIntegerField(null=True, blank=True)
    likely_on = models.DateField(null=True, blank=True)
    sure_on = models.DateField(null=True, blank=True)
    surest_on = models.DateField(null=True, blank=True)
    method = models.CharField(max_length=12, choices=Method.choices, default=Method.THROUGHPUT)
    history = models.TextField(blank=True)
    # As releases/estimating.py writes it. Ids and numbers only: names are read through reach.
    drawn = models.TextField(blank=True)
    learnt = models.TextField(blank=True)
    body = models.TextField(blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        indexes = [*Record.Meta.indexes, models.Index(fields=["workspace", "release"], name="forecast_of_release")]


class DeliveryTeam(Record):
    """People who build: how many days of planned work they have in a week, and what they can do."""

    kind = "delivery_team"
    prefix = "DT"

    days_a_week = models.FloatField(default=0, validators=[MinValueValidator(0), MaxValueValidator(500)])
    skills = models.CharField(max_length=300, blank=True)
    body = models.TextField(blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"


class Estimate(Record):
    """What a feature takes of one team, in person-days: low, likely and high. The newest of a pair stands."""

    kind = "estimate"
    prefix = "ES"

    feature = models.ForeignKey("inbound.Feature", on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(DeliveryTeam, on_delete=models.CASCADE, related_name="estimates")
    low = models.FloatField(validators=[MinValueValidator(0.1)])
    likely = models.FloatField(validators=[MinValueValidator(0.1)])
    high = models.FloatField(validators=[MinValueValidator(0.1)])
    basis = models.CharField(max_length=300, blank=True)
    estimated_on = models.DateField(null=True, blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["workspace", "feature", "team", "estimated_on"], name="estimate_of_feature"),
        ]


class ReleasePlan(Record):
    """Which feature comes in which release, as the planner proposed it; adopted, it becomes the scope."""

    kind = "release_plan"
    prefix = "PL"

    body = models.TextField(blank=True)
    based_on = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    value = models.FloatField(null=True, blank=True)
    gap = models.FloatField(null=True, blank=True)
    solver = models.CharField(max_length=60, blank=True)
    input_hash = models.CharField(max_length=64, blank=True)
    seed = models.IntegerField(default=0)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"


class PlanRun(models.Model):
    """What a plan was made from and what came out. Ids and numbers only: names are read through reach.

    ``inputs`` as :mod:`gathering` writes them, ``best`` the best plan so far, ``answers`` as
    :mod:`threadline.planning.process` gives them. Bookkeeping of the machine: no log, no undo.
    """

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    plan = models.OneToOneField(ReleasePlan, on_delete=models.CASCADE, related_name="run")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    inputs: models.JSONField[Any, Any] = models.JSONField(default=dict)
    best: models.JSONField[Any, Any] = models.JSONField(default=dict)
    answers: models.JSONField[Any, Any] = models.JSONField(default=dict)
    seconds = models.PositiveIntegerField(default=10)
    job = models.UUIDField(null=True)
    stop_asked = models.BooleanField(default=False)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=rows.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "inbound"
