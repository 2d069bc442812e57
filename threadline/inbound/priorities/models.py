"""Score models, the numbers they ask for, and blind rounds, as rows."""

from __future__ import annotations

from django.db import models

from threadline.kernel import rows
from threadline.kernel.members import Member
from threadline.kernel.records import Record
from threadline.kernel.workspaces import Workspace


class ScoreModel(Record):
    """A way to rank features; one at a time is applied."""

    kind = "score_model"
    prefix = "SM"

    class Method(models.TextChoices):
        """What is computed (threadline.planning.priority.modelling)."""

        RICE = "rice", "RICE"
        ICE = "ice", "ICE, multiplied"
        ICE_MEAN = "ice_mean", "ICE, averaged"
        WSJF = "wsjf", "WSJF"
        CD3 = "cd3", "Cost of delay over duration"
        WEIGHTED = "weighted", "Weighted criteria"
        OPPORTUNITY = "opportunity", "Opportunity score"
        MAXDIFF = "maxdiff", "MaxDiff share"

    method = models.CharField(max_length=20, choices=Method.choices, default=Method.RICE)
    criteria = models.TextField(blank=True)
    body = models.TextField(blank=True)
    applied_on = models.DateField(null=True, blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"


class ScoreInput(Record):
    """One number that a score model asks of a feature, with where it comes from. The newest of a pair stands."""

    kind = "score_input"
    prefix = "SI"

    feature = models.ForeignKey("inbound.Feature", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    value = models.FloatField()
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
    basis = models.CharField(max_length=300, blank=True)
    stated_on = models.DateField(null=True, blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["workspace", "feature", "name", "stated_on"], name="input_of_feature"),
        ]


class ScoringRound(Record):
    """A group scores the same features, nobody seeing the others' numbers until it is revealed."""

    kind = "scoring_round"
    prefix = "SR"

    class Rule(models.TextChoices):
        """How one number comes of many."""

        MEDIAN = "median", "Median"
        MEAN = "mean", "Mean"
        TRIMMED = "trimmed", "Mean without the highest and the lowest"

    score_model = models.ForeignKey(ScoreModel, on_delete=models.PROTECT, related_name="+")
    rule = models.CharField(max_length=20, choices=Rule.choices, default=Rule.MEDIAN)
    due_on = models.DateField(null=True, blank=True)
    body = models.TextField(blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"


class Ballot(models.Model):
    """What one person says of one input of one feature in a round. Kept out of the log, which others read."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    scoring_round = models.ForeignKey(ScoringRound, on_delete=models.CASCADE, related_name="ballots")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    feature = models.ForeignKey("inbound.Feature", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    value = models.FloatField()

    class Meta:
        app_label = "inbound"
        constraints = [
            models.UniqueConstraint(fields=["scoring_round", "member", "feature", "name"], name="ballot_once")
        ]
