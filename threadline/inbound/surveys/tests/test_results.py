"""Results: the published figures from answers as they came in, the doubted apart, and scores that cite the survey."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from threadline.inbound.priorities.models import ScoreInput
from threadline.inbound.surveys import queries, results, rules, using
from threadline.inbound.surveys.models import Survey, SurveyAnswer
from threadline.inbound.surveys.tests.conftest import WORDS, Asked
from threadline.kernel import rows
from threadline.kernel.links import Link
from threadline.kernel.testing import World, fresh

PAIRS = {"A": ("like", "neutral"), "O": ("like", "dislike"), "M": ("neutral", "dislike"), "I": ("neutral", "neutral")}


def written(asked: Asked, said: list[Any], **values: Any) -> None:
    """A sheet as somebody would have left it, without the way through the pages."""
    plan = list(range(4)) if asked.survey.method != "maxdiff" else values.pop("plan")
    now = rows.now()
    SurveyAnswer.objects.create(
        workspace=asked.world.north, survey=asked.survey, token_hash=str(rows.new_id()), plan=plan,
        said={str(n): list(pair) for n, pair in enumerate(said)}, began_at=now - timedelta(minutes=5),
        finished_at=now, **values,
    )  # fmt: skip


@pytest.fixture
def reader(world: World) -> Client:
    client = Client()
    client.force_login(world.user("product_manager"))
    return client


def test_kano_from_the_pages_to_the_category(kano: Asked, reader: Client) -> None:
    for letter in "AAOM":
        kano.fill(lambda item, at=letter: PAIRS[at] if item == 0 else PAIRS["MIOA"[item]])
    found = {f.words: f for f in results.figures(kano.world.pm, fresh(kano.survey))}
    first = found[WORDS[0]]
    assert (first.verdict, first.key) == ("Attractive", kano.features[0].key)
    assert first.counts == {"A": 2, "O": 1, "M": 1, "I": 0, "R": 0, "Q": 0}
    assert (first.numbers["better"].value, first.numbers["worse"].value) == (0.75, -0.5)
    assert [found[w].verdict for w in WORDS[1:]] == ["Indifferent", "Performance", "Attractive"]
    page = reader.get(f"/w/north/{kano.survey.key}/results").content.decode()
    assert "The answers of 4 people count" in page
    assert "Fewer than thirty people" in page


def test_the_published_opportunity_from_answers(opportunity: Asked) -> None:
    """Nine of ten say it is important, three that they are content: (9, 3) is 15."""
    for n in range(10):
        pair = (5 if n < 9 else 2, 4 if n < 3 else 1)
        written(opportunity, [pair, (4, 4), (1, 5), (2, 2)])
    first = results.figures(opportunity.world.pm, opportunity.survey)[0]
    assert (first.words, first.numbers["score"].value, first.verdict) == (WORDS[0], 15.0, "extreme")


def test_best_and_worst_from_the_pages_counts_the_repeated_set_once(maxdiff: Asked) -> None:
    """Everybody prefers a lower number: the order is found, and the set that came twice is not counted twice."""
    for _ in range(3):
        maxdiff.fill(lambda shown: (str(min(shown)), str(max(shown))))
    found = results.figures(maxdiff.world.pm, maxdiff.survey)
    assert [f.words for f in found] == list(WORDS)
    sheet = SurveyAnswer.objects.first()
    assert sheet is not None
    assert sum(f.counts["shown"] for f in found) == 3 * 3 * (len(sheet.plan) - 1)
    assert sum(f.numbers["share"].value for f in found) == pytest.approx(100)


def test_best_and_worst_says_what_each_is_to_one_person_and_another(world: World, reader: Client) -> None:
    """Half choose from the top of the list and half from its end: together a tie, one by one not."""
    asked = Asked(world, "maxdiff", segments="Small team\nLarge company")

    def from_the_top(shown: Any) -> tuple[str, str]:
        return str(min(shown)), str(max(shown))

    def from_the_end(shown: Any) -> tuple[str, str]:
        return str(max(shown)), str(min(shown))

    for n in range(8):
        small = n % 2 == 0
        asked.fill(
            from_the_top if small else from_the_end,
            segment="Small team" if small else "Large company",
        )
    people = queries.counted(queries.respondents(asked.survey))
    each = results.each_person(asked.survey, people)
    assert [row.index(max(row)) for row in each] == [0, 3] * 4
    found = {s.words: s for s in results.spreads(asked.survey, people)}
    assert (found[WORDS[0]].first, found[WORDS[3]].first, found[WORDS[1]].first) == (4, 4, 0)
    assert found[WORDS[0]].low < -0.3 < 0.3 < found[WORDS[0]].high
    page = reader.get(f"/w/north/{asked.survey.key}/results").content.decode()
    assert "From person to person" in page
    assert ", utility " in page.partition("By kind of people")[2]
    table = reader.get(f"/w/north/{asked.survey.key}/results?file=csv").content.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(table)))
    assert [float(line[f"Utility: {WORDS[0]}"]) > 0 for line in lines] == [True, False] * 4


def test_the_doubted_are_shown_with_the_reason_and_counted_only_when_asked_for(kano: Asked, reader: Client) -> None:
    kano.fill(lambda item: PAIRS["AOMI"[item]])
    kano.fill(lambda item: PAIRS["AOMI"[item]], after=3)
    kano.fill(lambda _: ("like", "like"))
    kano.fill(lambda _: ("neutral", "neutral"))
    kano.fill(lambda item: PAIRS["AOMI"[item]], website="x")
    reasons = [p.doubt.partition(" ")[0] for p in queries.respondents(kano.survey)]
    assert reasons == ["", "Took", "Likes,", "Gave", "Filled"]
    address = f"/w/north/{kano.survey.key}/results"
    page = reader.get(address).content.decode()
    assert "The answers of 1 person count" in page
    assert "Set apart" in page
    assert "Took less than 2 seconds a question." in page
    everybody = reader.get(f"{address}?with=all").content.decode()
    assert "The answers of 5 people count" in everybody
    assert "Counted, though doubted" in everybody


def test_somebody_who_turns_best_and_worst_round_is_set_apart(maxdiff: Asked) -> None:
    seen: list[list[int]] = []

    def fickle(shown: list[int]) -> tuple[str, str]:
        again = bool(seen) and sorted(shown) == sorted(seen[0])
        seen.append(shown)
        return (str(max(shown)), str(min(shown))) if again else (str(min(shown)), str(max(shown)))

    maxdiff.fill(fickle)
    maxdiff.fill(lambda shown: (str(min(shown)), str(max(shown))))
    assert [p.doubt.partition(" ")[0] for p in queries.respondents(maxdiff.survey)] == ["Turned", ""]


def test_segments_are_read_apart(world: World, reader: Client) -> None:
    asked = Asked(world, "opportunity", segments="Small team\nLarge company")
    for n in range(6):
        small = n < 3
        written(asked, [(5, 1) if small else (1, 5)] * 3 + [(4, 4)], segment="Small team" if small else "Large company")
    address = f"/w/north/{asked.survey.key}/results"
    page = reader.get(address).content.decode()
    assert "By kind of people" in page
    assert "The answers of 3 people of Small team count" in reader.get(f"{address}?segment=Small+team").content.decode()
    assert "The answers of 6 people count." in reader.get(f"{address}?segment=Nobody").content.decode()
    mine = queries.counted(queries.respondents(asked.survey), "Small team")
    assert results.of_people(asked.survey, mine)[0].numbers["score"].value == 20.0


def test_answers_leave_as_a_table_and_addresses_only_for_those_who_may_read_them(world: World) -> None:
    asked = Asked(world, "kano", ask_email=True)
    asked.fill(lambda _: ("like", "dislike"), email="ana@customer.example")
    said = {}
    for role in ("product_manager", "viewer"):
        client = Client()
        client.force_login(world.user(role))
        answer = client.get(f"/w/north/{asked.survey.key}/results?file=csv")
        said[role] = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert said["product_manager"][0]["E-mail"] == "ana@customer.example"
    assert said["viewer"][0][f"{WORDS[0]}: with it"] == "like"
    assert "ana@" not in str(said["viewer"])


def test_scores_cite_the_survey(world: World, opportunity: Asked) -> None:
    for n in range(10):
        written(opportunity, [(5 if n < 9 else 2, 4 if n < 3 else 1), (4, 4), (1, 5), (2, 2)])
    opportunity.close()
    using.use_survey(world.pm, survey=opportunity.survey.key)
    made = ScoreInput.objects.filter(feature=opportunity.features[0]).order_by("name")
    assert [(i.name, i.value) for i in made] == [("importance", 9.0), ("satisfaction", 3.0)]
    one = made[0]
    assert one.low is not None
    assert one.high is not None
    assert one.low <= 9 <= one.high
    assert one.basis == f"Survey {opportunity.survey.key}, 10 people: What matters to you?"
    assert one.stated_on == rules.today()
    assert Link.objects.filter(source_id=one.pk, target_id=opportunity.survey.pk, kind="read_from").exists()
    assert ScoreInput.objects.count() == 8


def test_kano_becomes_criteria_and_best_and_worst_a_share(world: World, kano: Asked, maxdiff: Asked) -> None:
    for letter in "AAOMO":
        kano.fill(lambda item, at=letter: PAIRS[at] if item == 0 else PAIRS["MIOA"[item]])
        maxdiff.fill(lambda shown: (str(min(shown)), str(max(shown))))
    for asked in (kano, maxdiff):
        asked.close()
        using.use_survey(world.pm, survey=asked.survey.key)
    said = {i.name: i.value for i in ScoreInput.objects.filter(feature=kano.features[0])}
    assert said == {"c_satisfies": 8.0, "c_missed": 6.0}
    assert list(ScoreInput.objects.filter(feature=maxdiff.features[0]).values_list("name", flat=True)) == [
        "maxdiff_share"
    ]


def test_a_handful_is_no_score_and_a_hidden_feature_gets_none(world: World, kano: Asked) -> None:
    for _ in range(4):
        kano.fill(lambda item: PAIRS["AOMI"[item]])
    kano.close()
    with pytest.raises(Exception, match="At least 5 people"):
        using.use_survey(world.pm, survey=kano.survey.key)
    assert not ScoreInput.objects.exists()


def test_results_are_kept_from_strangers(world: World, kano: Asked) -> None:
    client = Client()
    client.force_login(world.user("product_manager", "south"))
    assert client.get(f"/w/north/{kano.survey.key}/results").status_code == 404


def test_a_feature_is_added_in_words_of_its_own(world: World) -> None:
    survey = world.make("survey", items="Dark pages")
    feature = world.make("feature", title="Secret name")
    rules.ask_about(world.pm, survey=survey.key, feature=feature.key, words="  Sign in   by mail ")
    assert fresh(survey).items == f"Dark pages\n{feature.key}: Sign in by mail"


def test_a_survey_shows_its_address_only_while_it_takes_answers(world: World, kano: Asked, reader: Client) -> None:
    page = f"/w/north/{kano.survey.key}"
    assert kano.address in reader.get(page).content.decode()
    Survey.objects.filter(pk=kano.survey.pk).update(closes_on=rules.today() - timedelta(days=1))
    ended = reader.get(page).content.decode()
    assert kano.address not in ended
    assert "takes no more answers" in ended
    draft = Asked(world, "kano", opened=False)
    assert draft.address not in reader.get(f"/w/north/{draft.survey.key}").content.decode()
