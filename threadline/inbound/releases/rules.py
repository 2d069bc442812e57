"""What may be done with a release, and what must hold."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from threadline.inbound.decisions import putting
from threadline.inbound.releases import deciding, gating, notes, queries, versions
from threadline.inbound.releases.models import Estimate, Release
from threadline.kernel import rows, verbs
from threadline.kernel.access import reach
from threadline.kernel.actions import Ask, action
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid, Problem
from threadline.kernel.records import Record
from threadline.kernel.registry import type_of

Reason = Annotated[str, Ask("Why?", "Kept in the history, for whoever asks later.", long=True)]
MOST_MOVED = 500  # features that move with a release
OPEN = ("planned", "building", "ready")


def settle_release(release: Release) -> None:
    """It is due after it starts, and a version is written as one."""
    problems = []
    if release.starts_on and release.due_on and release.due_on < release.starts_on:
        problems.append(Problem("due_on", "This is before the work on it starts."))
    if said := versions.problem_of(release.version_name):
        problems.append(Problem("version_name", said))
    if problems:
        raise Invalid(*problems)


def settle_estimate(estimate: Estimate, before: dict[str, Any] | None) -> None:
    """Low, likely and high stand in order; the title says them, unless somebody gave it another."""
    points = (estimate.low, estimate.likely, estimate.high)
    if None in points:
        return  # what is missing is said by the door
    if not estimate.low <= estimate.likely <= estimate.high:
        raise Invalid(("likely", "Low, likely and high must stand in this order."))
    estimate.estimated_on = estimate.estimated_on or rows.now().date()
    was = [(before or {}).get(name, now) for name, now in zip(("low", "likely", "high"), points, strict=True)]
    if not estimate.title or (before is not None and estimate.title == _in_words(*was)):
        estimate.title = _in_words(*points)


def _in_words(low: float, likely: float, high: float) -> str:
    return f"{low:g} to {high:g} person-days, likely {likely:g}"


def _move(door: Door, release: Release, state: str, reason: str = "", **also: object) -> Release:
    door.why = reason[:2_000] or door.why
    return door.change(release, {"state": state, **also})


# ---- forward ----------------------------------------------------------------------------


@action(Release, verb="decide", label="Start building", to="building", states=("planned",))
def start_release(door: Door, *, release: Release) -> Release:
    """Say that work on this release has begun. Whether it goes out is a question from now on."""
    deciding.put(door, release)
    return _move(door, release, "building")


@action(Release, verb="decide", label="Call it ready", to="ready", states=("building",))
def ready_release(door: Door, *, release: Release) -> Release:
    """Say that everything in it is built; what is left is the decision to ship."""
    if problems := gating.need_open(door.actor, release, "ready"):
        raise Invalid(*problems)
    deciding.put(door, release, due=True)
    return _move(door, release, "ready")


@action(Release, verb="comment", label="Say go or no-go", states=("building", "ready"))
def voice_release(
    door: Door,
    *,
    release: Release,
    view: Annotated[Literal["go", "no_go"], Ask("Your view")],
    reason: Annotated[str, Ask("Why?", "Kept beside your view, also when the decision goes the other way.", long=True)],
) -> Release:
    """Say whether it should ship. Your latest view counts; a no-go is a dissent on the decision, by name."""
    if view == "no_go":
        dissent = putting.disagree(door, deciding.to_speak_on(door, release), reason)
        verbs.comment(door, release, f"**No-go**, as {dissent.key} says.")
        door.log(release, {queries.VOICE: [None, {"view": view, "dissent": str(dissent.pk)}]})
    else:
        putting.agree(door, deciding.to_speak_on(door, release))
        verbs.comment(door, release, f"**Go.** {reason}")
        door.log(release, {queries.VOICE: [None, {"view": view, "reason": reason}]})
    return release


@action(Release, verb="decide", label="Ship", to="shipped", states=("ready",))
def ship_release(
    door: Door,
    *,
    release: Release,
    despite: Annotated[
        str, Ask("Why in spite of a no-go?", "Needed when somebody said no-go; kept beside what they said.", long=True)
    ] = "",
    waiver: Annotated[
        str, Ask("Why no prediction", "Where the decision predicts nothing; kept with your name.", long=True)
    ] = "",
) -> Release:
    """Decide to let it out. It needs its gates passed, one go and a way back; a no-go must be answered, and the
    decision predicts what should change or says in your name why not."""
    said = queries.voices(door.actor, release)
    against = [v for v in said if v.view == "no_go"]
    problems = gating.need_open(door.actor, release, "ready", "ship")
    if not any(v.view == "go" for v in said):
        problems.append(Problem("", "Nobody has said go yet. Press Say go or no-go first."))
    if not release.rollback_plan.strip():
        problems.append(Problem("", "There is no rollback plan. Write how it is taken back before it goes out."))
    if against and not despite.strip():
        names = ", ".join(v.who for v in against)
        problems.append(Problem("despite", f"{names} said no-go. Say why it ships all the same."))
    problems += deciding.problems(door.actor, release, waiver)
    if problems:
        raise Invalid(*problems)
    deciding.answer(door, release, deciding.YES, despite or "Nobody said no-go.", waiver)
    return _move(door, release, "shipped", despite, shipped_on=rows.now().date())


# ---- back, with a reason ------------------------------------------------------------------


@action(Release, verb="decide", label="Stop building", to="planned", states=("building",))
def pause_release(door: Door, *, release: Release, reason: Reason) -> Release:
    """Stop the work for now; it stays planned."""
    return _move(door, release, "planned", reason)


@action(Release, verb="decide", label="Not ready after all", to="building", states=("ready",))
def unready_release(door: Door, *, release: Release, reason: Reason) -> Release:
    """Back to building, because something in it does not hold: the decision is no-go, until it is put again."""
    deciding.answer(door, release, deciding.NO, reason, "It does not go out, so nothing is expected of it.")
    return _move(door, release, "building", reason)


@action(Release, verb="decide", label="Roll back", to="building", states=("shipped",))
def roll_back_release(door: Door, *, release: Release, reason: Reason) -> Release:
    """Say that it was taken back from customers, and why."""
    return _move(door, release, "building", reason, shipped_on=None)


@action(Release, verb="decide", label="Cancel", to="cancelled", states=OPEN)
def cancel_release(door: Door, *, release: Release, reason: Reason) -> Release:
    """Decide that it will not come out. Its scope stays readable and can be planned elsewhere."""
    return _move(door, release, "cancelled", reason)


@action(Release, verb="decide", label="Take up again", to="planned", states=("cancelled",))
def reopen_release(door: Door, *, release: Release, reason: Reason) -> Release:
    """Plan it again; the history keeps that it was cancelled."""
    return _move(door, release, "planned", reason)


# ---- when ---------------------------------------------------------------------------------


@action(Release, verb="update", label="Move the release", states=("planned", "building", "ready"))
def reschedule_release(
    door: Door,
    *,
    release: Release,
    due_on: Annotated[date, Ask("Due")],
    starts_on: Annotated[date | None, Ask("Starts", "Blank: moved by as many days as the due day.")] = None,
    reason: Annotated[str, Ask("Why?", "Kept with the change; whoever compares two days reads it.")] = "",
    dependants: Annotated[
        bool, Ask("Move what depends on it too", "Dated features outside the scope that depend on one inside.")
    ] = False,
) -> Release:
    """Move a release. Features in it that have dates of their own move by as many days, in the same step."""
    door.why = reason[:2_000] or door.why
    by = (due_on - release.due_on) if release.due_on else timedelta(0)
    starts = starts_on or (release.starts_on + by if release.starts_on else None)
    door.change(release, {"due_on": due_on, "starts_on": starts})
    if by:
        scope = queries.in_scope(door.actor, release.pk)
        chosen = [*scope, *queries.dependants(door.actor, scope)] if dependants else scope
        for one in _dated(door, chosen[:MOST_MOVED]):
            moved = {n: getattr(one, n) + by for n in ("starts_on", "due_on", "late_on") if getattr(one, n)}
            door.change(one, moved)
    return release


def _dated(door: Door, ids: list[UUID]) -> list[Record]:
    """Those of these features, in reach, that have dates of their own and are not done with."""
    feature: Any = type_of("feature").model
    here = reach(door.actor, feature).filter(pk__in=ids, archived_at=None, due_on__isnull=False)
    chosen = here.exclude(state__in=("shipped", "declined")).order_by("number").values_list("pk", flat=True)
    return [door.get(feature, pk) for pk in chosen]


# ---- what is told of it -------------------------------------------------------------------


@action(Release, verb="update", label="Write the notes")
def write_release_notes(
    door: Door,
    *,
    release: Release,
    text: Annotated[
        str, Ask("Release notes", "Markdown. Left blank, the draft from the scope is taken.", long=True)
    ] = "",
) -> Release:
    """Keep the release notes as written. They stay when the scope changes; what changed is shown beside them."""
    items = queries.noted(door.actor, release.pk)
    written = text.strip() or notes.draft(release, items).strip()
    return door.change(release, {"notes": written, "notes_cover": " ".join(one.key for one in items)})
