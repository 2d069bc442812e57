"""Surveys, the key that opens each, and what people answered, as rows."""

from __future__ import annotations

from django.db import models

from threadline.kernel import rows
from threadline.kernel.records import Record
from threadline.kernel.workspaces import Workspace


class Survey(Record):
    """Questions about a few things, the same for everybody who has the address."""

    kind = "survey"
    prefix = "SV"

    class Method(models.TextChoices):
        """What is asked of each thing."""

        KANO = "kano", "Kano: with it and without it"
        MAXDIFF = "maxdiff", "MaxDiff: best and worst of a few"
        OPPORTUNITY = "opportunity", "Opportunity: importance and satisfaction"
        BUYING = "buying", "Buy a feature: money on what is worth it"
        RANKING = "ranking", "Ranking: all of them in order"

    method = models.CharField(max_length=12, choices=Method.choices, default=Method.KANO)
    items = models.TextField(blank=True)
    # Buying: how many people pay together, and what each of them has. Blank: see asked.py.
    players = models.PositiveSmallIntegerField(null=True, blank=True)
    purse = models.PositiveIntegerField(null=True, blank=True)
    welcome = models.TextField(blank=True)
    consent = models.TextField(blank=True)
    segments = models.TextField(blank=True)
    ask_email = models.BooleanField(default=False)
    thanks = models.TextField(blank=True)
    closes_on = models.DateField(null=True, blank=True)
    most_answers = models.PositiveIntegerField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"


class SurveyKey(models.Model):
    """Where a survey is reached from outside. Bookkeeping of the machine: no log, no undo, and in no export."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    survey = models.OneToOneField(Survey, on_delete=models.CASCADE, related_name="asking")
    key = models.CharField(max_length=24, unique=True)

    class Meta:
        app_label = "inbound"


class SurveyAnswer(models.Model):
    """What one person answered so far. Kept out of the log: a stranger's words are no change of ours.

    ``token_hash`` knows the address again with which they go on; ``plan`` is what they are shown, in their order.
    """

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="answers")
    token_hash = models.CharField(max_length=64)
    plan = models.JSONField(default=list)
    said = models.JSONField(default=dict)
    segment = models.CharField(max_length=120, blank=True)
    email = models.CharField(max_length=254, blank=True)
    doubt = models.CharField(max_length=200, blank=True)
    began_at = models.DateTimeField(default=rows.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "inbound"
        constraints = [models.UniqueConstraint(fields=["survey", "token_hash"], name="survey_answer_once")]
        indexes = [models.Index(fields=["survey", "finished_at"], name="answer_of_survey")]
