"""Who reviews a baseline, what they said of it, and whether that can still be trusted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from threadline.inbound.requirements.baselines import canonical, digest_of, intact
from threadline.inbound.requirements.models import Baseline, Signature
from threadline.kernel import fields, rows
from threadline.kernel.access import Actor
from threadline.kernel.actions import Ask, action
from threadline.kernel.changes import Change
from threadline.kernel.comments import Notification
from threadline.kernel.door import Door
from threadline.kernel.errors import Conflict, Forbidden, Invalid
from threadline.kernel.telling import tell

ASKED, APPROVED, REFUSED = (v.value for v in Signature.Verdict)


def signatures(baseline: Baseline) -> list[Signature]:
    """Those who were asked, and what they said, the first word first."""
    mine = Signature.objects.filter(workspace_id=baseline.workspace_id, baseline_id=baseline.pk)
    return sorted(mine, key=lambda s: (s.verdict == ASKED, s.at, str(s.pk)))


def sealed(one: Signature, before: str) -> str:
    """The seal of a signature: it binds who said what, when, of which content, after whom."""
    said = {
        "baseline": str(one.baseline_id), "content": one.content_digest, "name": one.name, "verdict": one.verdict,
        "words": one.words, "at": one.at.isoformat(), "before": before,
    }  # fmt: skip
    return digest_of(canonical(said))


@dataclass(frozen=True, slots=True)
class Trust:
    """Whether content and signatures are as they were given; ``problems`` says what is not."""

    problems: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Nothing was changed outside of Threadline."""
        return not self.problems


def trust(baseline: Baseline) -> Trust:
    """Look whether content, digest, signatures and log agree; whoever changes one must change all."""
    found = []
    if not intact(baseline):
        found.append("The content no longer makes the digest it was sealed with: it was changed after it was taken.")
    if _digest_in_log(baseline) not in (None, baseline.digest):
        found.append("The digest is not the one that the history holds: it was replaced.")
    before = ""
    for one in signatures(baseline):
        if one.verdict == ASKED:
            continue
        if one.content_digest != baseline.digest:
            found.append(f"{one.name} signed another content than this one.")
        if sealed(one, before) != one.seal:
            found.append(f"The signature of {one.name} was changed, or one before it was changed or taken away.")
        before = one.seal
    if baseline.state == "signed" and not before:
        found.append("It is marked as signed, and no signature is there.")
    return Trust(tuple(found))


def _digest_in_log(baseline: Baseline) -> str | None:
    changes = Change.objects.filter(workspace_id=baseline.workspace_id, card_id=baseline.pk, kind="baseline")
    found = None
    for diff in changes.order_by("pk").values_list("diff", flat=True):
        found = diff["digest"][1] if "digest" in diff else found
    return found


@dataclass(frozen=True, slots=True)
class Signed:
    """One person's word on a baseline, as it is told outside."""

    name: str
    verdict: str
    words: str
    at: datetime | None
    seal: str


def signatures_answer(actor: Actor, baseline: Baseline) -> dict[str, Any]:
    """Who was asked and what they said, and whether all of it can be trusted."""
    told = [Signed(s.name, s.verdict, s.words, s.at if s.seal else None, s.seal) for s in signatures(baseline)]
    found = trust(baseline)
    return {"sound": found.sound, "problems": list(found.problems), "signatures": told}


def keep_what_is_signed(baseline: Baseline, names: Collection[str]) -> None:
    """What people signed is not put away."""
    if "archived_at" in names and baseline.archived_at is not None and _given(baseline):
        raise Invalid(("", "People signed this baseline: it stays. Take a new one to replace it."))


def _given(baseline: Baseline) -> bool:
    mine = Signature.objects.filter(workspace_id=baseline.workspace_id, baseline_id=baseline.pk)
    return mine.exclude(verdict=ASKED).exists()


@action(Baseline, verb="update", label="Ask to sign", states=("open",))
def ask_to_sign(
    door: Door,
    *,
    baseline: Baseline,
    people: Annotated[list[str], Ask("Who", "Names or handles, with commas between them.")],
) -> Baseline:
    """Name the people who review it. It is signed when all of them approve."""
    kind, chosen = fields.Person(), []
    for place, person in enumerate(people, 1):
        try:
            chosen.append(kind.clean(person, door.actor))
        except fields.Refused as refused:
            raise Invalid(("people", f"Number {place} of those named: {refused}")) from None
    there = {s.member_id for s in signatures(baseline)}
    new = [m for m in dict.fromkeys(chosen) if m is not None and m not in there]
    names = _names(door, new)
    made = [_blank(baseline, m, names[m]) for m in new if m in names]
    rows.insert(*made)
    door.log(baseline, {"+asked": [None, [m.name for m in made]]})
    tell(door.actor, [str(m) for m in new], baseline.pk, Notification.Reason.ASSIGNED, door.batch)
    return baseline


def _names(door: Door, ids: list[Any]) -> dict[Any, str]:
    sql = f"SELECT id, name FROM kernel_member WHERE workspace_id = %s AND id IN ({rows.marks(len(ids))})"
    found = rows.fetch(sql, [door.actor.workspace_id, *ids]) if ids else []
    return {rows.ident(i): name for i, name in found}


def _blank(baseline: Baseline, member: Any, name: str) -> Signature:
    return rows.blank(
        Signature, workspace_id=baseline.workspace_id, baseline_id=baseline.pk, member_id=member, name=name
    )


@action(Baseline, verb="comment", label="Sign", states=("open",))
def sign_baseline(
    door: Door,
    *,
    baseline: Baseline,
    verdict: Annotated[Literal["approved", "refused"], Ask("What do you say?", "A refusal says why.")],
    words: Annotated[str, Ask("In your words", "Kept with your signature.", long=True)] = "",
) -> Baseline:
    """Approve or refuse, in your name, exactly what this baseline holds. It cannot be taken back."""
    if door.actor.face == "job":
        raise Forbidden("A person signs.")
    if verdict == REFUSED and not words.strip():
        raise Invalid(("words", "Say what must change before you can sign."))
    if not trust(baseline).sound:
        raise Conflict("This baseline was changed after it was taken. Take a new one.", baseline.version)
    given = signatures(baseline)
    mine = next((s for s in given if s.member_id == door.actor.member_id), None)
    if mine is not None and mine.verdict != ASKED:
        raise Conflict("You signed it already.", baseline.version)
    one = mine or _blank(baseline, door.actor.member_id, door.actor.name)
    before = next((s.seal for s in reversed(given) if s.verdict != ASKED), "")
    one.name, one.verdict, one.words, one.at = door.actor.name, verdict, words, rows.now()
    one.content_digest = baseline.digest
    one.seal = sealed(one, before)
    if mine is None:
        rows.insert(one)
    else:
        rows.update(one, ["name", "verdict", "words", "at", "content_digest", "seal"])
    door.log(baseline, {"+signature": [None, {"name": one.name, "verdict": verdict, "words": words, "seal": one.seal}]})
    return _closed(door, baseline)


def _closed(door: Door, baseline: Baseline) -> Baseline:
    verdicts = {s.verdict for s in signatures(baseline)}
    if REFUSED in verdicts:
        return door.change(baseline, {"state": "refused"})
    return baseline if ASKED in verdicts else door.change(baseline, {"state": "signed"})
