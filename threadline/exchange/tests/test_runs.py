"""The life of a run: jobs, cancelling, failing, being killed in the middle; and whose it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from threadline.exchange import applying, carrying, checking, rejecting, uploads
from threadline.exchange.applying import Load
from threadline.exchange.mapping import Pair, from_json
from threadline.exchange.reading import Fault
from threadline.exchange.runs import ImportRun, run_of, runs_of
from threadline.exchange.tests.conftest import Desk, Rows, as_csv, pieces
from threadline.inbound.feedback.models import Account, Feedback
from threadline.kernel import rows, verbs, work
from threadline.kernel.access import Actor
from threadline.kernel.cards import Card
from threadline.kernel.changes import Batch, Change
from threadline.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from threadline.kernel.jobs import Job
from threadline.kernel.testing import World
from threadline.kernel.worker import run_due

State = ImportRun.State
MANY: Rows = [["id", "text", "company"], *([f"R{n}", f"Words number {n}.", f"Company {n % 7}"] for n in range(50))]


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten rows to a transaction, so that a small file has many."""
    monkeypatch.setattr(applying, "chunks", lambda found: checking.chunks(found, 10))


def ready(desk: Desk, rows_: Rows = MANY, **said: Any) -> ImportRun:
    run = desk.choose(desk.take(rows_), **said)
    carrying.check(desk.actor, run)
    return run


def here() -> int:
    return Feedback.objects.filter(archived_at=None).count()


class Stop:
    """Told of progress, it raises after so many rows."""

    def __init__(self, after: int, error: type[BaseException]) -> None:
        self.after, self.error = after, error

    def __call__(self, done: int, total: int | None, note: str = "") -> None:
        if done >= self.after:
            raise self.error("the plug was pulled")


class Pulled(BaseException):
    """The process is gone: nothing of ours runs after it."""


# ---- jobs -------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_large_file_is_checked_and_brought_in_by_jobs(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrying, "AT_ONCE", 10)
    run = desk.take(MANY)
    assert not carrying.check_soon(desk.actor, run)
    assert run.state == State.CHECKING
    assert run_due() == 1
    run.refresh_from_db()
    assert (run.state, run.report["create"]) == (State.PREVIEWED, 50)
    carrying.start(desk.actor, run, skip_bad=False)
    with pytest.raises(Conflict):
        carrying.start(desk.actor, run, skip_bad=False)
    run_due()
    run.refresh_from_db()
    assert (run.state, run.counts["created"], run.rows_done) == (State.DONE, 50, 51)
    assert Change.objects.filter(batch=run.batch).values_list("face", flat=True).distinct().get() == "import"
    assert Batch.objects.get(pk=run.batch).label == "Import of feedback from reviews"


def test_a_small_file_is_checked_at_once(desk: Desk) -> None:
    run = desk.take(MANY)
    assert carrying.check_soon(desk.actor, run)
    assert run.state == State.PREVIEWED


def test_progress_is_told_and_kept(desk: Desk) -> None:
    told: list[tuple[int, int | None]] = []
    run = ready(desk)
    carrying.bring_in(desk.actor, run, skip_bad=False, tell=lambda done, total, note: told.append((done, total)))
    assert told == [(n, 50) for n in (10, 20, 30, 40, 50)]


# ---- cancelled, failed, killed ----------------------------------------------------------


@pytest.mark.parametrize("error", [work.Cancelled, KeyboardInterrupt])
def test_a_cancelled_run_is_taken_back_whole(desk: Desk, error: type[BaseException]) -> None:
    run = ready(desk)
    carrying.bring_in(desk.actor, run, skip_bad=False, tell=Stop(20, error))
    assert (run.state, here(), Account.objects.filter(archived_at=None).count()) == (State.CANCELLED, 0, 0)
    assert Batch.objects.get(pk=run.batch).undone_at is not None


def test_a_cancel_that_is_asked_for_is_heard_at_the_next_chunk(desk: Desk) -> None:
    run = ready(desk)

    def ask(done: int, total: int | None, note: str = "") -> None:
        if done == 20:
            carrying.ask_to_cancel(desk.actor, ImportRun.objects.get(pk=run.pk))

    carrying.bring_in(desk.actor, run, skip_bad=False, tell=ask)
    assert (run.state, here()) == (State.CANCELLED, 0)


def test_a_run_that_has_not_begun_is_forgotten_with_its_file(desk: Desk) -> None:
    run = ready(desk)
    path = run.path
    assert path.exists()
    carrying.ask_to_cancel(desk.actor, run)
    assert not ImportRun.objects.exists()
    assert not path.exists()


def test_a_row_that_turns_bad_after_the_check_takes_everything_back(desk: Desk, world: World) -> None:
    world.product("Atlas")
    run = ready(desk, [["id", "text", "product"], *([f"R{n}", "Words.", "Atlas"] for n in range(30))])
    real = Load._written

    def meddled(self: Load, drafts: Any, counts: Any, dealt: int) -> Any:
        if dealt > 10:
            drafts[0].faults.append(Fault("product", "Atlas", "No product of that name here."))
        return real(self, drafts, counts, dealt)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Load, "_written", meddled)
        carrying.bring_in(desk.actor, run, skip_bad=False)
    assert (run.state, here()) == (State.FAILED, 0)
    assert "Row 12" in run.error


@pytest.mark.parametrize("after", [10, 30, 50])
def test_a_killed_run_goes_on_where_it_was_and_does_nothing_twice(desk: Desk, after: int) -> None:
    repeated = [*MANY, ["", "Words number 3.", "Company 3"], ["", "Words number 3.", "Company 3"]]
    run = ready(desk, repeated)
    with pytest.raises(Pulled):
        carrying.bring_in(desk.actor, run, skip_bad=False, tell=Stop(after, Pulled))
    run = ImportRun.objects.get(pk=run.pk)
    assert (run.state, run.rows_done, here()) == (State.RUNNING, after + 1, after)
    assert run.counts["created"] == after
    carrying.carry_out(desk.actor, run)
    assert (run.state, here(), run.counts["created"], run.counts["rows"]) == (State.DONE, 52, 52, 52)
    assert Account.objects.count() == 7
    assert Card.objects.count() == 52 + 7
    again = desk.bring(desk.take(repeated))
    assert (again.counts["created"], again.counts["unchanged"]) == (0, 52)


def test_a_killed_run_can_be_taken_back_instead(desk: Desk) -> None:
    run = ready(desk)
    with pytest.raises(Pulled):
        carrying.bring_in(desk.actor, run, skip_bad=False, tell=Stop(30, Pulled))
    run = ImportRun.objects.get(pk=run.pk)
    carrying.ask_to_cancel(desk.actor, run)  # nobody is at it: a job takes it back
    run_due()
    run.refresh_from_db()
    assert (run.state, here()) == (State.CANCELLED, 0)


def test_a_worker_that_goes_down_leaves_the_run_to_the_next(desk: Desk) -> None:
    run = ready(desk)
    with pytest.raises(work.Stopping):
        carrying.bring_in(desk.actor, run, skip_bad=False, tell=Stop(20, work.Stopping))
    assert ImportRun.objects.get(pk=run.pk).state == State.RUNNING
    carrying.resume(desk.actor, run)
    run_due()
    assert (ImportRun.objects.get(pk=run.pk).state, here()) == (State.DONE, 50)


def test_a_database_that_is_away_for_a_moment_takes_nothing_back(desk: Desk) -> None:
    run = ready(desk)
    with pytest.raises(OperationalError):
        carrying.bring_in(desk.actor, run, skip_bad=False, tell=Stop(20, OperationalError))
    assert (ImportRun.objects.get(pk=run.pk).state, here()) == (State.RUNNING, 20)


def test_two_at_the_same_run_do_not_do_it_twice(desk: Desk) -> None:
    run = ready(desk)
    applying.begin(desk.actor, run, skip_bad=False)
    other = ImportRun.objects.get(pk=run.pk)
    with pytest.raises(Pulled):
        Load(desk.actor, run).carry_out(Stop(10, Pulled))
    with pytest.raises(Conflict):
        Load(desk.actor, other).carry_out()
    assert here() == 10


def test_the_file_of_a_run_that_is_gone_is_said_to_be_gone(desk: Desk) -> None:
    run = ready(desk)
    run.path.unlink()
    with pytest.raises(Conflict, match="send it again"):
        carrying.check(desk.actor, run)
    with pytest.raises(Conflict, match="send it again"):
        rejecting.rejected(desk.actor, run)


def test_a_file_that_is_gone_is_no_failure_of_ours_at_any_stage(desk: Desk, world: World) -> None:
    run = desk.take([["title"], ["One"]])
    run.path.unlink()
    for attempt in (carrying.table_of, lambda run: carrying.check_soon(world.pm, run)):
        with pytest.raises(Conflict):
            attempt(run)


def test_files_are_kept_for_a_month(desk: Desk) -> None:
    run = ready(desk)
    assert uploads.forget_old() == 0
    assert uploads.forget_old(rows.now() + timedelta(days=31)) == 1
    assert not run.path.exists()


# ---- whose it is ------------------------------------------------------------------------


def test_nobody_reaches_a_run_of_somebody_else_but_heads_of_the_same_house(desk: Desk, world: World) -> None:
    run = ready(desk)
    assert run_of(world.pm, str(run.pk)) == run
    assert run_of(world.admin, run.pk) == run
    for actor in (world.stranger, world.pmm, world.contributor, world.viewer, world.actor("owner", "south")):
        with pytest.raises(NotFound):
            run_of(actor, str(run.pk))
        assert run not in runs_of(actor)
    for nonsense in ("", "x", "../../etc/passwd", "0" * 32):
        with pytest.raises(NotFound):
            run_of(world.pm, nonsense)


def test_only_roles_that_may_import_may(desk_of: Callable[[Actor], Desk], world: World) -> None:
    for actor in world.roles:
        desk = desk_of(actor)
        if actor.may("bulk", "intake"):
            assert desk.take(MANY).kind == "feedback"
        else:
            with pytest.raises(Forbidden):
                desk.take(MANY)
    assert not list(uploads.folder(world.south.pk).glob("*"))


def test_private_fields_are_no_targets_for_whoever_may_not_read_them(
    desk_of: Callable[[Actor], Desk], world: World
) -> None:
    desk = desk_of(world.actor("product_manager", scopes=frozenset({"write"})))  # a key that may not read
    run = desk.take([["title", "annual_revenue"], ["Acme", "1000"]], kind="account")
    assert [p["to"] for p in run.mapping["pairs"]] == ["title"]
    with pytest.raises(Invalid):
        desk.choose(run, Pair("annual_revenue", "annual_revenue"))
    with pytest.raises(Invalid):
        desk.choose(run, constants={"annual_revenue": 5})


def test_a_record_out_of_reach_is_neither_changed_nor_shown(
    desk: Desk, desk_of: Callable[[Actor], Desk], world: World
) -> None:
    desk.bring(desk.take(MANY[:2]))
    hidden = Feedback.objects.get()
    verbs.update(world.pm, "feedback", hidden.pk, {"owner": str(world.pm.member_id), "confidentiality": 2})
    other = desk_of(world.admin)
    run = other.take([["id", "text"], ["R0", "Words that overwrite."]])
    report = carrying.check(other.actor, run)
    assert (report["bad"], report["update"]) == (1, 0)
    assert hidden.title not in str(report)
    by_own = other.choose(other.take([["id", "text"], [str(hidden.pk), "Overwrite."]], source="x"), Pair("id", "id"))
    other.bring(by_own)
    assert Feedback.objects.get(pk=hidden.pk).body == "Words number 0."


def test_ids_and_keys_of_another_workspace_mean_nothing_here(
    desk: Desk, desk_of: Callable[[Actor], Desk], world: World
) -> None:
    note = world.make("feedback", body="North's words.")
    other = desk_of(world.stranger)
    by_id = other.choose(other.take([["i", "text"], [str(note.pk), "Mine."]]), Pair("i", "id"))
    assert other.bring(by_id).counts["created"] == 1
    by_key = other.choose(other.take([["k", "text"], ["N-77", "Mine."]]), Pair("k", "key"))
    assert carrying.check(other.actor, by_key)["bad"] == 1
    assert Feedback.objects.get(pk=note.pk).body == "North's words."


# ---- files of nonsense ------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd",
        "/etc/shadow",
        "..\\..\\boot.ini",
        "http://x.example/a.csv",
        "a\x00.csv",
        "a.csv/../../b",
        "r" * 400 + ".csv",
        "<script>alert(1)</script>.csv",
        "\u202efdp.csv",
        "",
        ".",
        "..",
    ],
)
def test_the_name_of_a_file_is_never_a_path(desk: Desk, world: World, data_dir: Path, name: str) -> None:
    run = desk.take(MANY, name=name)
    kept = [p for p in data_dir.rglob("*") if p.is_file()]
    assert kept == [run.path]
    assert run.path.parent == data_dir / "imports" / world.north.pk.hex
    assert run.path.stem == run.pk.hex
    assert "/" not in run.file_name
    assert len(run.file_name) <= 200


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"PK\x03\x04 no workbook",
        b"%PDF-1.7",
        b"\x00" * 100,
        b"[",
        b'{"a":',
        b"[1, 2]",
        b"a,a\n" + b'"',
        b"," * 5_000,
    ],
)
def test_a_file_of_nonsense_is_refused_with_a_next_step_or_read_without_harm(
    desk: Desk, data_dir: Path, content: bytes
) -> None:
    refused: Invalid | None = None
    try:
        run = desk.take(content, name="x")
    except Invalid as error:
        refused = error
    if refused is not None:
        assert refused.problems[0].field == "file"
        assert len(refused.problems[0].message) > 20
        assert not [p for p in data_dir.rglob("*") if p.is_file()]
        return
    report = carrying.check(desk.actor, run)
    assert report["create"] + report["bad"] + report["empty"] == report["rows"]


def test_a_file_too_large_is_cut_off_while_it_comes_in(
    desk: Desk, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "LARGEST", 1_000)
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        while True:
            read += 100
            yield b"x" * 100

    with pytest.raises(Invalid, match="too large"):
        uploads.take_in(desk.actor, "feedback", "s", "big.csv", endless())
    assert read <= 1_200
    assert not [p for p in data_dir.rglob("*") if p.is_file()]


@pytest.mark.parametrize("source", ["", "   ", "x" * 61, "a\x00b", "a\u202eb", None])
def test_a_source_has_a_plain_name(desk: Desk, source: Any) -> None:
    with pytest.raises(Invalid):
        uploads.take_in(desk.actor, "feedback", source, "r.csv", pieces(as_csv(MANY)))


@pytest.mark.parametrize(
    "raw",
    [
        [],
        {"pairs": "x"},
        {"pairs": [{"column": "text"}]},
        {"pairs": [{"column": "nowhere", "to": "body"}]},
        {"pairs": [{"column": "text", "to": "version"}]},
        {"pairs": [{"column": "text", "to": "created_at"}]},
        {"pairs": [{"column": "text", "to": "workspace"}]},
        {"pairs": [{"column": "text", "to": "owner__password"}]},
        {"pairs": [{"column": "text", "to": "source"}]},
        {"pairs": [{"column": "id", "to": "channel"}, {"column": "text", "to": "channel"}]},
        {"pairs": [{"column": "id", "to": "source_id"}, {"column": "text", "to": "key"}]},
        {"pairs": [{"column": "text", "to": "rating", "out_of": 0}]},
        {"pairs": [{"column": "text", "to": "rating", "out_of": float("nan")}]},
        {"pairs": [{"column": "text", "to": "received_on", "order": "ddd"}]},
        {"constants": {"id": "x"}},
        {"constants": {"nothing": "x"}},
        {"constants": {"channel": {"a": 1}}},
        {"missing": {"body": "create"}},
        {"missing": {"product": "create"}},
        {"missing": {"account": "destroy"}},
    ],
)
def test_a_mapping_of_nonsense_is_refused(desk: Desk, raw: Any) -> None:
    run = desk.take(MANY)
    before = ImportRun.objects.get(pk=run.pk).mapping
    with pytest.raises(Invalid):
        carrying.choose(desk.actor, run, from_json(raw))
    assert ImportRun.objects.get(pk=run.pk).mapping == before


def test_a_constant_that_cannot_be_is_refused_by_the_check(desk: Desk) -> None:
    run = desk.choose(desk.take(MANY), constants={"channel": "smoke signals"})
    with pytest.raises(Invalid):
        carrying.check(desk.actor, run)
    assert Job.objects.count() == 0
