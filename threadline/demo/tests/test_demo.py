"""The sample company: loaded through the door, dated as told, and taken away whole."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import transaction

from tests.dump import dump, moved
from threadline.demo import load as loading
from threadline.demo import planned
from threadline.demo.ageing import Ages, rewrite_instants_of_sample
from threadline.demo.cast import PASSWORD
from threadline.demo.company import Calendar, Company
from threadline.demo.sealing import seal_anew
from threadline.inbound.features import readiness
from threadline.inbound.features.models import Feature
from threadline.inbound.feedback.models import Feedback
from threadline.inbound.releases import estimating, forecasting, gathering
from threadline.inbound.releases.models import Forecast, Release, ReleasePlan
from threadline.inbound.requirements import signing
from threadline.inbound.requirements.models import Baseline
from threadline.inbound.strategy.models import KeyResult
from threadline.keeping import checks
from threadline.kernel import feed, past, rows, thread, verbs
from threadline.kernel.access import Actor, actor_of
from threadline.kernel.actions import actions_on
from threadline.kernel.cards import Card
from threadline.kernel.changes import Change
from threadline.kernel.comments import Comment, Notification
from threadline.kernel.links import MENTION, Link
from threadline.kernel.members import Member, User
from threadline.kernel.testing import World
from threadline.kernel.workspaces import Workspace

# What a test does to the company is taken back by the transaction that the second mark opens.
pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture(scope="module")
def sample(django_db_setup: None, django_db_blocker: Any) -> Iterator[Workspace]:
    """The company beside two other workspaces, loaded once; everything is rolled back in the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        world = World()
        world.make("feature", title="Not a sample")
        world.make("feature", actor=world.stranger)
        before = dump()
        workspace = loading.load()
        workspace.before = before  # type: ignore[attr-defined]
        yield workspace
        transaction.set_rollback(True)


@pytest.fixture
def owner(sample: Workspace) -> Actor:
    """The company's owner."""
    return actor_of(Member.objects.get(workspace=sample, role="owner"))


def test_plans_are_full_and_forecasts_came_out(sample: Workspace, owner: Actor) -> None:
    first, second = here(ReleasePlan, sample).order_by("number").select_related("run")
    assert [first.state, second.state, second.based_on_id] == ["made", "made", first.pk]
    assert first.run.answers["plan"]["release"] != second.run.answers["plan"]["release"]
    assert {*gathering.names_of(owner, first.run)} == {
        one for name in planned.REFS for one in first.run.inputs.get(name, ())
    }
    assert gathering.fingerprint(first.run.inputs) == first.input_hash
    shipped = here(Release, sample).filter(state="shipped")
    assert sorted((rows.now().date() - one.shipped_on).days for one in shipped) == [19, 22]
    assert [one.of for one in forecasting.coverage(owner)] == [4, 4, 4]


def test_forecasts_from_estimates_are_what_the_estimates_give(sample: Workspace, owner: Actor) -> None:
    kept = list(here(Forecast, sample).filter(method=estimating.METHOD).select_related("release").order_by("number"))
    assert [one.release.title for one in kept] == ["Lantern", "Mooring"]
    for one in kept:
        told = estimating.from_words(one.drawn)
        again = estimating.drawn(estimating.work_of(owner, one.release), drift=told.drift)
        assert told == again, "run python -m bench.sample_plan"
        assert sum(part.share > 0.05 for part in told.parts) > 1  # more than one thing may decide it
        chance = estimating.chances(told, one.made_on)
        days = [one.made_on + timedelta(days=forecasting.day_of(chance, sure) or 0) for sure, _ in forecasting.SURE]
        assert [one.likely_on, one.sure_on, one.surest_on] == days


def here(model: Any, sample: Workspace) -> Any:
    return model.objects.filter(workspace=sample)


def test_everything_in_the_files_is_there_in_the_state_it_tells(sample: Workspace) -> None:
    company = Company()
    assert here(Card, sample).filter(kind="account").count() == len(company.accounts)
    assert here(Card, sample).filter(kind="contact").count() == len(company.contacts)
    voices = len(company.plans["shipped"])  # to say go is a comment too
    assert here(Comment, sample).count() == len(company.comments) + voices
    for model, given in ((Feature, company.features), (Feedback, company.feedback)):
        states = Counter(here(model, sample).values_list("state", flat=True))
        assert states == Counter(one["state"] for one in given)
    by_title = {kr.title: kr for kr in here(KeyResult, sample)}
    for result in (kr for aim in company.objectives for kr in aim["key_results"]):
        assert (by_title[result["title"]].current, by_title[result["title"]].state) == (
            result["current"],
            result["state"],
        )


def test_the_data_is_whole(sample: Workspace) -> None:
    assert [(f.check, f.message) for f in checks.find_all() if not f.warning] == []


def test_history_runs_forward_and_ends_before_now(sample: Workspace) -> None:
    last: dict[Any, Any] = {}
    for card, at in here(Change, sample).order_by("pk").values_list("card_id", "at"):
        assert last.get(card, at) <= at <= rows.now()
        last[card] = at
    instants = list(here(Change, sample).order_by("pk").values_list("at", flat=True))
    assert instants == sorted(instants)
    assert rows.now() - instants[0] > timedelta(days=300)


def test_what_is_told_of_a_day_happened_on_it(sample: Workspace, owner: Actor) -> None:
    day = timedelta(days=1)
    for ident, at in Change.objects.filter(workspace=sample).values_list("pk", "at"):
        assert feed.first_id(at) <= ident < feed.first_id(at + timedelta(milliseconds=2))
    told, _ = feed.stream(owner, feed.first_id(rows.now() - 30 * day), 200)
    assert told
    assert [one.at for one in told] == sorted(one.at for one in told)


def test_records_cards_links_and_talk_are_dated_by_the_story(sample: Workspace) -> None:
    for record in here(Feedback, sample)[:50]:
        first = Change.objects.filter(card_id=record.pk).order_by("pk").first()
        assert first is not None
        assert record.created_at == first.at
        assert str(record.received_on) == first.at.date().isoformat()
        assert Card.objects.get(pk=record.pk).updated_at == record.updated_at >= record.created_at
    week = rows.now() - timedelta(days=7)
    for model in (Link, Comment, Notification):
        assert here(model, sample).filter(created_at__lt=week).count() > here(model, sample).count() / 2


def test_baselines_are_sealed_and_signed_on_the_day_that_the_story_tells(sample: Workspace) -> None:
    for baseline in here(Baseline, sample):
        assert baseline.taken_at == baseline.created_at < rows.now() - timedelta(days=2)
        assert signing.trust(baseline).problems == ()
        signed = [one for one in signing.signatures(baseline) if one.seal]
        assert signed
        assert [one.at for one in signed] == sorted(one.at for one in signed)
        assert all(baseline.taken_at < one.at < rows.now() - timedelta(days=1) for one in signed)


def test_seals_of_others_are_not_made_anew(sample: Workspace) -> None:
    with pytest.raises(ValueError, match="not a sample"):
        seal_anew(Workspace.objects.get(slug="north"))


def test_numbers_are_in_the_order_of_time(sample: Workspace) -> None:
    created = list(here(Feedback, sample).order_by("number").values_list("created_at", flat=True))
    assert created == sorted(created)


def test_no_reference_is_left_unresolved(sample: Workspace) -> None:
    texts = [t for m in (Feature, Feedback) for t in here(m, sample).values_list("body", flat=True)]
    texts += here(Comment, sample).values_list("body", flat=True)
    cited = {ref for text in texts for ref in re.findall(r"\[\[([^\]]+)\]\]", text)}
    keys = set(here(Card, sample).values_list("key", flat=True))
    assert cited
    assert cited <= keys
    assert here(Link, sample).filter(kind=MENTION).count() >= 30


def test_there_are_whole_threads_from_voices_to_aims(sample: Workspace, owner: Actor) -> None:
    whole = 0
    for feature in here(Feature, sample).filter(state="shipped"):
        up = thread.flat(thread.why(owner, verbs.card(owner, feature.pk)))
        found = {n.kind for n in up}
        whole += {"feedback", "key_result"} <= found and any(n.quote for n in up)
    assert whole >= 3


def test_later_changes_make_what_cites_them_suspect(sample: Workspace, owner: Actor) -> None:
    company = Company()
    assert here(Change, sample).exclude(why="").count() >= len(company.later_changes)
    suspects = {s.target_kind for s in thread.suspects(owner)}
    assert {"feedback", "key_result", "objective", "feature"} <= suspects


def test_a_key_result_can_be_read_as_it_stood(sample: Workspace, owner: Actor) -> None:
    result = here(KeyResult, sample).exclude(current=None).order_by("number").first()
    then = past.as_of(owner, result, result.created_at + timedelta(minutes=1))
    assert then is not None
    assert then["current"] == result.baseline != result.current


def test_people_can_sign_in_in_every_role(sample: Workspace) -> None:
    members = loading.sign_ins(sample)
    assert {m.role for m in members} == {
        "owner",
        "admin",
        "product_manager",
        "product_marketer",
        "contributor",
        "viewer",
    }
    assert members[0].role == "owner"
    assert all(m.user.check_password(PASSWORD) for m in members)
    assert EmailAddress.objects.filter(user__in=[m.user_id for m in members], verified=True, primary=True).count() == 12


def test_each_did_what_the_role_allows(sample: Workspace) -> None:
    roles = dict(here(Member, sample).values_list("pk", "role"))
    acted = {roles[pk] for pk in here(Change, sample).values_list("actor_id", flat=True).distinct()}
    assert acted == {"owner", "admin", "product_manager", "product_marketer", "contributor"}
    contributors = [pk for pk, role in roles.items() if role == "contributor"]
    theirs = set(here(Change, sample).filter(actor_id__in=contributors).values_list("action", flat=True))
    deciding = {a.name for a in actions_on("feature") if a.verb == "decide"}
    assert {"create", "comment"} <= theirs
    assert deciding
    assert not theirs & deciding


def test_few_notifications_are_unread(sample: Workspace) -> None:
    unread = here(Notification, sample).filter(read_at=None)
    assert 0 < unread.count() < here(Notification, sample).count() / 3


def test_it_is_loaded_once(sample: Workspace) -> None:
    with pytest.raises(loading.AlreadyHere):
        loading.load()


def test_removal_leaves_the_database_as_it_was(sample: Workspace) -> None:
    assert moved(sample.before)  # type: ignore[attr-defined]
    assert loading.remove() == 1
    assert moved(sample.before) == []  # type: ignore[attr-defined]
    assert loading.remove() == 0


def test_removal_spares_people_who_are_at_home_elsewhere(sample: Workspace) -> None:
    north = Workspace.objects.get(slug="north")
    user = loading.sign_ins(sample)[0].user
    Member.objects.create(workspace=north, user=user, name="Aoife", handle="aoife", role="viewer")
    loading.remove()
    assert list(User.objects.filter(email__endswith="@kittiwake.example")) == [user]


def test_a_real_workspace_cannot_be_aged(sample: Workspace) -> None:
    north = Workspace.objects.get(slug="north")
    with pytest.raises(ValueError, match="not a sample"):
        rewrite_instants_of_sample(north, Ages())


def test_ages_become_the_same_instant_of_a_working_day_each_time() -> None:
    calendar = Calendar(rows.now().replace(hour=18))
    assert calendar.at(30, "n-1") == calendar.at(30, "n-1") != calendar.at(30, "n-2")
    assert 8 <= calendar.at(30, "n-1").hour < 17
    assert calendar.at(0, "n-1") < calendar.now
    assert calendar.day(-3) > calendar.day(0) > calendar.day(1)


def test_most_of_what_is_planned_and_built_is_ready_and_the_rest_says_what_is_missing(
    sample: Workspace, owner: Actor
) -> None:
    open_ = [f for f in here(Feature, sample).order_by("number") if f.state in ("planned", "building")]
    lacks = {f.key: missing for f in open_ if (missing := readiness.missing(owner, f))}
    assert len(open_) >= 12
    assert 2 <= len(lacks) <= 4
    assert any("an outbound owner" in missing for missing in lacks.values())
    begun = [readiness.overrides(owner, f) for f in open_ if f.state == "building"]
    assert 0 < sum(map(bool, begun)) < len(begun)  # some waited until they were ready
