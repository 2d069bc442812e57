"""Labels: one of a group, learnt from the team's own, silent when unsure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from django.test import Client

from threadline.inbound.feedback.intelligence import keeping, labels
from threadline.inbound.feedback.labelling import Label, label_feedback
from threadline.kernel.errors import Forbidden
from threadline.kernel.listing import list_page
from threadline.kernel.registry import type_of
from threadline.kernel.tags import CardTag
from threadline.kernel.testing import World

BUGS = (
    "crashes when I open the map",
    "error while saving my harbour",
    "freezes after the update",
    "broken login again",
)
WISHES = ("please add a dark theme", "would love an export to calendar", "add more ships", "wish there was a search")


@pytest.fixture(autouse=True)
def small(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(labels, "FEWEST", 12)
    yield
    for group in labels.GROUPS:
        labels._file(world.north.pk, group).unlink(missing_ok=True)
    keeping.shelf_of(world.north.pk).clear()


def tags(note: Any) -> set[str]:
    return set(CardTag.objects.filter(card_id=note.pk).values_list("tag__name", flat=True))


def taught(world: World, each: int = 12) -> None:
    for i in range(each):
        for label, said in (("bug", BUGS), ("request", WISHES)):
            note = world.make("feedback", title=f"{said[i % 4]} {i}", body=said[(i + 1) % 4])
            label_feedback(world.pm, feedback=note.key, label=label)
    keeping.catch_up(world.north.pk)


def of_sort(note: Any) -> labels.Proposal:
    return labels.proposals(note)[0]


def test_a_label_takes_the_place_of_its_opposite_and_of_no_other_tag(world: World) -> None:
    note = world.make("feedback", title="Map", body="crashes")
    for label in ("request", "urgent", "bug"):
        label_feedback(world.pm, feedback=note.key, label=label)
    assert tags(note) == {"bug", "urgent"}
    assert [p.given for p in labels.proposals(note)] == ["bug", "urgent", None]


def test_every_label_of_a_group_can_be_given() -> None:
    assert get_args(Label) == labels.ALL


def test_readers_cannot_label(world: World) -> None:
    note = world.make("feedback", title="Map", body="crashes")
    with pytest.raises(Forbidden):
        label_feedback(world.viewer, feedback=note.key, label="bug")


@pytest.mark.weighty
def test_labels_teach_and_say_how_sure_and_from_how_many(world: World) -> None:
    taught(world)
    note = world.make(
        "feedback", title="The map", body="crashes when I open it, error while saving, freezes after the update"
    )
    assert of_sort(note).label is None
    assert labels.learn(world.north.pk) == {"sort": 24, "urgency": 0, "churn": 0}
    found = of_sort(note)
    assert (found.label, found.learnt_from) == ("bug", 24)
    assert 0.5 < found.sure <= 1
    assert found.right >= 0.8


@pytest.mark.weighty
def test_what_people_said_is_not_guessed_at(world: World) -> None:
    taught(world)
    labels.learn(world.north.pk)
    note = world.make("feedback", title="The map", body="it crashes with an error")
    label_feedback(world.pm, feedback=note.key, label="praise")
    assert (of_sort(note).given, of_sort(note).label) == ("praise", None)


def test_what_resembles_nothing_learnt_is_met_with_silence(world: World) -> None:
    taught(world)
    labels.learn(world.north.pk)
    assert of_sort(world.make("feedback", title="Zzz", body="qwv xkj")).label is None


@pytest.mark.weighty
def test_too_few_labels_teach_nothing_and_taking_them_back_unteaches(world: World) -> None:
    taught(world)
    labels.learn(world.north.pk)
    assert labels.sorter_of(world.north.pk, labels.GROUPS[0]) is not None
    CardTag.objects.filter(tag__name="bug").delete()
    labels.learn(world.north.pk)
    assert labels.sorter_of(world.north.pk, labels.GROUPS[0]) is None
    assert labels.sorter_of(world.south.pk, labels.GROUPS[0]) is None


def test_labels_stand_in_lists_and_can_be_asked_for(world: World) -> None:
    bug, calm, bare = (world.make("feedback", title=t) for t in ("Crashes", "Someday", "Nothing said"))
    label_feedback(world.pm, feedback=bug.key, label="bug")
    label_feedback(world.pm, feedback=bug.key, label="churn risk")
    label_feedback(world.pm, feedback=calm.key, label="can wait")

    def keys(asked: str) -> set[str]:
        return {row["key"] for row in list_page(world.pm, type_of("feedback"), asked).rows}

    assert keys("label:bug") == {bug.key}
    assert keys("churn:churn_risk") == keys('churn:"churn risk"') == {bug.key}
    assert keys("urgency:can_wait") == {calm.key}
    assert keys("label:none") == {calm.key, bare.key}
    columns = ["key", "label"]
    page = list_page(world.pm, type_of("feedback"), "", names=columns)
    shown = {row["key"]: row["label"] for row in page.rows}
    assert shown == {bug.key: "bug", calm.key: None, bare.key: None}


def test_rules_tell_what_is_urgent_and_who_may_leave_until_labels_teach(world: World, client: Client) -> None:
    """The page says that it was a rule and which words; what people taught takes its place, silence included."""
    note = world.make("feedback", title="", body="Charged twice. Please cancel my plan and give me a refund.")
    _, urgency, churn = labels.proposals(note)
    assert (urgency.label, urgency.signs, urgency.sure) == ("urgent", ("charged twice",), 0)
    assert (churn.label, churn.signs) == ("churn risk", ("cancel my", "refund"))
    client.force_login(world.user("product_manager"))
    for page in (f"/w/north/feedback/inbox?at={note.key}", f"/w/north/{note.key}"):
        shown = client.get(page).content.decode()
        assert "by rule" in shown
        assert "“cancel my”, “refund”" in shown
    rules = client.get("/w/north/feedback/learnt").content.decode()
    assert "Will they stay: the rules" in rules
    assert "money back" in rules
    for i in range(12):
        for label, said in (("churn risk", "the pen is red"), ("staying", "the pen is blue")):
            other = world.make("feedback", title=f"Pen {i}", body=said)
            label_feedback(world.pm, feedback=other.key, label=label)
    keeping.catch_up(world.north.pk)
    labels.learn(world.north.pk)
    _, urgency, churn = labels.proposals(note)
    assert urgency.signs == ("charged twice",)
    assert (churn.signs, churn.learnt_from) == ((), 24)
    rules = client.get("/w/north/feedback/learnt").content.decode()
    assert "How soon: the rules" in rules
    assert "Will they stay: the rules" not in rules


def test_what_people_said_rules_do_not_say_over(world: World) -> None:
    note = world.make("feedback", title="", body="Charged twice. I want a refund.")
    label_feedback(world.pm, feedback=note.key, label="can wait")
    urgency = labels.proposals(note)[1]
    assert (urgency.given, urgency.label, urgency.signs) == ("can wait", None, ())
