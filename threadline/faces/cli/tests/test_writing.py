"""Writing records from the command line: through the door, as whoever says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from threadline.inbound.features.models import Feature
from threadline.inbound.feedback.models import Feedback
from threadline.kernel.changes import Change
from threadline.kernel.comments import Comment
from threadline.kernel.links import Link
from threadline.kernel.testing import World, fresh

Run = Callable[..., Any]


def test_new_makes_a_record_through_the_door(pm: Run, world: World) -> None:
    said = pm("new", "feature", "title=Rejoin a raid", "reach=4000", "--why", "asked twice")
    feature = Feature.objects.get()
    assert said.out == f"{feature.key}\tRejoin a raid\n"
    assert (feature.title, feature.reach) == ("Rejoin a raid", 4000)
    change = Change.objects.get(card_id=feature.pk)
    assert (change.face, change.why, change.actor_id) == ("cli", "asked twice", world.pm.member_id)
    assert str(change.batch) in said.err


def test_new_takes_texts_from_files_and_stdin(pm: Run, tmp_path: Path) -> None:
    (tmp_path / "note.md").write_text("**Lost** the key", "utf-8")
    pm("new", "feedback", "--file", f"body={tmp_path / 'note.md'}")
    pm("new", "feedback", "channel=email", "--file", "body=-", stdin="From a pipe\nin two lines")
    assert {f.body for f in Feedback.objects.all()} == {"**Lost** the key", "From a pipe\nin two lines"}


def test_new_cites_what_it_rests_on(pm: Run, world: World) -> None:
    notes = [world.make("feedback", body=f"Note {n}") for n in (1, 2)]
    words = [word for note in notes for word in ("--cite", f"evidence={note.key}")]
    assert pm("new", "feature", "title=Both", *words).code == 0
    assert set(Link.objects.values_list("target_id", flat=True)) == {n.pk for n in notes}


def test_new_from_json_makes_many_or_none(pm: Run, world: World) -> None:
    good = json.dumps([{"title": "A"}, {"title": "B", "reach": 3}])
    said = pm("new", "features", "product=", "--from", "-", "--json", stdin=good)
    assert [r["title"] for r in said.data["data"]] == ["A", "B"]
    assert Change.objects.values("batch").distinct().count() == 1
    said = pm("new", "features", "--from", "-", stdin=json.dumps([{"title": "C"}, {"titel": "D"}]))
    assert said.code == 6
    assert "2. titel" in said.err
    assert "Did you mean title?" in said.err
    assert not Feature.objects.filter(title="C").exists()


@pytest.mark.parametrize("bad", ["", "{", '{"a": NaN}', '"text"', "[1]", '{"a":1,"a":2}', "[" * 5_000])
def test_odd_json_is_refused_in_words(bad: str, pm: Run) -> None:
    said = pm("new", "features", "--from", "-", stdin=bad)
    assert (said.code, said.out) == (6, "")
    assert said.err.strip()


def test_new_refuses_what_the_door_refuses(pm: Run, run: Run, world: World) -> None:
    assert pm("new", "feature", "reach=2").code == 6
    assert pm("new", "feature", "title").code == 2
    assert pm("new", "feature", "title=x", "--file", "body=/no/such/file").code == 2
    viewer = ("--as", world.user("viewer").email, "--workspace", "north")
    assert run("new", "feature", "title=x", *viewer).code == 4
    assert not Feature.objects.exists()


def test_set_changes_and_blanks(pm: Run, world: World) -> None:
    record = world.make("feature", title="Old", reach=5)
    assert pm("set", record.key, "title=New", "reach=").code == 0
    now = fresh(record)
    assert (now.title, now.reach, now.version) == ("New", None, 2)


def test_set_refuses_a_lost_race(pm: Run, world: World) -> None:
    record = world.make("feature", title="Old")
    pm("set", record.key, "title=Theirs")
    said = pm("set", record.key, "title=Mine", "--expect", "1")
    assert said.code == 5
    assert fresh(record).title == "Theirs"
    assert pm("set", record.key).code == 2


def test_set_names_the_nearest_field(pm: Run, world: World) -> None:
    record = world.make("feature")
    said = pm("set", record.key, "raech=5")
    assert said.code == 6
    assert "Did you mean reach?" in said.err


@pytest.mark.parametrize(
    "words",
    [
        ("new", "feature", "title=Trial"),
        ("set", "{key}", "title=Trial"),
        ("act", "plan_feature", "{key}"),
        ("act", "archive", "{key}"),
    ],
)
def test_a_trial_keeps_nothing(words: tuple[str, ...], pm: Run, world: World) -> None:
    record = world.make("feature", title="Real")
    count = Change.objects.count()
    said = pm(*(w.format(key=record.key) for w in words), "--dry-run", "--json")
    assert said.data["dry_run"] is True
    assert (Feature.objects.count(), Change.objects.count()) == (1, count)
    assert (fresh(record).title, fresh(record).state, fresh(record).archived_at) == ("Real", "idea", None)


def test_act_runs_an_action_on_many_as_one_batch(pm: Run, world: World) -> None:
    records = [world.make("feature", title=t) for t in ("A", "B")]
    said = pm("act", "plan", *(r.key for r in records), "--json")
    assert [r["state"] for r in said.data["data"]] == ["planned", "planned"]
    assert set(Change.objects.filter(action="plan_feature").values_list("batch", flat=True)) == {
        Change.objects.filter(action="plan_feature").first().batch  # type: ignore[union-attr]
    }
    assert pm("undo", said.data["batch"]).code == 0
    assert {fresh(r).state for r in records} == {"idea"}


def test_act_is_all_or_nothing(pm: Run, world: World) -> None:
    fine, done = world.make("feature"), world.make("feature", state="shipped")
    assert pm("act", "plan_feature", fine.key, done.key).code == 5
    assert fresh(fine).state == "idea"


def test_act_asks_for_arguments_and_takes_them(pm: Run, world: World) -> None:
    record = world.make("feature")
    assert pm("act", "decline", record.key).code == 6
    assert pm("act", "decline-feature", record.key, "reason=Too dear").code == 0
    assert fresh(record).declined_reason == "Too dear"
    assert pm("act", "decline", "reason=x").code == 2


def test_act_unknown_names_the_nearest(pm: Run, world: World) -> None:
    record = world.make("feature")
    said = pm("act", "declin", record.key)
    assert said.code == 3
    assert "Did you mean decline?" in said.err


def test_archive_and_restore(pm: Run, world: World) -> None:
    record = world.make("feature")
    pm("act", "archive", record.key)
    assert fresh(record).archived_at is not None
    pm("act", "restore", record.key)
    assert fresh(record).archived_at is None


def test_verbs_of_every_record(pm: Run, world: World) -> None:
    record, note = world.make("feature"), world.make("feedback", body="I lost the boss key")
    assert pm("act", "comment", record.key, "body=Agreed").code == 0
    assert pm("act", "tag", record.key, "names=raids, keys").code == 0
    said = pm("act", "link", record.key, f"target={note.key}", "kind=evidence", "quote=boss key", "weight=2")
    assert said.code == 0
    assert Comment.objects.get().body == "Agreed"
    assert pm("get", record.key, "--json").data["tags"] == ["keys", "raids"]
    link = Link.objects.get(kind="evidence")
    assert (link.target_id, link.quote, link.weight) == (note.pk, "boss key", 2)
    assert pm("act", "comment", record.key, "text=x").code == 6
    assert pm("act", "comment", record.key).code == 6
    assert pm("act", "link", record.key, "target=N-999", "kind=evidence").code == 3


def test_undo_last_takes_back_what_this_person_did_here(pm: Run, world: World) -> None:
    record = world.make("feature", title="Old")
    assert pm("undo", "--last").code == 5
    pm("set", record.key, "title=New")
    assert pm("undo", "--last", "--dry-run").code == 0
    assert fresh(record).title == "New"
    said = pm("undo", "--last", "--json")
    assert said.data["reversed"] == 1
    assert fresh(record).title == "Old"
    assert pm("undo").code == 2
    assert pm("undo", "not-a-batch").code == 3
