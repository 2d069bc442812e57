"""Talk about a record, and who is told: comments, watches, notifications."""

from __future__ import annotations

from django.db import models

from threadline.kernel import rows
from threadline.kernel.cards import Card
from threadline.kernel.members import Member
from threadline.kernel.workspaces import Workspace


class Comment(models.Model):
    """One remark on a record, in Markdown. Taken back, it keeps its place without its words."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    author_name = models.CharField(max_length=120)
    body = models.TextField()
    created_at = models.DateTimeField(default=rows.now)
    edited_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "kernel"
        indexes = [models.Index(fields=["workspace", "card", "created_at"], name="comment_of_card")]


class Watch(models.Model):
    """A member who wants to hear of a record. Owners hear without one."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="watches")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=rows.now)

    class Meta:
        app_label = "kernel"
        constraints = [models.UniqueConstraint(fields=["workspace", "card", "member"], name="watch_once")]


class Notification(models.Model):
    """Something a member should know. Holds no title: it is read through reach when shown."""

    class Reason(models.TextChoices):
        """Why the member is told."""

        MENTION = "mention", "You were mentioned"
        COMMENT = "comment", "New comment"
        CHANGED = "changed", "Changed"
        SUSPECT = "suspect", "Something you rely on changed"
        ASSIGNED = "assigned", "Now yours"

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=20, choices=Reason.choices)
    actor_name = models.CharField(max_length=120)
    batch = models.UUIDField()
    created_at = models.DateTimeField(default=rows.now)
    read_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "kernel"
        indexes = [models.Index(fields=["workspace", "member", "read_at", "-id"], name="notification_of_member")]
