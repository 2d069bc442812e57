"""The life of a run: checked, carried out, cancelled, taken back, gone on with.

Small files are checked at once; large ones, and every bringing in, are jobs. The command line
calls the same functions in its own process.
"""

from __future__ import annotations

from typing import Any

from django.db import OperationalError

from threadline.exchange import uploads
from threadline.exchange.applying import CancelAsked, Load, begin
from threadline.exchange.checking import Check, Tell
from threadline.exchange.mapping import Mapping, checked, from_json
from threadline.exchange.runs import ImportRun
from threadline.exchange.table import Table
from threadline.exchange.taking_back import TakenBack, take_back
from threadline.formats.sheets import SheetError
from threadline.kernel import rows, work
from threadline.kernel.access import Actor, actor_of
from threadline.kernel.actions import through_door
from threadline.kernel.changes import Batch
from threadline.kernel.errors import Conflict, Forbidden, Invalid, KernelError, NotFound
from threadline.kernel.fields import as_id
from threadline.kernel.jobs import Job
from threadline.kernel.members import Member
from threadline.kernel.undo import Undone, undo

State = ImportRun.State
AT_ONCE = 3_000  # rows up to which a check is not worth a job


# ---- checking ---------------------------------------------------------------------------


def choose(actor: Actor, run: ImportRun, mapping: Mapping) -> None:
    """Set how the columns are matched; raises Invalid when it cannot be. The check before no longer counts."""
    checked(actor, run.declared, mapping, run.report.get("columns", []))
    kept = {n: run.report[n] for n in ("columns", "sure", "assumed") if n in run.report}
    waiting = ImportRun.objects.filter(pk=run.pk, state__in=(State.UPLOADED, State.PREVIEWED, State.CHECKING))
    chosen = {"mapping": mapping.as_json(), "report": kept, "state": State.UPLOADED}
    if not through_door(actor, "import", lambda door: waiting.update(**chosen)):
        raise Conflict("This import has begun; its columns can no longer be matched anew.")
    run.refresh_from_db()


def table_of(run: ImportRun) -> Table:
    """The file of a run, opened; raises Conflict when it was forgotten after a month."""
    try:
        return Table(run.path)
    except FileNotFoundError:
        raise Conflict("The file of this import is kept no longer; send it again.") from None


def check(actor: Actor, run: ImportRun, tell: Tell | None = None) -> dict[str, Any]:
    """The dry run, now. Raises Invalid for a file that turns out not to be readable to its end."""
    mapping = checked(actor, run.declared, from_json(run.mapping), run.report.get("columns", []))
    try:
        found = Check(actor, run.declared, run.source, mapping).run(table_of(run), tell)
    except SheetError as wrong:
        _set(run, state=State.UPLOADED, job=None, error=str(wrong))
        raise Invalid(("file", f"{wrong.message} {wrong.what_to_do}")) from None
    kept = {n: run.report[n] for n in ("columns", "sure", "assumed") if n in run.report}
    _set(run, state=State.PREVIEWED, report={**kept, **found}, error="", job=None)
    return found


def check_soon(actor: Actor, run: ImportRun) -> bool:
    """Check a small file at once, a large one in a job; whether it is checked already."""
    about = table_of(run).sheet.estimate_rows()
    if about is not None and about <= AT_ONCE:
        check(actor, run)
        return True
    _set(run, state=State.CHECKING, error="")
    _set(run, job=_enqueue(run, "exchange.check").pk)
    return False


# ---- carrying out -----------------------------------------------------------------------


def start(actor: Actor, run: ImportRun, *, skip_bad: bool) -> None:
    """Bring a checked file in, in a job."""
    begin(actor, run, skip_bad=skip_bad)
    _set(run, job=_enqueue(run, "exchange.bring_in").pk)


def bring_in(actor: Actor, run: ImportRun, *, skip_bad: bool, tell: Tell | None = None) -> None:
    """Bring a checked file in, here and now."""
    begin(actor, run, skip_bad=skip_bad)
    carry_out(actor, run, tell)


def carry_out(actor: Actor, run: ImportRun, tell: Tell | None = None) -> None:
    """Do, or go on with, a run that has begun. What fails or is cancelled is taken back whole."""
    acting = actor.through("import")
    try:
        Load(acting, run).carry_out(tell)
    except OperationalError:
        raise  # the database was away: going on later is right, taking back is not possible
    except (CancelAsked, work.Cancelled, KeyboardInterrupt):
        _end(acting, run, State.CANCELLED, "", tell)
    except SheetError as wrong:
        _end(acting, run, State.FAILED, str(wrong), tell)
    except FileNotFoundError:
        _end(acting, run, State.FAILED, "The file of this import is gone.", tell)
    except KernelError as wrong:
        _end(acting, run, State.FAILED, str(wrong), tell)
    else:
        _set(run, state=State.DONE, finished_at=rows.now())


def resume(actor: Actor, run: ImportRun) -> None:
    """Go on, in a job, with a run that was interrupted."""
    if run.state != State.RUNNING:
        raise Conflict("Only an import that was interrupted can be gone on with.")
    _set(run, job=_enqueue(run, "exchange.bring_in").pk)


def ask_to_cancel(actor: Actor, run: ImportRun) -> None:
    """Let a run stop at its next chunk and take back what it did; one that has not begun is discarded."""
    if run.open:
        uploads.discard(actor, run)
    elif run.state == State.RUNNING:
        _set(run, cancel_asked=True)
        if run.job is None or not Job.objects.filter(pk=run.job, state__in=work.OPEN).exists():
            resume(actor, run)  # nobody is at it: somebody has to take it back
    else:
        raise Conflict("This import is over; undo it instead.")


def undo_run(actor: Actor, run: ImportRun, tell: Tell | None = None) -> TakenBack:
    """Take a finished import back as a whole."""
    if run.state not in (State.DONE, State.FAILED):
        raise Conflict("Only an import that was brought in can be undone.")
    actor.need("bulk", run.declared.group)
    if run.member_id != actor.member_id and not actor.may("undo_others"):
        raise Forbidden("Only the person who did it, or an admin, can undo this.")
    back = take_back(actor, run.batch, tell)
    counts = {**run.counts, "undone": back.shelved + back.reversed, "kept": len(back.kept)}
    _set(run, state=State.UNDONE, counts=counts, finished_at=rows.now())
    return back


def undo_batch(actor: Actor, batch: Any, tell: Tell | None = None) -> Undone:
    """Take back whatever a batch did: an import as a whole, in transactions of its own; all else change by change.

    Raises as :func:`threadline.kernel.undo.undo` does, also when nothing is left to take back.
    """
    ident = as_id(batch)
    if ident is None:
        raise NotFound
    over = (State.DONE, State.FAILED, State.UNDONE)
    run = ImportRun.objects.filter(workspace_id=actor.workspace_id, batch=ident, state__in=over).first()
    if run is None:
        return undo(actor, ident)
    if run.state == State.UNDONE:  # what was brought back since goes again
        run.state = State.DONE
    back = undo_run(actor, run, tell)
    if not back.shelved + back.reversed:
        raise Conflict("Nothing is left to undo: it was undone before, or changed again since.")
    return Undone(back.batch, back.shelved + back.reversed, back.kept)


def _end(actor: Actor, run: ImportRun, state: str, error: str, tell: Tell | None) -> None:
    if Batch.objects.filter(pk=run.batch).exists():
        take_back(actor, run.batch)
    _set(run, state=state, error=error[:2_000], finished_at=rows.now(), counts={})


def _set(run: ImportRun, **values: Any) -> None:
    for name, value in values.items():
        setattr(run, name, value)
    rows.update(run, list(values))


# ---- jobs -------------------------------------------------------------------------------


def _enqueue(run: ImportRun, name: str) -> Job:
    return work.enqueue(name, {"run": str(run.pk)}, workspace_id=run.workspace_id, unique_key=f"{name}:{run.pk}")


def _held(run: str) -> tuple[Actor, ImportRun]:
    found = ImportRun.objects.get(pk=run)
    member = Member.objects.select_related("workspace", "user").get(pk=found.member_id)
    return actor_of(member, face="import"), found


@work.job("exchange.check")
def check_in_job(progress: work.Progress, *, run: str) -> None:
    """The dry run of a large file."""
    actor, found = _held(run)
    if found.state == State.CHECKING:
        check(actor, found, progress)


@work.job("exchange.bring_in")
def bring_in_job(progress: work.Progress, *, run: str) -> None:
    """An import on its way in; run again after a crash, it goes on where it was."""
    actor, found = _held(run)
    if found.state == State.RUNNING:
        carry_out(actor, found, progress)


@work.job("exchange.forget_files", every=86_400)
def forget_files(progress: work.Progress) -> None:
    """Uploaded files are kept for a month."""
    uploads.forget_old()
