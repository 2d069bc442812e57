"""Writing records: new, set, undo. Every write passes the one door."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from django.db import transaction

from threadline.exchange.carrying import undo_batch
from threadline.faces.cli.kinds import TypeName
from threadline.faces.cli.progress import progress
from threadline.faces.cli.reading import record_of
from threadline.faces.cli.talk import Talk, safe
from threadline.faces.cli.who import acts, did_you_mean
from threadline.formats import strictjson
from threadline.kernel import rows, verbs
from threadline.kernel.access import Actor
from threadline.kernel.changes import Change
from threadline.kernel.customs import all_fields
from threadline.kernel.errors import Conflict, Invalid
from threadline.kernel.records import Record
from threadline.kernel.registry import RecordType, type_of

MOST_BYTES = 32 * 1024 * 1024
T = TypeVar("T")

why_option = click.option("--why", "reason", metavar="TEXT", default="", help="Why; kept in the history.")
dry_option = click.option("--dry-run", is_flag=True, help="Say what would happen; keep nothing.")
files_option = click.option(
    "--file", "files", multiple=True, metavar="FIELD=PATH", help="Take a field's value from a file; - is stdin."
)


def given_values(pairs: Iterable[str], files: Iterable[str] = ()) -> dict[str, Any]:
    """``field=value`` words as values by name; ``field=`` blanks a field."""
    values: dict[str, Any] = {}
    for name, value in map(_pair, pairs):
        values[name] = value or None
    for name, path in map(_pair, files):
        values[name] = _text_of(path)
    return values


def _pair(word: str) -> tuple[str, str]:
    name, sign, value = word.partition("=")
    if not sign or not name.strip():
        raise click.UsageError(f"Write name=value, not {word[:60]}.")
    return name.strip(), value


def _bytes_of(path: str) -> bytes:
    if path == "-":
        data = sys.stdin.buffer.read(MOST_BYTES + 1)
    else:
        try:
            with Path(path).open("rb") as stream:
                data = stream.read(MOST_BYTES + 1)
        except OSError as problem:
            raise click.UsageError(f"{path}: {problem.strerror}") from None
    if len(data) > MOST_BYTES:
        raise click.UsageError(f"{path} holds more than {MOST_BYTES // 2**20} MB; use threadline import.")
    return data


def _text_of(path: str) -> str:
    try:
        return _bytes_of(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(("", f"{path} is not text in UTF-8.")) from None


def tried(dry_run: bool, run: Callable[[], T]) -> T:
    """Run a write in one transaction, and take it back when it was only a trial."""
    with transaction.atomic():
        done = run()
        if dry_run:
            transaction.set_rollback(True)
    return done


@contextmanager
def nearest_fields(actor: Actor, declared: RecordType) -> Iterator[None]:
    """Name the nearest field where one was mistyped."""
    try:
        yield
    except Invalid as refused:
        known = all_fields(actor, declared)
        raise Invalid(
            *(
                (p.field, p.message if p.field in known else p.message + did_you_mean(p.field, known))
                for p in refused.problems
            )
        ) from None


def tell_written(talk: Talk, verb: str, records: list[Record], batch: Any, dry_run: bool) -> None:
    """Name what was written: keys for programs, a sentence for people."""
    if talk.json:
        listed = [
            {"id": str(r.pk), "key": r.key, "kind": r.kind, "title": r.title, "state": r.state, "version": r.version}
            for r in records
        ]
        talk.data({"data": listed, "batch": str(batch), "dry_run": dry_run})
        return
    for record in records:
        talk.line(f"{record.key}\t{safe(record.title)}")
    done = f"{verb} {len(records)} record{'' if len(records) == 1 else 's'}."
    talk.say(
        f"Trial only. Would have {done[0].lower()}{done[1:]}"
        if dry_run
        else f"{done} To take it back: threadline undo {batch}"
    )


@click.command("new")
@click.argument("declared", metavar="TYPE", type=TypeName())
@click.argument("pairs", nargs=-1, metavar="[FIELD=VALUE]...")
@files_option
@click.option("--cite", "cites", multiple=True, metavar="KIND=KEY", help="What it rests on: evidence=N-12.")
@click.option(
    "--from", "source", metavar="PATH", help="JSON object, or list of objects, with values by field; - is stdin."
)
@why_option
@dry_option
@acts
def new(
    talk: Talk,
    actor: Actor,
    declared: RecordType,
    pairs: tuple[str, ...],
    files: tuple[str, ...],
    cites: tuple[str, ...],
    source: str | None,
    reason: str,
    dry_run: bool,
) -> None:
    """Make a record of a TYPE.

    \b
    threadline new feature title="Rejoin a raid" reach=4000 --cite evidence=N-12
    threadline new feedback --file body=- channel=support < mail.txt
    """
    common, batch = given_values(pairs, files), rows.new_id()
    cited = [{"kind": kind, "target": key} for kind, key in map(_pair, cites)]
    objects = _objects(source) if source else [{}]

    def run() -> list[Record]:
        made = []
        for at, one in enumerate(objects, 1):
            with refused_by_number(at, len(objects)), nearest_fields(actor, declared):
                made.append(_make(actor, declared, {**one, **common}, cited, reason, batch))
        return made

    tell_written(talk, "Made", tried(dry_run, run), batch, dry_run)


def _make(
    actor: Actor, declared: RecordType, values: dict[str, Any], cited: list[dict[str, Any]], reason: str, batch: Any
) -> Record:
    given = dict(values)
    more = given.pop("cites", None) or []
    if not isinstance(more, list) or not all(isinstance(c, dict) for c in more):
        raise Invalid(("cites", 'Expected a list such as [{"kind": "evidence", "target": "N-12"}].'))
    return verbs.create(actor, declared.kind, given, cites=[*cited, *more], why=reason, batch=batch)


@contextmanager
def refused_by_number(at: int, of: int) -> Iterator[None]:
    """Say which of several objects was refused."""
    try:
        yield
    except Invalid as refused:
        if of == 1:
            raise
        raise Invalid(*((f"{at}. {p.field}".rstrip(" ."), p.message) for p in refused.problems)) from None


def _objects(source: str) -> list[dict[str, Any]]:
    try:
        found = strictjson.loads_any(_bytes_of(source), max_bytes=MOST_BYTES)
    except strictjson.BadJSON as bad:
        raise Invalid(("", str(bad))) from None
    objects = [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict)]
    if len(objects) != (len(found) if isinstance(found, list) else 1):
        raise Invalid(("", "Expected a JSON object, or a list of objects."))
    return objects


@click.command("set")
@click.argument("ref", metavar="KEY")
@click.argument("pairs", nargs=-1, metavar="FIELD=VALUE...")
@files_option
@click.option("--expect", type=int, metavar="VERSION", help="Refuse if somebody wrote after this version.")
@why_option
@dry_option
@acts
def set_fields(
    talk: Talk,
    actor: Actor,
    ref: str,
    pairs: tuple[str, ...],
    files: tuple[str, ...],
    expect: int | None,
    reason: str,
    dry_run: bool,
) -> None:
    """Change fields of a record; FIELD= makes one blank."""
    values, batch = given_values(pairs, files), rows.new_id()
    if not values:
        raise click.UsageError("Nothing to change: give at least one field=value.")
    found, _ = record_of(actor, ref)

    def run() -> Record:
        with nearest_fields(actor, type_of(found.kind)):
            return verbs.update(actor, found.kind, found.pk, values, expect=expect, why=reason, batch=batch)

    tell_written(talk, "Changed", [tried(dry_run, run)], batch, dry_run)


@click.command("undo")
@click.argument("batch", required=False)
@click.option("--last", is_flag=True, help="The last thing you did here from a command line.")
@dry_option
@acts
def undo(talk: Talk, actor: Actor, batch: str | None, last: bool, dry_run: bool) -> None:
    """Take back what one command, import or bulk edit did; the BATCH is named where it was done."""
    if (batch is None) != last:
        raise click.UsageError("Give a batch, or --last.")
    if last:
        mine = Change.objects.filter(workspace_id=actor.workspace_id, actor_id=actor.member_id, face="cli")
        newest = mine.exclude(action="undo").order_by("-pk").values_list("batch", flat=True).first()
        if newest is None:
            raise Conflict("You have done nothing here from a command line.")
        batch = str(newest)
    if dry_run:
        done = tried(dry_run, lambda: undo_batch(actor, batch))
    else:  # an import goes back in many transactions
        with progress(talk, "Undo") as tell:
            done = undo_batch(actor, batch, tell)
    if talk.json:
        talk.data({"reversed": done.reversed, "kept": done.kept, "batch": str(done.batch), "dry_run": dry_run})
        return
    talk.say(
        f"{'Would take back' if dry_run else 'Took back'} {done.reversed} change{'' if done.reversed == 1 else 's'}."
    )
    for kept in done.kept:
        talk.warn(f"Left as it is, because it changed since: {kept}")
