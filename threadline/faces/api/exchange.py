"""Records in and out of files: send one, match its columns, look, start; and lists as files."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import UUID

from threadline.exchange import carrying, exporting, rejecting, uploads
from threadline.exchange.mapping import from_json
from threadline.exchange.runs import ImportRun, run_of, runs_of
from threadline.exchange.table import format_ending
from threadline.faces.api import answers
from threadline.faces.api.answers import CURSOR, LIMIT, NOTHING
from threadline.faces.api.calls import Call, Filed
from threadline.faces.api.endpoints import FILE, Part, endpoint
from threadline.faces.api.house import KindName
from threadline.faces.api.problems import Refusal
from threadline.kernel import fields
from threadline.kernel.idempotency import Answer
from threadline.kernel.registry import RecordType

SECTION = "exchange"
# What a file may be sent as, and the ending that its name lacks then; what it is, its content says.
MEDIA = {
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/json": ".json",
    "application/x-ndjson": ".jsonl",
    "application/octet-stream": "",
    exporting.FORMATS["xlsx"]: ".xlsx",
}
FORMAT = Part("format", fields.Choice(tuple((f, f) for f in exporting.FORMATS)), "Which format.", default="csv")
_PART = 64 * 1024


def shape(run: ImportRun) -> dict[str, Any]:
    """An import as answers carry it; the report holds what the check found."""
    report = {n: v for n, v in run.report.items() if n not in ("digest", "sure")}
    names = ("kind", "source", "file_name", "size", "state", "mapping", "counts", "error", "created_at", "finished_at")
    return {"id": run.pk, **{n: getattr(run, n) for n in names}, "report": report, "batch": run.batch}


@endpoint(
    "POST",
    "imports",
    "Send a file",
    section=SECTION,
    query=(
        Part("kind", KindName(), "What the rows are.", required=True),
        Part("source", fields.FieldKind(longest=uploads.LONGEST_SOURCE), "Where they come from.", required=True),
        Part("name", fields.FieldKind(longest=500), "What the file is called.", default="file"),
    ),
    body=FILE,
    how=(),
    cost=20,
    answers={201: "Import"},
)
def take_file(call: Call) -> Answer:
    """The body is the file itself: CSV, XLSX or JSON. The answer proposes a mapping and, for a file of some
    thousand rows, holds the report of its check already; a larger one is checked by the worker: read it again."""
    kind = call.request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if kind not in MEDIA:
        raise Refusal(415, f"Send the file itself, as one of: {', '.join(sorted(MEDIA))}.")
    size = call.request.META.get("CONTENT_LENGTH") or "0"
    if not size.isdigit() or int(size[:15]) > uploads.LARGEST:
        raise Refusal(413, f"At most {uploads.LARGEST:,} bytes.")
    asked = call.query
    name = asked["name"] if format_ending(asked["name"]) else f"{asked['name']}{MEDIA[kind]}"
    run = uploads.take_in(call.actor, asked["kind"], asked["source"], name, _parts(call))
    carrying.check_soon(call.actor, run)
    return answers.one(shape(run), 201)


def _parts(call: Call) -> Iterator[bytes]:
    return iter(partial(call.request.read, _PART), b"")


@endpoint("GET", "imports", "List the imports", section=SECTION, query=(LIMIT, CURSOR), answers={200: "ImportPage"})
def list_imports(call: Call) -> Answer:
    """Your own, the newest first; heads of the workspace see everybody's."""
    return answers.newest_first(call, runs_of(call.actor), shape)


@endpoint("GET", "imports/<id:ident>", "Read an import", section=SECTION, answers={200: "Import"})
def read_import(call: Call, ident: str) -> Answer:
    """Where it stands, what the check found, what was done."""
    return answers.one(shape(run_of(call.actor, ident)))


@endpoint(
    "PATCH",
    "imports/<id:ident>",
    "Match the columns",
    section=SECTION,
    body=(
        Part(
            "mapping",
            fields.FieldKind(),
            "pairs (column, to, values, order, out_of), constants, missing, headings, exact.",
            required=True,
            schema={"type": "object"},
        ),
    ),
    how=(),
    cost=20,
    answers={200: "Import"},
)
def match_columns(call: Call, ident: str) -> Answer:
    """Say where each column goes; the file is checked anew."""
    run = run_of(call.actor, ident)
    carrying.choose(call.actor, run, from_json(call.body["mapping"]))
    carrying.check_soon(call.actor, run)
    return answers.one(shape(run))


@endpoint(
    "POST",
    "imports/<id:ident>/start",
    "Bring a file in",
    section=SECTION,
    body=(Part("skip_bad", fields.Flag(), "Leave out the rows that cannot be brought in.", default=False),),
    how=(),
    answers={200: "Import"},
)
def start_import(call: Call, ident: str) -> Answer:
    """Bring in what was checked, as one batch. The worker does it; read the import to see how far it is."""
    run = run_of(call.actor, ident)
    carrying.start(call.actor, run, skip_bad=bool(call.body["skip_bad"]))
    return answers.one(shape(run))


@endpoint("POST", "imports/<id:ident>/cancel", "Cancel an import", section=SECTION, how=(), answers={204: ""})
def cancel_import(call: Call, ident: str) -> Answer:
    """Stop it and take back what it did; one that has not begun is forgotten with its file."""
    carrying.ask_to_cancel(call.actor, run_of(call.actor, ident))
    return NOTHING


@endpoint("POST", "imports/<id:ident>/resume", "Go on with an import", section=SECTION, how=(), answers={200: "Import"})
def resume_import(call: Call, ident: str) -> Answer:
    """Go on with one that was interrupted; no row is brought in twice."""
    run = run_of(call.actor, ident)
    carrying.resume(call.actor, run)
    return answers.one(shape(run))


@endpoint(
    "POST", "imports/<id:ident>/undo", "Undo an import", section=SECTION, how=(), cost=20, answers={200: "Import"}
)
def undo_import(call: Call, ident: str) -> Answer:
    """Put what it made into the trash and what it changed back. What somebody worked on since stays."""
    run = run_of(call.actor, ident)
    carrying.undo_run(call.actor, run)
    return answers.one(shape(run))


@endpoint(
    "GET",
    "imports/<id:ident>/rejected",
    "Fetch the rejected rows",
    section=SECTION,
    query=(FORMAT,),
    cost=20,
    answers={200: FILE},
)
def rejected_rows(call: Call, ident: str) -> Answer:
    """The rows that cannot be brought in, with the reason in each, as a file to mend and send again."""
    run = run_of(call.actor, ident)
    columns, found = rejecting.rejected(call.actor, run)
    return _filed(columns, found, call.query["format"], f"rejected-{UUID(ident).hex[:8]}")


@endpoint(
    "GET",
    "<records:declared>/export",
    "Export {plural}",
    section="",
    query=(
        Part("q", fields.FieldKind(longest=2_000), "A query, as for the list.", default=""),
        Part("fields", fields.FieldKind(longest=2_000), "Which fields, with commas between them; all when not given."),
        FORMAT,
    ),
    cost=20,
    answers={200: FILE},
)
def export_records(call: Call, declared: RecordType) -> Answer:
    """Every record that matches, as a file; id and key come along, and it can be imported again."""
    chosen = call.query["fields"].split(",") if call.query["fields"] else None
    columns, found = exporting.exported_rows(call.actor, declared, call.query["q"], chosen)
    return _filed(columns, found, call.query["format"], declared.path)


def _filed(columns: list[str], found: Iterator[dict[str, Any]], file_format: str, name: str) -> Answer:
    file = exporting.written_aside(columns, found, file_format)
    headers = {
        "Content-Type": exporting.FORMATS[file_format],
        "Content-Disposition": f'attachment; filename="{name}.{file_format}"',
    }
    return Filed(200, b"", headers, file)
