"""Requests that may be sent twice and act once: the answer is kept with the write it belongs to.

A key is claimed in a small transaction of its own, so that a second request in parallel sees
it; the answer is kept in the same transaction as the write. After a crash between the two,
nothing was written and no answer is kept: when the claim has run out, the request acts anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import models, transaction

from threadline.kernel import rows
from threadline.kernel.access import Actor
from threadline.kernel.errors import Conflict, Invalid
from threadline.kernel.members import Member
from threadline.kernel.workspaces import Workspace

KEPT_FOR = timedelta(hours=24)
CLAIM = timedelta(seconds=60)  # after this an unanswered request counts as dead
LONGEST_KEY = 200


class IdempotencyKey(models.Model):
    """One member's key, the request it came with, and the answer once there is one."""

    id = models.UUIDField(primary_key=True, default=rows.new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=LONGEST_KEY)
    request_hash = models.CharField(max_length=64)
    claim = models.UUIDField()
    claimed_at = models.DateTimeField()
    created_at = models.DateTimeField(default=rows.now)
    status = models.PositiveSmallIntegerField(null=True)
    headers: models.JSONField[Any, Any] = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")

    class Meta:
        app_label = "kernel"
        constraints = [models.UniqueConstraint(fields=["workspace", "member", "key"], name="idempotency_key_once")]
        indexes = [models.Index(fields=["workspace", "created_at"], name="idempotency_age")]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was, or will be, sent back."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def kept(self) -> bool:
        """Whether it speaks of something done; a refusal is not kept, its cause may pass."""
        return 200 <= self.status < 300


class _Refused(Exception):
    """Carries an answer out of a transaction that is rolled back."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer


def once(actor: Actor, key: str, request_hash: str, run: Callable[[], Answer]) -> tuple[Answer, bool]:
    """The answer of ``run``, which acts at most once in 24 hours for this member and key.

    The flag tells whether it was replayed. Raises Invalid when the key came with another
    request before, Conflict while that request is still being answered.
    """
    if not 1 <= len(key) <= LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise Invalid(("Idempotency-Key", f"Expected 1 to {LONGEST_KEY} printable ASCII characters."))
    mine, kept = _claimed(actor, key, request_hash)
    if kept is not None:
        return kept, True
    try:
        with transaction.atomic():
            answer = run()
            if not answer.kept:
                raise _Refused(answer)
            _keep(actor, mine, answer)
    except _Refused as refused:
        _release(actor, mine)
        return refused.answer, False
    except BaseException:
        _release(actor, mine)
        raise
    return answer, False


def _claimed(actor: Actor, key: str, request_hash: str) -> tuple[Any, Answer | None]:
    here = IdempotencyKey.objects.filter(workspace_id=actor.workspace_id)
    now, mine = rows.now(), rows.new_id()
    with transaction.atomic():
        here.filter(created_at__lt=now - KEPT_FOR).delete()
        IdempotencyKey.objects.bulk_create(
            [
                IdempotencyKey(
                    workspace_id=actor.workspace_id,
                    member_id=actor.member_id,
                    key=key,
                    request_hash=request_hash,
                    claim=mine,
                    claimed_at=now,
                )
            ],
            ignore_conflicts=True,
        )
        found = here.select_for_update().get(member_id=actor.member_id, key=key)
        if found.claim == mine:
            return mine, None
        if found.request_hash != request_hash:
            raise Invalid(("Idempotency-Key", "This key came with another request before; use a new one."))
        if found.status is not None:
            return mine, Answer(found.status, bytes(found.body), found.headers)
        if found.claimed_at > now - CLAIM:
            raise Conflict("The first request with this key is still being answered; ask again in a moment.")
        here.filter(pk=found.pk).update(claim=mine, claimed_at=now)
        return mine, None


def _keep(actor: Actor, mine: Any, answer: Answer) -> None:
    held = IdempotencyKey.objects.filter(workspace_id=actor.workspace_id, member_id=actor.member_id, claim=mine)
    if not held.update(status=answer.status, headers=answer.headers, body=answer.body):
        # It took so long that another request was let in: only one of the two may stand.
        raise Conflict("The request took too long and was taken up by another with the same key.")


def _release(actor: Actor, mine: Any) -> None:
    IdempotencyKey.objects.filter(workspace_id=actor.workspace_id, member_id=actor.member_id, claim=mine).delete()
