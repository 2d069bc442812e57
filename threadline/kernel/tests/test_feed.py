"""What a reader may know of the change log, and that a stream of it misses nothing."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from threadline.kernel import feed, past, rows, verbs
from threadline.kernel.access import NAMED, Actor, reach
from threadline.kernel.changes import Change
from threadline.kernel.errors import NotFound
from threadline.kernel.listing import list_page, row_of
from threadline.kernel.registry import type_of
from threadline.kernel.testing import World, fresh

pytestmark = pytest.mark.django_db


def whole(actor: Actor, after: UUID | None = None) -> list[feed.News]:
    return feed.stream(actor, after, 1000)[0]


def test_the_stream_goes_on_where_it_was_left(world: World) -> None:
    for number in range(5):
        world.make("feature", title=f"Feature {number}")
    first, more = feed.stream(world.pm, None, 2)
    rest, no_more = feed.stream(world.pm, UUID(first[-1].id), 100)
    assert (more, no_more) == (True, False)
    assert [n.diff["title"][1] for n in [*first, *rest]] == [f"Feature {n}" for n in range(5)]
    assert feed.newest(world.pm) == UUID(rest[-1].id)
    assert whole(world.pm, feed.newest(world.pm)) == []


def test_another_workspace_and_records_out_of_reach_are_not_in_it(world: World) -> None:
    world.make("feature")
    world.make("feature", confidentiality=NAMED)
    assert whole(world.stranger) == []
    assert feed.newest(world.stranger) is None
    assert len(whole(world.pm)) == 2
    assert [n.confidentiality for n in whole(world.owner)] == [0]


def test_private_fields_are_left_out_for_those_who_may_not_read_them(world: World) -> None:
    account = world.make("account", annual_revenue=5000)
    assert whole(world.pm)[0].diff["annual_revenue"] == [None, 5000]
    [told] = whole(world.viewer)
    assert "annual_revenue" not in told.diff
    assert "title" in told.diff
    assert "annual_revenue" not in past.history(world.viewer, account)[0].diff


def test_a_link_to_a_record_out_of_reach_is_not_told(world: World) -> None:
    secret = world.make("feedback", body="The merger is on 3 March", confidentiality=NAMED)
    feature = world.make("feature")
    verbs.link(world.pm, feature, secret, "evidence", quote="merger")
    assert past.history(world.pm, feature)[0].diff["+link"][1]["quote"] == "merger"
    assert past.history(world.viewer, feature)[0].diff == {}
    assert "+link" not in {name for n in whole(world.viewer) for name in n.diff}
    assert past.links_as_of(world.viewer, feature, rows.now()) == []
    assert len(past.links_as_of(world.pm, feature, rows.now())) == 1


def test_a_reference_to_a_record_out_of_reach_is_not_told(world: World) -> None:
    secret = world.make("account", confidentiality=NAMED)
    note = world.make("feedback", body="Hello", account=secret.key)
    assert past.history(world.pm, note)[0].diff["account"] == [None, str(secret.pk)]
    assert "account" not in past.history(world.viewer, note)[0].diff


def test_the_words_of_a_remark_stay_with_the_remark(world: World) -> None:
    feature = world.make("feature")
    made = verbs.comment(world.pm, feature, "Something I should not have said")
    verbs.remove_comment(world.pm, made.pk)
    told = [*past.history(world.viewer, feature), *whole(world.viewer)]
    assert "should not have said" not in str(told)
    assert any("+comment" in one.diff for one in told)


def test_changes_of_the_house_are_for_those_who_manage_it(world: World) -> None:
    world.make("feature")
    Change.objects.create(
        workspace=world.north, kind="member", action="invite", actor_name="Olga", face="web", batch=rows.new_id()
    )
    assert [n.kind for n in whole(world.admin)] == ["feature", "member"]
    assert [n.kind for n in whole(world.pm)] == ["feature"]


def test_live_news_is_told_once_and_late_arrivals_are_found(world: World) -> None:
    start, known = rows.now() - timedelta(seconds=5), set[str]()
    here = [world.north.pk, world.south.pk]
    first = world.make("feature")
    assert [n.key for n in feed.recent(here, start, known)] == [first.key]
    assert feed.recent(here, start, known) == []
    late = world.make("feature")
    # An id from before the first one's: a slow transaction made it then and commits now.
    Change.objects.filter(card_id=late.pk).update(id=feed.first_id(rows.now() - timedelta(seconds=3)))
    assert [n.key for n in feed.recent(here, start, known)] == [late.key]


def test_live_news_is_cut_to_what_each_reader_may_know(world: World) -> None:
    world.make("feature", title="Open")
    world.make("feature", title="Kept", confidentiality=NAMED)
    news = feed.recent([world.north.pk], rows.now() - timedelta(seconds=5), set())
    told = {
        actor.name: [n.diff["title"][1] for n in feed.within_reach(actor, news)] for actor in (world.pm, world.owner)
    }
    assert told == {world.pm.name: ["Open", "Kept"], world.owner.name: ["Open"]}
    assert feed.within_reach(world.stranger, news) == []


# ---- one row ----------------------------------------------------------------------------


def test_one_row_is_the_row_of_the_list(world: World) -> None:
    feature = world.make("feature", owner="me")
    declared = type_of("feature")
    [listed] = list_page(world.pm, declared).rows
    assert row_of(world.pm, declared, feature.key) == listed
    assert row_of(world.pm, declared, str(feature.pk)) == listed
    names = ["title", "demand", "objective", "tags"]
    [listed] = list_page(world.pm, declared, names=names).rows
    assert row_of(world.pm, declared, feature.key.lower(), names=names) == listed


@pytest.mark.parametrize("ref", ["F-99", "A-1", "F-", "F-²", "", "nonsense", "F-99999999999"])
def test_what_is_not_there_is_not_found(world: World, ref: str) -> None:
    world.make("feature")
    with pytest.raises(NotFound):
        row_of(world.pm, type_of("feature"), ref)


def test_what_is_out_of_reach_or_in_the_trash_is_not_found(world: World) -> None:
    feature, declared = world.make("feature", confidentiality=NAMED), type_of("feature")
    for actor in (world.viewer, world.stranger):
        with pytest.raises(NotFound):
            row_of(actor, declared, str(feature.pk), archived=True)
    verbs.archive(world.pm, "feature", feature)
    with pytest.raises(NotFound):
        row_of(world.pm, declared, feature.key)
    kept = row_of(world.pm, declared, feature.key, archived=True)
    assert kept["archived_at"] is not None
    assert reach(world.pm, type(feature)).get(pk=fresh(feature).pk).archived_at is not None
