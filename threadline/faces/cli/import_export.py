"""Files in and out: import, export."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import click

from threadline.exchange import carrying, exporting, rejecting, uploads
from threadline.exchange.checking import labels_of_made
from threadline.exchange.mapping import Pair, from_json, targets
from threadline.exchange.runs import ImportRun, sources_of
from threadline.faces.cli.kinds import TypeName
from threadline.faces.cli.matching import chosen, mapping_options
from threadline.faces.cli.progress import progress
from threadline.faces.cli.talk import Talk, safe
from threadline.faces.cli.who import acts
from threadline.kernel.access import Actor
from threadline.kernel.errors import Invalid
from threadline.kernel.registry import RecordType

_PART = 1024 * 1024
FORMATS = click.Choice(list(exporting.FORMATS))


@click.command("import")
@click.argument("declared", metavar="TYPE", type=TypeName())
@click.argument("path", metavar="FILE", type=click.Path(allow_dash=True))
@mapping_options
@click.option("--skip-bad", is_flag=True, help="Leave bad rows out and bring in the rest.")
@click.option("--rejected", metavar="FILE", type=click.Path(), help="Write bad rows there, with the reason in each.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@acts
def import_file(
    talk: Talk,
    actor: Actor,
    declared: RecordType,
    path: str,
    source: str | None,
    skip_bad: bool,
    rejected: str | None,
    dry_run: bool,
    **said: Any,
) -> None:
    """Bring a CSV, XLSX or JSON FILE in as records of a TYPE.

    Columns are matched by what was used for the source before, or by their names and looks; the
    file is checked whole before anything is written. Ctrl-C takes back what was brought in.

    \b
    threadline import feedback reviews.csv --source app-reviews-2026 --const channel=app_review --dry-run
    threadline import feedback survey.xlsx --source survey --map "What hurts=body" --map Who=author
    """
    if not source:
        known = ", ".join(sources_of(actor, declared.kind)[:8])
        raise click.UsageError(
            f"Say where the rows come from: --source NAME.{f' Used before: {known}.' if known else ''}"
        )
    run = _taken_in(actor, declared, source, path)
    try:
        carrying.choose(actor, run, chosen(run, said))
        with progress(talk, "Import") as tell:
            report = carrying.check(actor, run, tell)
        if rejected and report["bad"]:
            _write_rejected(actor, run, Path(rejected))
        if not talk.json:
            tell_report(talk, actor, run)
        if not dry_run:
            _bring_in(talk, actor, run, skip_bad=skip_bad, seen=bool(rejected))
    finally:
        uploads.discard(actor, run)  # does nothing once the run has begun
    _tell_end(talk, run, dry_run)


def _bring_in(talk: Talk, actor: Actor, run: ImportRun, *, skip_bad: bool, seen: bool) -> None:
    bad = run.report["bad"]
    if bad and not skip_bad and bad < run.report["rows"]:
        more = "" if seen else ", or --rejected FILE to see them"
        raise Invalid(("", f"Nothing was brought in: {_bad_rows(bad)}. Use --skip-bad{more}."))
    with progress(talk, "Import") as tell:
        carrying.bring_in(actor, run, skip_bad=skip_bad, tell=tell)


def _taken_in(actor: Actor, declared: RecordType, source: str, path: str) -> ImportRun:
    if path == "-":
        return uploads.take_in(actor, declared.kind, source, "stdin", _parts(sys.stdin.buffer))
    try:
        with Path(path).open("rb") as file:
            return uploads.take_in(actor, declared.kind, source, Path(path).name, _parts(file))
    except OSError as problem:
        raise click.UsageError(f"{path}: {problem.strerror}") from None


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    while part := file.read(_PART):
        yield part


# ---- telling ----------------------------------------------------------------------------


def tell_report(talk: Talk, actor: Actor, run: ImportRun) -> None:
    """The dry run in words: what goes where, what would happen, what is wrong, what stays behind."""
    report, known = run.report, targets(actor, run.declared)
    for pair in from_json(run.mapping).pairs:
        talk.say(f"  {safe(pair.column)[:60]} goes to {known[pair.to].label}{_how(pair)}")
    counted = [f"{report[n]:,} {text}" for n, text in _WOULD if report[n]]
    made = labels_of_made(report)
    talk.say(f"{report['rows']:,} rows: {', '.join(counted) or 'nothing to do'}.")
    if made:
        talk.say(f"Makes {', '.join(made)} along the way.")
    for one in report["problem_counts"][:10]:
        place = f"{one['column']}: " if one["column"] else ""
        talk.warn(f"{one['count']:,} times: {safe(place + one['text'])}")
    for one in report["problems"][:5]:
        talk.warn(f"  row {one['row']}: {safe(one['value'])[:60]}")
    for text in report["losses"]:
        talk.say(f"Stays behind: {safe(text)}.")
    for text in (*report.get("assumed", ()), *report["notes"]):
        talk.say(safe(text))


_WOULD = (
    ("create", "new"),
    ("update", "changed"),
    ("restore", "back from the trash"),
    ("unchanged", "as they are"),
    ("empty", "empty"),
    ("bad", "bad"),
)


def _how(pair: Pair) -> str:
    return f", {pair.order}" if pair.order else f", out of {pair.out_of:g}" if pair.out_of else ""


def _bad_rows(count: int) -> str:
    return "1 bad row" if count == 1 else f"{count:,} bad rows"


def _tell_end(talk: Talk, run: ImportRun, dry_run: bool) -> None:
    if talk.json:
        told = {n: v for n, v in run.report.items() if n not in ("sure", "digest")}
        batch = None if dry_run else str(run.batch)
        mapping = from_json(run.mapping).as_json()
        done = {"state": None if dry_run else run.state, "counts": run.counts, "error": run.error, "batch": batch}
        talk.data({"dry_run": dry_run, "source": run.source, "mapping": mapping, "report": told, **done})
    if run.state == ImportRun.State.CANCELLED:
        talk.warn("Stopped. What had been brought in was taken back.")
        raise click.Abort
    if run.state == ImportRun.State.FAILED:
        raise Invalid(("", f"{run.error} What had been brought in was taken back."))
    if dry_run:
        talk.say("Trial only: nothing was written.")
    elif not talk.json:
        counted = [f"{run.counts[n]:,} {n}" for n in ("created", "updated", "restored", "unchanged") if run.counts[n]]
        talk.line(", ".join(counted) or "Nothing to do.")
        if run.counts["skipped"]:
            talk.warn(f"{_bad_rows(run.counts['skipped'])} left out.")
        talk.say(f"To take it back: threadline undo {run.batch}")


def _write_rejected(actor: Actor, run: ImportRun, path: Path) -> None:
    kind = path.suffix.lower().lstrip(".")
    columns, found = rejecting.rejected(actor, run)
    with path.open("wb") as out:
        exporting.write_table(columns, found, out, kind if kind in exporting.FORMATS else "csv")


# ---- out --------------------------------------------------------------------------------


@click.command("export")
@click.argument("declared", metavar="TYPE", type=TypeName())
@click.argument("query", nargs=-1)
@click.option(
    "--fields", "names", metavar="A,B", help="Which fields, computed columns and citations; id and key come along."
)
@click.option("-f", "--format", "file_format", type=FORMATS, help="Told from the file's ending, else csv.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(), help="Where to; else stdout.")
@acts
def export_file(
    talk: Talk,
    actor: Actor,
    declared: RecordType,
    query: tuple[str, ...],
    names: str | None,
    file_format: str | None,
    output: str | None,
) -> None:
    """Write the records of a TYPE that match a QUERY as CSV, XLSX or JSON.

    \b
    threadline export features state:planned -o planned.xlsx
    threadline export feedback tag:raid --fields title,body,account > raid.csv
    """
    ending = Path(output or "").suffix.lower().lstrip(".")
    chosen = file_format or ("json" if talk.json else ending if ending in exporting.FORMATS else "csv")
    asked = {"file_format": chosen, "query": " ".join(query), "names": names.split(",") if names else None}
    with progress(talk, "Export") as tell:
        if output is None:
            written = exporting.write(actor, declared, sys.stdout.buffer, tell=tell, **asked)  # type: ignore[arg-type]
        else:
            written = _written_to(Path(output), lambda out: exporting.write(actor, declared, out, tell=tell, **asked))  # type: ignore[arg-type]
    sys.stdout.buffer.flush()
    for note in written.notes:
        talk.warn(note)
    talk.say(f"{written.rows:,} records written.")


def _written_to(path: Path, write: Callable[[IO[bytes]], Any]) -> Any:
    """Write aside and put the whole file in place, so that a broken export leaves the old one."""
    aside = path.with_name(f"{path.name}.part")
    try:
        with aside.open("wb") as out:
            written = write(out)
        os.replace(aside, path)
    except OSError as problem:
        raise click.UsageError(f"{path}: {problem.strerror}") from None
    finally:
        aside.unlink(missing_ok=True)
    return written
