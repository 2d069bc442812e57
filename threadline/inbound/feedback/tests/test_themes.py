"""Themes: found in the words, stable when notes come in, shaped by people whose word stands, counted within reach."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from threadline.inbound.feedback.merging import merge_feedback
from threadline.inbound.feedback.models import Theme, ThemeNote
from threadline.inbound.feedback.themes import drawing, editing, figures, finding, jobs, membership
from threadline.kernel import rows, verbs, work
from threadline.kernel.access import NAMED
from threadline.kernel.errors import Forbidden, Invalid
from threadline.kernel.jobs import Job
from threadline.kernel.testing import World
from threadline.kernel.undo import undo

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
TOPICS = {
    "export": ["The CSV export breaks off", "Exporting to spreadsheet loses columns", "CSV export takes an hour",
               "Spreadsheet export without columns", "Export to CSV never ends",
               "Columns missing in the spreadsheet export",
               "My CSV export came without columns", "An export of the spreadsheet hangs"],
    "login": ["Login with single sign-on fails", "Password reset mail never came, login impossible",
              "Single sign-on sends me back to login", "Login forgets my password", "Sign-on login loops",
              "Reset the password and login still fails", "Password refused at login", "Single sign-on login is slow"],
    "battery": ["The app drains my battery overnight", "Battery empty after an hour of the app",
                "Phone gets hot and the battery drains", "Battery drain in the background",
                "Drains the battery, phone hot",
                "Background battery use of the phone", "Hot phone, empty battery", "Overnight the battery drains"],
}  # fmt: skip


@pytest.fixture
def notes(world: World) -> Iterator[dict[str, list[Any]]]:
    """Eight notes of each of three topics."""
    made = {
        topic: [world.make("feedback", title=t, body=t, received_on="2026-11-10") for t in said]
        for topic, said in TOPICS.items()
    }
    yield made
    for file in (finding.file_of(world.north.pk), finding.file_of(world.north.pk).with_suffix(".json")):
        file.unlink(missing_ok=True)


def look(world: World) -> dict[str, int]:
    return finding.find_themes(world.pm.through("job"))


def theme_of(note: Any) -> Any:
    placed = ThemeNote.objects.filter(note_id=note.pk).first()
    return placed.theme_id if placed else None


def size(actor: Any, theme: Any) -> int:
    return figures.sizes(actor, TODAY).get(theme.pk, figures.Size()).notes


def largest(notes: list[Any]) -> Theme:
    found = [theme_of(n) for n in notes if theme_of(n)]
    return Theme.objects.get(pk=max(set(found), key=found.count))


def test_notes_alike_stand_in_one_theme_named_in_their_words(world: World, notes: dict[str, list[Any]]) -> None:
    assert look(world)["new"] >= 3
    themes = {topic: largest(mine) for topic, mine in notes.items()}
    assert len({t.pk for t in themes.values()}) == 3
    for topic, theme in themes.items():
        assert sum(theme_of(n) == theme.pk for n in notes[topic]) >= 5
        assert theme.state == "found"
        assert any(word in theme.words for word in (topic, topic[:5]))


def test_fewer_notes_than_one_can_read_make_no_theme(world: World) -> None:
    world.make("feedback", title="Export breaks off")
    assert look(world) == {"notes": 1, "themes": 0, "new": 0}


def test_looking_again_changes_nothing(world: World, notes: dict[str, list[Any]]) -> None:
    look(world)
    before = dict(ThemeNote.objects.values_list("note_id", "theme_id"))
    names = dict(Theme.objects.values_list("pk", "title"))
    assert look(world)["new"] == 0
    assert dict(ThemeNote.objects.values_list("note_id", "theme_id")) == before
    assert dict(Theme.objects.values_list("pk", "title")) == names


def test_new_notes_join_what_stands_and_a_new_topic_becomes_a_theme(world: World, notes: dict[str, list[Any]]) -> None:
    look(world)
    before = dict(ThemeNote.objects.values_list("note_id", "theme_id"))
    fresh = world.make("feedback", title="CSV export lost all columns of the spreadsheet")
    assert finding.place_one(world.north.pk, fresh.pk) == 1
    assert theme_of(fresh) == largest(notes["export"]).pk
    for n in range(8):
        world.make("feedback", title=f"Invoice shows the wrong VAT rate, billing {n}")
    look(world)
    after = dict(ThemeNote.objects.values_list("note_id", "theme_id"))
    assert all(after[note] == theme for note, theme in before.items())
    assert any("invoice" in t.words or "vat" in t.words for t in Theme.objects.exclude(pk__in=set(before.values())))


def test_notes_brought_in_silently_are_placed_by_the_worker(world: World, notes: dict[str, list[Any]]) -> None:
    look(world)
    fresh = world.make("feedback", title="Battery drains overnight, phone hot")
    assert finding.place_new(world.north.pk) == 1
    assert theme_of(fresh) == largest(notes["battery"]).pk
    assert finding.place_new(world.north.pk) == 0


def test_a_name_that_a_person_gave_stays(world: World, notes: dict[str, list[Any]]) -> None:
    look(world)
    theme = largest(notes["login"])
    verbs.update(world.pm, "theme", theme.key, {"title": "Nobody gets in"})
    look(world)
    theme.refresh_from_db()
    assert (theme.title, theme.state) == ("Nobody gets in", "kept")


def test_a_note_left_out_is_never_put_back_and_one_put_in_stays(world: World, notes: dict[str, list[Any]]) -> None:
    look(world)
    theme = largest(notes["export"])
    out = next(n for n in notes["export"] if theme_of(n) == theme.pk)
    stray = notes["battery"][0]
    editing.leave_out_of_theme(world.pm, theme=theme.key, note=out.key)
    editing.put_into_theme(world.pm, theme=theme.key, note=stray.key)
    look(world)
    finding.place_one(world.north.pk, out.pk)
    assert theme_of(out) != theme.pk
    assert theme_of(stray) is None  # no row of the machine's beside a person's word
    keys = [key for _, key, _, _ in membership.themes_of_note(world.pm, stray.pk)]
    assert keys == [theme.key]
    editing.put_into_theme(world.pm, theme=theme.key, note=out.key)
    assert [key for _, key, _, _ in membership.themes_of_note(world.pm, out.pk)] == [theme.key]


def test_no_theme_is_not_proposed_again(world: World, notes: dict[str, list[Any]]) -> None:
    look(world)
    theme = largest(notes["battery"])
    editing.dismiss_theme(world.pm, theme=theme.key)
    assert look(world)["new"] == 0
    theme.refresh_from_db()
    assert theme.state == "dismissed"


def test_merged_themes_count_as_one_and_come_apart_again(world: World, notes: dict[str, list[Any]]) -> None:
    look(world)
    whole, part = largest(notes["export"]), largest(notes["login"])
    one, other = size(world.pm, whole), size(world.pm, part)
    editing.merge_theme(world.pm, theme=part.key, into=whole.key)
    assert (size(world.pm, whole), size(world.pm, part)) == (one + other, 0)
    look(world)
    assert size(world.pm, whole) == one + other
    editing.unmerge_theme(world.pm, theme=part.key)
    assert (size(world.pm, whole), size(world.pm, part)) == (one, other)


def test_merging_into_itself_is_refused_and_undo_takes_a_merge_back(world: World, notes: dict[str, list[Any]]) -> None:
    look(world)
    whole, part = largest(notes["export"]), largest(notes["login"])
    with pytest.raises(Invalid):
        editing.merge_theme(world.pm, theme=whole.key, into=whole.key)
    batch = rows.new_id()
    before = size(world.pm, part)
    editing.merge_theme(world.pm, theme=part.key, into=whole.key, batch=batch)
    undo(world.pm, batch)
    assert size(world.pm, part) == before


def test_what_is_split_off_stays_apart(world: World, notes: dict[str, list[Any]]) -> None:
    look(world)
    whole = largest(notes["export"])
    count = size(world.pm, whole)
    part = editing.split_theme(world.pm, theme=whole.key, phrase="CSV")
    assert part.title == "CSV"
    mine = size(world.pm, part)
    assert 0 < mine < count
    assert size(world.pm, whole) == count - mine
    look(world)
    assert (size(world.pm, part), size(world.pm, whole)) == (mine, count - mine)
    with pytest.raises(Invalid):
        editing.split_theme(world.pm, theme=whole.key, phrase="marmalade")


def test_what_a_reader_may_not_see_is_neither_counted_nor_shown_nor_named(world: World, notes: dict[str, Any]) -> None:
    secret = [
        world.make("feedback", title=f"Zanzibar spreadsheet export without columns {n}", confidentiality=NAMED)
        for n in range(6)
    ]
    look(world)
    theme = largest(notes["export"])
    assert "zanzibar" not in " ".join(t.words for t in Theme.objects.all())
    assert any(theme_of(s) == theme.pk for s in secret)
    assert size(world.pm, theme) > size(world.contributor, theme)
    shown = figures.strongest(world.contributor, theme.pk, 50)
    assert not any("Zanzibar" in one.title for one in shown)
    assert sum(m.notes for m in figures.by_month(world.contributor, theme.pk, TODAY)) == size(world.contributor, theme)
    assert figures.sizes(world.stranger, TODAY) == {}


def test_growth_revenue_and_rating_are_counted_once_each(world: World) -> None:
    account = world.make("account", title="Acme", annual_revenue=9_000, segment="enterprise")
    theme = world.make("theme", title="Exports")
    for days, rating in ((1, 2), (5, 4), (40, None), (400, None)):
        note = world.make(
            "feedback",
            title=f"Export {days}",
            account=account.pk,
            rating=rating,
            received_on=str(TODAY - timedelta(days=days)),
        )
        verbs.link(world.pm, theme, note, "holds")
    found = figures.sizes(world.pm, TODAY)[theme.pk]
    assert (found.notes, found.customers, found.last_30, found.before_30, found.last_90) == (4, 1, 2, 1, 3)
    assert (found.revenue, found.rated, found.rating) == (9_000, 2, 3.0)
    assert figures.sizes(world.viewer, TODAY)[theme.pk].revenue is None
    months = figures.by_month(world.pm, theme.pk, TODAY)
    assert [m.notes for m in months][-2:] == [1, 2]
    assert (months[-1].revenue, months[-1].rating, dict(months[-1].segments)) == (9_000, 3.0, {"enterprise": 2})


def test_a_merged_note_stays_a_voice_but_not_a_quote(world: World) -> None:
    theme = world.make("theme", title="Exports")
    head, repeat = (world.make("feedback", title=t) for t in ("Export", "Export again"))
    for note in (head, repeat):
        verbs.link(world.pm, theme, note, "holds")
    merge_feedback(world.pm, feedback=repeat.key, into=head.key)
    assert size(world.pm, theme) == 2
    assert [one.title for one in figures.strongest(world.pm, theme.pk)] == ["Export"]


def test_a_theme_is_linked_to_a_feature_through_its_notes(world: World, notes: dict[str, list[Any]]) -> None:
    look(world)
    theme, feature = largest(notes["export"]), world.make("feature", title="A better export")
    count = size(world.pm, theme)
    editing.link_theme(world.pm, theme=theme.key, feature=feature.key)
    assert [(key, n) for key, _, _, n in figures.features_of(world.pm, theme.pk)] == [(feature.key, count)]
    assert figures.sizes(world.pm, TODAY)[theme.pk].unlinked == 0


def test_the_worker_looks_once_however_often_it_is_asked_and_can_be_stopped(
    world: World, notes: dict[str, list[Any]]
) -> None:
    first, second = jobs.ask_to_find(world.pm), jobs.ask_to_find(world.pm)
    assert first.pk == second.pk
    assert jobs.stop_finding(world.pm)
    assert not jobs.stop_finding(world.pm)
    assert Job.objects.get(pk=first.pk).state == Job.State.CANCELLED
    with pytest.raises(Forbidden):
        jobs.ask_to_find(world.viewer)


def test_a_stopped_look_writes_nothing(world: World, notes: dict[str, list[Any]]) -> None:
    class Stops:
        def __call__(self, *_: Any) -> None:
            raise work.Cancelled

    with pytest.raises(work.Cancelled):
        finding.find_themes(world.pm, Stops())  # type: ignore[arg-type]
    assert not Theme.objects.exists()


def test_the_chart_stacks_to_its_scale() -> None:
    drawn = drawing.stacked_bars([{"a": 3, "b": 1}, {"a": 0}], ["a", "b"])
    first, empty = drawn["bars"]
    assert [p["count"] for p in first["parts"]] == [3, 1]
    assert first["parts"][0]["y"] == pytest.approx(first["parts"][1]["y"] + first["parts"][1]["h"], abs=0.2)
    assert empty["parts"] == []
    assert drawn["grid"][-1]["text"] == "4"
    assert [drawing.nice_top(n) for n in (0, 2, 3, 9, 11, 41)] == [2, 2, 4, 10, 20, 100]
    assert drawing.spark([0] * 12) == ""
    assert drawing.spark([0, 2]).startswith("2.0,20.0")


def test_a_note_put_there_by_machine_and_people_counts_once(world: World) -> None:
    note = world.make("feedback", body="One.", rating=4, received_on=TODAY.isoformat(), author="Ana")
    theme, other = world.make("theme", title="Said"), world.make("theme", title="Also")
    verbs.link(world.pm, theme, note, membership.HOLDS)
    verbs.link(world.pm, other, note, membership.HOLDS)
    Theme.objects.filter(pk=other.pk).update(merged_into=theme)
    rows.insert(ThemeNote(workspace_id=note.workspace_id, theme_id=theme.pk, note_id=note.pk, near=0.5))
    size = figures.sizes(world.pm, TODAY)[theme.pk]
    assert (size.notes, size.customers, size.rated, size.rating, size.last_30) == (1, 1, 1, 4, 1)
