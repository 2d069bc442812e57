"""Go or no-go as a decision on the thread: put when work begins, due when the release is ready, answered by shipping.

The decision, its options and dissents are records of the decisions room, and the only place of their words. The
release cites the decision; its own log keeps who said go, and which dissent a no-go is.
"""

from __future__ import annotations

from typing import Any

from threadline.inbound.decisions import putting
from threadline.inbound.decisions import queries as weighing
from threadline.inbound.releases.models import Release
from threadline.inbound.releases.queries import GO
from threadline.kernel import verbs
from threadline.kernel.access import NAMED, Actor
from threadline.kernel.cards import Reader
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid, Problem
from threadline.kernel.links import Link

YES, NO = "Go", "No-go"


def question_of(actor: Actor, release: Release) -> Any:
    """The newest go/no-go decision of a release, within reach; None while there is none."""
    cited = Link.objects.filter(workspace_id=release.workspace_id, source_id=release.pk, kind=GO)
    return putting.newest(actor, cited.values_list("target_id", flat=True))


def put(door: Door, release: Release, *, due: bool = False) -> Any:
    """The open question of a release, made if there is none; ``due`` proposes it."""
    found = question_of(door.actor, release)
    if found is None or not putting.is_open(found):
        earlier, found = found, _made(door, release)
        if earlier is not None:
            verbs.link(door, found, earlier, "replaces")
    return putting.propose(door, found) if due else found


def _made(door: Door, release: Release) -> Any:
    named = " ".join(part for part in (release.title, release.version_name) if part)
    readers = []
    if release.confidentiality == NAMED:
        here = Reader.objects.filter(workspace_id=release.workspace_id, card_id=release.pk)
        readers = list(here.values_list("member_id", flat=True))
    values = {
        "title": f"Does {named} go out?", "owner": release.owner_id, "product": release.product_id,
        "confidentiality": release.confidentiality,
    }  # fmt: skip
    decision = putting.put(door, values, (YES, NO), readers=readers)
    verbs.link(door, release, decision, GO)
    return decision


def to_speak_on(door: Door, release: Release) -> Any:
    """The open question; put now, where the actor may."""
    found = question_of(door.actor, release)
    if found is not None and putting.is_open(found):
        return found
    if not door.actor.may("create", "inbound"):
        raise Invalid(("", "Nobody has put the question yet. Ask whoever answers for the release to say go or no-go."))
    return put(door, release)


def problems(actor: Actor, release: Release, waiver: str) -> list[Problem]:
    """What the decisions room asks before it goes out, where it is not answered yet."""
    found = question_of(actor, release)
    if said := putting.answer_of(found):
        return [] if said == YES else [Problem("", f"{found.key} says {said.lower()}. Reopen it first.")]
    if waiver.strip() or (found is not None and weighing.predicted(found)):
        return []
    where = f" on {found.key}" if found is not None else ""
    return [Problem("waiver", f"Nothing is predicted{where}: say what should change, or why nothing can be predicted.")]


def answer(door: Door, release: Release, option: str, rationale: str, waiver: str) -> Any:
    """Choose; an answer that was given in the decisions room stays as it is."""
    found = question_of(door.actor, release)
    if putting.answer_of(found):
        return found
    return putting.choose(door, put(door, release, due=True), option, rationale, waiver)
