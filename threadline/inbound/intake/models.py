"""Sources of notes, and what each of them brought, as rows."""

from __future__ import annotations

from django.db import models

from threadline.kernel import rows
from threadline.kernel.cards import Card
from threadline.kernel.records import Record
from threadline.kernel.workspaces import Workspace


class FeedbackSource(Record):
    """A way in for customers' words: a program that calls, a form on a site, a mailbox that is looked into."""

    kind = "feedback_source"
    prefix = "FS"

    class Way(models.TextChoices):
        """How the words arrive."""

        WEBHOOK = "webhook", "Webhook"
        FORM = "form", "Form on a site"
        MAILBOX = "mailbox", "Mailbox"
        DEPLOYMENTS = "deployments", "Webhook of a pipeline: deployments"

    class Encryption(models.TextChoices):
        """How the way to a mail server is kept private."""

        TLS = "tls", "TLS from the first byte"
        STARTTLS = "starttls", "STARTTLS"
        NONE = "none", "None (inside the own network only)"

    class SignIn(models.TextChoices):
        """What opens a mailbox."""

        PASSWORD = "password", "A password"
        GOOGLE = "google", "Access given by Google (OAuth 2)"
        MICROSOFT = "microsoft", "Access given by Microsoft 365 (OAuth 2)"
        OTHER = "other", "Access given by another server (OAuth 2)"

    SIGNED = (Way.WEBHOOK, Way.DEPLOYMENTS)  # what comes these ways is signed with a secret of ours
    way = models.CharField(max_length=12, choices=Way.choices, default=Way.WEBHOOK)
    # Of a form.
    intro = models.TextField(blank=True)
    thanks = models.TextField(blank=True)
    sites = models.TextField(blank=True)
    # Of a mailbox; what opens it is sealed beside it.
    host = models.CharField(max_length=253, blank=True)
    port = models.PositiveIntegerField(null=True, blank=True)
    encryption = models.CharField(max_length=10, choices=Encryption.choices, blank=True)
    user_name = models.CharField(max_length=200, blank=True)
    folder = models.CharField(max_length=120, blank=True)
    sign_in = models.CharField(max_length=10, choices=SignIn.choices, blank=True)
    token_url = models.CharField(max_length=300, blank=True)
    client_id = models.CharField(max_length=200, blank=True)
    vouching = models.CharField(max_length=253, blank=True)
    secret_made_at = models.DateTimeField(null=True, blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"


class Intake(models.Model):
    """How a source is reached and how it fares. Bookkeeping of the machine, not a record: no log, no undo."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    source = models.OneToOneField(FeedbackSource, on_delete=models.CASCADE, related_name="intake")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=24, unique=True)  # in the address; it opens nothing by itself but a form
    salt = models.CharField(max_length=64)  # with the server's own key it makes the secret (secrets.py)
    taken = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)
    problem_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "inbound"


class Mailbox(models.Model):
    """How far a mailbox was read, and what opens it, sealed to the server it was given for."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    source = models.OneToOneField(FeedbackSource, on_delete=models.CASCADE, related_name="mailbox")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    sealed = models.TextField(blank=True)
    bound = models.CharField(max_length=64, blank=True)  # what it was read at; elsewhere it begins anew
    validity = models.BigIntegerField(null=True)
    last_uid = models.BigIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)
    looked_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "inbound"


class Delivery(models.Model):
    """One thing a source brought, so that the same is taken once. Hashes only: the words are in the note."""

    class Outcome(models.TextChoices):
        """What became of it."""

        TAKEN = "taken", "Taken"
        HELD = "held", "Held back"

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    source = models.ForeignKey(FeedbackSource, on_delete=models.CASCADE, related_name="deliveries")
    mark = models.CharField(max_length=64)
    body_hash = models.CharField(max_length=64)
    note = models.ForeignKey(Card, null=True, on_delete=models.SET_NULL, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    because = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=rows.now)

    class Meta:
        app_label = "inbound"
        constraints = [models.UniqueConstraint(fields=["source", "mark"], name="delivery_once")]
        indexes = [
            models.Index(fields=["source", "at"], name="delivery_of_source"),
            models.Index(fields=["workspace", "note"], name="delivery_of_note"),
        ]


class KeptMail(models.Model):
    """A mail as it came, quoted mail and signature included: the note has only what its writer added."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    delivery = models.OneToOneField(Delivery, on_delete=models.CASCADE, related_name="mail")
    note = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="+")
    said = models.TextField()
    at = models.DateTimeField(default=rows.now)

    class Meta:
        app_label = "inbound"
        indexes = [models.Index(fields=["workspace", "note", "at"], name="mail_of_note")]
