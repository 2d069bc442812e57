"""Studies, participants with their consent, interviews, highlights, codes and insights, as rows."""

from __future__ import annotations

from typing import Any

from django.core.validators import MinValueValidator
from django.db import models

from threadline.kernel import rows
from threadline.kernel.members import Member
from threadline.kernel.records import Record
from threadline.kernel.workspaces import Workspace


class Study(Record):
    """A piece of research: what is to be learned, from whom, and how."""

    kind = "study"
    prefix = "ST"

    class Method(models.TextChoices):
        """How it is done."""

        INTERVIEW = "interview", "Interviews"
        USABILITY = "usability", "Usability test"
        DIARY = "diary", "Diary study"
        CONTEXTUAL = "contextual", "Visit at the place of work"
        CONCEPT = "concept", "Concept test"
        SURVEY = "survey", "Survey with open answers"
        OTHER = "other", "Other"

    goal = models.TextField(blank=True)
    questions = models.TextField(blank=True)  # one to a line
    method = models.CharField(max_length=20, choices=Method.choices, default=Method.INTERVIEW)
    guide = models.TextField(blank=True)  # one question to a line
    guide_version = models.PositiveIntegerField(default=0)
    quota = models.TextField(blank=True)  # "Returning players: 4", one segment to a line
    starts_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    # Months after which what was said is deleted; counted from the day of each interview. Blank: never.
    keep_months = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"


class Participant(Record):
    """Somebody who takes part. The title is a pseudonym; who it is stands in private fields."""

    kind = "participant"
    prefix = "PA"

    segment = models.CharField(max_length=120, blank=True)
    full_name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    phone = models.CharField(max_length=60, blank=True)
    account = models.ForeignKey(
        "inbound.account", null=True, blank=True, on_delete=models.SET_NULL, related_name="takes_part"
    )
    contact = models.ForeignKey(
        "inbound.contact", null=True, blank=True, on_delete=models.SET_NULL, related_name="takes_part"
    )
    notes = models.TextField(blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        indexes = [*Record.Meta.indexes, models.Index(fields=["workspace", "account"], name="participant_of_account")]


class Consent(Record):
    """What one person agreed to, in which words, when and how we know. All is off until it was given."""

    kind = "consent"
    prefix = "CN"

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="consents")
    take_part = models.BooleanField(default=False)
    recording = models.BooleanField(default=False)
    quote_named = models.BooleanField(default=False)
    quote_anonymous = models.BooleanField(default=False)
    share_outside = models.BooleanField(default=False)
    machine_analysis = models.BooleanField(default=False)
    text_version = models.CharField(max_length=60, blank=True)
    text = models.TextField(blank=True)
    proof = models.CharField(max_length=300, blank=True)
    given_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    withdrawn_on = models.DateField(null=True, blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        indexes = [*Record.Meta.indexes, models.Index(fields=["workspace", "participant"], name="consent_of")]


class Interview(Record):
    """One conversation with one participant. Its transcript is kept beside it, in turns."""

    kind = "interview"
    prefix = "IV"

    study = models.ForeignKey(Study, null=True, blank=True, on_delete=models.SET_NULL, related_name="interviews")
    participant = models.ForeignKey(
        Participant, null=True, blank=True, on_delete=models.SET_NULL, related_name="interviews"
    )
    at = models.DateTimeField(null=True, blank=True)
    minutes = models.PositiveIntegerField(null=True, blank=True)
    notes = models.TextField(blank=True)
    guide_version = models.PositiveIntegerField(default=0)
    asked = models.CharField(max_length=400, blank=True)  # numbers of the guide's questions, with commas
    turns = models.PositiveIntegerField(default=0)  # of the transcript as it stands
    transcript_number = models.PositiveIntegerField(default=0)  # which of its versions stands

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["workspace", "study"], name="interview_of_study"),
            models.Index(fields=["workspace", "participant"], name="interview_with"),
        ]


class Transcript(models.Model):
    """One version of what was said in an interview: reached only through the interview, never logged.

    ``turns`` is a list of ``{"s": speaker, "a": start in ms or null, "b": end, "t": text}``.
    """

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    interview = models.ForeignKey(Interview, on_delete=models.CASCADE, related_name="transcripts")
    number = models.PositiveIntegerField()
    turns: models.JSONField[Any, Any] = models.JSONField(default=list)
    format = models.CharField(max_length=20, blank=True)
    because = models.CharField(max_length=40, blank=True)  # imported, edited, redacted
    # What a redaction took out of highlights, for taking it back; no page reads it.
    taken: models.JSONField[Any, Any] = models.JSONField(default=list)
    made_by = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=rows.now)

    class Meta:
        app_label = "inbound"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "interview", "number"], name="transcript_number_once")
        ]


class Code(Record):
    """A name for something that people say again and again; codes stand under one another."""

    kind = "code"
    prefix = "CD"

    class Colour(models.TextChoices):
        """How its highlights are marked."""

        RED = "thread", "Red"
        BLUE = "info", "Blue"
        PLUM = "plum", "Plum"
        GREEN = "ok", "Green"
        AMBER = "warn", "Amber"
        GREY = "grey", "Grey"

    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="parts")
    definition = models.TextField(blank=True)
    include = models.TextField(blank=True)
    exclude = models.TextField(blank=True)
    colour = models.CharField(max_length=10, choices=Colour.choices, default=Colour.RED)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        indexes = [*Record.Meta.indexes, models.Index(fields=["workspace", "parent"], name="code_parts")]


class Highlight(Record):
    """Words from a transcript that matter. Kept with what stands around them, so that they are found again.

    ``turn`` is the turn it begins in, counted from 0, and ``start`` the characters (Unicode code
    points) before it in that turn. The words are what counts, the place is a hint.
    """

    kind = "highlight"
    prefix = "HL"

    interview = models.ForeignKey(Interview, on_delete=models.CASCADE, related_name="highlights")
    quote = models.TextField()
    memo = models.TextField(blank=True)
    speaker = models.CharField(max_length=120, blank=True)
    before = models.CharField(max_length=80, blank=True)
    after = models.CharField(max_length=80, blank=True)
    start = models.PositiveIntegerField(null=True, blank=True)
    turn = models.PositiveIntegerField(null=True, blank=True)
    at_ms = models.PositiveIntegerField(null=True, blank=True)
    cluster = models.CharField(max_length=120, blank=True)  # on the affinity board

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        indexes = [*Record.Meta.indexes, models.Index(fields=["workspace", "interview", "turn"], name="highlight_of")]


class Insight(Record):
    """What was learned: a claim, what it rests on, and what follows from it."""

    kind = "insight"
    prefix = "IN"

    class Confidence(models.TextChoices):
        """How sure its author is."""

        LOW = "low", "Low"
        MEDIUM = "medium", "Medium"
        HIGH = "high", "High"

    because = models.TextField(blank=True)
    so_what = models.TextField(blank=True)
    study = models.ForeignKey(Study, null=True, blank=True, on_delete=models.SET_NULL, related_name="insights")
    confidence = models.CharField(max_length=10, choices=Confidence.choices, blank=True)
    segments = models.CharField(max_length=300, blank=True)
    reviewed_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    lost = models.PositiveIntegerField(default=0)  # citations whose words were withdrawn

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
        indexes = [*Record.Meta.indexes, models.Index(fields=["workspace", "study"], name="insight_of_study")]


class Approach(models.Model):
    """One time that we wrote to, called or met a participant."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="approaches")
    on = models.DateField()
    how = models.CharField(max_length=40)
    about = models.CharField(max_length=300, blank=True)
    made_by = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        app_label = "inbound"
        indexes = [models.Index(fields=["workspace", "participant", "on"], name="approach_of")]
