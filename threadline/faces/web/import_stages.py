"""How an import stands, as its three pages show it: to be matched, under way, over."""

from __future__ import annotations

from typing import Any

from threadline.exchange.checking import labels_of_made, lacking
from threadline.exchange.mapping import Mapping
from threadline.exchange.runs import ImportRun
from threadline.faces.web import wording
from threadline.faces.web.matching import Form
from threadline.faces.web.visit import Visit
from threadline.kernel.changes import Batch
from threadline.kernel.jobs import Job

State = ImportRun.State
_WOULD = (
    ("create", "new", "ok"),
    ("update", "changed", ""),
    ("restore", "back from the trash", ""),
    ("unchanged", "as they are", ""),
    ("empty", "without content", ""),
    ("bad", "cannot be brought in", "bad"),
)
_DID = (
    ("created", "new", "ok"),
    ("updated", "changed", ""),
    ("restored", "back from the trash", ""),
    ("unchanged", "as they were", ""),
    ("made", "made along the way", ""),
    ("skipped", "left out", "warn"),
)
_STUCK = "It was interrupted; perhaps the server went down. Nothing is lost: go on where it was, or take it back."


def to_match(
    visit: Visit, run: ImportRun, mapping: Mapping | None = None, problems: list[str] | None = None
) -> dict[str, Any]:
    """The columns, what the check found, and what is still to be decided."""
    declared, base = run.declared, visit.at("imports", str(run.pk))
    shown = Form(visit, run, mapping)
    return {
        "preview": {
            "action": base,
            "cancel_action": f"{base}/cancel",
            "file_text": f"{run.file_name}, {wording.size_text(run.size)}, from {run.source}.",
            "notes": _notes(run),
            "mending": [{"text": text} for text in problems or []],
            "columns": shown.columns(),
            "target_groups": shown.target_groups(),
            "constants": shown.constants(),
            "options": shown.options(),
            **_found(visit, run),
        },
        "crumbs": [{"label": declared.plural, "href": visit.listing(declared)},
                   {"label": "Import", "href": visit.at(declared.path, "import")}],
    }  # fmt: skip


def _notes(run: ImportRun) -> list[str]:
    notes = [*run.report.get("assumed", ()), *run.report.get("notes", ())]
    if needed := lacking(run.report):
        notes.insert(0, f"Some rows have nothing for {', '.join(needed)}, and cannot do without.")
    return [run.error, *notes] if run.error else notes


def _found(visit: Visit, run: ImportRun) -> dict[str, Any]:
    """What the check found, when there was one."""
    report = run.report
    if run.state != State.PREVIEWED:
        return {"checked": False, "figures": [], "problems": [], "losses": []}
    good = report["rows"] - report["bad"] - report["empty"]
    return {
        "checked": True,
        "figures": _would(report),
        "made": ", ".join(labels_of_made(report)),
        "problems": _problems(report),
        "problem_kinds": report["problem_counts"],
        "problem_count_text": _problem_text(report),
        "rejected": rejected_links(visit, run) if report["bad"] else [],
        "losses": report["losses"],
        "sample": _sample(report),
        "bad_rows": report["bad"],
        "submit": f"Bring in {wording.plural(good, 'row')}" if good else "",
    }


def _would(report: dict[str, Any]) -> list[dict[str, Any]]:
    found = [{"label": label, "text": f"{report[n]:,}", "tone": tone} for n, label, tone in _WOULD if report[n]]
    return [{"label": "rows in the file", "text": f"{report['rows']:,}"}, *found]


def _problems(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**one, "row": f"{one['row']:,}"} for one in report.get("problems", [])]


def _problem_text(report: dict[str, Any]) -> str:
    bad = report["bad"]
    if not bad:
        return ""
    of = f"{wording.plural(bad, 'row')} of {report['rows']:,}."
    return f"{of} Nothing is brought in until they are mended or left out."


def rejected_links(visit: Visit, run: ImportRun) -> list[dict[str, str]]:
    """Where the rows that cannot be brought in lie, as files."""
    base = visit.at("imports", str(run.pk))
    return [{"href": f"{base}/rejected.csv", "label": "CSV"}, {"href": f"{base}/rejected.xlsx", "label": "Excel"}]


def _sample(report: dict[str, Any]) -> dict[str, Any] | None:
    sample = report["sample"]
    if not sample["rows"]:
        return None
    kinds_of = {"number": "number", "money": "money", "markdown": "long", "text": "long"}
    columns = [
        {"label": c["label"], "kind": kinds_of.get(c["kind"], "text"), "name": c["name"]} for c in sample["columns"]
    ]
    rows = [{"id": str(at), "cells": [cell or None for cell in cells]} for at, cells in enumerate(sample["rows"])]
    return {"columns": columns, "rows": rows}


def under_way(visit: Visit, run: ImportRun) -> dict[str, Any]:
    """How far it is, and whether anybody is at it."""
    job = Job.objects.filter(pk=run.job).first() if run.job else None
    stuck = job is None or job.state not in (Job.State.WAITING, Job.State.RUNNING)
    checking = run.state == State.CHECKING
    done, total = run.counts.get("rows", 0), run.report.get("rows")
    if checking and job is not None:
        done, total = job.progress.get("done", 0), job.progress.get("total")
    known = f" of {total:,}" if total else ""
    base = visit.at("imports", str(run.pk))
    return {
        "progress": {
            "done": min(done, total) if total else done,
            "total": total,
            "done_text": f"{done:,}{known} rows {'checked' if checking else 'brought in'}",
            "left_text": _left_text(checking, stuck, job),
            "stuck": stuck,
            "checking": checking,
            "resume_action": f"{base}/resume",
            "cancel_action": f"{base}/cancel",
            "cancel_label": "Cancel" if checking else "Cancel and take back",
            "href": base,
        },
        "crumbs": [{"label": run.declared.plural, "href": visit.listing(run.declared)}],
    }


def _left_text(checking: bool, stuck: bool, job: Job | None) -> str:
    if stuck:
        return _STUCK
    if job is not None and job.state == Job.State.WAITING:
        return "It waits for the worker, which begins in a moment."
    return (
        "You may leave this page; it goes on. Nothing is brought in yet."
        if checking
        else "You may leave this page; it goes on."
    )


def over(visit: Visit, run: ImportRun) -> dict[str, Any]:
    """What it did, what stayed behind, and the way back."""
    declared, counts = run.declared, run.counts
    undone = run.state == State.UNDONE or Batch.objects.filter(pk=run.batch, undone_at__isnull=False).exists()
    words = _result_words(run, undone)
    base = visit.at("imports", str(run.pk))
    did = run.state == State.DONE and not undone
    changed = any(counts.get(n) for n in ("created", "updated", "restored"))
    figures = [{"label": label, "text": f"{counts[n]:,}", "tone": tone} for n, label, tone in _DID if counts.get(n)]
    records = {"label": f"Look at the {wording.lower_first(declared.plural)}", "look": "go"}
    return {
        "result": {
            **words,
            "figures": figures,
            "undo_action": f"{base}/undo" if did and changed else "",
            "rejected": rejected_links(visit, run) if run.report.get("bad") and run.path.exists() else [],
            "losses": run.report.get("losses", []) if did else [],
            "next": [
                {**records, "href": visit.listing(declared, q=f"source:{_quoted(run.source)}" if did else "")},
                {"label": "Import another file", "href": visit.at(declared.path, "import")},
            ],
        },
        "crumbs": [{"label": declared.plural, "href": visit.listing(declared)}],
    }


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "") + '"'


def _result_words(run: ImportRun, undone: bool) -> dict[str, str]:
    counts = run.counts
    if undone:
        kept = counts.get("kept", 0)
        text = (
            f"{wording.plural(kept, 'change')} had been worked on since and stayed."
            if kept
            else "Everything is as it was before."
        )
        return {"tone": "ok", "title": "Taken back.", "text": text}
    if run.state == State.CANCELLED:
        return {"tone": "warn", "title": "Cancelled.", "text": "What had been brought in was taken back."}
    if run.state == State.FAILED:
        return {
            "tone": "bad",
            "title": "It did not work.",
            "text": f"{run.error} What had been brought in was taken back.",
        }
    changed = sum(counts.get(n, 0) for n in ("created", "updated", "restored"))
    title = f"{wording.plural(changed, 'record')} brought in." if changed else "Nothing had to change."
    return {"tone": "ok", "title": title, "text": f"From {run.source}. Each says so in its history."}
