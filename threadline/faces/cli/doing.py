"""Doing things with records: the verbs that their types declare, and those that every record has."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import click

from threadline.faces.cli.reading import record_of
from threadline.faces.cli.talk import Talk
from threadline.faces.cli.who import acts, did_you_mean
from threadline.faces.cli.writing import dry_option, files_option, given_values, tell_written, tried, why_option
from threadline.kernel import rows, verbs
from threadline.kernel.access import Actor
from threadline.kernel.actions import Action, actions_on
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.records import Record
from threadline.kernel.registry import type_of

Done = Callable[[], Any]


@click.command("act")
@click.argument("name", metavar="ACTION")
@click.argument("words", nargs=-1, metavar="KEY... [ARGUMENT=VALUE]...")
@files_option
@click.option("--expect", type=int, metavar="VERSION", help="Refuse if somebody wrote after this version.")
@why_option
@dry_option
@acts
def act(
    talk: Talk,
    actor: Actor,
    name: str,
    words: tuple[str, ...],
    files: tuple[str, ...],
    expect: int | None,
    reason: str,
    dry_run: bool,
) -> None:
    """Do something with records; threadline types TYPE lists what a type can do.

    Every record can also: archive, restore, comment body=, tag names=, link target= kind= quote= weight=.

    \b
    threadline act plan_feature F-12 F-14 --why "Agreed on Thursday"
    threadline act decline F-9 reason="Two customers in three years."
    """
    keys = [w for w in words if "=" not in w]
    arguments, batch = given_values([w for w in words if "=" in w], files), rows.new_id()
    if not keys:
        raise click.UsageError("Say which records: their keys or ids.")
    targets = [record_of(actor, key)[1] for key in keys]
    steps = [_step(actor, name, record, arguments, expect, reason, batch) for record in targets]

    def run() -> list[Record]:
        for step in steps:
            step()
        return [record_of(actor, str(record.pk))[1] for record in targets]

    tell_written(talk, "Changed", tried(dry_run, run), batch, dry_run)


def _step(
    actor: Actor, name: str, record: Record, arguments: dict[str, Any], expect: int | None, reason: str, batch: UUID
) -> Done:
    wanted = name.replace("-", "_").lower()
    if wanted in EVERY_RECORD:
        verb, known = EVERY_RECORD[wanted]
        strange = [n for n in arguments if n not in known]
        if strange:
            hint = f" There are: {', '.join(known)}." if known else ""
            raise Invalid(*((n, f"There is no such argument.{hint}") for n in strange))
        return partial(verb, actor, record, arguments, expect, reason, batch)
    action = action_named(name, record)
    given: dict[str, Any] = {**arguments, action.subject: record.pk}
    return partial(action, actor, expect=expect, why=reason, batch=batch, **given)


def _archive(actor: Actor, record: Record, given: Any, expect: int | None, why: str, batch: UUID) -> None:
    verbs.archive(actor, record.kind, record.pk, expect=expect, why=why, batch=batch)


def _restore(actor: Actor, record: Record, given: Any, expect: int | None, why: str, batch: UUID) -> None:
    verbs.restore(actor, record.kind, record.pk, why=why, batch=batch)


def _comment(actor: Actor, record: Record, given: Any, expect: int | None, why: str, batch: UUID) -> None:
    verbs.comment(actor, record.pk, given.get("body") or "", batch=batch)


def _tag(actor: Actor, record: Record, given: Any, expect: int | None, why: str, batch: UUID) -> None:
    names = [n for n in (given.get("names") or "").split(",") if n.strip()]
    verbs.tag(actor, record.pk, names, batch=batch)


def _link(actor: Actor, record: Record, given: Any, expect: int | None, why: str, batch: UUID) -> None:
    beside = {"quote": given.get("quote"), "weight": given.get("weight")}
    verbs.link(actor, record.pk, given.get("target"), given.get("kind") or "", **beside, why=why, batch=batch)


# Verbs of every record: what runs them, and the arguments they take.
EVERY_RECORD: dict[str, tuple[Callable[..., None], tuple[str, ...]]] = {
    "archive": (_archive, ()),
    "restore": (_restore, ()),
    "comment": (_comment, ("body",)),
    "tag": (_tag, ("names",)),
    "link": (_link, ("target", "kind", "quote", "weight")),
}


def action_named(name: str, record: Record) -> Action[Any]:
    """An action of the record's type: by its name, or by its beginning when that is enough."""
    wanted, there = name.replace("-", "_").lower(), {a.name: a for a in actions_on(record.kind)}
    if wanted in there:
        return there[wanted]
    begins = [a for n, a in there.items() if n.partition("_")[0] == wanted or a.label.lower() == name.lower()]
    if len(begins) == 1:
        return begins[0]
    known = [*there, *EVERY_RECORD]
    hint = did_you_mean(wanted, [*known, *(n.partition("_")[0] for n in known)]) or f" There are: {', '.join(known)}."
    raise NotFound(f"A {type_of(record).label.lower()} has no action called {name[:60]}.{hint}")
