"""A release: its way to customers, who said no, what it lacks, and its notes."""

from __future__ import annotations

import pytest

from threadline.inbound.releases import notes, queries, rules, versions
from threadline.inbound.releases.models import Release
from threadline.kernel import listing, thread, verbs
from threadline.kernel.errors import Invalid
from threadline.kernel.registry import type_of
from threadline.kernel.testing import World, fresh

pytestmark = pytest.mark.django_db
WAIVER = "A repair: nothing is to change."


# The first four and the last three as semver.org and calver.org give them.
@pytest.mark.parametrize(
    "name", ["1.0.0", "1.0.0-alpha.1", "1.0.0+20130313144700", "1.0.0-x.7.z.92", "20.04", "2026.11", "2026.1.3"]
)
def test_versions_are_known(name: str) -> None:
    assert versions.problem_of(name) == ""


@pytest.mark.parametrize("name", ["1.2", "01.1.1", "1.0.0-", "1.1.1.1", "2026.13"])
def test_what_is_no_version_is_said(name: str) -> None:
    assert "SemVer" in versions.problem_of(name)


def test_a_name_is_no_bad_version() -> None:
    assert versions.problem_of("Lantern") == ""


def test_it_ends_after_it_starts(world: World) -> None:
    with pytest.raises(Invalid, match="before the work"):
        world.make("release", starts_on="2026-05-01", due_on="2026-04-01")


def ready(world: World, **values: object) -> Release:
    made: Release = world.make("release", **values)
    rules.start_release(world.pm, release=made)
    rules.ready_release(world.pm, release=made)
    return made


def test_it_ships_on_a_go_with_a_way_back(world: World) -> None:
    made = ready(world)
    with pytest.raises(Invalid) as refused:
        rules.ship_release(world.pm, release=made)
    assert len(refused.value.problems) == 3  # nobody's go, no way back, no prediction
    verbs.update(world.pm, "release", made.pk, {"rollback_plan": "Turn the switch off."})
    rules.voice_release(world.contributor, release=made, view="go", reason="All of it works.")
    rules.ship_release(world.pm, release=made, waiver=WAIVER)
    assert (fresh(made).state, fresh(made).shipped_on is not None) == ("shipped", True)


def test_dissent_must_be_answered_and_stays(world: World) -> None:
    made = ready(world, rollback_plan="Turn it off.")
    rules.voice_release(world.pmm, release=made, view="go", reason="Press is briefed.")
    rules.voice_release(world.contributor, release=made, view="no_go", reason="Support is not trained.")
    with pytest.raises(Invalid, match="Cora Contributor said no-go"):
        rules.ship_release(world.pm, release=made)
    rules.ship_release(world.pm, release=made, despite="Support has read it since.", waiver=WAIVER)
    assert [(v.who, v.view) for v in queries.voices(world.viewer, made)] == [
        ("Cora Contributor", "no_go"),
        ("Karl Marketer", "go"),
    ]


def test_the_latest_view_of_a_person_counts(world: World) -> None:
    made = ready(world, rollback_plan="Turn it off.")
    rules.voice_release(world.pmm, release=made, view="no_go", reason="Not yet.")
    rules.voice_release(world.pmm, release=made, view="go", reason="Now.")
    assert [v.view for v in queries.voices(world.pm, made)] == ["go"]


def test_scope_fills_the_stop_of_the_bar_and_the_column_of_the_list(world: World) -> None:
    feature, release = world.make("feature"), world.make("release", title="Lantern")
    verbs.link(world.pm, release, feature, "scope")
    came = thread.flat(thread.what_came_of_it(world.pm, verbs.card(world.pm, feature)))
    assert [node.key for node in came if type_of(node.kind).stop == "release"] == [release.key]
    row = listing.list_page(world.pm, type_of("feature"), "", names=["title", "release"]).rows[0]
    assert row["release"] == "Lantern"


def test_a_release_out_of_reach_is_not_in_the_column(world: World) -> None:
    feature = world.make("feature")
    release = world.make("release", title="Secret", confidentiality=2)
    verbs.link(world.pm, release, feature, "scope")
    row = listing.list_page(world.viewer, type_of("feature"), "", names=["title", "release"]).rows[0]
    assert row["release"] is None


def test_readiness_names_what_an_item_lacks(world: World) -> None:
    bare, full = world.make("feature"), world.make("feature", owner="me", outbound_owner="me")
    note = world.make("feedback", body="Please.")
    verbs.link(world.pm, full, note, "evidence")
    world.make("estimate", feature=full.key, low=1, likely=2, high=3)
    release = world.make("release")
    for one in (bare, full):
        verbs.link(world.pm, release, one, "scope")
    lacks = {one.key: one.missing for one in queries.scope(world.pm, release.pk)}
    assert lacks[full.key] == ()
    assert lacks[bare.key] == ("evidence", "an estimate", "an owner", "an outbound owner")
    verbs.update(world.pm, "feedback", note.pk, {"body": "Please, but only on Mondays."})
    lacks = {one.key: one.missing for one in queries.scope(world.pm, release.pk)}
    assert lacks[full.key] == ("review of what changed",)


def test_notes_have_kinds_and_leave_the_confidential_out(world: World) -> None:
    release = world.make("release", version_name="2.0.0", due_on="2026-05-01")
    added, fixed = (
        world.make("feature", title="Bulk edit", body="Change many at once."),
        world.make("feature", title="Slow search"),
    )
    verbs.tag(world.pm, fixed, ["fixed"])
    hidden = world.make("feature", title="Acquisition", confidentiality=2)
    for one in (added, fixed, hidden):
        verbs.link(world.pm, release, one, "scope")
    text = notes.draft(fresh(release), queries.noted(world.pm, release.pk))
    assert text == (
        "## [2.0.0] - 2026-05-01\n\n### Added\n\n- **Bulk edit.** Change many at once.\n\n"
        "### Fixed\n\n- **Slow search.**\n"
    )


def test_an_estimate_stands_in_order(world: World) -> None:
    with pytest.raises(Invalid, match="in this order"):
        world.make("estimate", low=5, likely=3, high=9)
