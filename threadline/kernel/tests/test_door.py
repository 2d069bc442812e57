"""The door: versions, meaning, lost races, citations and mentions in texts, who is told, what is derived."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from threadline.kernel import events, search, verbs
from threadline.kernel.access import NAMED, Actor, reach
from threadline.kernel.actions import through_door
from threadline.kernel.cards import SHARED, Card, Reader
from threadline.kernel.changes import Change
from threadline.kernel.comments import Notification
from threadline.kernel.door import Door
from threadline.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from threadline.kernel.jobs import Job
from threadline.kernel.links import MENTION, Link
from threadline.kernel.registry import type_of
from threadline.kernel.testing import World, fresh


@pytest.fixture
def feature(world: World) -> Any:
    return world.make("feature", title="Rejoin", body="One")


def news(actor: Actor) -> list[tuple[str, str]]:
    """What a member was told, oldest first: (reason, key)."""
    told = Notification.objects.filter(member_id=actor.member_id).order_by("pk")
    return list(told.values_list("reason", "card__key"))


def cited_in_text(record: Any) -> set[str]:
    return set(Link.objects.filter(source_id=record.pk, kind=MENTION).values_list("target__key", flat=True))


# ---- versions ---------------------------------------------------------------------------


def test_version_rises_with_each_write_and_revision_with_meaning_alone(world: World, feature: Any) -> None:
    for values, version, revision in (
        ({"owner": "me"}, 2, 1),
        ({"title": "Rejoin a raid"}, 3, 2),
        ({"title": "Rejoin a raid"}, 3, 2),
        ({"reach": 5, "body": "Two"}, 4, 3),
    ):
        verbs.update(world.pm, "feature", feature, values)
        assert (fresh(feature).version, fresh(feature).revision) == (version, revision)
        assert Card.objects.get(pk=feature.pk).revision == revision


def test_nothing_is_written_when_nothing_changes(world: World, feature: Any) -> None:
    before = (fresh(feature).updated_at, Change.objects.count(), Notification.objects.count())
    verbs.update(world.owner, "feature", feature, {"title": " Rejoin ", "reach": "", "owner": None})
    assert (fresh(feature).updated_at, Change.objects.count(), Notification.objects.count()) == before


def test_the_later_of_two_writers_is_told_and_loses_nothing(world: World, feature: Any) -> None:
    verbs.update(world.pm, "feature", feature, {"title": "First"}, expect=1)
    for write in (
        lambda: verbs.update(world.owner, "feature", feature, {"title": "Second"}, expect=1),
        lambda: verbs.archive(world.owner, "feature", feature, expect=1),
    ):
        with pytest.raises(Conflict) as told:
            write()
        assert told.value.current == 2
    assert (fresh(feature).title, fresh(feature).archived_at) == ("First", None)


def test_a_write_between_reading_and_writing_is_noticed(world: World, feature: Any) -> None:
    """Even without an expected version: the row is written only as it was read."""

    def run(door: Door) -> None:
        record = door.get(type(feature), feature)
        type(feature).objects.filter(pk=feature.pk).update(version=7)
        door.change(record, {"title": "Mine"})

    with pytest.raises(Conflict):
        through_door(world.pm, "update", run)
    assert (fresh(feature).title, fresh(feature).version) == ("Rejoin", 1)


def test_an_action_that_fails_leaves_nothing_behind(world: World, feature: Any) -> None:
    def run(door: Door) -> None:
        door.change(door.get(type(feature), feature), {"title": "Half"})
        door.create(type(feature), {"title": "New", "body": f"[[{feature.key}]]"})
        raise Invalid(("", "Changed my mind."))

    before = (Card.objects.count(), Change.objects.count(), Link.objects.count())
    with pytest.raises(Invalid):
        through_door(world.pm, "try", run)
    assert (Card.objects.count(), Change.objects.count(), Link.objects.count()) == before
    assert fresh(feature).title == "Rejoin"
    assert [h.key for h in search.find(world.pm, "rejoin")] == [feature.key]
    assert world.make("feature").number == feature.number + 1


def test_card_and_search_follow_the_record(world: World, feature: Any) -> None:
    verbs.update(world.pm, "feature", feature, {"title": "Resume", "state": "planned", "owner": "me", "body": "Anchor"})
    card, now = Card.objects.get(pk=feature.pk), fresh(feature)
    assert [getattr(card, n) for n in SHARED] == [getattr(now, n) for n in SHARED]
    assert [h.key for h in search.find(world.pm, "anchor")] == [feature.key]
    assert search.find(world.pm, "rejoin") == []


NO_REFERENCES = [
    *("", "F-0", "F-99", "N-1", "f-", "-1", "F-1-1", "F-1e3", "F-\u0663", "1" * 40, "\x00", "\ud800", "F-\x00"),
    *(None, 7, 1.5, [], {}, UUID(int=7)),
]


@pytest.mark.parametrize("ref", NO_REFERENCES, ids=ascii)
def test_a_reference_to_nothing_is_not_found_whatever_it_looks_like(world: World, feature: Any, ref: Any) -> None:
    for write in (
        lambda: verbs.update(world.pm, "feature", ref, {"title": "X"}),
        lambda: verbs.archive(world.pm, "feature", ref),
        lambda: verbs.card(world.pm, ref),
        lambda: verbs.link(world.pm, feature, ref, "depends_on"),
        lambda: verbs.unlink(world.pm, ref),
        lambda: verbs.remove_comment(world.pm, ref),
    ):
        with pytest.raises(NotFound):
            write()


@pytest.mark.parametrize("ref", ["F-1", "f-1", " F-1 "])
def test_a_key_is_taken_as_people_write_it(world: World, feature: Any, ref: str) -> None:
    assert verbs.update(world.pm, "feature", ref, {"title": "X"}).pk == feature.pk
    assert verbs.card(world.pm, ref).pk == feature.pk


# ---- values -----------------------------------------------------------------------------


def test_every_problem_is_named_at_once(world: World) -> None:
    with pytest.raises(Invalid) as told:
        verbs.create(world.pm, "feature", {"title": "", "reach": "x", "nope": 1, "score": 2, "owner": "nobody"})
    assert {p.field for p in told.value.problems} == {"title", "reach", "nope", "score", "owner"}


def test_a_private_field_does_not_exist_for_those_who_may_not_read_it(world: World) -> None:
    with pytest.raises(Invalid) as told:
        verbs.create(world.contributor, "feedback", {"title": "X", "author": "Jo"})
    assert [(p.field, p.message) for p in told.value.problems] == [("author", "There is no such field.")]


def test_a_source_and_its_id_stand_for_one_record(world: World) -> None:
    world.make("feedback", source="reviews", source_id="17")
    with pytest.raises(Invalid) as told:
        world.make("feedback", source="reviews", source_id="17")
    assert [p.field for p in told.value.problems] == ["source_id"]
    world.make("feedback", actor=world.stranger, source="reviews", source_id="17")
    world.make("feedback", source="reviews")
    world.make("feedback", source="reviews")


def test_what_the_type_derives_is_written_and_logged_with_the_rest(world: World) -> None:
    """``settle`` names a note by its first words."""
    note = verbs.create(world.pm, "feedback", {"body": "Lost **it** all"})
    assert note.title == "Lost it all"
    assert Change.objects.get(card_id=note.pk).diff["title"] == [None, "Lost it all"]


def test_what_the_type_refuses_is_not_written(world: World, feature: Any) -> None:
    with pytest.raises(Invalid):
        verbs.update(world.pm, "feature", feature, {"state": "declined", "title": "Other"})
    assert (fresh(feature).state, fresh(feature).title) == ("idea", "Rejoin")


@pytest.mark.parametrize("text", ["{{ 7*7 }}", "{% debug %}", "%s %(x)d", "{0.__class__}", "<script>alert(1)</script>"])
def test_text_is_kept_as_it_was_written(world: World, text: str) -> None:
    """Attack row E11."""
    made = world.make("feature", title=text, body=text)
    assert (fresh(made).title, fresh(made).body, Card.objects.get(pk=made.pk).title) == (text, text, text)


# ---- citations and mentions ---------------------------------------------------------------


def test_a_key_in_a_text_is_a_link_on_the_thread(world: World, feature: Any) -> None:
    note, aim = world.make("feedback"), world.make("objective")
    made = world.make("feature", body=f"See [[{note.key}]], [[{feature.key.lower()}]], [[F-99]] and `[[{aim.key}]]`")
    assert cited_in_text(made) == {note.key, feature.key}
    verbs.update(world.pm, "feature", made, {"body": f"Only [[{aim.key}]]", "hypothesis": f"[[{note.key}]] moves"})
    assert cited_in_text(made) == {note.key, aim.key}
    verbs.update(world.pm, "feature", made, {"body": "None"})
    assert cited_in_text(made) == {note.key}


def test_a_text_cites_neither_itself_nor_what_its_author_may_not_see(world: World) -> None:
    hidden = world.make("feedback", actor=world.owner, confidentiality=NAMED)
    theirs = world.make("objective", actor=world.stranger)
    made = world.make("feature", body=f"[[{hidden.key}]] [[F-1]] [[{theirs.key}]]")
    assert made.key == "F-1"
    assert cited_in_text(made) == set()


def test_a_mention_is_told_once_to_those_who_may_see_it(world: World) -> None:
    handles = [world.member(role).handle for role in ("owner", "viewer")]
    body = f"@{handles[0]} @{handles[0].upper()} @{handles[1]} @nobody"
    made = world.make("feature", actor=world.pm, body=body)
    assert news(world.owner) == news(world.viewer) == [("mention", made.key)]
    verbs.update(world.pm, "feature", made, {"body": f"{body} again"})
    assert len(news(world.owner)) == 1
    secret = world.make("feature", actor=world.pm, body=f"@{handles[1]}", confidentiality=NAMED)
    assert secret.key not in [key for _, key in news(world.viewer)]


# ---- who is told --------------------------------------------------------------------------


def test_owners_watchers_and_those_who_rely_on_it_are_told_and_never_the_one_who_did_it(world: World) -> None:
    aim = world.make("objective", actor=world.owner, owner=str(world.admin.member_id))
    citing = world.make("feature", actor=world.pm, owner="me")
    verbs.link(world.pm, citing, aim, "objective")
    verbs.watch(world.viewer, aim)
    assert news(world.admin) == [("assigned", aim.key)]
    verbs.update(world.owner, "objective", aim, {"state": "active"})
    assert (news(world.admin)[1:], news(world.viewer), news(world.pm)) == (
        [("changed", aim.key)],
        [("changed", aim.key)],
        [],
    )
    verbs.update(world.owner, "objective", aim, {"title": "Means something else"})
    assert news(world.pm) == [("suspect", citing.key)]
    assert news(world.owner) == []
    verbs.watch(world.viewer, aim, on=False)
    verbs.update(world.owner, "objective", aim, {"state": "draft"})
    assert len(news(world.viewer)) == 2


def test_a_new_owner_is_told(world: World, feature: Any) -> None:
    verbs.update(world.pm, "feature", feature, {"owner": str(world.contributor.member_id)})
    assert news(world.contributor) == [("assigned", feature.key)]


# ---- events -------------------------------------------------------------------------------


def listener(event: events.Event) -> None:
    """Stands for a reaction of another room."""


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> str:
    path = f"{listener.__module__}.listener"
    names = ["feature.created", "feature.updated", "feature.archived", "feature.plan_feature", "feature.linked"]
    monkeypatch.setattr(events, "_listeners", {name: {path: frozenset()} for name in names})
    return path


def test_a_reaction_is_a_job_that_exists_exactly_when_the_write_does(world: World, heard: str) -> None:
    made = world.make("feature")
    verbs.update(world.pm, "feature", made, {"state": "planned"})
    verbs.link(world.pm, made, world.make("objective"), "objective")
    verbs.archive(world.pm, "feature", made)
    with pytest.raises(Invalid):
        world.make("feature", reach=-1)
    jobs = Job.objects.filter(name="kernel.listener").order_by("pk")
    told = [j.args["event"]["name"] for j in jobs]
    assert told == ["feature.created", "feature.updated", "feature.linked", "feature.archived"]
    assert {j.args["path"] for j in jobs} == {heard}
    assert jobs[1].args["event"]["fields"] == ["state"]
    assert {j.args["event"]["card_id"] for j in jobs} == {str(made.pk)}


# ---- confidential records -----------------------------------------------------------------


def test_named_people_are_its_maker_and_those_chosen(world: World) -> None:
    made = verbs.create(
        world.pm, "feature", {"title": "Secret", "confidentiality": NAMED}, readers=[str(world.viewer.member_id)]
    )
    assert set(Reader.objects.filter(card_id=made.pk).values_list("member_id", flat=True)) == {
        world.pm.member_id,
        world.viewer.member_id,
    }
    assert reach(world.viewer, type(made)).exists()
    assert not reach(world.owner, type(made)).exists()


def test_a_derived_value_is_kept_past_reach_but_never_shown(world: World) -> None:
    hidden = world.make("feature", actor=world.owner, confidentiality=NAMED)
    theirs = world.make("feature", actor=world.stranger)

    def run(door: Door) -> list[Any]:
        return door.whoever_may_see(type(hidden), [hidden.pk, theirs.pk])

    assert [r.pk for r in through_door(world.pm, "count", run)] == [hidden.pk]


# ---- links --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cite",
    [
        None,
        "evidence",
        [],
        {},
        {"kind": "evidence"},
        {"kind": 1, "target": "N-1"},
        {"kind": "evidence", "target": ["N-1"]},
        {"kind": "evidence", "target": "N-1", "x": 1},
    ],
)
def test_a_citation_of_the_wrong_form_is_refused(world: World, cite: Any) -> None:
    world.make("feedback")
    with pytest.raises(Invalid) as told:
        verbs.create(world.pm, "feature", {"title": "X"}, cites=[cite])
    assert [p.field for p in told.value.problems] == ["cites"]
    assert not reach(world.pm, type_of("feature").model).exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"quote": "x" * 20_001}, "quote"),
        ({"quote": 5j}, "quote"),
        ({"quote": "\x00"}, "quote"),
        ({"weight": 4}, "weight"),
        ({"weight": -1}, "weight"),
        ({"weight": "high"}, "weight"),
        ({"weight": True}, "weight"),
    ],
)
def test_quote_and_weight_have_limits(world: World, feature: Any, given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as told:
        verbs.link(world.pm, feature, world.make("feature"), "depends_on", **given)
    assert [p.field for p in told.value.problems] == [field]


def test_linking_again_confirms_and_changes_only_what_is_given(world: World, feature: Any) -> None:
    other = world.make("feature")
    first = verbs.link(world.pm, feature, other, "depends_on", quote="this part", weight=2)
    verbs.update(world.pm, "feature", other, {"title": "Changed"})
    again = verbs.link(world.pm, feature, other, "depends_on")
    assert (again.pk, again.seen_revision, again.quote, again.weight) == (first.pk, 2, "this part", 2)
    cleared = verbs.link(world.pm, feature, other, "depends_on", quote="", weight=0)
    assert (cleared.quote, cleared.weight) == ("", 0)
    said = Change.objects.filter(card_id=feature.pk, action="link").count()
    verbs.link(world.pm, feature, other, "depends_on")
    assert Change.objects.filter(card_id=feature.pk, action="link").count() == said == 3


def test_both_ends_of_a_link_must_be_in_reach(world: World, feature: Any) -> None:
    hidden = world.make("feature", actor=world.owner, confidentiality=NAMED)
    link = verbs.link(world.owner, feature, hidden, "depends_on")
    for touch in (verbs.unlink, verbs.confirm):
        with pytest.raises(NotFound):
            touch(world.pm, link.pk)
        with pytest.raises(NotFound):
            touch(world.stranger, link.pk)
    with pytest.raises(NotFound):
        verbs.link(world.pm, feature, hidden, "depends_on")
    with pytest.raises(Forbidden):
        verbs.unlink(world.viewer, verbs.link(world.pm, feature, world.make("feature"), "depends_on").pk)
