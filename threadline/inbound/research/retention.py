"""How long what was said is kept: what is due, looked at beforehand, and its removal for good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from threadline.house import filing
from threadline.inbound.research import queries
from threadline.inbound.research.models import Interview, Study, Transcript
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach
from threadline.kernel.actions import action
from threadline.kernel.door import Door
from threadline.kernel.errors import Conflict
from threadline.kernel.files import Attachment

MONTH = 30.44


@dataclass(frozen=True, slots=True)
class Due:
    """One interview whose time has come, or will: what goes, and what stays."""

    interview: Interview
    study: Study
    on: date
    turns: int
    files: int
    highlights: int

    def past(self, today: date) -> bool:
        """Whether the day has come."""
        return self.on <= today


def due(actor: Actor, *, ahead_days: int = 60, today: date | None = None) -> list[Due]:
    """Interviews of studies with a limit whose transcript or recording is due soon, the first to go first."""
    day = today or rows.now().date()
    studies = {s.pk: s for s in reach(actor, Study).filter(archived_at=None, keep_months__isnull=False)}
    found = []
    for talk in reach(actor, Interview).filter(study_id__in=studies, archived_at=None, at__isnull=False):
        study = studies[talk.study_id]  # type: ignore[index]
        assert talk.at is not None
        assert study.keep_months is not None
        on = talk.at.date() + timedelta(days=round(study.keep_months * MONTH))
        files = recordings(talk).count()
        if on <= day + timedelta(days=ahead_days) and (talk.turns or files):
            found.append(Due(talk, study, on, talk.turns, files, len(queries.highlights_of(actor, talk))))
    return sorted(found, key=lambda d: (d.on, d.interview.number))


def recordings(interview: Interview) -> Any:
    """The sound and pictures of an interview."""
    here = Attachment.objects.filter(workspace_id=interview.workspace_id, card_id=interview.pk)
    ids = [a.pk for a in here if a.name.lower().endswith(queries.MEDIA)]
    return here.filter(pk__in=ids)


@action(Interview, verb="archive", label="Delete transcript and recording")
def forget_interview(door: Door, *, interview: Interview) -> Interview:
    """Delete what was said word for word, for good. Highlights stay: they are quotes, and were agreed to."""
    files = list(recordings(interview))
    transcripts = Transcript.objects.filter(workspace_id=interview.workspace_id, interview_id=interview.pk)
    if not interview.turns and not files and not transcripts.exists():
        raise Conflict("There is no transcript and no recording.", interview.version)
    gone = {"turns": interview.turns, "files": len(files)}
    transcripts.delete()
    paths = [filing.path_of(f) for f in files]
    Attachment.objects.filter(pk__in=[f.pk for f in files]).delete()

    def unlink() -> None:
        for path in paths:
            path.unlink(missing_ok=True)

    transaction.on_commit(unlink)
    changed = door.change(interview, {"turns": 0, "transcript_number": 0})
    door.log(changed, {"+forgotten": [None, gone]})
    return changed
