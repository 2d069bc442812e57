"""The page for those outside: nothing of ours leaks through it, and nothing that people said is lost or doubled."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.core.cache import caches

from threadline.inbound.surveys import queries, rules
from threadline.inbound.surveys.listeners import close_what_is_over
from threadline.inbound.surveys.models import Survey, SurveyAnswer
from threadline.inbound.surveys.tests.conftest import WORDS, Asked
from threadline.kernel import rows, verbs, work
from threadline.kernel.changes import Change
from threadline.kernel.testing import World, fresh


def test_it_shows_what_its_author_wrote_and_nothing_of_the_records(kano: Asked) -> None:
    """The words of a line, never the key before them nor the title of the feature."""
    token = kano.token()
    pages = [kano.get(), *(kano.get(f"?a={token}&n={n}") for n in range(1, 5)), kano.say(token, 1, "x", "y")]
    seen = " ".join(page.content.decode() for page in pages)
    assert "Secret name" not in seen
    assert not any(f.key in seen for f in kano.features)
    assert "North" not in seen
    assert "script" not in seen
    assert any(words in seen for words in WORDS)
    for page in pages:
        assert not page.cookies
        assert page["Referrer-Policy"] == "no-referrer"
        assert page["Cache-Control"] == "private, no-store"
        assert "frame-ancestors 'none'" in page["Content-Security-Policy"]


def test_a_sheet_is_filled_a_question_at_a_time_and_can_be_gone_on_with(kano: Asked) -> None:
    token = kano.token()
    assert kano.say(token, 1, "like", "dislike")["Location"] == f"{kano.address}?a={token}&n=2"
    later = kano.get(f"?a={token}").content.decode()
    assert "2 of 4" in later
    back = kano.get(f"?a={token}&n=1").content.decode()
    assert 'value="like" required checked' in back
    kano.say(token, 1, "expect", "tolerate")
    for number in (2, 3, 4):
        kano.say(token, number, "neutral", "dislike")
    assert "Your answers were kept" in kano.get(f"?a={token}").content.decode()
    sheet = kano.sheet(token)
    assert sheet.finished_at is not None
    assert sheet.said["0"] == ["expect", "tolerate"]
    kano.say(token, 1, "like", "like")
    assert kano.sheet(token).said["0"] == ["expect", "tolerate"]  # what is sent stays sent
    assert SurveyAnswer.objects.count() == 1


def test_no_question_is_left_out(opportunity: Asked) -> None:
    token = opportunity.token()
    opportunity.say(token, 4, "5", "1")  # beyond the first open one: kept as the first
    assert list(opportunity.sheet(token).said) == ["0"]


@pytest.mark.parametrize(
    ("method", "first", "second"),
    [
        ("kano", "like", ""), ("kano", "like", "adore"), ("opportunity", "0", "3"), ("opportunity", "6", "3"),
        ("opportunity", "\u0663", "3"), ("opportunity", "5", ""), ("maxdiff", "0", "0"), ("maxdiff", "99", "1"),
        ("maxdiff", "-1", "1"), ("maxdiff", "1e3", "1"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_not_kept(world: World, method: str, first: str, second: str) -> None:
    asked = Asked(world, method)
    token = asked.token()
    answer = asked.say(token, 1, first, second)
    assert answer.status_code == 422
    assert asked.sheet(token).said == {}


def test_nobody_chooses_what_they_were_not_shown(maxdiff: Asked) -> None:
    token = maxdiff.token()
    shown = maxdiff.sheet(token).plan[0]
    hidden = next(n for n in range(4) if n not in shown)
    assert maxdiff.say(token, 1, str(hidden), str(shown[0])).status_code == 422
    assert maxdiff.say(token, 1, str(shown[1]), str(shown[0])).status_code == 303


def test_without_consent_nothing_is_kept(kano: Asked) -> None:
    answer = kano.begin(agree="")
    assert answer.status_code == 422
    assert "Nothing is kept unless you agree" in answer.content.decode()
    assert not SurveyAnswer.objects.exists()


def test_an_address_is_kept_only_where_it_is_asked_for(world: World, kano: Asked) -> None:
    assert kano.sheet(kano.token(email="ana@customer.example")).email == ""
    asking = Asked(world, "kano", ask_email=True, segments="Small team\nLarge company")
    assert asking.begin(email="ana@").status_code == 422
    assert asking.begin(segment="Emperor").status_code == 422
    sheet = asking.sheet(asking.token(email="ana@customer.example", segment="Small team"))
    assert (sheet.email, sheet.segment) == ("ana@customer.example", "Small team")
    rules.forget_addresses(world.pm, survey=asking.survey.key, reason="The study is over.")
    assert not SurveyAnswer.objects.exclude(email="").exists()


def test_a_machine_is_set_apart_and_not_thrown_away(kano: Asked) -> None:
    assert kano.sheet(kano.token(website="https://pills.example")).doubt.startswith("Filled in a field")
    assert kano.sheet(kano.token(opened="1.2.3")).doubt.startswith("Did not come from a page")
    assert kano.sheet(kano.token()).doubt == ""


def test_only_so_many_begin_in_a_minute_from_one_address(kano: Asked) -> None:
    """F5: a flood from one address is stopped, and says so."""
    caches["default"].clear()
    answers = [kano.begin().status_code for _ in range(12)]
    assert answers == [303] * 10 + [429] * 2
    caches["default"].clear()


def test_a_draft_a_wrong_key_and_the_trash_are_all_absent(world: World) -> None:
    draft = Asked(world, "kano", opened=False)
    assert draft.get().status_code == 404
    assert draft.browser.get("/survey/" + "a" * 24).status_code == 404
    opened = Asked(world, "kano")
    assert opened.get().status_code == 200
    verbs.archive(world.pm, "survey", opened.survey.pk)
    assert opened.get().status_code == 404


def test_it_closes_by_hand_by_its_day_and_when_enough_have_answered(world: World, kano: Asked) -> None:
    token = kano.token()
    kano.close()
    for query in ("", f"?a={token}"):
        assert "takes no more answers" in kano.get(query).content.decode()
    assert "takes no more" in kano.say(token, 1, "like", "like").content.decode()
    assert kano.sheet(token).said == {}
    full = Asked(world, "opportunity", most_answers=1)
    full.fill(lambda _: ("5", "2"))
    assert "takes no more answers" in full.get().content.decode()
    assert not queries.takes(kano.survey, rules.today() + timedelta(days=400))
    late = Asked(world, "kano", closes_on=rules.today().isoformat())
    assert queries.takes(late.survey, rules.today())
    assert not queries.takes(late.survey, rules.today() + timedelta(days=1))


def test_a_token_of_another_survey_opens_nothing(world: World, kano: Asked) -> None:
    other = Asked(world, "kano")
    token = other.token()
    assert "Begin" in kano.get(f"?a={token}").content.decode()


def test_a_strangers_words_act_in_no_page(world: World, kano: Asked) -> None:
    """What is typed into the query or the form stands in no page as markup."""
    for query in ("?a=<script>alert(1)</script>&n=<b>", "?n=99999999&a=%00", "?n=-1"):
        assert "<script" not in kano.get(query).content.decode()
    answer = kano.begin(agree="", segment="<script>x</script>")
    assert "<script" not in answer.content.decode()


def test_what_is_asked_stays_once_it_is_open(world: World, kano: Asked) -> None:
    for name, value in (("items", "Another thing"), ("method", "maxdiff"), ("segments", "Some")):
        with pytest.raises(Exception, match="People may have answered already"):
            verbs.update(world.pm, "survey", kano.survey, {name: value})
    verbs.update(world.pm, "survey", kano.survey, {"thanks": "Thanks, all."})


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"items": ""}, "Say what it asks about"),
        ({"items": "A\nB\nC"}, "at least 4"),
        ({"items": "A\na"}, "twice"),
        ({"items": "F-1: A\nF-1: B"}, "twice"),
        ({"items": "x" * 161}, "160 characters"),
        ({"items": "\n".join(map(str, range(31)))}, "At most 30"),
        ({"closes_on": "2019-01-01"}, "That day has been"),
        ({"closes_on": "2199-01-01"}, "At most a year"),
        ({"most_answers": 0}, "From 1 to"),
    ],
)
def test_a_survey_that_cannot_be_answered_does_not_open(world: World, values: dict[str, str], said: str) -> None:
    with pytest.raises(Exception, match=said):
        Asked(world, "maxdiff" if "least" in said else "kano", **values)


def test_a_survey_closes_by_itself_with_its_last_day_and_says_so(world: World) -> None:
    last = rules.today() - timedelta(days=1)
    over, open_still, draft = Asked(world, "kano"), Asked(world, "kano"), Asked(world, "kano", opened=False)
    verbs.name_readers(world.pm, over.survey.pk, [])
    Survey.objects.filter(pk__in=[over.survey.pk, draft.survey.pk]).update(closes_on=last, owner=world.pm.member_id)
    assert close_what_is_over(work.Progress(rows.new_id(), None, 1, threading.Event())) == {"closed": 1}
    ended = fresh(over.survey)
    assert (ended.state, ended.closed_on) == ("closed", last)
    assert [fresh(one.survey).state for one in (open_still, draft)] == ["open", "draft"]
    change = Change.objects.filter(card_id=over.survey.pk, action="close_survey").get()
    assert (change.why, change.actor_id) == ("Its last day has passed.", world.pm.member_id)
    assert close_what_is_over(work.Progress(rows.new_id(), None, 1, threading.Event())) == {"closed": 0}


def test_a_survey_of_nobody_is_closed_by_the_house(world: World) -> None:
    head = world.owner
    over = Asked(world, "kano")
    Survey.objects.filter(pk=over.survey.pk).update(closes_on=rules.today() - timedelta(days=3), owner=None)
    assert close_what_is_over(work.Progress(rows.new_id(), None, 1, threading.Event())) == {"closed": 1}
    assert Change.objects.get(card_id=over.survey.pk, action="close_survey").actor_id == head.member_id
