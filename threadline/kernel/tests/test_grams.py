"""Chinese, Japanese and Korean text is found by any part of it, and by no part that it does not hold."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from threadline.formats import grams
from threadline.kernel import search, similar, verbs
from threadline.kernel.errors import Invalid
from threadline.kernel.testing import World, rolled_back
from threadline.kernel.verbs import create

JAPANESE = "電車の中で地図アプリが読み込めません。オフラインで使えるようにしてほしい。"
CHINESE = "地铁里地图无法加载，请支持离线使用。"
KOREAN = "지하철에서 지도를 불러올 수 없습니다."

# 東 京 ア 한 and the like: few, so that parts meet by chance
letters = st.sampled_from("東京都アプリ々ー한국漢")
texts = st.text(letters | st.sampled_from("ab 、。-"), max_size=30)


def keys(world: World, words: str) -> list[str]:
    return [hit.key for hit in search.find(world.pm, words)]


@pytest.mark.parametrize("text", [JAPANESE, CHINESE, KOREAN])
def test_every_part_of_two_and_more_characters_is_found(world: World, text: str) -> None:
    note = world.make("feedback", title="A note", body=text)
    world.make("feedback", title="Another", body="まったく別の話。完全不同的事。전혀 다른 이야기.")
    for sentence in search.terms(text):
        for word in sentence[0]:
            parts = {word[a : a + size] for size in range(2, 9) for a in range(len(word) - size + 1)}
            assert parts or len(word) == 1
            for part in sorted(parts):
                assert note.key in keys(world, part), part
                assert note.key in keys(world, f'"{part}"'), part


def test_what_is_not_there_is_not_found(world: World) -> None:
    world.make("feedback", title="東京都庁の地図", body="読み込めません")
    for words in ("京東", "都地図", "東京庁", "図読", "地図読み", "東京 無い", '"東京 地図"'):
        assert keys(world, words) == [], words
    for words in ("京都", "庁の", "東京 地図", "図", "東", "せん"):  # a part need not be a word of the language
        assert len(keys(world, words)) == 1, words


def test_two_writings_in_one_word_and_in_one_search(world: World) -> None:
    made = world.make("feature", title="iPhone充電の通知", body="dark 表示 with ｶﾀｶﾅ")
    for words in (
        "iphone",
        "充電",
        "iPhone充電",
        "電の通",
        "dark",
        "dark 表示",
        '"dark 表示"',
        "カタカナ",
        "ｶﾀ",
        "iphone 表",
    ):
        assert keys(world, words) == [made.key], words
    assert keys(world, '"表示 dark"') == []
    assert keys(world, "iPad充電") == []


def test_a_change_is_found_and_the_former_text_is_not(world: World) -> None:
    made = world.make("feature", title="地図の保存", body="plain words")
    verbs.update(world.pm, "feature", made.pk, {"title": "Saving maps", "body": "検索結果"})
    assert keys(world, "保存") == []
    assert keys(world, "索結") == keys(world, "saving") == [made.key]
    assert search.held([made.pk])[made.pk][2] is True


def test_a_title_counts_more_than_a_body(world: World) -> None:
    world.make("feature", title="Other", body="地図" * 3)
    made = world.make("feature", title="地図")
    assert keys(world, "地図")[0] == made.key


def test_notes_alike_are_suggested(world: World) -> None:
    about = world.make("feedback", title="地図アプリが電車で読み込めない")
    world.make("feedback", title="請求書の住所を変更したい")
    found = similar.similar(world.pm, "電車の中で地図が読み込めません", "feedback")
    assert [one.key for one in found][:1] == [about.key]


@given(texts, texts)
def test_a_part_is_asked_for_as_the_index_has_it(text: str, part: str) -> None:
    """The words of the search stand in a row in those of the text, exactly when its runs hold the part."""
    words, begins = grams.asked(grams.WORD.findall(part)[:1])
    if not words or not grams.has_any(part) or not grams.has_any(words[0]):
        return
    held = grams.cut(text).split()
    starts = range(len(held) - len(words) + 1)
    match = [held[s : s + len(words)] for s in starts]
    found = any(m[:-1] == words[:-1] and (m[-1].startswith(words[-1]) if begins else m[-1] == words[-1]) for m in match)
    sought = grams.WORD.findall(part)[0]
    pure = all(grams.has_any(letter) for letter in sought)
    if pure:
        assert found == (sought in text)
    elif found:
        assert sought in text


@pytest.mark.parametrize("text", ["", "plain words", "Füße naïve", "Ωμέγα", "привет", "— “quoted” …"])
def test_other_writing_is_left_as_it_is(text: str) -> None:
    assert grams.cut(text) == ""
    assert grams.asked(text.split()) == (text.split(), False)


@pytest.mark.parametrize(
    "text",
    [
        *("F-1", "-5", "2.5e3", "v2.0.1-beta", "iOS17.2", "C++17", "<b>lost</b>", "&raid;", "and/or"),
        *("https://example.org/lost/raid-boss?map=2", "etc/lost_raid.yaml", "kaisa.lund@example.org"),
    ],
)
def test_every_word_of_what_is_no_plain_sentence_is_found(world: World, text: str) -> None:
    note = world.make("feedback", title="A note", body=f"They wrote ({text}) and left.")
    for asked in (text, *(word for words, _ in search.terms(text) for word in words)):
        assert note.key in keys(world, f"{asked} wrote"), asked


def test_a_title_comes_before_a_body_and_the_shorter_text_before_the_longer(world: World) -> None:
    title = world.make("feature", title="The harbour at night", body="Ships come and go.")
    short = world.make("feature", title="Tides", body="Boats wait in the harbour.")
    long = world.make("feature", title="Crews", body="Boats wait in the harbour. " + "Wind and rain go by. " * 20)
    newest = world.make("feature", title="Fog", body="Boats wait in the harbour too. " + "Wind and rain go by. " * 40)
    assert keys(world, "harbour") == [one.key for one in (title, short, long, newest)]


@given(text=st.text(max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_can_be_indexed_and_asked_for(world: World, text: str) -> None:
    text = text.encode("utf-8", "ignore").decode().replace("\0", "")
    with rolled_back():
        try:
            made = create(world.pm, "feature", {"title": f"x {text}"[:200]})
        except Invalid:
            return
        assert search.held([made.pk])[made.pk][2] is True
        search.find(world.pm, text)
