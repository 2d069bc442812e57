"""Themes are named in the writers' words: phrases that tell, and never a word that fits any backlog."""

from __future__ import annotations

import numpy as np

from threadline.reading import naming, themes


def named(*groups: list[str]) -> list[naming.Named]:
    texts = themes.gather(("", said) for group in groups for said in group)
    of = np.concatenate([[n] * len(group) for n, group in enumerate(groups)])
    return naming.names(texts, of, len(groups))


DARK = ["A dark mode please", "Dark mode for the night", "I want dark mode", "My eyes: dark mode", "Dark mode, when"]
EXPORT = ["Cannot export to CSV", "Export to CSV breaks off", "export to csv is slow", "Exporting to CSV"]
PHOTOS = [
    "Photos look blurred",
    "Blurred photos again",
    "All photos blurred",
    "Why are photos blurred",
    "photos blurred",
]


def test_a_name_is_a_phrase_that_the_group_says_and_others_do_not() -> None:
    dark, export, photos = named(DARK, EXPORT, PHOTOS)
    assert dark.title == "dark mode"
    assert export.title == "export to csv"
    assert photos.title == "photos blurred"


def test_little_words_name_nothing_however_they_are_written() -> None:
    said = ["I dont get the calendar", "It does n't sync the calendar", "you cant open the calendar"] * 4
    first, _ = named([f"{s} {n}" for n, s in enumerate(said)], ["Photos look blurred"] * 12)
    assert not {"dont", "cant", "n't"} & set(" ".join((first.title, *first.phrases)).split())


def test_what_judges_and_what_fits_anywhere_names_nothing() -> None:
    bad = [
        "Bad app, bad battery drain",
        "Great app but battery drain",
        "app app app: battery drain",
        "Battery drain, bad",
    ]
    first, _ = named(bad * 2, DARK)
    assert first.title == "battery drain"
    assert not {"bad", "great", "app"} & set(" ".join(first.phrases).split())
    nothing, _ = named(["Bad app", "Great app", "I love this app", "Worst app of all"] * 2, DARK)
    assert nothing.title == ""


def test_questions_of_a_form_and_code_name_nothing() -> None:
    form = "## What did you expect\n\n{}\n\n## Willing to contribute\n\n```\nimport secret_module\n```"
    first, _ = named([form.format(f"The wallet balance is off, case {n}") for n in range(9)], DARK)
    assert first.title == "wallet balance"
    assert not any(word in " ".join(first.phrases) for word in ("contribute", "expect", "secret"))


def test_two_groups_that_say_the_same_most_are_told_apart() -> None:
    one = [f"Dark mode for {what} view {n}" for n, what in enumerate(["calendar"] * 6)]
    other = [f"Dark mode in printed lists {n}" for n in range(6)]
    first, second = named(one, other)
    assert first.title != second.title


def test_where_nobody_says_the_same_phrase_the_telling_word_has_company() -> None:
    said = ["Invoices arrive late", "Wrong invoices", "Send paper invoices", "Old invoices vanish", "Invoices twice"]
    first, _ = named(said, DARK * 3)
    assert "invoices" in first.title
    assert len(first.title.replace(",", "").split()) == 2


def test_words_of_a_writing_without_spaces_are_laid_over_each_other() -> None:
    first, _ = named(["検索結果が遅い", "検索結果なし", "検索結果を保存"], DARK)
    assert "検索結" in first.title
    assert " " not in first.title.split(",")[0]


def test_a_second_word_that_many_say_goes_before_what_one_text_has_next_to_the_first() -> None:
    said = ["Auf dem tablet nur Stille", "A message, and black went the tablet", "The tablet lost a message"]
    first, _ = named(said, [f"Invoice {n} came late" for n in ("one", "two", "three", "four", "five", "six")])
    assert set(first.title.split(", ")) == {"tablet", "message"}


def test_what_hardly_any_text_of_a_group_says_is_not_shown_for_it() -> None:
    mine = [f"The printer jams with paper, item {n}" for n in range(60)] + ["Zebras!"] * 3
    others = [
        f"{what} fails for user {n}"
        for what in ["login", "invoice", "search", "map", "chat", "photo"]
        for n in range(80)
    ]
    first, _ = named(mine, others)
    assert "printer" in " ".join(first.phrases)
    assert "zebras" not in first.phrases
