"""Loads the sample company through the door, and takes it away whole."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from django.db import transaction
from django.db.models import Q

from threadline.demo.ageing import Ages, rewrite_instants_of_sample
from threadline.demo.cast import NOWHERE, Cast
from threadline.demo.company import Calendar, Company
from threadline.demo.sealing import seal_anew
from threadline.demo.story import Story
from threadline.keeping.removal import remove_workspace
from threadline.kernel import rows, text
from threadline.kernel.access import reach
from threadline.kernel.cards import Card
from threadline.kernel.door import Door
from threadline.kernel.links import MENTION, Link
from threadline.kernel.members import Member, User
from threadline.kernel.registry import type_of
from threadline.kernel.workspaces import Workspace

Tell = Callable[[int, int | None, str], None]


MOST_SAMPLES = 20  # on one server


class AlreadyHere(Exception):
    """A sample is loaded already."""


class TooMany(Exception):
    """Enough people have a sample of their own here."""


def samples() -> list[Workspace]:
    """The sample workspaces there are."""
    return list(Workspace.objects.filter(is_sample=True))


def sample_of(user: User) -> Workspace | None:
    """The sample that this person loaded from the pages."""
    mine = Member.objects.filter(user=user, left_at=None, role="owner", workspace__is_sample=True)
    found = mine.exclude(user__email__in=_named()).select_related("workspace").first()
    return found.workspace if found else None


def _named() -> set[str]:
    return {person["email"] for person in Company().people}


def load(tell: Tell | None = None, *, owner: User | None = None) -> Workspace:
    """Load the sample company, in one transaction: all of it or nothing. Raises AlreadyHere.

    With ``owner`` it is theirs alone: they stand in for its head, everybody else in it is a
    placeholder who cannot sign in. Without, all of its people can, by a password that is printed.
    """
    if sample_of(owner) if owner else samples():
        raise AlreadyHere
    if len(samples()) >= MOST_SAMPLES:
        raise TooMany
    company, calendar = Company(), Calendar(rows.now())
    with transaction.atomic():
        cast = Cast(company, _free_slug(company.workspace["slug"]), owner)
        story, ages = Story(company, cast, calendar), Ages()
        steps = list(story.ordered())
        for at, step in enumerate(steps):
            if tell and at % 25 == 0:
                tell(at, len(steps), "")
            batch = rows.new_id()
            ages.batches[batch] = step.at
            dated = step.run(batch)
            if dated is not None:
                (ages.links if dated[0] == "link" else ages.comments)[dated[1]] = step.at
        _cite_what_came_later(cast)
        rewrite_instants_of_sample(cast.workspace, ages)
        seal_anew(cast.workspace)
        cast.close()
    return cast.workspace


def _free_slug(wanted: str) -> str:
    taken = set(Workspace.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    return next(s for s in (wanted, *(f"{wanted}-{n}" for n in range(2, 1_000))) if s not in taken)


def _cite_what_came_later(cast: Cast) -> None:
    """Texts that cite a record made after them: the link could not be made when they were written."""
    actor = cast.one_of(("owner",))
    door = Door(actor, "update")
    for card in reach(actor, Card).order_by("pk"):
        declared = type_of(card.kind)
        bodies = [f.name for f in declared.by_name.values() if f.kind.name == "markdown"]
        record = reach(actor, declared.model).get(pk=card.pk) if bodies else None
        keys = text.citations("\n\n".join(str(getattr(record, n) or "") for n in bodies)) if record else []
        if record is not None and keys:
            mine = Link.objects.filter(workspace_id=card.workspace_id, source_id=card.pk, kind=MENTION)
            if mine.count() < len(keys):
                door.cite_from_text(record, keys)


def sign_ins(workspace: Workspace) -> list[Member]:
    """The people of the sample, highest role first."""
    order = {role: at for at, role in enumerate(("owner", "admin", "product_manager", "product_marketer"))}
    found = Member.objects.filter(workspace=workspace, left_at=None).select_related("user").order_by("joined_at", "pk")
    return sorted(found, key=lambda m: order.get(m.role, 9))


def remove(only: Workspace | None = None) -> int:
    """Delete the sample workspaces whole, or one of them, and the sample's people unless they are at home elsewhere."""
    names = _named()
    found = samples() if only is None else [one for one in samples() if one.pk == only.pk]
    with transaction.atomic():
        for workspace in found:
            people = list(Member.objects.filter(workspace=workspace).values_list("user_id", flat=True))
            files = remove_workspace(workspace)
            # Their password is printed in the manual: nobody may keep an account with it.
            invented = Q(email__in=names) | Q(is_active=False, email__endswith=f".{NOWHERE}")
            User.objects.filter(invented, pk__in=people, memberships=None).delete()
            transaction.on_commit(partial(_delete_files, files))
    return len(found)


def _delete_files(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
