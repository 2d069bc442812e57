"""A study taken along, and projects of other programs brought in."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from threadline.faces.web import wording
from threadline.faces.web.screens import record_screen, screen
from threadline.faces.web.visit import Visit
from threadline.formats import refi, taguette
from threadline.formats.refusal import Unreadable
from threadline.formats.sheets.shield import shield
from threadline.inbound.research import carrying, evidence, guide
from threadline.inbound.research.models import Code, Insight, Study
from threadline.inbound.research.screens import watching
from threadline.inbound.research.screens.marks import clock
from threadline.kernel import work
from threadline.kernel.access import reach
from threadline.kernel.actions import through_door
from threadline.kernel.cards import Card
from threadline.kernel.errors import NotFound
from threadline.kernel.registry import type_of

WAYS = (
    ("qdpx", "REFI-QDA project", "For NVivo, ATLAS.ti, MAXQDA, QualCoder: texts, codes and coded stretches."),
    ("qdc", "REFI-QDA codebook", "The codes alone, with their definitions."),
    ("csv", "Highlights as CSV", "A line for each highlight, with who said it, when, and its codes."),
    ("md", "Report in Markdown", "Goal, insights with their evidence, and what was said by code."),
)
LARGEST = 200 * 1024 * 1024
JOB = "research.bring"


def _study(visit: Visit, card: Card) -> Study:
    found = reach(visit.actor, Study).filter(pk=card.pk).first()
    if found is None:
        raise NotFound
    return found


# ---- out --------------------------------------------------------------------------------


@record_screen("study", "give")
def give(visit: Visit, card: Card) -> HttpResponseBase:
    """Choose a format; with one, the file itself."""
    study = _study(visit, card)
    way, outside = visit.asked.get("as", ""), visit.asked.get("for") == "outside"
    if way not in {w for w, _, _ in WAYS}:
        ways = [
            {"label": label, "help": said, "href": f"?as={name}", "outside": f"?as={name}&for=outside"}
            for name, label, said in WAYS
        ]
        losses = carrying.as_project(visit.actor, study).losses
        bring_here = visit.record(study.key, "bring") if visit.actor.may("bulk", "research") else ""
        crumbs = [{"label": study.title, "href": visit.record(study.key)}]
        return visit.draw("study/give.html", "Take it along", ways=ways, losses=losses, crumbs=crumbs,
                          bring=bring_here)  # fmt: skip
    made, kind = _made(visit, study, way, outside)
    answer = HttpResponse(made, content_type=kind)
    answer.headers["Content-Disposition"] = content_disposition_header(True, f"{study.key}.{way}") or "attachment"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _made(visit: Visit, study: Study, way: str, outside: bool) -> tuple[bytes, str]:
    if way == "qdpx":
        return refi.write_project(carrying.as_project(visit.actor, study, outside=outside)), "application/zip"
    if way == "qdc":
        return refi.write_codebook(carrying.as_project(visit.actor, study).codes), "application/xml"
    if way == "csv":
        return _csv(carrying.lines_of(visit.actor, study, outside=outside)), "text/csv; charset=utf-8"
    return _report(visit, study, outside).encode(), "text/markdown; charset=utf-8"


def _csv(lines: list[carrying.Line]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["key", "quote", "who", "segment", "interview", "time", "codes", "memo"])
    for one in lines:
        cells = [
            one.key,
            one.quote,
            one.who,
            one.segment,
            one.interview,
            clock(one.at_ms),
            "; ".join(one.codes),
            one.memo,
        ]
        writer.writerow([shield(c) for c in cells])
    return out.getvalue().encode("utf-8-sig")


def _report(visit: Visit, study: Study, outside: bool) -> str:
    lines = carrying.lines_of(visit.actor, study, outside=outside)
    parts = [f"# {_plain(study.title)}", "", _plain(study.goal), ""]
    questions = guide.lines(study.questions)
    if questions:
        parts += ["## Questions", "", *(f"{n}. {_plain(q)}" for n, q in enumerate(questions, 1)), ""]
    kept = {one.key for one in lines}
    parts += ["## What we learned", ""]
    insights = reach(visit.actor, Insight).filter(study_id=study.pk, archived_at=None).exclude(state="retired")
    sides = evidence.by_person(visit.actor, list(insights))
    for insight in insights.order_by("number"):
        parts += [
            f"### {_plain(insight.title)}",
            "",
            _plain(insight.because),
            "",
            f"So what: {_plain(insight.so_what)}",
            "",
        ]
        for kind, label in (("supports", "For"), ("contradicts", "Against")):
            people = sides.get((insight.pk, kind), [])
            said = [(p, s) for p in people for s in p.said if not outside or s.key in kept]
            if said:
                parts += [f"{label} ({wording.plural(len({p.key for p, _ in said}), 'person', 'people')}):", ""]
                parts += [f"> {_plain(s.text)}\n>\n> {_plain(p.name)}, {s.key}\n" for p, s in said]
    by: dict[str, list[carrying.Line]] = {}
    for one in lines:
        for code in one.codes or ["without a code"]:
            by.setdefault(code, []).append(one)
    parts += ["## What was said", ""]
    for code in sorted(by, key=str.lower):
        parts += [f"### {_plain(code)}", ""]
        parts += [f"> {_plain(one.quote)}\n>\n> {_plain(one.who)}, {one.key}\n" for one in by[code]]
    return "\n".join(parts)


def _plain(text: str) -> str:
    """Words as words: what would be markup or a link in a report is escaped."""
    return " ".join(text.split()).translate(_LITERAL)


_LITERAL = {ord(sign): f"\\{sign}" for sign in "\\`*_[]<>#|!"}


# ---- in ---------------------------------------------------------------------------------


@record_screen("study", "bring", posts=True)
def bring(visit: Visit, card: Card) -> HttpResponseBase:
    """A project or codebook of another program, brought in as a job that can be watched and stopped."""
    study = _study(visit, card)
    visit.actor.need("bulk", "research")
    if visit.asked.get("job"):
        here, back = visit.record(study.key, "bring"), (visit.record(study.key), study.title)
        return watching.watch(visit, JOB, {"study": str(study.pk)}, here=here, back=back, said=_brought)
    problems: list[str] = []
    if visit.posting:
        try:
            return _start(visit, study)
        except Unreadable as refused:
            problems = [str(refused)]
    field = {"name": "file", "label": "File", "kind": "file", "required": True, "errors": problems,
             "help": "A project: .qdpx, or .sqlite3 from Taguette. A codebook: .qdc, or .csv."}  # fmt: skip
    form = {"action": visit.record(study.key, "bring"), "parts": [{"fields": [field]}], "submit": "Bring it in",
            "cancel_href": visit.record(study.key, "give"), "multipart": True}  # fmt: skip
    crumbs = [{"label": study.title, "href": visit.record(study.key)}]
    return visit.draw("pages/form.html", "Bring in a project", 422 if problems else 200, form=form, crumbs=crumbs)


def _start(visit: Visit, study: Study) -> HttpResponseBase:
    sent = visit.request.FILES.get("file")
    if sent is None or not sent.size:
        raise Unreadable("Choose a file first.")
    if sent.size > LARGEST:
        raise Unreadable(f"Too large: {LARGEST // 1024 // 1024} MB at most.")
    head = sent.read(16)
    sent.seek(0)
    if not head.startswith((b"PK\x03\x04", b"SQLite format 3")):
        return _codebook(visit, study, sent.read())
    batch, path = visit.new_batch(), watching.aside(sent)
    who, name = str(visit.actor.member_id), str(sent.name)[:200]
    args = {"member": who, "study": str(study.pk), "path": str(path), "name": name, "batch": str(batch)}
    made = work.enqueue(JOB, args, workspace_id=visit.actor.workspace_id)
    return visit.go(f"{visit.record(study.key, 'bring')}?job={made.pk}")


def _codebook(visit: Visit, study: Study, data: bytes) -> HttpResponseBase:
    xml = data.lstrip()[:1] == b"<" or data[:4].lstrip(b"\xef\xbb\xbf")[:1] == b"<"
    project = refi.read_codebook(data) if xml else taguette.read_codebook(data)
    made, batch = carrying.Brought(losses=project.losses), visit.new_batch()
    through_door(
        visit.actor, "bring_in_codes", lambda door: carrying.bring_codes(door, project.codes, made), batch=batch
    )
    known = len(project.codes) - made.codes
    said = f"{wording.plural(made.codes, 'new code')}, {known} known already. {' '.join(made.losses)}".strip()
    return visit.done(said, visit.listing(type_of("code")), batch=batch)


def _brought(result: dict[str, Any]) -> str:
    return f"{result['interviews']} interviews with {result['highlights']} highlights, and {result['codes']} new codes."


@screen("code", "codebook")
def codebook(visit: Visit) -> HttpResponseBase:
    """All codes of the workspace as a REFI-QDA codebook."""
    codes = {c.pk: c for c in reach(visit.actor, Code).filter(archived_at=None).order_by("number")}
    answer = HttpResponse(
        refi.write_codebook([carrying.qcode(c, codes) for c in codes.values()]), content_type="application/xml"
    )
    answer.headers["Content-Disposition"] = 'attachment; filename="codebook.qdc"'
    return answer
