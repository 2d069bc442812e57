"""The outline, a baseline's page, readiness, by forms alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from threadline.inbound.requirements import queries, rules, signing
from threadline.inbound.requirements.models import Baseline, Requirement
from threadline.inbound.requirements.tests.test_tree import add, shape
from threadline.kernel import verbs
from threadline.kernel.testing import World, fresh


@pytest.fixture
def pm(world: World, client: Client) -> Client:
    client.force_login(world.user("product_manager"))
    return client


def act(client: Client, feature: Any, act: str, **sent: Any) -> Any:
    return client.post(f"/w/north/{feature.key}/requirements", {"act": act, **sent})


def page(client: Client, path: str) -> str:
    answer = client.get(f"/w/north/{path}")
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_a_tree_is_written_and_moved_by_forms(world: World, pm: Client) -> None:
    feature = world.make("feature")
    for title in ("One shall stand.", "Two shall stand.", "Three shall stand."):
        assert act(pm, feature, "add", title=title)["Location"].startswith(f"/w/north/{feature.key}/requirements#RQ-")
    act(pm, feature, "add", title="Between shall stand.", after="RQ-1")
    act(pm, feature, "in", key="RQ-4")
    act(pm, feature, "in", key="RQ-2")
    assert shape(world, feature) == [
        "1 One shall stand.", "1.1 Between shall stand.", "1.2 Two shall stand.", "2 Three shall stand."
    ]  # fmt: skip
    act(pm, feature, "up", key="RQ-2")
    act(pm, feature, "out", key="RQ-4")
    act(pm, feature, "down", key="RQ-1")
    assert shape(world, feature) == [
        "1 Between shall stand.", "2 One shall stand.", "2.1 Two shall stand.", "3 Three shall stand."
    ]  # fmt: skip
    act(pm, feature, "up", key="RQ-4")  # the first has no place above: nothing happens
    assert shape(world, feature)[0] == "1 Between shall stand."
    act(
        pm,
        feature,
        "save",
        key="RQ-2",
        title="Two shall fall.",
        version=fresh(Requirement.objects.get(number=2)).version,
    )
    assert "2.1 Two shall fall." in shape(world, feature)


def test_a_line_is_let_go_before_after_and_inside_another(world: World, pm: Client) -> None:
    feature = world.make("feature")
    for title in ("One", "Two", "Three"):
        add(world, feature, f"{title} shall stand.")

    def let_go(key: str, how: str, near: str) -> list[str]:
        assert act(pm, feature, "place", key=key, how=how, near=near).status_code in (303, 422)
        return [line.split()[0] + line.split()[1][:3] for line in shape(world, feature)]

    assert let_go("RQ-3", "before", "RQ-1") == ["1Thr", "2One", "3Two"]
    assert let_go("RQ-3", "after", "RQ-2") == ["1One", "2Two", "3Thr"]
    assert let_go("RQ-1", "after", "RQ-2") == ["1Two", "2One", "3Thr"]
    assert let_go("RQ-3", "in", "RQ-1") == ["1Two", "2One", "2.1Thr"]
    assert let_go("RQ-2", "in", "RQ-1") == ["1One", "1.1Thr", "1.2Two"]
    assert let_go("RQ-2", "before", "RQ-3") == ["1One", "1.1Two", "1.2Thr"]
    assert let_go("RQ-1", "in", "RQ-3") == ["1One", "1.1Two", "1.2Thr"]  # nothing is part of its own part
    assert let_go("RQ-1", "in", "RQ-1") == ["1One", "1.1Two", "1.2Thr"]
    assert let_go("RQ-3", "after", "RQ-1") == ["1One", "1.1Two", "2Thr"]
    assert act(pm, feature, "place", key="RQ-1", how="beside", near="RQ-3").status_code == 404


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(world: World, pm: Client) -> None:
    feature = world.make("feature")
    one = add(world, feature, "One shall stand.")
    verbs.update(world.owner, "requirement", one, {"title": "One shall fall."})
    answer = act(pm, feature, "save", key=one.key, title="One shall sit.", version=one.version)
    assert answer.status_code == 409
    assert fresh(one).title == "One shall fall."


def test_a_viewer_reads_and_cannot_write(world: World, client: Client) -> None:
    feature = world.make("feature")
    add(world, feature, "One shall stand.")
    client.force_login(world.user("viewer"))
    said = page(client, f"{feature.key}/requirements")
    assert "One shall stand." in said
    assert "<textarea" not in said.partition("<tl-outline")[2].partition("</tl-outline>")[0]
    assert act(client, feature, "add", title="Two shall stand.").status_code == 403
    assert act(client, feature, "in", key="RQ-1").status_code == 403


def test_the_page_marks_words_gaps_and_what_changed_underneath(world: World, pm: Client) -> None:
    insight = world.make("insight", title="Buyers cannot tell why a card fails")
    taken = world.make("insight", title="Buyers come back the next day")
    feature = world.make("feature")
    for one in (insight, taken):
        verbs.link(world.pm, feature, one, "evidence")
    first = add(world, feature, "The shop should be fast.")
    second = add(world, feature, "The shop shall keep the basket for 30 days.")
    verbs.link(world.pm, second, taken, "evidence")
    rules.add_criterion(world.pm, requirement=second.key, steps="Given a basket\nWhen 29 days pass\nThen it is there")
    branches = queries.tree(world.pm, feature)
    assert queries.checked(branches) == queries.Coverage(2, 1, 1)
    assert queries.taken_up(queries.needs(world.pm, feature, branches)) == queries.Coverage(2, 1, 1)
    said = page(pm, f"{feature.key}/requirements")
    assert "weak verb" in said
    gaps = said.partition('id="gaps"')[2]
    assert insight.key in gaps
    assert first.key in gaps
    assert taken.key not in gaps
    verbs.update(world.owner, "insight", taken, {"title": "Buyers come back the same day"})
    verbs.update(world.owner, "requirement", second, {"title": "The shop shall keep the basket for 3 days."})
    branches = queries.tree(world.pm, feature)
    assert queries.checked(branches) == queries.Coverage(2, 1, 0)
    assert queries.taken_up(queries.needs(world.pm, feature, branches)) == queries.Coverage(2, 1, 0)
    changed = page(pm, f"{feature.key}/requirements").partition('id="suspects"')[2]
    assert "<del>next</del>" in changed
    assert "<ins>same</ins>" in changed
    assert "<del>30</del>" in changed


def test_the_worked_example_of_coverage() -> None:
    """Own vector: 40 requirements, 30 with a test, 6 of those suspect: 60 % confirmed, 75 % nominal."""
    found = queries.Coverage(40, 30, 24)
    assert (found.confirmed_share, found.nominal_share) == (0.6, 0.75)
    assert queries.Coverage(0, 0, 0).confirmed_share is None


def test_more_requirements_take_no_more_statements(
    world: World, pm: Client, django_assert_max_num_queries: Any
) -> None:
    feature = world.make("feature")
    for n in range(30):
        one = add(world, feature, f"Thing {n} shall stand.")
        rules.add_criterion(world.pm, requirement=one.key, steps="Given a\nThen b")
    page(pm, f"{feature.key}/requirements")
    with django_assert_max_num_queries(40):
        page(pm, f"{feature.key}/requirements")


def test_a_sentence_is_judged_while_one_types(world: World, pm: Client) -> None:
    world.make("agreed_word", title="fast")
    said = pm.get(
        "/w/north/requirements/clarity",
        {"text": "When asked, the shop should be fast."},
        headers={"accept": "application/json"},
    ).json()
    assert said["pattern"] == "Free text"
    assert [(m["words"], m["kind"], m["tone"]) for m in said["marks"]] == [("should", "weak verb", "warn")]
    assert "weak verb" in page(pm, "requirements/clarity?text=It+should")


def test_a_baseline_is_taken_signed_compared_and_given_as_the_bytes_that_were_sealed(world: World, pm: Client) -> None:
    feature = world.make("feature")
    one = add(world, feature, "The shop shall keep the basket for 30 days.")
    assert act(pm, feature, "baseline", title="Beta")["Location"] == "/w/north/BL-1"
    baseline = Baseline.objects.get()
    signing.sign_baseline(world.contributor, baseline=baseline.key, verdict="approved", words="Fine by me")
    verbs.update(world.pm, "requirement", one, {"title": "The shop shall keep the basket for 3 days."})
    said = page(pm, "BL-1")
    assert "As it was sealed" in said
    assert "Fine by me" in said
    assert "<del>30</del>" in said
    assert pm.get("/w/north/BL-1/file?as=json").content.decode() == baseline.content
    assert "for 30 days" in pm.get("/w/north/BL-1/file?as=md").content.decode()
    act(pm, feature, "baseline", title="Second")
    assert "Beside BL-2" in page(pm, "BL-1?with=BL-2")
    Baseline.objects.filter(pk=baseline.pk).update(content=baseline.content.replace("30", "31"))
    assert "cannot be trusted" in page(pm, "BL-1")


def test_a_feature_says_whether_it_is_ready(world: World, pm: Client) -> None:
    feature = world.make("feature", hypothesis="If so, then so.", owner=str(world.pm.member_id))
    assert "none written yet" in page(pm, feature.key)
    one = add(world, feature, "The shop shall keep the basket.")
    rules.add_criterion(world.pm, requirement=one.key, steps="Given a\nThen b")
    said = page(pm, feature.key)
    assert "1 requirement, 1 of 1 with a criterion" in said
    assert "missing: a customer&#39;s words" in said
    assert "agreement on each requirement" in said.partition("missing: ")[2].partition("</span>")[0]
    rules.agree_requirement(world.pm, requirement=one.key)
    missing = page(pm, feature.key).partition("missing: ")[2].partition("</span>")[0]
    assert "agreement on each requirement" not in missing
    assert "an outbound owner" in missing


def test_what_holds_of_the_whole_product_has_an_outline_of_its_own(world: World, pm: Client) -> None:
    feature = world.make("feature")
    add(world, feature, "The shop shall keep the basket.")
    for title in ("The shop shall answer within 2 s.", "The shop shall say so when it cannot."):
        assert pm.post("/w/north/requirements/outline", {"act": "add", "title": title}).status_code == 303
    assert pm.post("/w/north/requirements/outline", {"act": "in", "key": "RQ-3"}).status_code == 303
    assert [(b.path, b.requirement.key) for b in queries.tree(world.pm, None)] == [("1", "RQ-2"), ("1.1", "RQ-3")]
    said = page(pm, "requirements/outline")
    assert "within 2 s." in said
    assert "keep the basket" not in said
    assert "Take a baseline" in said
    assert 'href="/w/north/requirements/outline"' in page(pm, "requirements/")


def test_each_product_has_an_outline_and_baselines_of_its_own(world: World, pm: Client) -> None:
    at = "/w/north/requirements/outline"
    desk, game = (world.product(name) for name in ("Desk", "Game"))
    pm.post(f"{at}?product={desk.slug}", {"act": "add", "title": "The desk shall answer within 2 s."})
    pm.post(f"{at}?product={game.slug}", {"act": "add", "title": "The game shall start within 4 s."})
    pm.post(at, {"act": "add", "title": "Every product shall say so when it cannot."})
    said = page(pm, f"requirements/outline?product={desk.slug}")
    assert "The desk shall" in said
    assert "Every product shall" in said
    assert "The game shall" not in said
    assert [(v, said.count(f"outline?product={v}") > 0) for v in (desk.slug, game.slug)] == [
        (desk.slug, True), (game.slug, True),
    ]  # fmt: skip
    assert pm.post(f"{at}?product={desk.slug}", {"act": "baseline", "title": "Audit"}).status_code == 303
    made = Baseline.objects.get()
    assert (made.feature_id, made.product_id, made.items) == (None, desk.pk, 2)
    assert made.key in page(pm, f"requirements/outline?product={desk.slug}")
    assert made.key not in page(pm, f"requirements/outline?product={game.slug}")
    rules.drop_requirement(world.pm, requirement="RQ-1", reason="Faster now")
    shown = page(pm, made.key)
    assert "The desk shall answer" in shown.partition('id="changes"')[2].partition('id="held"')[0]
    assert f"outline?product={desk.slug}" in shown
    assert "Of Desk" in pm.get(f"/w/north/{made.key}/file?as=md").content.decode()
