"""What is proposed for the columns of files such as people have."""

from __future__ import annotations

import pytest

from threadline.exchange import carrying
from threadline.exchange.mapping import Pair, from_json
from threadline.exchange.runs import ImportRun
from threadline.exchange.tests.conftest import Desk
from threadline.kernel.testing import World


def aims(run: ImportRun) -> dict[str, str]:
    return {p.column: p.to for p in from_json(run.mapping).pairs}


REVIEWS = [["review", "label"], ["It drops every call.", "bug report"], ["Please add a widget.", "feature request"]]
ISSUES = [
    ["repo", "created_at", "label", "title", "body"],
    ["acme/app", "2026-03-04 05:06:07", "bug", "Crash on save", "Steps to repeat it: save twice."],
    ["acme/app", "2026-04-05 06:07:08", "question", "How to export", "I cannot find where the export has gone."],
]
GAMES = [
    ["review", "rating", "total_game_hours", "date_posted"],
    ["Best one yet, the transfer market works now.", "Recommended", "197.9", "Jan 13, 2026, 3:50PM"],
    ["Same as last year with another name on it.", "Not Recommended", "460.5", "Nov 30, 2025, 4:26PM"],
]


def test_reviews_are_bodies_and_labels_are_tags(desk: Desk) -> None:
    assert aims(desk.take(REVIEWS)) == {"review": "body", "label": "tags"}


def test_issues_keep_title_body_and_day(desk: Desk) -> None:
    found = aims(desk.take(ISSUES))
    assert found == {"created_at": "received_on", "label": "tags", "title": "title", "body": "body"}


def test_a_rating_in_words_is_not_taken_for_a_number(desk: Desk) -> None:
    assert aims(desk.take(GAMES)) == {"review": "body", "date_posted": "received_on"}


def test_answers_to_several_questions_become_one_text_with_the_questions_above(desk: Desk) -> None:
    columns = ["Respondent ID", *(f"Question {n}: what would you change about part {n}?" for n in range(5))]
    rows = [[str(who), *(f"answer {who} to question {n}, at length" for n in range(5))] for who in range(60)]
    run = desk.take([columns, *rows])
    assert aims(run) == {"Respondent ID": "source_id", **dict.fromkeys(columns[1:], "body")}
    assert from_json(run.mapping).headings


def test_columns_without_names_are_named_by_the_first_row(desk: Desk) -> None:
    rows = [
        ["Unnamed: 0", "Unnamed: 1"],
        ["Task", "Notes: what they said"],
        ["1", "She looked for the menu a long time."],
    ]
    run = desk.take(rows)
    assert run.report["columns"] == ["Task", "Notes: what they said"]
    assert carrying.check(desk.actor, run)["rows"] == 1


def test_an_id_that_repeats_is_no_id(desk: Desk) -> None:
    assert "source_id" not in aims(desk.take([["id", "text"], ["1", "first words"], ["1", "second words"]])).values()
    assert aims(desk.take([["id", "text"], ["1", "first words"], ["2", "second words"]]))["id"] == "source_id"


def test_names_that_nobody_here_has_are_made_for_records_and_left_for_products(desk: Desk, world: World) -> None:
    rows = [["text", "customer", "product"], ["More words, please.", "Acme Ltd", "Nowhere"]]
    run = desk.take(rows)
    assert aims(run)["customer"] == "account"
    assert from_json(run.mapping).missing == {"account": "create"}
    assert "product" not in aims(run)
    world.product("Nowhere")
    assert aims(desk.take(rows))["product"] == "product"


def test_looks_decide_where_names_do_not(desk: Desk) -> None:
    rows = [
        ["who", "where", "said"],
        ["a@b.example", "https://x.example/1", "words"],
        ["c@d.example", "https://x.example/2", "w"],
    ]
    assert aims(desk.take(rows, kind="contact", source="people"))["who"] == "email"
    assert aims(desk.take(rows))["where"] == "url"


def test_the_order_of_dates_is_found_in_the_file_and_said(desk: Desk) -> None:
    rows = [["text", "date"], *(["Words of somebody.", "1/2/2026"] for _ in range(300)), ["Last words.", "3/25/2026"]]
    run = desk.take(rows)
    assert next(p.order for p in from_json(run.mapping).pairs if p.to == "received_on") == "mdy"
    assert "month, day, year" in run.report["assumed"][0]
    assert "3/25/2026" in run.report["assumed"][0]


def test_a_smaller_scale_is_pointed_out(desk: Desk) -> None:
    run = desk.take([["text", "stars"], ["Fine words.", "5"], ["Other words.", "1"]])
    assert any("out of 5" in note for note in run.report["assumed"])


@pytest.mark.parametrize("source", ["reviews", "another name for it"])
def test_what_was_chosen_is_remembered_by_source_and_by_the_column_names(desk: Desk, source: str) -> None:
    rows = [["one", "two"], ["Words that say something.", "9"]]
    run = desk.choose(desk.take(rows), Pair("one", "body"), Pair("two", "rating"), constants={"channel": "survey"})
    desk.bring(run)
    again = desk.take([["two", "one"], ["7", "Other words altogether."]], source=source)
    assert aims(again) == {"one": "body", "two": "rating"}
    assert from_json(again.mapping).constants == {"channel": "survey"}
    assert again.report["sure"]["one"] == "remembered"


def test_what_is_remembered_for_one_workspace_is_unknown_in_another(
    desk: Desk, desk_of: type[Desk], world: World
) -> None:
    rows = [["one", "two"], ["Words.", "9"]]
    desk.bring(desk.choose(desk.take(rows), Pair("one", "body"), Pair("two", "rating")))
    assert "two" not in aims(desk_of(world.stranger).take(rows))
