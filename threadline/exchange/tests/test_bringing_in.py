"""From a file to records, again from the same file, and back."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from threadline.exchange import carrying, exporting, rejecting
from threadline.exchange.mapping import Pair, from_json
from threadline.exchange.runs import ImportRun
from threadline.exchange.tests.conftest import Desk, Rows
from threadline.inbound.features.models import Feature
from threadline.inbound.feedback.models import Account, Feedback
from threadline.kernel import rows, search, verbs
from threadline.kernel.access import Actor
from threadline.kernel.cards import SHARED, Card
from threadline.kernel.changes import Change
from threadline.kernel.customs import CustomField
from threadline.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from threadline.kernel.links import Link
from threadline.kernel.registry import type_of
from threadline.kernel.tags import CardTag
from threadline.kernel.testing import World, fresh

FILE: Rows = [
    ["id", "text", "date", "stars", "company", "label"],
    ["T1", "The map never loads on the train.", "23/4/2026", "2", "Acme", "bug report"],
    ["T2", "Please add a dark mode.", "1/5/2026", "4", "acme", "wish"],
    ["T3", "Thanks for the new search.", "2/5/2026", "5", "Borealis", "praise, search"],
]


def notes() -> list[Feedback]:
    return list(Feedback.objects.filter(archived_at=None).order_by("number"))


def changed(rows: Rows, at: int, column: int, value: str) -> Rows:
    return [[value if (r, c) == (at, column) else cell for c, cell in enumerate(row)] for r, row in enumerate(rows)]


# ---- in ---------------------------------------------------------------------------------


def test_rows_become_records_with_history_card_search_and_tags(desk: Desk) -> None:
    run = desk.bring(desk.take(FILE))
    assert run.state == ImportRun.State.DONE
    assert run.counts == {"created": 3, "updated": 0, "unchanged": 0, "restored": 0, "skipped": 0, "made": 2, "rows": 3}
    first, second, third = notes()
    assert (first.body, first.received_on, first.rating) == (FILE[1][1], date(2026, 4, 23), 2)
    assert (first.source, first.source_id, first.title) == ("reviews", "T1", "The map never loads on the train.")
    assert first.account == second.account != third.account
    assert set(CardTag.objects.filter(card_id=third.pk).values_list("tag__name", flat=True)) == {"praise", "search"}
    change = Change.objects.get(card_id=third.pk)
    assert (change.action, change.batch, change.version) == ("import", run.batch, 1)
    assert change.diff["+tags"] == [[], ["praise", "search"]]
    assert "reviews" in change.why
    card = Card.objects.get(pk=first.pk)
    assert all(getattr(card, name) == getattr(first, name) for name in SHARED)
    assert [hit.key for hit in search.find(desk.actor, "train")] == [first.key]


def test_a_check_writes_nothing_and_foretells_what_happens(desk: Desk) -> None:
    run = desk.take(FILE)
    report = carrying.check(desk.actor, run)
    assert (report["rows"], report["create"], report["bad"], report["make"]) == (3, 3, 0, {"account": 2})
    assert not Feedback.objects.exists()
    assert not Account.objects.exists()
    assert not Change.objects.exists()
    columns = [c["name"] for c in report["sample"]["columns"]]
    row = dict(zip(columns, report["sample"]["rows"][0], strict=True))
    assert (row["body"], row["received_on"], row["account"], row["tags"]) == (
        FILE[1][1],
        "2026-04-23",
        "Acme",
        "bug report",
    )


def test_nothing_is_brought_in_unseen(desk: Desk) -> None:
    run = desk.take(FILE)
    with pytest.raises(Conflict):
        carrying.bring_in(desk.actor, run, skip_bad=False)
    carrying.check(desk.actor, run)
    desk.choose(run, Pair("text", "title"))
    with pytest.raises(Conflict):
        carrying.bring_in(desk.actor, run, skip_bad=False)
    assert not Feedback.objects.exists()


def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    desk.bring(desk.take(FILE))
    before = list(Change.objects.values_list("pk", flat=True))
    run = desk.take(FILE)
    report = carrying.check(desk.actor, run)
    assert (report["create"], report["update"], report["unchanged"], report["make"]) == (0, 0, 3, {})
    assert desk.bring(run).counts["unchanged"] == 3
    assert list(Change.objects.values_list("pk", flat=True)) == before


def test_rows_without_an_id_are_known_again_by_what_they_hold(desk: Desk) -> None:
    rows = [["text"], ["The same words."], ["Other words."], ["The same words."]]
    assert desk.bring(desk.take(rows)).counts["created"] == 3
    assert desk.bring(desk.take(rows)).counts["unchanged"] == 3
    longer = [["text"], ["New words."], *rows[1:]]
    assert desk.bring(desk.take(longer)).counts["created"] == 1
    assert Feedback.objects.count() == 4


def test_a_changed_row_updates_its_record_through_the_door(desk: Desk) -> None:
    desk.bring(desk.take(FILE))
    revision = notes()[1].revision
    run = desk.bring(desk.take(changed(FILE, 2, 1, "Please add a night mode.")))
    assert (run.counts["updated"], run.counts["unchanged"]) == (1, 2)
    second = notes()[1]
    assert (second.body, second.version, second.revision) == ("Please add a night mode.", 2, revision + 1)
    diff = Change.objects.get(card_id=second.pk, version=2).diff
    assert diff["body"] == ["Please add a dark mode.", "Please add a night mode."]


def test_a_blank_cell_and_missing_tags_leave_things_alone_unless_the_file_is_right(desk: Desk) -> None:
    desk.bring(desk.take(FILE))
    blank = changed(changed(FILE, 1, 3, ""), 1, 5, "")
    assert desk.bring(desk.take(blank)).counts["unchanged"] == 3
    run = desk.bring(desk.choose(desk.take(blank), exact=True))
    assert run.counts["updated"] == 1
    assert notes()[0].rating is None
    assert not CardTag.objects.filter(card_id=notes()[0].pk).exists()


def test_tags_of_a_second_file_are_added_to_those_that_are_there(desk: Desk) -> None:
    desk.bring(desk.take(FILE))
    verbs.tag(desk.actor, notes()[0], ["bug report", "train"])
    desk.bring(desk.take(changed(FILE, 1, 5, "urgent")))
    names = CardTag.objects.filter(card_id=notes()[0].pk).values_list("tag__name", flat=True)
    assert set(names) == {"bug report", "train", "urgent"}


def test_what_lies_in_the_trash_comes_back_and_is_brought_up_to_date(desk: Desk) -> None:
    desk.bring(desk.take(FILE))
    verbs.archive(desk.actor, "feedback", notes()[0].pk)
    verbs.archive(desk.actor, "feedback", notes()[0].pk)
    run = desk.take(changed(FILE, 1, 1, "The map loads slowly on the train."))
    assert carrying.check(desk.actor, run)["restore"] == 2
    assert desk.bring(run).counts["restored"] == 2
    first = notes()[0]
    assert first.body == "The map loads slowly on the train."
    versions = list(Change.objects.filter(card_id=first.pk).order_by("pk").values_list("version", flat=True))
    assert versions == [1, 2, 3, 4]
    assert Card.objects.get(pk=first.pk).archived_at is None


def test_constants_fill_what_the_file_does_not_say(desk: Desk, world: World) -> None:
    product = world.product("Atlas")
    said = {"channel": "App review", "product": "Atlas", "tags": "mobile"}
    desk.bring(desk.choose(desk.take([["text"], ["Words."]]), constants=said))
    note = notes()[0]
    assert (note.channel, note.product_id) == ("app_review", product.pk)
    assert CardTag.objects.get(card_id=note.pk).tag.name == "mobile"


def test_words_mean_what_was_said_they_mean(desk: Desk) -> None:
    rows = [["text", "verdict", "kind"], ["One.", "Recommended", "bug report"], ["Two.", "Not  recommended", "rating"]]
    run = desk.take(rows)
    desk.choose(
        run,
        Pair("verdict", "rating", {"recommended": "10", "not recommended": "1"}),
        Pair("kind", "tags", {"bug report": "bug", "rating": ""}),
        Pair("kind", "channel", {"bug report": "issue", "rating": "app_review"}),
    )
    desk.bring(run)
    assert [(n.rating, n.channel) for n in notes()] == [(10, "issue"), (1, "app_review")]
    assert list(CardTag.objects.values_list("tag__name", flat=True)) == ["bug"]


def test_words_that_mean_nothing_yet_are_listed_to_be_told(desk: Desk) -> None:
    run = desk.take([["text", "v"], *(["Words.", "good"] for _ in range(3)), ["More.", "bad"]])
    desk.choose(run, Pair("v", "rating"))
    assert carrying.check(desk.actor, run)["unknown"] == {"v": [("good", 3), ("bad", 1)]}


def test_several_columns_become_one_text(desk: Desk) -> None:
    run = desk.choose(
        desk.take([["what", "why"], ["Crash.", "It is full."]]), Pair("what", "body"), Pair("why", "body")
    )
    desk.bring(run)
    assert notes()[0].body == "Crash.\n\nIt is full."
    named = desk.choose(desk.take([["what", "why"], ["A", "B"]], source="2"), headings=True)
    desk.bring(named)
    assert notes()[1].body == "**what**\n\nA\n\n**why**\n\nB"


def test_own_fields_are_filled_like_any_other(desk: Desk, world: World) -> None:
    CustomField.objects.create(workspace=world.north, kind="feedback", name="platform", label="Platform", type="choice",
                               choices=["iOS", "Android"])  # fmt: skip
    run = desk.take([["text", "Platform"], ["Words.", "ios"], ["Words too.", "Palm"]])
    assert carrying.check(desk.actor, run)["problem_counts"][0]["column"] == "Platform"
    carrying.bring_in(desk.actor, run, skip_bad=True)
    assert notes()[0].custom == {"platform": "iOS"}


def test_citations_in_texts_become_links_and_names_in_cells_become_references(desk: Desk, world: World) -> None:
    feature = world.make("feature", title="Dark mode")
    account = world.make("account", title="Acme")
    desk.bring(desk.take([["text", "account"], [f"See [[{feature.key}]].", f"{account.key} Acme"]]))
    assert Link.objects.get(target_id=feature.pk).source_id == notes()[0].pk
    assert notes()[0].account_id == account.pk


def test_a_key_with_another_name_is_somebody_else(desk: Desk, world: World) -> None:
    account = world.make("account", title="Acme")
    run = desk.take([["text", "account"], ["Words.", f"{account.key} Borealis"]])
    assert carrying.check(desk.actor, desk.choose(run, missing={"account": "blank"}))["make"] == {}
    desk.choose(run, missing={"account": "create"})
    desk.bring(run)
    assert notes()[0].account is not None
    assert notes()[0].account.title == "Borealis"


def test_a_name_that_two_have_is_not_guessed(desk: Desk, world: World) -> None:
    world.make("account", title="Acme")
    world.make("account", title="Acme")
    report = carrying.check(desk.actor, desk.take(FILE))
    assert report["bad"] == 2
    assert "write its key" in report["problems"][0]["text"]


@pytest.mark.parametrize(("choice", "bad"), [("", 3), ("blank", 0), ("create", 0)])
def test_what_is_not_known_here_is_refused_left_blank_or_made(desk: Desk, choice: str, bad: int) -> None:
    run = desk.choose(desk.take(FILE), missing={"account": choice} if choice else {})
    if not choice:
        carrying.choose(desk.actor, run, from_json({"pairs": run.mapping["pairs"]}))
    report = carrying.check(desk.actor, run)
    assert report["bad"] == bad
    if not bad:
        carrying.bring_in(desk.actor, run, skip_bad=False)
        assert Account.objects.count() == (2 if choice == "create" else 0)


# ---- bad rows ---------------------------------------------------------------------------

BAD: Rows = [
    ["id", "text", "date", "stars"],
    ["1", "Good words.", "2026-01-02", "3"],
    ["2", "Bad day.", "2026-02-31", "3"],
    ["3", "Bad stars.", "2026-01-02", "many"],
    ["1", "Same id.", "2026-01-02", "3"],
    ["5", "", "2026-01-02", ""],
    ["6", "Too many, really.", "2026-01-02", "3", "a cell too many"],
]


MATCH = (Pair("id", "source_id"), Pair("date", "received_on"), Pair("stars", "rating"))


def test_a_file_with_bad_rows_brings_nothing_in_until_they_are_left_out(desk: Desk) -> None:
    run = desk.choose(desk.take(BAD), *MATCH)
    report = carrying.check(desk.actor, run)
    assert (report["rows"], report["create"], report["bad"], report["empty"]) == (6, 1, 4, 1)
    assert [(p["row"], p["column"]) for p in report["problems"]] == [(3, "date"), (4, "stars"), (5, "id"), (7, "")]
    with pytest.raises(Invalid, match="4 of 6 rows"):
        carrying.bring_in(desk.actor, run, skip_bad=False)
    assert not Feedback.objects.exists()
    assert ImportRun.objects.get().state == ImportRun.State.PREVIEWED
    carrying.bring_in(desk.actor, run, skip_bad=True)
    assert (run.counts["created"], run.counts["skipped"]) == (1, 4)


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "json"])
def test_rejected_rows_come_as_a_file_with_the_reason_in_each(desk: Desk, file_format: str) -> None:
    run = desk.choose(desk.take(BAD), *MATCH)
    carrying.check(desk.actor, run)
    columns, found = rejecting.rejected(desk.actor, run)
    aside = exporting.written_aside(columns, found, file_format)
    if file_format == "csv":
        rows = list(csv.DictReader(io.StringIO(aside.read().decode("utf-8-sig"))))
        assert [r["id"] for r in rows] == ["2", "3", "1", ""]
        assert rows[0]["why not"] == "Row 3. date: There is no such day: 2026-02-31."
        assert rows[3]["as it stands"].startswith("6,")
    mended = desk.take(
        aside.read() if file_format != "csv" else _again(aside), name=f"m.{file_format}", source="mended"
    )
    assert carrying.check(desk.actor, mended)["rows"] == 4


def _again(aside: io.BufferedIOBase) -> bytes:
    aside.seek(0)
    return aside.read()


def test_a_record_refused_by_its_own_rules_is_a_bad_row(desk: Desk) -> None:
    run = desk.choose(desk.take([["text", "s"], ["Words.", "declined"], ["Words too.", "new"]]), Pair("s", "state"))
    report = carrying.check(desk.actor, run)
    assert (report["create"], report["bad"]) == (1, 1)
    assert "Say why" in report["problems"][0]["text"]


def test_what_cannot_be_kept_whole_is_in_the_loss_report(desk: Desk) -> None:
    rows = [["title", "text", "when", "extra"], ["x" * 400, "a\x07bc", "2026-01-02 03:04:05", "left"]]
    run = desk.choose(desk.take(rows), Pair("when", "received_on"))
    losses = " ".join(carrying.check(desk.actor, run)["losses"])
    assert "extra: 1 value left out" in losses
    assert "title: 1 text was cut" in losses
    assert "text: invisible control characters" in losses
    assert "when: the time of day" in losses
    desk.bring(run)
    note = notes()[0]
    assert (len(note.title), note.title[-1], note.body) == (300, "…", "abc")


# ---- back -------------------------------------------------------------------------------


def test_undo_takes_everything_back_and_the_file_can_come_again(desk: Desk) -> None:
    desk.bring(desk.take(FILE[:2]))
    run = desk.bring(desk.take(changed(FILE, 1, 1, "Changed words.")))
    assert (run.counts["updated"], run.counts["created"], run.counts["made"]) == (1, 2, 1)
    back = carrying.undo_run(desk.actor, run)
    assert (back.shelved, back.reversed, back.kept) == (3, 1, [])
    assert [n.body for n in notes()] == [FILE[1][1]]
    assert ImportRun.objects.get(pk=run.pk).state == ImportRun.State.UNDONE
    with pytest.raises(Conflict):
        carrying.undo_run(desk.actor, run)
    again = desk.bring(desk.take(FILE))
    assert (again.counts["restored"], again.counts["unchanged"], again.counts["created"]) == (2, 1, 0)
    assert sorted(Account.objects.values_list("title", "archived_at")) == [("Acme", None), ("Borealis", None)]


def test_undo_keeps_what_somebody_worked_on_since(desk: Desk, world: World) -> None:
    run = desk.bring(desk.take(FILE))
    verbs.update(world.admin, "feedback", notes()[0].pk, {"rating": 1})
    back = carrying.undo_run(desk.actor, run)
    assert [n.source_id for n in notes()] == ["T1"]
    assert len(back.kept) == 1


def test_a_batch_is_taken_back_the_quick_way_when_it_is_an_import(desk: Desk, world: World) -> None:
    run = desk.bring(desk.take(FILE))
    with CaptureQueriesContext(connection) as sent:
        done = carrying.undo_batch(desk.actor, str(run.batch))
    assert (done.reversed, done.kept, notes()) == (5, [], [])
    assert len([q for q in sent if q["sql"].startswith('UPDATE "inbound_feedback"')]) <= 1  # not one for each
    assert ImportRun.objects.get(pk=run.pk).state == ImportRun.State.UNDONE
    with pytest.raises(Conflict):
        carrying.undo_batch(desk.actor, run.batch)
    verbs.restore(world.pm, "feedback", Feedback.objects.first())
    assert carrying.undo_batch(desk.actor, run.batch).reversed == 1


def test_any_other_batch_is_taken_back_change_by_change_and_nobody_elses(desk: Desk, world: World) -> None:
    run = desk.bring(desk.take(FILE))
    with pytest.raises(Forbidden):
        carrying.undo_batch(world.pmm, run.batch)
    for nobodys in (rows.new_id(), "nonsense"):
        with pytest.raises(NotFound):
            carrying.undo_batch(desk.actor, nobodys)
    with pytest.raises(NotFound):
        carrying.undo_batch(world.stranger, run.batch)
    batch = rows.new_id()
    verbs.update(world.pm, "feedback", notes()[0], {"rating": 1}, batch=batch)
    assert carrying.undo_batch(world.pm, batch).reversed == 1
    assert notes()[0].rating == 2


def test_whoever_may_import_may_take_it_back_and_bring_it_in_again(
    desk_of: Callable[[Actor], Desk], world: World
) -> None:
    desk = desk_of(world.pmm)  # may import feedback, may not put others' records into the trash
    run = desk.bring(desk.take(FILE))
    assert carrying.undo_run(desk.actor, run).shelved == 5
    assert desk.bring(desk.take(FILE)).counts["restored"] == 3
    verbs.archive(world.pm, "feedback", notes()[0].pk)
    report = carrying.check(desk.actor, desk.take(FILE))
    assert (report["bad"], report["unchanged"]) == (1, 2)
    assert "trash" in report["problems"][0]["text"]


def test_features_come_with_the_evidence_they_cite(desk: Desk, world: World) -> None:
    note, other = world.make("feedback", body="Words."), world.make("account")
    rows = [["title", "evidence", "Feedback"], ["Dark mode", f"{note.key}, {other.key} N-999", ""]]
    cite = type_of("feature").cites[0].name
    run = desk.choose(desk.take(rows, kind="feature"), Pair("evidence", cite))
    report = carrying.check(desk.actor, run)
    assert any("2 cited records are not here" in text for text in report["losses"])
    desk.bring(run)
    assert Link.objects.get(kind=cite).target_id == note.pk
    carrying.undo_run(desk.actor, run)
    assert fresh(note).archived_at is None


def test_rows_that_name_each_other_find_each_other_wherever_they_stand(desk: Desk) -> None:
    rows = [["title", "Part of"], ["Second", "First"], ["First", ""], ["Third", "F-99 Second"], ["Fourth", "Nothing"]]
    run = desk.take(rows, kind="feature")
    report = carrying.check(desk.actor, run)
    assert (report["create"], report["bad"], report["make"]) == (4, 0, {})
    assert "Part of: 1 name is not known here and was left blank" in report["losses"]
    desk.bring(run)
    above = {f.title: f.parent.title if f.parent else None for f in Feature.objects.select_related("parent")}
    assert above == {"First": None, "Second": "First", "Third": "Second", "Fourth": None}
    again = desk.bring(desk.take(rows, kind="feature"))
    assert again.counts["unchanged"] == 4
    carrying.undo_run(desk.actor, run)
    assert not Feature.objects.filter(archived_at=None).exists()
