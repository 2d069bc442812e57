"""Go or no-go as a decision on the thread: put when work begins, due when the release is ready, answered by shipping.

The decision, its options and dissents are records of the decisions room, and the only place of their words. The
release cites the decision; its own log keeps who said go, and which dissent a no-go is.
"""

from __future__ import annotations

from threadline.inbound.decisions import queries as weighing
from threadline.inbound.decisions.following import add_part, link_option
from threadline.inbound.decisions.models import Decision, DecisionOption, Dissent
from threadline.inbound.releases.models import Release
from threadline.inbound.releases.queries import GO
from threadline.kernel import rows, text, verbs
from threadline.kernel.access import NAMED, Actor, reach
from threadline.kernel.cards import Reader
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid, Problem
from threadline.kernel.links import Link

YES, NO = "Go", "No-go"


def question_of(actor: Actor, release: Release) -> Decision | None:
    """The newest go/no-go decision of a release, within reach."""
    cited = Link.objects.filter(workspace_id=release.workspace_id, source_id=release.pk, kind=GO)
    ids = list(cited.values_list("target_id", flat=True))
    return reach(actor, Decision).filter(pk__in=ids, archived_at=None).order_by("-number").first() if ids else None


def put(door: Door, release: Release, *, due: bool = False) -> Decision:
    """The open question of a release, made if there is none; ``due`` proposes it."""
    found = question_of(door.actor, release)
    if found is None or found.state not in ("draft", "proposed"):
        earlier, found = found, _made(door, release)
        if earlier is not None:
            verbs.link(door, found, earlier, "replaces")
    if due and found.state == "draft":
        found = door.change(found, {"state": "proposed"})
    return found


def _made(door: Door, release: Release) -> Decision:
    named = " ".join(part for part in (release.title, release.version_name) if part)
    readers = []
    if release.confidentiality == NAMED:
        here = Reader.objects.filter(workspace_id=release.workspace_id, card_id=release.pk)
        readers = list(here.values_list("member_id", flat=True))
    values = {
        "title": f"Does {named} go out?", "owner": release.owner_id, "product": release.product_id,
        "confidentiality": release.confidentiality,
    }  # fmt: skip
    given = {name: value for name, value in values.items() if value is not None}
    decision: Decision = door.create(Decision, given, readers=readers)
    for option in (YES, NO):
        link_option(door, add_part(door, DecisionOption, decision, {"title": option}))
    verbs.link(door, release, decision, GO)
    return decision


def disagree(door: Door, release: Release, words: str) -> Dissent:
    """A no-go, by name; said again, it takes the place of what they said before."""
    decision = _to_speak_on(door, release)
    mine = _mine(door, decision)
    if mine is not None:
        return door.change(mine, {"body": words, "title": text.excerpt(text.plain(words), 120)})
    made: Dissent = add_part(door, Dissent, decision, {"body": words, "owner": "me"})
    return made


def agree(door: Door, release: Release) -> None:
    """A go: a no-go of the same person stands no longer."""
    mine = _mine(door, _to_speak_on(door, release))
    if mine is not None:
        door.change(mine, {"state": "taken_back"})


def _to_speak_on(door: Door, release: Release) -> Decision:
    found = question_of(door.actor, release)
    if found is not None and found.state in ("draft", "proposed"):
        return found
    if not door.actor.may("create", "inbound"):
        raise Invalid(("", "Nobody has put the question yet. Ask whoever answers for the release to say go or no-go."))
    return put(door, release)


def _mine(door: Door, decision: Decision) -> Dissent | None:
    here = reach(door.actor, Dissent).filter(decision_id=decision.pk, archived_at=None, state="stands")
    found = here.filter(owner_id=door.actor.member_id).order_by("-number").first()
    return None if found is None else door.get(Dissent, found.pk, verb="comment")


def problems(actor: Actor, release: Release, waiver: str) -> list[Problem]:
    """What the decisions room asks before it goes out, where it is not answered yet."""
    found = question_of(actor, release)
    if found is not None and found.chosen_id is not None:
        said = DecisionOption.objects.filter(pk=found.chosen_id).values_list("title", flat=True).first()
        return [] if said == YES else [Problem("", f"{found.key} says no-go. Reopen it first.")]
    if waiver.strip() or (found is not None and weighing.predicted(found)):
        return []
    where = f" on {found.key}" if found is not None else ""
    return [Problem("waiver", f"Nothing is predicted{where}: say what should change, or why nothing can be predicted.")]


def answer(door: Door, release: Release, option: str, rationale: str, waiver: str) -> Decision:
    """Choose; an answer that was given in the decisions room stays as it is."""
    found = put(door, release, due=True) if not _answered(door, release) else question_of(door.actor, release)
    assert found is not None
    if found.chosen_id is not None:
        return found
    chosen = (
        DecisionOption.objects.filter(decision_id=found.pk, title=option, archived_at=None).order_by("number").first()
    )
    if chosen is None:
        raise Invalid(("", f"{found.key} has no option {option}. Add it there first."))
    waived = {} if weighing.predicted(found) else {"waived_by": door.actor.member_id, "waiver_reason": waiver}
    decided = {"state": "decided", "chosen": chosen.pk, "rationale": rationale, "decided_on": rows.now().date()}
    made = door.change(found, {**decided, **waived})
    for prediction in weighing.predictions(door.actor, made):
        verbs.link(door, prediction, made, "about")
    return made


def _answered(door: Door, release: Release) -> bool:
    found = question_of(door.actor, release)
    return found is not None and found.chosen_id is not None
