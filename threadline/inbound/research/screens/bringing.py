"""Bringing transcripts in: a file or a pasted text into one interview, several files into a study."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase

from threadline.faces.web import wording
from threadline.faces.web.screens import record_screen
from threadline.faces.web.visit import Visit
from threadline.formats.refusal import Unreadable
from threadline.formats.transcripts import ENDINGS, LARGEST, Found, read_text, read_transcript
from threadline.inbound.research import bringing, transcribing
from threadline.inbound.research.models import Interview, Study
from threadline.inbound.research.screens import watching
from threadline.inbound.research.screens.reader import interview_of
from threadline.kernel import work
from threadline.kernel.access import reach
from threadline.kernel.actions import through_door
from threadline.kernel.cards import Card
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.jobs import Job
from threadline.kernel.registry import type_of

LONG = 400 * 1024  # bytes from which reading is work for a job, that can be watched and stopped
MOST = 60  # files at once
HELP = f"{', '.join(ENDINGS)}, as Zoom, Teams and most recorders write them."


@record_screen("interview", "transcript", posts=True)
def transcript(visit: Visit, card: Card) -> HttpResponseBase:
    """A form for a file or a text; what it held and what was lost is said afterwards. A long file is a job."""
    interview = interview_of(visit, card)
    visit.actor.need("update", type_of(interview).group)
    here = visit.record(interview.key, "transcript")
    if visit.asked.get("job"):
        back = (visit.record(interview.key, "read"), interview.title)
        return watching.watch(visit, bringing.JOB, {"into": str(interview.pk)}, here=here, back=back, said=_said)
    problems: list[str] = []
    if visit.posting:
        try:
            sent = visit.request.FILES.get("file")
            if sent is not None and LONG < (sent.size or 0) <= LARGEST:
                return visit.go(f"{here}?job={_enqueue(visit, [sent], into=interview).pk}")
            found = _read(visit)
            transcribing.check_turns(found.turns)
            batch = visit.new_batch()
            through_door(
                visit.actor,
                "bring_in_transcript",
                lambda door: transcribing.set_transcript(
                    door, door.get(type(interview), interview.pk), found.turns, source=found.format, because="imported"
                ),
                batch=batch,
            )
            return visit.done(_told(found), visit.record(interview.key, "read"), tone="warn" if found.losses else "ok")
        except Unreadable as refused:
            problems = [str(refused)]
        except Invalid as refused:
            problems = [p.message for p in refused.problems]
    return _form(visit, interview, problems)


@record_screen("study", "transcripts", posts=True)
def transcripts(visit: Visit, card: Card) -> HttpResponseBase:
    """Several files at once: each becomes an interview of the study, or fills the one that was planned."""
    study = reach(visit.actor, Study).filter(pk=card.pk, archived_at=None).first()
    if study is None:
        raise NotFound
    visit.actor.need("create", type_of(study).group)
    here, back = visit.record(study.key, "transcripts"), visit.record(study.key)
    if visit.asked.get("job"):
        mine = {"study": str(study.pk), "into": ""}
        return watching.watch(visit, bringing.JOB, mine, here=here, back=(back, study.title), said=_said)
    problems: list[str] = []
    if visit.posting:
        sent = visit.request.FILES.getlist("files")
        large = next((one for one in sent if (one.size or 0) > LARGEST), None)
        if not 1 <= len(sent) <= MOST:
            problems.append("Choose a file first." if not sent else f"At most {MOST} files at once.")
        elif large is not None:
            problems.append(f"{large.name} is too large for a transcript: {LARGEST // 1024 // 1024} MB at most.")
        else:
            return _brought(visit, study, sent)
    return _form_of_several(visit, study, here, back, problems)


def _brought(visit: Visit, study: Study, sent: list[Any]) -> HttpResponseBase:
    """At once, when it is little; as a job when it is not."""
    back = visit.record(study.key)
    if sum(one.size or 0 for one in sent) > LONG:
        return visit.go(f"{visit.record(study.key, 'transcripts')}?job={_enqueue(visit, sent, study=study).pk}")
    files, batch = [bringing.Sent(str(one.name)[:200], watching.aside(one)) for one in sent], visit.new_batch()
    try:
        told = bringing.bring_all(visit.actor, files, study=study.pk, batch=batch)
    finally:
        for one in files:
            one.path.unlink(missing_ok=True)
    said = " ".join([_said(vars(told)), *told.losses])
    return visit.done(said, back, batch=batch if told.keys else None, tone="warn" if told.losses else "ok")


def _form_of_several(visit: Visit, study: Study, here: str, back: str, problems: list[str]) -> HttpResponseBase:
    field = {"name": "files", "label": "Files", "kind": "file", "multiple": True, "required": True, "errors": problems,
             "accept": ",".join(ENDINGS), "help": HELP}  # fmt: skip
    note = ("A file whose name holds a participant's pseudonym, like “P7.vtt” or “call with P7.vtt”, goes into the "
            "interview planned with them, or a new one. Others become interviews with nobody yet.")  # fmt: skip
    form = {"action": here, "parts": [{"fields": [field], "help": note}], "submit": "Bring them in",
            "cancel_href": back, "multipart": True}  # fmt: skip
    crumbs = [{"label": study.title, "href": back}]
    return visit.draw("pages/form.html", "Bring in transcripts", 422 if problems else 200, form=form, crumbs=crumbs)


def _enqueue(visit: Visit, sent: list[Any], *, study: Study | None = None, into: Interview | None = None) -> Job:
    target = str(into.pk) if into else ""
    files = [{"name": str(one.name)[:200], "path": str(watching.aside(one)), "interview": target} for one in sent]
    args = {
        "member": str(visit.actor.member_id), "study": str(study.pk) if study else "", "into": target, "files": files,
        "name": files[0]["name"] if len(files) == 1 else f"{len(files)} transcripts", "batch": str(visit.new_batch()),
    }  # fmt: skip
    return work.enqueue(bringing.JOB, args, workspace_id=visit.actor.workspace_id)


def _said(result: dict[str, Any]) -> str:
    keys, nobody = result.get("keys", []), result.get("nobody", 0)
    said = f"{wording.plural(result.get('turns', 0), 'turn')} in {wording.plural(len(keys), 'interview')}."
    if nobody:
        said += f" {wording.plural(nobody, 'is', 'are')} with nobody yet: say with whom, for consent is by person."
    return said


def _read(visit: Visit) -> Found:
    sent = visit.request.FILES.get("file")
    if sent is not None:
        if (sent.size or 0) > LARGEST:
            raise Unreadable(f"Too large for a transcript: {LARGEST // 1024 // 1024} MB at most.")
        return read_transcript(sent.name or "", sent.read())
    text = visit.sent.get("text", "")
    if not text.strip():
        raise Unreadable("Choose a file, or paste the text.")
    return read_text(text.replace("\r\n", "\n"))


def _told(found: Found) -> str:
    who = f" by {', '.join(found.speakers[:6])}" if found.speakers else ""
    said = f"{wording.plural(len(found.turns), 'turn')}{who}."
    return " ".join([said, *found.losses])


def _form(visit: Visit, interview: Any, problems: list[str]) -> HttpResponseBase:
    fields = [
        {"name": "file", "label": "File", "kind": "file", "errors": problems,
         "help": HELP},
        {"name": "text", "label": "Or paste the text", "kind": "long", "rows": 10, "value": visit.sent.get("text", ""),
         "help": "One turn a line, with the name first: Mira: When did you last stop half way?"},
    ]  # fmt: skip
    note = "Highlights are found again in the new text; those whose words are gone are shown as lost." \
        if interview.turns else None  # fmt: skip
    form = {"action": visit.record(interview.key, "transcript"), "parts": [{"fields": fields, "help": note}],
            "submit": "Bring it in", "cancel_href": visit.record(interview.key), "multipart": True}  # fmt: skip
    crumbs = [{"label": interview.title, "href": visit.record(interview.key)}]
    return visit.draw("pages/form.html", "Bring in a transcript", 422 if problems else 200, form=form, crumbs=crumbs)
