"""Surveys that ask about all things at once: money within a purse, and everything in order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from threadline.inbound.priorities.models import ScoreInput
from threadline.inbound.surveys import asked, queries, results, rules, using, whole
from threadline.inbound.surveys.models import SurveyAnswer
from threadline.inbound.surveys.tests.conftest import WORDS, Asked
from threadline.kernel import rows, verbs
from threadline.kernel.errors import Invalid
from threadline.kernel.testing import World

PRICES = (100, 60, 40, 20)  # the sum is 220; five people with 22 each have half of that


class Whole(Asked):
    """A survey that asks for everything on one page."""

    def __init__(self, world: World, method: str, **values: Any) -> None:
        super().__init__(world, "kano", opened=False)
        ends = [f" = {price}" if method == "buying" else "" for price in PRICES]
        lines = zip(self.features, WORDS, ends, strict=True)
        items = "\n".join(f"{f.key}: {words}{end}" for f, words, end in lines)
        verbs.update(world.pm, "survey", self.survey, {"method": method, "items": items, **values})
        self.survey = rules.open_survey(world.pm, survey=self.survey.key)

    def send(self, token: str, said: Sequence[Any]) -> HttpResponse:
        sent = {"n": "1", **{f"i{at}": str(one) for at, one in enumerate(said)}}
        return self.browser.post(f"{self.address}?a={token}", sent)

    def answered(self, many: Sequence[Sequence[int]]) -> None:
        """Sheets of people who took their time and saw things in an order that is nobody's."""
        began = rows.now() - timedelta(hours=1)
        rows.insert(*(
            rows.blank(SurveyAnswer, workspace_id=self.survey.workspace_id, survey_id=self.survey.pk,
                       token_hash=rows.new_id().hex, plan=[[1, 3, 0, 2]], said={"0": list(said)}, began_at=began,
                       finished_at=began + timedelta(seconds=90))
            for said in many
        ))  # fmt: skip


@pytest.fixture
def buying(world: World) -> Whole:
    return Whole(world, "buying", players=5, purse=22)


@pytest.fixture
def ranking(world: World) -> Whole:
    return Whole(world, "ranking")


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ((22, 1, 0, 0), "You put down 23 and have 22: take 1 away."), ((0, 0, 0, 21), "costs 20: nobody pays more"),
        (("", "", "", ""), "Put something on"), (("1.5", 0, 0, 0), "whole numbers"), (("-4", 5, 0, 0), "whole numbers"),
        (("\u0663", 0, 0, 0), "whole numbers"), (("9" * 30, 0, 0, 0), "costs 100"),
    ],
)  # fmt: skip
def test_the_purse_is_kept(buying: Whole, said: tuple[Any, ...], wrong: str) -> None:
    token = buying.token()
    answer = buying.send(token, said)
    assert answer.status_code == 422
    assert wrong in answer.content.decode()
    assert buying.sheet(token).said == {}


def test_one_page_is_the_whole_sheet_and_says_nothing_of_the_records(buying: Whole) -> None:
    token = buying.token()
    page = buying.get(f"?a={token}").content.decode()
    assert all(words in page for words in WORDS)
    assert 'max="100"' in page
    assert "Secret name" not in page
    assert not any(f.key in page for f in buying.features)
    assert "script" not in page
    assert buying.send(token, (0, 12, 10, "")).status_code == 303
    assert "Your answers were kept" in buying.get(f"?a={token}").content.decode()
    sheet = buying.sheet(token)
    assert (sheet.said, sheet.finished_at is not None) == ({"0": [0, 12, 10, 0]}, True)
    buying.send(token, (22, 0, 0, 0))
    assert buying.sheet(token).said == {"0": [0, 12, 10, 0]}  # what is sent stays sent


def test_what_groups_would_have_and_what_each_paid(buying: Whole) -> None:
    """Five people who put 12 on the second and 10 on the third have 60 and 50: both are had, in every group of five."""
    buying.answered([(0, 12, 10, 0)] * 8)
    found = {one.words: one for one in results.figures(buying.world.pm, buying.survey)}
    assert [found[words].sure for words in WORDS] == [0.0, 1.0, 1.0, 0.0]
    assert found[WORDS[1]].numbers["paid"].value == 12
    assert found[WORDS[1]].numbers["share"].value == pytest.approx(1200 / 22)
    assert found[WORDS[1]].counts == {"price": 60, "buyers": 8}
    assert [one.words for one in results.figures(buying.world.pm, buying.survey)][:2] == [WORDS[1], WORDS[2]]


def test_a_thing_that_half_the_people_want_is_had_by_some_groups(buying: Whole) -> None:
    buying.answered([(22, 0, 0, 0)] * 6 + [(0, 0, 0, 20)] * 6)
    dear, cheap = (one for one in results.figures(buying.world.pm, buying.survey) if one.words in (WORDS[0], WORDS[3]))
    had = {dear.words: dear.sure, cheap.words: cheap.sure}
    assert had[WORDS[0]] == pytest.approx(1 / 32, abs=0.02)  # 100 of at most 110: only if all five are of those
    assert had[WORDS[3]] == pytest.approx(31 / 32, abs=0.02)  # 20: if any one of five is


@pytest.mark.parametrize(
    "values",
    [
        {"items": "One = 40\nTwo"}, {"items": "One = 40\nTwo = 0"}, {"items": "One = 40"}, {"players": 1},
        {"purse": 0}, {"purse": 44}, {"items": "\n".join(f"Thing {n} = 10" for n in range(16)), "purse": 1},
    ],
)  # fmt: skip
def test_what_cannot_be_bought_does_not_open(world: World, values: dict[str, Any]) -> None:
    given = {"title": "Buy", "method": "buying", "items": "A = 120\nB = 100", "players": 5, "purse": 22}

    def opened() -> None:
        rules.open_survey(world.pm, survey=verbs.create(world.pm, "survey", given | values).key)

    with pytest.raises(Invalid):
        opened()


def test_who_says_nothing_of_purses_gives_two_fifths_of_everything() -> None:
    assert whole.purse_of([asked.Item("A", "", 100), asked.Item("B", "", 120)], None, None) == 18  # 220 * 0.4 / 5


@pytest.mark.parametrize("said", [(1, 2, 3, 3), (1, 2, 3, 5), (0, 1, 2, 3), ("", 1, 2, 3), ("1.0", 2, 3, 4)])
def test_each_place_is_given_once(ranking: Whole, said: tuple[Any, ...]) -> None:
    token = ranking.token()
    answer = ranking.send(token, said)
    assert answer.status_code == 422
    assert "a place of its own" in answer.content.decode()
    assert ranking.sheet(token).said == {}


# Tennessee's four towns (voting theory's usual example): the places that each group gives to M, N, C, K.
TENNESSEE = [(1, 2, 3, 4)] * 42 + [(4, 1, 2, 3)] * 26 + [(4, 3, 1, 2)] * 15 + [(4, 3, 2, 1)] * 17


def test_one_order_of_many_and_where_they_disagree(ranking: Whole) -> None:
    ranking.answered(TENNESSEE)
    m, n, c, k = WORDS
    found = results.figures(ranking.world.pm, ranking.survey)
    assert [one.words for one in found] == [n, c, k, m]
    points = {one.words: one.numbers["points"].value * 3 * 100 for one in found}
    assert {w: round(p) for w, p in points.items()} == {m: 126, n: 194, c: 173, k: 107}
    contest = results.contest(ranking.survey, queries.counted(queries.respondents(ranking.survey)))
    assert contest is not None
    assert contest.borda == (n, c, m, k)
    assert contest.agreed == pytest.approx(393 / 600)
    assert [(p.above, p.below, p.so, p.otherwise) for p in contest.close[:3]] == [
        (n, m, 58, 42), (c, m, 58, 42), (k, m, 58, 42),
    ]  # fmt: skip
    assert contest.against == []
    assert {round(share, 2) for _, share in contest.apart} == {0.5}  # the 42 and the 17: three pairs of six


def test_a_circle_is_said(world: World, ranking: Whole, client: Client) -> None:
    """25 say ABCD, 40 BCAD, 35 CABD: B before C before A has the fewest against it, and most put A above B."""
    ranking.answered([(1, 2, 3, 4)] * 25 + [(3, 1, 2, 4)] * 40 + [(2, 3, 1, 4)] * 35)
    client.force_login(world.user("product_manager"))
    said = client.get(f"/w/north/{ranking.survey.key}/results").content.decode()
    assert f"60 of 100 put “{WORDS[0]}” above “{WORDS[1]}”" in said
    assert "Most people prefer in a circle" in said


def test_places_in_the_order_of_the_page_are_set_apart(ranking: Whole) -> None:
    ranking.answered([(3, 1, 4, 2), (2, 4, 1, 3), (1, 2, 3, 4)])  # shown: 1, 3, 0, 2
    doubts = [bool(one.doubt) for one in queries.respondents(ranking.survey)]
    assert doubts == [True, True, False]


def test_what_was_found_becomes_numbers_for_scores(world: World, buying: Whole) -> None:
    buying.answered([(0, 12, 10, 0)] * 6)
    buying.close()
    using.use_survey(world.pm, survey=buying.survey.key)
    kept = dict(ScoreInput.objects.filter(name="c_paid").values_list("feature__title", "value"))
    assert kept["Secret name 1"] == pytest.approx(5.45)
    assert kept["Secret name 0"] == 0


def test_ranks_become_numbers_for_scores(world: World, ranking: Whole) -> None:
    ranking.answered([(1, 2, 3, 4)] * 6)
    ranking.close()
    using.use_survey(world.pm, survey=ranking.survey.key)
    kept = ScoreInput.objects.filter(name="c_ranked").order_by("feature__title").values_list("value", flat=True)
    assert list(kept) == [10.0, 6.67, 3.33, 0.0]


@pytest.mark.parametrize("method", ["buying", "ranking"])
def test_results_and_file_are_read(world: World, client: Client, method: str) -> None:
    made = Whole(world, method)
    made.answered([(1, 4, 3, 2), (2, 1, 3, 4)])
    client.force_login(world.user("viewer"))
    page = client.get(f"/w/north/{made.survey.key}/results")
    assert page.status_code == 200
    assert all(words in page.content.decode() for words in WORDS)
    lines = client.get(f"/w/north/{made.survey.key}/results?file=csv").content.decode().splitlines()
    assert len(lines) == 3
    assert lines[1].endswith("1,4,3,2")
