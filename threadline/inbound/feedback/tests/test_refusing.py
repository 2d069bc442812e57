"""What people link, refuse and take apart moves what the next note is offered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from django.test import Client

from threadline.inbound.feedback import merging, refusing, rules, teaching
from threadline.inbound.feedback.intelligence import belonging, keeping, weights
from threadline.inbound.feedback.models import Refused
from threadline.inbound.feedback.suggestions import suggest_features, suggest_repeats
from threadline.kernel.access import NAMED
from threadline.kernel.errors import Conflict, Invalid
from threadline.kernel.testing import World
from threadline.reading import belonging as measuring
from threadline.reading import choosing

SAID = "We lose the whole order when the tablet drops its connection behind the bar"


@pytest.fixture
def read(world: World, settings: Any, tmp_path: Any) -> Any:
    settings.DATA_DIR = tmp_path
    keeping._shelf.cache_clear()
    (tmp_path / "reading").mkdir()
    yield lambda: keeping.catch_up(world.pm.workspace_id)
    keeping._shelf.cache_clear()


def offered(world: World, note: Any) -> list[str]:
    return [one.key for one in suggest_features(world.pm, note)]


def test_what_was_refused_is_not_offered_again_until_it_may_be(world: World, read: Any) -> None:
    feature = world.make("feature", title="Keep the order when the connection drops")
    same = world.make("feedback", title="Lost", body=SAID + " again")
    note = world.make("feedback", title="Order lost", body=SAID)
    for _ in range(2):  # before the worker has read anything, and after
        assert feature.key in offered(world, note)
        assert same.key in [one.key for one in suggest_repeats(world.pm, note)]
        refusing.refuse_offer(world.pm, feedback=note.key, what=feature.key)
        refusing.refuse_offer(world.pm, feedback=note.key, what=feature.key)  # twice is once
        refusing.refuse_offer(world.pm, feedback=note.key, what=same.key)
        assert feature.key not in offered(world, note)
        assert same.key not in [one.key for one in suggest_repeats(world.pm, note)]
        assert Refused.objects.count() == 2
        refusing.offer_again(world.pm, feedback=note.key, what=feature.key)
        refusing.offer_again(world.pm, feedback=note.key, what=same.key)
        read()
    with pytest.raises(Conflict, match="Nobody said"):
        refusing.offer_again(world.pm, feedback=note.key, what=feature.key)
    with pytest.raises(Invalid):
        refusing.refuse_offer(world.pm, feedback=note.key, what=note.key)


def test_a_no_moves_what_notes_like_it_are_offered(world: World, read: Any) -> None:
    """Two features speak of the same; one is refused for one note, and the next note is offered the other first."""
    one = world.make("feature", title="Order survives a dropped connection")
    two = world.make("feature", title="Order survives a dropped connection ")
    first = world.make("feedback", title="Order lost", body=SAID)
    next_note = world.make("feedback", title="Order lost too", body=SAID + ", every Friday")
    read()
    ahead = offered(world, next_note)[0]
    refusing.refuse_offer(world.pm, feedback=first.key, what=ahead)
    other = ({one.key, two.key} - {ahead}).pop()
    assert offered(world, next_note) == [other, ahead]
    rules.link_to_feature(world.pm, feedback=first.key, feature=ahead)  # it was meant after all
    assert not Refused.objects.exists()
    assert offered(world, next_note) == [ahead, other]


def test_taking_a_link_or_a_merge_apart_says_no(world: World) -> None:
    feature, head = world.make("feature", title="Export"), world.make("feedback", title="Head")
    note = world.make("feedback", title="One")
    rules.link_to_feature(world.pm, feedback=note.key, feature=feature.key)
    rules.unlink_from_feature(world.pm, feedback=note.key, feature=feature.key)
    merging.merge_feedback(world.pm, feedback=note.key, into=head.key)
    merging.unmerge_feedback(world.pm, feedback=note.key)
    assert [(one.note, one.to) for one in teaching.refused(world.pm)] == [
        (note.key, head.key),
        (note.key, feature.key),
    ]
    merging.merge_feedback(world.pm, feedback=note.key, into=head.key)
    assert [one.to for one in teaching.refused(world.pm)] == [feature.key]


def test_nothing_out_of_reach_is_refused_or_told(world: World, client: Client) -> None:
    """A7: a hidden feature cannot be named, and what was said of it is told to nobody else."""
    hidden = world.make("feature", actor=world.owner, title="Secret", confidentiality=NAMED)
    note = world.make("feedback", title="One")
    for named in (hidden.key, "F-4711", "no key"):  # what is hidden is as good as not there
        with pytest.raises(Invalid, match="no feature or note of this key that you may see"):
            refusing.refuse_offer(world.pm, feedback=note.key, what=named)
    refusing.refuse_offer(world.owner, feedback=note.key, what=hidden.key)
    assert teaching.refused(world.pm) == []
    assert refusing.refused_of(world.pm, note) == []
    assert [one.to for one in teaching.refused(world.owner)] == [hidden.key]


def test_no_is_said_and_taken_back_in_the_inbox(world: World, client: Client) -> None:
    client.force_login(world.user("product_manager"))
    feature, note = world.make("feature", title="Keep the order"), world.make("feedback", title="", body="Order lost.")
    here = f"/w/north/feedback/inbox?at={note.key}"
    assert f'form="refusing" name="what" value="{feature.key}"' in client.get(here).content.decode()
    client.post(f"/w/north/{note.key}/do/refuse_offer", {"what": feature.key, "then": here})
    page = client.get(here).content.decode()
    assert f'form="refusing" name="what" value="{feature.key}"' not in page
    assert "Not meant:" in page
    assert "What a note is not" in client.get("/w/north/feedback/learnt").content.decode()
    client.post(f"/w/north/{note.key}/do/offer_again", {"what": feature.key, "then": here})
    assert "Not meant:" not in client.get(here).content.decode()


# ---- weights ----------------------------------------------------------------------------


def test_nobody_counts_more_than_twice_the_person_in_the_middle() -> None:
    assert belonging.evenly(["a"] * 4) == [1.0] * 4
    worth = belonging.evenly(["a"] * 100 + ["b"] * 10 + ["c"] * 10)
    assert sum(worth[:100]) == pytest.approx(20)
    assert worth[100:] == [1.0] * 20


@pytest.mark.weighty
def test_links_teach_the_weights_and_only_better_ones_are_kept(
    world: World, read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A team names features by a word of the body's end: titles mislead, so likeness of titles must lose weight."""
    places = ["harbour", "airport", "station", "market", "museum", "theatre", "stadium", "garden"]
    feature = {place: world.make("feature", title=f"Opening hours of the {place}") for place in places}
    for n in range(40):
        place, other = places[n % 8], places[(n + 3) % 8]
        note = world.make(
            "feedback", title=f"Hours of the {other}, visit {n}", body=f"I mean those of the {place} only"
        )
        rules.link_to_feature(world.pm, feedback=note.key, feature=feature[place].key)
    read()
    monkeypatch.setattr(measuring, "NEIGHBOURS", 1)
    found = belonging.learn(world.pm.workspace_id)
    assert found is not None
    assert (found.merges, found.judged_by, found.kept) == (40, 10, True)
    assert found.after > found.before
    in_force = belonging.in_force(world.pm.workspace_id, len(measuring.MEASURES))
    assert not np.allclose(in_force, measuring.OURS)
    again = belonging.learn(world.pm.workspace_id)  # no better than what is in force now: nothing changes
    assert again is not None
    assert not again.kept
    assert np.allclose(belonging.in_force(world.pm.workspace_id, len(measuring.MEASURES)), in_force)


def test_few_links_teach_no_weights(world: World, read: Any) -> None:
    note, feature = world.make("feedback", title="One"), world.make("feature", title="One")
    rules.link_to_feature(world.pm, feedback=note.key, feature=feature.key)
    read()
    assert belonging.learn(world.pm.workspace_id) is None
    assert weights.learnt(world.pm.workspace_id, belonging.WHAT) is None


def test_a_question_worth_nothing_teaches_nothing() -> None:
    asked = [
        choosing.Question(np.array([[1, 0], [0, 1]], np.float32), np.array([True, False])),
        choosing.Question(np.array([[1, 0], [0, 1]], np.float32), np.array([False, True])),
    ]
    weights_of_first = choosing.learned(asked, np.zeros(4), worth=[1.0, 0.0])
    assert weights_of_first[0] > 0 > weights_of_first[1]
    assert choosing.mean_reciprocal(asked, weights_of_first, [1.0, 0.0]) == 1.0
