"""Bringing a file in: upload, match and check, under way, done; and taking it back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from threadline.exchange import carrying, exporting, presets, rejecting, uploads
from threadline.exchange.mapping import Mapping, from_json
from threadline.exchange.runs import ImportRun, run_of, runs_of, sources_of
from threadline.faces.web import import_stages as stages
from threadline.faces.web import places, wording
from threadline.faces.web.entrance import deed, form, page
from threadline.faces.web.exports import sent_as_file
from threadline.faces.web.matching import Form
from threadline.faces.web.visit import Visit
from threadline.kernel.errors import Conflict, Invalid
from threadline.kernel.registry import RecordType, kinds

State = ImportRun.State
_TONES = {State.DONE: "ok", State.RUNNING: "info", State.CHECKING: "info", State.FAILED: "bad"}
_PART = 256 * 1024


# ---- choosing a file --------------------------------------------------------------------


@form
def upload(visit: Visit, path: str) -> HttpResponse:
    """Choose a file and say where it comes from."""
    declared = places.type_at(path)
    visit.back = visit.listing(declared)
    visit.actor.need("bulk", declared.group)
    problem = None
    if visit.posting:
        try:
            run = _taken_in(visit, declared)
            carrying.check_soon(visit.actor, run)
            return visit.go(visit.at("imports", str(run.pk)))
        except Invalid as refused:
            problem = {
                "text": "This file cannot be taken in.",
                "what_to_do": " ".join(p.message for p in refused.problems),
            }
    context: dict[str, Any] = {
        "upload": _upload(visit, declared) | {"problem": problem},
        "earlier": [_earlier(r) | {"href": visit.at("imports", str(r.pk))} for r in _latest(visit, declared)],
        "crumbs": [{"label": declared.plural, "href": visit.back}],
    }
    title = f"Import {wording.lower_first(declared.plural)}"
    return visit.draw("pages/import_upload.html", title, 422 if problem else 200, **context)


def _upload(visit: Visit, declared: RecordType) -> dict[str, Any]:
    types = [d for d in kinds() if visit.actor.may("bulk", d.group)]
    megabytes = uploads.LARGEST // 1024 // 1024
    return {
        "action": visit.at(declared.path, "import"),
        "kinds": [{"value": d.kind, "label": d.plural} for d in types],
        "kind": visit.sent.get("kind") or declared.kind,
        "source": visit.sent.get("source", ""),
        "sources": _sources(visit, declared),
        "limits_text": f"CSV, Excel (.xlsx) or JSON, up to {megabytes} MB. The first row names the columns.",
        "template_links": _templates(visit, declared),
    }


def _sources(visit: Visit, declared: RecordType) -> list[dict[str, str]]:
    """Names used before, then the products whose columns are known."""
    before = sources_of(visit.actor, declared.kind)
    known = [{"value": p.name, "label": p.label} for p in presets.offered(declared.kind) if p.name not in before]
    return [*({"value": s, "label": ""} for s in before), *known]


def _taken_in(visit: Visit, declared: RecordType) -> ImportRun:
    sent = visit.request.FILES.get("file")
    if sent is None:
        raise Invalid(("file", "No file came with it. Choose one and send again."))
    kind = visit.sent.get("kind") or declared.kind
    return uploads.take_in(visit.actor, kind, visit.sent.get("source"), sent.name, _parts(sent))


def _parts(sent: Any) -> Iterator[bytes]:
    source: IO[bytes] = sent
    while part := source.read(_PART):
        yield part


def _templates(visit: Visit, declared: RecordType) -> list[dict[str, str]]:
    label = f"an empty table of {wording.lower_first(declared.plural)}"
    return [{"href": visit.at(declared.path, "template.csv"), "label": label}]


def _latest(visit: Visit, declared: RecordType) -> list[ImportRun]:
    return list(runs_of(visit.actor).filter(kind=declared.kind).order_by("-created_at")[:10])


def _earlier(run: ImportRun) -> dict[str, Any]:
    at = wording.when(run.created_at) or {"text": ""}
    state = {"label": run.get_state_display(), "tone": _TONES.get(State(run.state), "")}
    return {"name": f"{run.source}: {run.file_name}", "when": at["text"], "text": _done_text(run), "state": state}


def _done_text(run: ImportRun) -> str:
    rows = run.report.get("rows")
    return wording.plural(rows, "row") if rows is not None else wording.size_text(run.size)


@page
def template(visit: Visit, path: str) -> HttpResponseBase:
    """A table with the columns of a record type and no rows."""
    declared = places.type_at(path)
    visit.actor.need("bulk", declared.group)
    names = [
        n for n, f in declared.readable(visit.actor).items() if not f.readonly and n not in ("source", "source_id")
    ]
    empty: Iterator[dict[str, Any]] = iter(())
    return sent_as_file(exporting.written_aside([*names, "tags"], empty, "csv"), f"{declared.path}-template.csv")


# ---- one import -------------------------------------------------------------------------


@form
def show(visit: Visit, ident: str) -> HttpResponse:
    """Where an import stands: matching its columns, under way, or over."""
    run = run_of(visit.actor, ident)
    visit.back = visit.at("imports", str(run.pk))
    if visit.posting:
        return _posted(visit, run)
    if run.state in (State.UPLOADED, State.PREVIEWED):
        return _match(visit, run)
    if run.state in (State.CHECKING, State.RUNNING):
        doing = "Checking" if run.state == State.CHECKING else "Bringing in"
        return visit.draw("pages/import_progress.html", f"{doing} {run.file_name}", **stages.under_way(visit, run))
    return visit.draw("pages/import_result.html", f"Import of {run.file_name}", **stages.over(visit, run))


def _match(
    visit: Visit, run: ImportRun, mapping: Mapping | None = None, problems: list[str] | None = None
) -> HttpResponse:
    title = f"Import {wording.lower_first(run.declared.plural)}"
    context = stages.to_match(visit, run, mapping, problems)
    return visit.draw("pages/import_preview.html", title, 422 if problems else 200, **context)


def _posted(visit: Visit, run: ImportRun) -> HttpResponse:
    if not run.open:
        raise Conflict("This import has begun; look at how it stands.")
    asked = Form(visit, run)
    try:
        mapping = asked.read()
        if mapping.digest != from_json(run.mapping).digest or run.state != State.PREVIEWED:
            carrying.choose(visit.actor, run, mapping)
            carrying.check_soon(visit.actor, run)
            if visit.sent.get("verb") == "apply":
                text = "The columns were matched anew, so the file was checked again. Look at it, then bring it in."
                return visit.done(text, visit.back, tone="info")
        elif visit.sent.get("verb") == "apply":
            carrying.start(visit.actor, run, skip_bad="skip_bad" in visit.sent)
    except Invalid as refused:
        run.refresh_from_db()
        try:
            kept = asked.read()
        except Invalid:
            kept = None
        return _match(visit, run, kept, [p.message for p in refused.problems])
    return visit.go(visit.back)


# ---- deeds ------------------------------------------------------------------------------


@deed
def cancel(visit: Visit, ident: str) -> HttpResponse:
    """Stop a run and take back what it did; one that has not begun is forgotten."""
    run = run_of(visit.actor, ident)
    visit.back = visit.at("imports", str(run.pk))
    waiting = run.open
    carrying.ask_to_cancel(visit.actor, run)
    if waiting:
        return visit.done("Nothing was brought in.", visit.at(run.declared.path, "import"), tone="info")
    return visit.go(visit.back)


@deed
def resume(visit: Visit, ident: str) -> HttpResponse:
    """Go on with a run that was interrupted."""
    run = run_of(visit.actor, ident)
    visit.back = visit.at("imports", str(run.pk))
    if run.state == State.CHECKING:
        carrying.check_soon(visit.actor, run)
    else:
        carrying.resume(visit.actor, run)
    return visit.go(visit.back)


@deed
def undo(visit: Visit, ident: str) -> HttpResponse:
    """Take a finished import back as a whole."""
    run = run_of(visit.actor, ident)
    visit.back = visit.at("imports", str(run.pk))
    carrying.undo_run(visit.actor, run)
    return visit.go(visit.back)


@page
def rejected(visit: Visit, ident: str, file_format: str) -> HttpResponseBase:
    """The rows that cannot be brought in, with the reason in each."""
    run = run_of(visit.actor, ident)
    visit.back = visit.at("imports", str(run.pk))
    columns, found = rejecting.rejected(visit.actor, run)
    aside = exporting.written_aside(columns, found, file_format)
    return sent_as_file(aside, f"rejected-{run.pk.hex[:8]}.{file_format}")
