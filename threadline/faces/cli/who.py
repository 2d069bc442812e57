"""Options every command shares, and who is acting where."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Iterable
from typing import Any

import click
from django.db import OperationalError, ProgrammingError
from django.db.models import QuerySet

from threadline.faces.cli.talk import Talk
from threadline.kernel.access import Actor, actor_of
from threadline.kernel.errors import NotFound
from threadline.kernel.members import Member
from threadline.kernel.query import nearest
from threadline.kernel.workspaces import Workspace

_TALK = (
    click.option("--json", "json_", is_flag=True, help="Print JSON."),
    click.option("-q", "--quiet", is_flag=True, help="Print data and errors only."),
)
_ACTING = (
    click.option("--as", "as_", metavar="EMAIL", envvar="THREADLINE_AS", help="Who you are."),
    click.option("-w", "--workspace", metavar="SLUG", envvar="THREADLINE_WORKSPACE", help="Which workspace."),
)


def talks(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--json`` and ``--quiet``, and its function a :class:`Talk` first."""

    @functools.wraps(function)
    def call(*, json_: bool, quiet: bool, **given: Any) -> Any:
        try:
            return function(Talk(json_, quiet), **given)
        except (OperationalError, ProgrammingError) as problem:
            raise click.ClickException(_database_problem(problem)) from problem

    for option in reversed(_TALK):
        call = option(call)
    return call


def _database_problem(problem: Exception) -> str:
    text = str(problem).strip().splitlines()[0] if str(problem).strip() else type(problem).__name__
    missing = "no such table" in text or "no such column" in text or "does not exist" in text
    return f"The database says: {text}." + (" Run threadline migrate first." if missing else "")


def acts(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--as`` and ``--workspace`` as well, and its function an actor second."""

    @functools.wraps(function)
    def call(talk: Talk, *, as_: str | None, workspace: str | None, **given: Any) -> Any:
        return function(talk, acting(as_, workspace), **given)

    made = talks(call)
    for option in reversed(_ACTING):
        made = option(made)
    return made


def acting(email: str | None, slug: str | None) -> Actor:
    """The actor for an e-mail address and a workspace; either may be left out when there is one choice."""
    here = Member.objects.filter(left_at=None, user__is_active=True).select_related("workspace", "user")
    if slug is not None:
        here = here.filter(workspace=workspace_named(slug))
    if email is not None:
        here = _of_person(here, email)
    found = list(here.order_by("workspace__created_at", "joined_at")[:200])
    if not found:
        raise NotFound("Nobody is here yet. Add somebody: threadline user add EMAIL --role owner --new-workspace NAME")
    places = {m.workspace_id for m in found}
    if len(places) > 1:
        slugs = ", ".join(sorted({m.workspace.slug for m in found}))
        raise click.UsageError(f"Say which workspace: --workspace SLUG or THREADLINE_WORKSPACE. There are: {slugs}.")
    if len(found) > 1:
        first = f"For example --as {found[0].user.email}, who is {found[0].role} here."
        raise click.UsageError(f"Say who you are: --as EMAIL or THREADLINE_AS. {first}")
    return actor_of(found[0], face="cli")


def workspace_named(slug: str | None) -> Workspace:
    """The workspace of a slug, or the only one."""
    if slug is None:
        found = list(Workspace.objects.all()[:2])
        if len(found) == 1:
            return found[0]
        if not found:
            raise NotFound("There is no workspace yet.")
        raise click.UsageError("Say which workspace: --workspace SLUG or THREADLINE_WORKSPACE.")
    one = Workspace.objects.filter(slug=slug).first()
    if one is None:
        slugs = list(Workspace.objects.values_list("slug", flat=True)[:1_000])
        raise NotFound(f"There is no workspace called {slug}. {nearest(slug, slugs)}")
    return one


def _of_person(here: QuerySet[Member], email: str) -> QuerySet[Member]:
    found = here.filter(user__email__iexact=email)
    if not found.exists():
        raise NotFound(f"Nobody active here has the address {email}.{did_you_mean(email, _addresses(here))}")
    return found


def _addresses(here: QuerySet[Member]) -> Iterable[str]:
    return here.values_list("user__email", flat=True)[:1_000]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`` Did you mean …?`` or nothing."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" Did you mean {close[0]}?" if close else ""
