"""The ``threadline`` command: finds a command's module when it is called, not before.

``threadline --help`` therefore costs no Django. Whoever composes the program adds the
commands that stand above the faces (``serve``, ``demo``) by name.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click
import django
import orjson

from threadline import __version__
from threadline.environment import SettingError
from threadline.kernel import errors

# What a script can tell apart. 1 is also any failure that is nobody's input.
FAILED, USAGE, NOT_FOUND, FORBIDDEN, CONFLICT, INVALID, INTERRUPTED = 1, 2, 3, 4, 5, 6, 130


@dataclass(frozen=True)
class Entry:
    """Where a command lives (``module:attribute``), under which heading, and what it is for."""

    where: str
    section: str
    help: str

    @property
    def present(self) -> bool:
        """Whether the module is there; parts of the product may be left out of a build."""
        return importlib.util.find_spec(self.where.partition(":")[0]) is not None

    def load(self) -> click.Command:
        """Import the command, with Django ready for it."""
        module, _, name = self.where.partition(":")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "threadline.settings")
        django.setup()
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


_HERE = "threadline.faces.cli"
RECORDS, FILES, HOUSE = "Records", "Files", "The house"
ENTRIES = {
    "list": Entry(f"{_HERE}.reading:list_records", RECORDS, "List records of a type, filtered and sorted."),
    "get": Entry(f"{_HERE}.reading:get", RECORDS, "Show one record, also as it stood at a date."),
    "new": Entry(f"{_HERE}.writing:new", RECORDS, "Make a record."),
    "set": Entry(f"{_HERE}.writing:set_fields", RECORDS, "Change fields of a record."),
    "act": Entry(f"{_HERE}.doing:act", RECORDS, "Do something with records: plan, decline, merge."),
    "why": Entry(f"{_HERE}.reading:why", RECORDS, "Why a record exists, down to the customers' words."),
    "trace": Entry(f"{_HERE}.reading:trace", RECORDS, "A record's whole thread: why, and what came of it."),
    "search": Entry(f"{_HERE}.reading:search", RECORDS, "Find records by words in their texts."),
    "undo": Entry(f"{_HERE}.writing:undo", RECORDS, "Take back what one command, import or bulk edit did."),
    "types": Entry(f"{_HERE}.kinds:types", RECORDS, "The record types, and the fields and actions of one."),
    "import": Entry(f"{_HERE}.import_export:import_file", FILES, "Bring in CSV, XLSX or JSON."),
    "export": Entry(f"{_HERE}.import_export:export_file", FILES, "Write records as CSV, XLSX or JSON."),
    "backup": Entry(f"{_HERE}.housekeeping:backup", FILES, "Write everything into one archive."),
    "restore": Entry(f"{_HERE}.housekeeping:restore", FILES, "Fill an empty database from an archive."),
    "migrate": Entry(f"{_HERE}.housekeeping:migrate", HOUSE, "Make or update the database tables."),
    "check": Entry(f"{_HERE}.housekeeping:check", HOUSE, "Prove that the data is whole; mend what is derived."),
    "work": Entry(f"{_HERE}.working:work", HOUSE, "Run jobs; see to those that failed."),
    "user": Entry(f"{_HERE}.people:user", HOUSE, "Add, list and deactivate people; roles and passwords."),
    "token": Entry(f"{_HERE}.tokens:token", HOUSE, "Make, list and revoke keys to the API."),
}


class Program(click.Group):
    """The command of commands, by a table of entries."""

    def __init__(self, entries: dict[str, Entry], **extra: Any) -> None:
        super().__init__(**extra)
        self.entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of what is present, in the order of the table."""
        return [*self.commands, *(name for name, entry in self.entries.items() if entry.present)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        entry = self.entries.get(cmd_name)
        return entry.load() if entry is not None and entry.present else super().get_command(ctx, cmd_name)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Refuse an unknown name with the nearest known one."""
        if args and args[0] not in self.list_commands(ctx):
            close = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1, cutoff=0.5)
            hint = f" Did you mean {close[0]}?" if close else ""
            raise click.UsageError(f"There is no command called {args[0]}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List commands under their headings without importing any."""
        shown = {name: self.entries[name] for name in self.list_commands(ctx) if name in self.entries}
        for section in dict.fromkeys(entry.section for entry in shown.values()):
            with formatter.section(section):
                formatter.write_dl([(n, e.help) for n, e in shown.items() if e.section == section])
        if self.commands:
            with formatter.section("Server"):
                formatter.write_dl([(n, c.get_short_help_str(80)) for n, c in self.commands.items()])


HELP = """Threadline: product management where every record can say why it exists.

A record is named by its key (F-112) or id. Try: threadline list features state:planned sort:-score

THREADLINE_AS and THREADLINE_WORKSPACE say who you are and where, when there is more than one choice.
"""


def program(entries: dict[str, Entry], *commands: click.Command) -> Program:
    """The whole program; ``commands`` are ready-made ones that need no Django."""
    made = Program(
        entries,
        name="threadline",
        help=HELP,
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for command in commands:
        made.add_command(command)
    return click.version_option(__version__, "-V", "--version", message="threadline %(version)s")(made)


def run(made: Program, arguments: Sequence[str] | None = None) -> int:
    """Run it; the exit code. Errors are told on stderr, as JSON where ``--json`` was asked."""
    given = said_last(list(sys.argv[1:] if arguments is None else arguments))
    try:
        # click gives back the code of an Exit here, and None (what commands return) otherwise.
        return made.main(given, prog_name="threadline", standalone_mode=False) or 0
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has had enough
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - else Python complains while it ends
        return 0
    except click.ClickException as wrong:
        return _told(given, wrong.exit_code, wrong.format_message(), context=getattr(wrong, "ctx", None))
    except errors.KernelError as wrong:
        return _told(given, code_of(wrong), str(wrong), problems=getattr(wrong, "problems", ()))
    except SettingError as wrong:
        return _told(given, USAGE, str(wrong))


def said_last(given: list[str]) -> list[str]:
    """Options that every command has may also stand before it: they are moved behind."""
    first: list[str] = []
    rest = given
    while rest and rest[0] in ("--json", "-q", "--quiet"):
        first, rest = [*first, rest[0]], rest[1:]
    while len(rest) > 1 and rest[0] in ("--as", "-w", "--workspace"):
        first, rest = [*first, *rest[:2]], rest[2:]
    end = rest.index("--") if "--" in rest else len(rest)
    return [*rest[:end], *first, *rest[end:]]


def code_of(error: errors.KernelError) -> int:
    """The exit code of a refusal."""
    codes = {
        errors.NotFound: NOT_FOUND,
        errors.Forbidden: FORBIDDEN,
        errors.Conflict: CONFLICT,
        errors.Invalid: INVALID,
    }
    return next((code for kind, code in codes.items() if isinstance(error, kind)), FAILED)


def _told(
    given: list[str],
    code: int,
    message: str,
    *,
    problems: Sequence[errors.Problem] = (),
    context: click.Context | None = None,
) -> int:
    if "--json" in given:
        listed = [{"field": p.field, "message": p.message} for p in problems]
        body = {"error": {"code": code, "message": message, "problems": listed}}
        click.echo(orjson.dumps(body).decode(), err=True)
        return code
    for problem in problems or [errors.Problem("", message)]:
        click.echo(f"{problem.field}: {problem.message}" if problem.field else problem.message, err=True)
    if code == USAGE and context is not None:
        click.echo(f"See {context.command_path} --help.", err=True)
    return code
