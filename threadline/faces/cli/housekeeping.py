"""Looking after the data: migrate, check, backup, restore."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from threadline.faces.cli.app import FAILED
from threadline.faces.cli.progress import progress
from threadline.faces.cli.talk import Talk
from threadline.faces.cli.who import talks
from threadline.house.making_way import make_way
from threadline.keeping import backup as backing
from threadline.keeping import checks, repair
from threadline.keeping import restore as restoring

ROUNDS = 3  # a mended card can show that its search row is missing


@click.command("migrate")
@click.option("--dry-run", is_flag=True, help="List the steps that would be taken.")
@talks
def migrate(talk: Talk, dry_run: bool) -> None:
    """Make or update the database tables. Safe to run at every start."""
    executor = MigrationExecutor(connection)
    steps = [f"{m.app_label}.{m.name}" for m, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    if dry_run:
        if talk.json:
            talk.data({"pending": steps})
        else:
            talk.table(["step"], ([step] for step in steps))
        return
    bring_up_to_date()
    renamed = make_way() if steps else []
    if talk.json:
        talk.data({"applied": steps, "renamed": renamed})
    else:
        for sentence in renamed:
            talk.say(sentence)
        done = f"Applied {len(steps)} step{'' if len(steps) == 1 else 's'}." if steps else "The tables are up to date."
        talk.say(done)


def bring_up_to_date() -> None:
    """Migrate, and make the table in which sign-in throttles are counted."""
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)


@click.command("check")
@click.option("--repair", "mend", is_flag=True, help="Make cards, search rows and counters again where they are wrong.")
@talks
def check(talk: Talk, mend: bool) -> None:
    """Prove that the data is whole. Exit code 1 when it is not."""
    mended: list[str] = []
    with progress(talk, "Checking") as tell:
        found = list(checks.find_all(tell))
        for _ in range(ROUNDS if mend else 0):
            done = [f for f in found if repair.mend(f)]
            if not done:
                break
            mended += [f"{f.check}: {f.message} ({f.count:,})" for f in done]
            found = list(checks.find_all(tell))
    wrong = [f for f in found if not f.warning]
    if talk.json:
        names = ("check", "message", "count", "examples", "warning")
        listed = [{**{n: getattr(f, n) for n in names}, "repairable": bool(f.repair)} for f in found]
        talk.data({"ok": not wrong, "findings": listed, "mended": mended})
    else:
        _tell_findings(talk, found, mended)
    if wrong:
        raise click.exceptions.Exit(FAILED)


def _tell_findings(talk: Talk, found: list[checks.Finding], mended: list[str]) -> None:
    for line in mended:
        talk.line(f"mended   {line}")
    for one in found:
        talk.line(f"{'warning' if one.warning else 'wrong  '}  {one.check}: {one.message} ({one.count:,})")
        if one.examples:
            talk.line(f"         for example {', '.join(one.examples)}")
    wrong = [f for f in found if not f.warning]
    if not wrong:
        talk.say("The data is whole.")
    elif any(f.repair for f in wrong):
        talk.say("Run threadline check --repair to make again what can be derived.")


@click.command("backup")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, allow_dash=True, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@talks
def backup(talk: Talk, path: Path, force: bool) -> None:
    """Write everything into one archive (.zip); - writes to stdout. People can go on working."""
    with progress(talk, "Backing up") as tell:
        try:
            if str(path) == "-":
                manifest = backing.stream_backup(sys.stdout.buffer, tell=tell)
            else:
                manifest = backing.write_backup(path, replace=force, tell=tell)
        except FileExistsError:
            raise click.UsageError(f"{path} exists already; --force replaces it.") from None
        except OSError as problem:
            raise click.ClickException(f"{path}: {problem.strerror}") from problem
    _tell_manifest(talk, manifest, "Backed up", to_stdout=str(path) != "-")
    for missing in manifest["files"]["missing"]:
        talk.warn(f"The bytes of a file are missing and could not be backed up: {missing}")
    talk.say("Not in it: sign-ins, and the server's secret_key file, without which API keys must be made anew.")


@click.command("restore")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Only read the archive and compare it with its manifest.")
@talks
def restore(talk: Talk, path: Path, dry_run: bool) -> None:
    """Fill an empty database from an archive, and prove by counts and hashes that all of it arrived."""
    with progress(talk, "Reading" if dry_run else "Restoring") as tell:
        try:
            manifest = restoring.verify(path, tell=tell) if dry_run else restoring.restore(path, tell=tell)
        except (restoring.BadArchive, restoring.NotEmpty) as problem:
            raise click.ClickException(str(problem)) from problem
    if not dry_run:
        bring_up_to_date()
    _tell_manifest(talk, manifest, "The archive is whole:" if dry_run else "Restored")


def _tell_manifest(talk: Talk, manifest: dict[str, Any], verb: str, *, to_stdout: bool = True) -> None:
    rows = sum(t["rows"] for t in manifest["tables"])
    counted = {t["model"]: t["rows"] for t in manifest["tables"] if t["rows"]}
    if talk.json and to_stdout:
        talk.data(
            {"rows": rows, "files": manifest["files"]["count"], "tables": counted, "made_at": manifest["made_at"]}
        )
    else:
        talk.say(f"{verb} {rows:,} rows of {len(counted)} tables and {manifest['files']['count']:,} files.")
