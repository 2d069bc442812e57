"""What each audience reads, on every face: forbidden fields and what is kept apart are absent, not hidden."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from threadline.inbound.features import rules as features
from threadline.inbound.roadmaps import audiences, comparing, queries, rules, sharing
from threadline.inbound.roadmaps.models import Roadmap, ShareLink, Sharing
from threadline.kernel import rows, verbs
from threadline.kernel.access import NAMED, TEAM
from threadline.kernel.actions import through_door
from threadline.kernel.members import Member
from threadline.kernel.testing import World

pytestmark = pytest.mark.django_db
# What stands in the fields of the one feature, each word nowhere else.
OWNER, AIM, METRIC, RELEASE, TEAM_NAME, WHY = (
    "Petra Manager",
    "Xylophone aim",
    "Ocarina rate",
    "Zither",
    "Tuba",
    "Viola fell",
)
BODY, HYPOTHESIS, NEEDED = "Bassoon in the body", "Harpsichord hypothesis", "Piccolo is needed"
SECRET, NAMED_ONES, SECRET_RELEASE, SECRET_AIM = "Codename Lute", "Codename Sitar", "Codename Banjo", "Codename Oud"
EVERYTHING = (AIM, METRIC, RELEASE, TEAM_NAME, WHY, BODY, HYPOTHESIS, NEEDED, "777", "2027-03-0")
READ: dict[str, tuple[str, ...]] = {
    "executive": (AIM, METRIC, RELEASE, TEAM_NAME, WHY),
    "sales": (RELEASE,),
    "customer": (),
    "public": (),
}


@pytest.fixture
def plan(world: World) -> Any:
    """One feature with a word in every field, and others that are kept apart, all picked for a roadmap."""
    product = world.product("Atlas")
    world.team("Inner", world.pm, products=[product])
    feature = world.make(
        "feature", title="Shown to all", state="planned", horizon="next", product=product.pk, body=BODY,
        hypothesis=HYPOTHESIS, reach=777, impact="1", confidence=100, effort=1, starts_on="2027-01-04",
        due_on="2027-02-10", late_on="2027-03-01", owner=world.pm.member_id,
    )  # fmt: skip
    features.reschedule_feature(
        world.pm, feature=feature, starts_on="2027-01-04", due_on="2027-03-03", late_on="2027-03-09", reason=WHY
    )
    aim = world.make("objective", title=AIM)
    result = world.make("key_result", objective=aim.pk, metric=METRIC, baseline=1, target=2)
    verbs.link(world.pm, feature, result, "objective")
    needed = world.make("feature", title=NEEDED, state="planned", due_on="2027-01-10")
    verbs.link(world.pm, feature, needed, "depends_on")
    release = world.make("release", title=RELEASE, starts_on="2027-01-01", due_on="2027-03-04")
    verbs.link(world.pm, release, feature, "scope")
    team = world.make("delivery_team", title=TEAM_NAME)
    world.make("estimate", feature=feature.pk, team=team.pk, low=100, likely=200, high=500)
    secret = world.make("feature", title=SECRET, state="planned", due_on="2027-02-01", product=product.pk,
                        confidentiality=TEAM)  # fmt: skip
    named = world.make("feature", title=NAMED_ONES, state="planned", due_on="2027-02-01", confidentiality=NAMED)
    other = world.make("feature", title="In a secret release", state="planned")
    verbs.link(
        world.pm,
        world.make("release", title=SECRET_RELEASE, due_on="2027-02-02", confidentiality=NAMED),
        other,
        "scope",
    )
    verbs.link(world.pm, other, world.make("objective", title=SECRET_AIM, confidentiality=NAMED), "objective")

    def roadmap(audience: str, **values: Any) -> Roadmap:
        made = world.make("roadmap", title="The way", audience=audience, query="state:planned", **values)
        for one in (feature, secret, named, other):
            verbs.link(world.pm, made, one, "shows")
        rules.publish_roadmap(world.pm, roadmap=made)
        return made

    return roadmap


def shared(world: World, roadmap: Roadmap, **values: Any) -> tuple[ShareLink, str]:
    link = world.make("share_link", roadmap=roadmap.pk, **values)
    return link, sharing.address_of(world.pm, link).partition("/roadmap/")[2]


def client(world: World, role: str) -> Client:
    made = Client()
    made.force_login(world.user(role))
    return made


def faces(world: World, roadmap: Roadmap) -> dict[str, str]:
    """Everything a roadmap is drawn as, for a maker who may see all of it and for an outsider."""
    _, key = shared(world, roadmap)
    pm, found = client(world, "product_manager"), {}
    for place in ("timeline", "horizons", "outcomes"):
        answer = pm.get(f"/w/north/{roadmap.key}/{place}", follow=True)
        assert answer.status_code == 200, place
        found[f"page {place}"] = answer.content.decode()
    answer = pm.get(f"/w/north/{roadmap.key}/compare?from=2020-01-01")
    found["compared with nothing"] = answer.content.decode()
    for view in ("timeline", "horizons", "outcomes", "", "none"):
        answer = Client().get(f"/roadmap/{key}?view={view}")
        assert answer.status_code == 200, view
        found[f"shared {view}"] = answer.content.decode()
    found["shared json"] = Client().get(f"/roadmap/{key}?as=json").content.decode()
    shown = queries.shown(world.pm, roadmap)
    found["answer"] = json.dumps([shown.items, shown.releases], default=str)
    return found


@pytest.mark.parametrize("audience", READ)
def test_no_face_of_a_roadmap_holds_a_field_that_its_audience_does_not_read(
    world: World, plan: Any, audience: str
) -> None:
    """A10: fields of another audience are absent from pages, data and shared links."""
    roadmap = plan(audience)
    forbidden = [word for word in EVERYTHING if word not in READ[audience]]
    if audience == "executive":
        forbidden = [BODY, HYPOTHESIS, "777"]  # everything else is on the page of another item, or theirs to read
    if audience == "sales":
        forbidden.remove(NEEDED)  # an item of its own
    for face, text in faces(world, roadmap).items():
        assert "Shown to all" in text, face
        assert [w for w in forbidden if w in text] == [], face


@pytest.mark.parametrize("audience", audiences.FIELDS)
def test_what_is_kept_apart_never_leaves_through_a_link(world: World, plan: Any, audience: str) -> None:
    """A7: what is kept for some is on no face that leaves."""
    found = faces(world, plan(audience))
    kept = (SECRET, NAMED_ONES, SECRET_RELEASE, SECRET_AIM)
    outside = {f: t for f, t in found.items() if f.startswith("shared") or audience in audiences.OUTWARD}
    assert len(outside) >= 6
    for face, text in outside.items():
        assert [w for w in kept if w in text] == [], face
    if audience == "team":
        assert SECRET in found["page timeline"]  # its maker reads it inside


def test_nothing_is_on_a_customers_roadmap_that_nobody_picked(world: World, plan: Any) -> None:
    roadmap = plan("customer")
    world.make("feature", title="Matches the query", state="planned", horizon="now")
    for face, text in faces(world, roadmap).items():
        assert "Matches the query" not in text, face


def test_those_outside_read_the_quarter_in_which_it_is_sure(world: World, plan: Any) -> None:
    (item,) = [i for i in queries.shown(world.pm, plan("customer")).items if i["title"] == "Shown to all"]
    assert item == {
        "title": "Shown to all", "stage": "planned", "stage_label": "Planned", "tone": "info", "horizon": "next",
        "horizon_label": "Next", "product": "Atlas", "period": "Q1 2027",
    }  # fmt: skip
    assert audiences.quarter(item_day := rows.now().date().replace(month=12, day=31))[2] == item_day


def test_reasons_are_for_those_who_read_them(world: World, plan: Any) -> None:
    day = rows.now().date()
    inside = comparing.compared(world.pm, plan("team"), day - timedelta(days=9), day)
    outside = comparing.compared(world.pm, plan("customer"), day - timedelta(days=9), day)
    assert any(m.reasons for m in inside)
    assert [m.reasons for m in outside] == [[]] * len(outside)
    assert {m.key for m in outside} == {""}


def test_search_finds_no_item_through_a_roadmap(world: World, plan: Any) -> None:
    plan("public")
    text = client(world, "viewer").get("/w/north/search?q=Lute").content.decode()
    assert SECRET not in text


# ---- links ----------------------------------------------------------------------------------


def test_a_link_opens_without_session_or_cookie_and_is_dated(world: World, plan: Any) -> None:
    _, key = shared(world, plan("public"))
    answer = Client(enforce_csrf_checks=True).get(f"/roadmap/{key}")
    assert answer.status_code == 200
    assert not answer.cookies
    today = rows.now().date()
    assert f"As of {today.day} {today:%b %Y}" in answer.content.decode()
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Robots-Tag"] == "noindex"
    assert "<script" not in answer.content.decode()


def test_only_the_sites_of_a_link_may_frame_it(world: World, plan: Any) -> None:
    """C9: a shared roadmap stands in frames of the named sites alone."""
    roadmap = plan("public")
    _, alone = shared(world, roadmap)
    _, framed = shared(world, roadmap, sites="https://help.example.com; script-src * https://help.example.com")
    assert Client().get(f"/roadmap/{alone}")["Content-Security-Policy"].endswith("frame-ancestors 'none'")
    answer = Client().get(f"/roadmap/{framed}")
    assert answer["Content-Security-Policy"].endswith("frame-ancestors https://help.example.com")
    assert "X-Frame-Options" not in answer


def test_what_ended_was_revoked_or_is_no_longer_published_is_as_absent_as_a_wrong_key(world: World, plan: Any) -> None:
    """A12: a closed link looks as one that never was."""
    roadmap = plan("public")
    wrong = Client().get("/roadmap/" + "a" * 24)
    assert wrong.status_code == 404

    def closed(key: str) -> bool:
        answer = Client().get(f"/roadmap/{key}")
        return (answer.status_code, answer.content) == (404, wrong.content)

    link, key = shared(world, roadmap)
    assert not closed(key)
    rules.revoke_share_link(world.pm, share_link=link)
    assert closed(key)
    ended, key = shared(world, roadmap)
    ShareLink.objects.filter(pk=ended.pk).update(expires_on=rows.now().date() - timedelta(days=1))
    assert closed(key)
    binned, key = shared(world, roadmap)
    verbs.archive(world.pm, "share_link", binned.pk)
    assert closed(key)
    _, key = shared(world, roadmap)
    rules.unpublish_roadmap(world.pm, roadmap=roadmap, reason="Not yet.")
    assert closed(key)
    rules.publish_roadmap(world.pm, roadmap=roadmap)
    assert not closed(key)
    Member.objects.filter(pk=world.pm.member_id).update(left_at=rows.now())
    assert closed(key)


def test_the_tables_alone_open_nothing(world: World, plan: Any, settings: Any) -> None:
    link, key = shared(world, plan("public"))
    kept = Sharing.objects.get(link_id=link.pk)
    assert key not in (kept.salt, kept.key_hash)
    settings.SECRET_KEY = "another server's key, which has never seen this link"
    assert sharing.key_of(kept.salt) != key


def test_a_link_ends_within_a_year(world: World, plan: Any) -> None:
    roadmap = plan("public")
    with pytest.raises(Exception, match="At most a year"):
        world.make("share_link", roadmap=roadmap.pk, expires_on=rows.now().date() + timedelta(days=500))
    assert world.make("share_link", roadmap=roadmap.pk).expires_on == rows.now().date() + timedelta(days=30)


def test_through_the_door_alone_a_link_gets_its_key(world: World, plan: Any) -> None:
    roadmap = plan("public")
    made = through_door(world.pm, "x", lambda d: d.create(ShareLink, {"title": "For Ana", "roadmap": roadmap.pk}))
    assert Sharing.objects.filter(link_id=made.pk).count() == 1
    verbs.update(world.pm, "share_link", made.pk, {"title": "For Bo"})
    assert Sharing.objects.filter(link_id=made.pk).count() == 1


def test_a_past_day_says_what_is_of_today(world: World) -> None:
    made = world.make("roadmap", title="Outcomes", query="state:planned tag:big -late demand>2")
    pm = client(world, "product_manager")
    said = "What its query asks about tag, demand and words is asked of today."
    past = pm.get(f"/w/north/{made.key}/timeline?on=2020-01-01", follow=True)
    assert past.status_code == 200
    assert said in past.content.decode()
    assert said not in pm.get(f"/w/north/{made.key}/timeline", follow=True).content.decode()
    assert said in pm.get(f"/w/north/{made.key}/compare?from=2020-01-01").content.decode()
