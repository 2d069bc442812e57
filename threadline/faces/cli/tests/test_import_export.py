"""threadline import and export, as a person at a terminal."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from django.conf import LazySettings

from threadline.exchange.runs import ImportRun
from threadline.faces.cli.tests.conftest import Run
from threadline.inbound.feedback.models import Account, Feedback
from threadline.kernel.testing import World


@pytest.fixture
def reviews(tmp_path: Path, settings: LazySettings) -> Path:
    """A file of reviews; uploads go to a folder of the test."""
    settings.DATA_DIR = tmp_path / "data"
    path = tmp_path / "reviews.csv"
    path.write_text(
        "review,verdict,when,company\n"
        "The map never loads.,Recommended,23/4/2026,Acme\n"
        '"Too slow, and it crashes.",Not Recommended,1/5/2026,Borealis\n'
    )
    return path


def test_a_trial_says_what_would_happen_and_writes_nothing(pm: Run, reviews: Path) -> None:
    said = pm("import", "feedback", str(reviews), "--source", "app", "--dry-run")
    assert said.code == 0
    assert said.out == ""
    for text in (
        "review goes to Body",
        "when goes to Heard, dmy",
        "2 rows: 2 new",
        "Makes 2 accounts",
        "verdict: 2 values",
        "Trial only",
    ):
        assert text in said.err, text
    assert not Feedback.objects.exists()
    assert not ImportRun.objects.exists()


def test_a_file_comes_in_by_its_own_column_names_and_once_only(pm: Run, reviews: Path) -> None:
    said_of_verdicts = ("verdict:Recommended=10", "verdict:Not Recommended=1")
    words = ["import", "feedback", str(reviews), "--source", "app", "--const", "channel=app_review"]
    words += ["--map", "verdict=rating", "--map", "company=", *(w for v in said_of_verdicts for w in ("--value", v))]
    said = pm(*words)
    assert (said.code, said.out) == (0, "2 created\n")
    assert "threadline undo" in said.err
    assert list(Feedback.objects.order_by("number").values_list("rating", "channel")) == [
        (10, "app_review"),
        (1, "app_review"),
    ]
    assert not Account.objects.exists()
    again = pm("import", "feedback", str(reviews), "--source", "app")
    assert again.out == "2 unchanged\n"  # remembered: nothing had to be said again


def test_json_holds_the_report_the_mapping_and_the_batch(pm: Run, reviews: Path) -> None:
    data = pm("import", "feedback", str(reviews), "--source", "app", "--json").data
    assert (data["state"], data["counts"]["created"], data["report"]["create"]) == ("done", 2, 2)
    assert data["mapping"]["missing"] == {"account": "create"}
    undone = pm("undo", data["batch"])
    assert undone.code == 0
    assert not Feedback.objects.filter(archived_at=None).exists()


def test_bad_rows_stop_it_until_they_are_skipped(pm: Run, reviews: Path, tmp_path: Path) -> None:
    with reviews.open("a") as out:
        out.write("Another day.,,31/02/2026,\n")
    rejected = tmp_path / "bad.csv"
    words = ("import", "feedback", str(reviews), "--source", "app", "--map", "when=received_on")
    said = pm(*words, "--rejected", str(rejected))
    assert said.code == 6
    assert "Nothing was brought in: 1 bad row" in said.err
    assert "--skip-bad" in said.err
    row = next(csv.DictReader(io.StringIO(rejected.read_text("utf-8-sig"))))
    assert "no such day" in row["why not"]
    assert not Feedback.objects.exists()
    skipped = pm(*words, "--skip-bad")
    assert (skipped.code, skipped.out) == (0, "2 created\n")
    assert "1 bad row left out" in skipped.err


def test_mistakes_are_told_with_the_next_step(pm: Run, reviews: Path, tmp_path: Path) -> None:
    cases = [
        ((str(reviews),), 2, "--source NAME"),
        ((str(tmp_path / "nothing.csv"), "--source", "x"), 2, "No such file"),
        ((str(reviews), "--source", "x", "--map", "reviw=body"), 6, "Did you mean review?"),
        ((str(reviews), "--source", "x", "--map", "review=bdy"), 6, "Did you mean body?"),
        ((str(reviews), "--source", "x", "--map", "review"), 2, "name=value"),
        ((str(reviews), "--source", "x", "--const", "channel=smoke"), 6, "Expected one of"),
        ((str(reviews), "--source", "x", "--map", "verdict=rating", "--out-of", "verdict=many"), 2, "takes a number"),
        ((str(reviews), "--source", "x", "--value", "verdict:Recommended=10"), 2, "goes nowhere yet"),
    ]
    for words, code, text in cases:
        said = pm("import", "feedback", *words)
        assert (said.code, text in said.err) == (code, True), (words, said.err)
    assert not Feedback.objects.exists()
    assert not ImportRun.objects.exists()


def test_whoever_may_not_import_cannot(run: Run, reviews: Path, world: World) -> None:
    said = run("import", "feedback", str(reviews), "--source", "x", "--as", world.user("viewer").email, "-w", "north")
    assert said.code == 4


def test_stdin_is_a_file_too(pm: Run, reviews: Path) -> None:
    said = pm("import", "accounts", "-", "--source", "crm", stdin='[{"name": "Acme"}, {"name": "Borealis"}]')
    assert said.out == "2 created\n"
    assert set(Account.objects.values_list("title", flat=True)) == {"Acme", "Borealis"}


@pytest.mark.parametrize("ending", ["csv", "json", "xlsx"])
def test_an_export_comes_back_unchanged(pm: Run, reviews: Path, tmp_path: Path, ending: str) -> None:
    pm("import", "feedback", str(reviews), "--source", "app")
    path = tmp_path / f"out.{ending}"
    said = pm("export", "feedback", "-o", str(path))
    assert said.code == 0
    assert "2 records written" in said.err
    assert not path.with_name(f"out.{ending}.part").exists()
    assert pm("import", "feedback", str(path), "--source", "sheet").out == "2 unchanged\n"


def test_an_export_goes_to_stdout_with_a_query_and_fields(pm: Run, world: World) -> None:
    world.make("feedback", body="Words.", rating=9)
    world.make("feedback", body="Words too.", rating=1)
    said = pm("export", "feedback", "rating>5", "--fields", "rating", "--json")
    assert [(r["rating"], r["key"]) for r in json.loads(said.out)] == [(9.0, "N-1")]
    assert pm("export", "feedback", "--fields", "nonsense").code == 6
