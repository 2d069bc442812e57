"""Work of research that outlives a request: consent that ends, words whose time has come, projects brought in."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from threadline.formats import refi, taguette
from threadline.formats.refusal import Unreadable
from threadline.inbound.research import bringing, carrying, consenting, redacting, retention
from threadline.inbound.research.models import Consent, Study
from threadline.kernel import rows
from threadline.kernel.access import Actor, actor_of
from threadline.kernel.actions import through_door
from threadline.kernel.members import Member, Role
from threadline.kernel.work import Progress, job


@job("research.bring", most_attempts=1)
def bring(progress: Progress, *, member: str, study: str, path: str, name: str, batch: str) -> dict[str, Any]:
    """Bring a project file in; each text is whole or absent when it is cancelled."""
    file = Path(path)
    try:
        actor = actor_of(Member.objects.get(pk=member), face="web")
        data = file.read_bytes()
        project = taguette.read_project(data) if data.startswith(b"SQLite format 3") else refi.read_project(data)
        made = carrying.bring_in(actor, UUID(study), project, batch=UUID(batch), tell=progress)
        return {"codes": made.codes, "interviews": made.interviews, "highlights": made.highlights,
                "losses": made.losses, "name": name}  # fmt: skip
    except Unreadable as refused:
        return {"refused": str(refused), "name": name}
    finally:
        file.unlink(missing_ok=True)


@job(bringing.JOB, most_attempts=1)
def bring_transcripts(
    progress: Progress, *, member: str, study: str, into: str, files: list[dict[str, Any]], name: str, batch: str
) -> dict[str, Any]:
    """Bring transcripts in; each is whole or absent when it is cancelled."""
    sent = [bringing.Sent(f["name"], Path(f["path"]), UUID(f["interview"]) if f["interview"] else None) for f in files]
    try:
        actor = actor_of(Member.objects.get(pk=member), face="web")
        told = bringing.bring_all(actor, sent, study=UUID(study) if study else None, batch=UUID(batch), tell=progress)
        return {"keys": told.keys, "turns": told.turns, "nobody": told.nobody, "losses": told.losses, "name": name}
    finally:
        for one in sent:
            one.path.unlink(missing_ok=True)


@job("research.daily", every=86_400)
def daily(progress: Progress) -> dict[str, Any]:
    """Withhold what consent no longer covers, delete what is due, forget earlier versions of transcripts."""
    today, ended, forgotten = rows.now().date(), 0, 0
    over = Consent.objects.filter(state="given", archived_at=None, expires_on__lt=today)
    for consent in over.select_related("workspace"):
        actor = _keeper(consent.workspace_id)
        if actor is not None:
            _follow(actor, consent.participant_id)
            ended += 1
    for workspace_id in set(Study.objects.filter(keep_months__isnull=False).values_list("workspace_id", flat=True)):
        actor = _keeper(workspace_id)
        if actor is None:
            continue
        for one in retention.due(actor, ahead_days=0, today=today):
            retention.forget_interview(actor, interview=one.interview.pk, why="Kept as long as the study says.")
            forgotten += 1
    return {"ended": ended, "forgotten": forgotten, "versions": redacting.forget_old_versions()}


def _follow(actor: Actor, participant: UUID) -> None:
    through_door(actor, "consent_ended", lambda door: consenting.follow_consent(door, participant))


def _keeper(workspace_id: UUID) -> Actor | None:
    """An owner, in whose name the house keeps its promises."""
    here = Member.objects.filter(workspace_id=workspace_id, left_at=None, role=Role.OWNER).order_by("joined_at")
    found = here.first()
    return actor_of(found, face="job") if found else None
