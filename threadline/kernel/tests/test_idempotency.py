"""A request sent twice acts once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from threadline.kernel import rows
from threadline.kernel.errors import Conflict, Invalid
from threadline.kernel.idempotency import Answer, IdempotencyKey, once
from threadline.kernel.tags import Tag
from threadline.kernel.testing import World

pytestmark = pytest.mark.django_db


class Work:
    """Adds a tag each time it runs, so that what was rolled back is seen."""

    def __init__(self, world: World, status: int = 201) -> None:
        self.world, self.status, self.runs = world, status, 0

    def __call__(self) -> Answer:
        self.runs += 1
        Tag.objects.create(workspace=self.world.north, name=f"tag {rows.new_id()}")
        return Answer(self.status, f"run {self.runs}".encode(), {"Location": "/here"})


def test_the_second_time_the_first_answer_is_given_and_nothing_is_done(world: World) -> None:
    work = Work(world)
    first, second = once(world.pm, "k", "h", work), once(world.pm, "k", "h", work)
    assert first == (Answer(201, b"run 1", {"Location": "/here"}), False)
    assert second == (first[0], True)
    assert Tag.objects.count() == 1


def test_another_request_under_the_same_key_is_refused(world: World) -> None:
    once(world.pm, "k", "h", Work(world))
    with pytest.raises(Invalid):
        once(world.pm, "k", "other", Work(world))
    assert Tag.objects.count() == 1


def test_while_the_first_is_being_answered_the_second_is_a_conflict(world: World) -> None:
    outer = Work(world)

    def ask_again_meanwhile() -> Answer:
        with pytest.raises(Conflict):
            once(world.pm, "k", "h", outer)
        return outer()

    assert once(world.pm, "k", "h", ask_again_meanwhile)[0].body == b"run 1"


def test_keys_of_two_people_are_two_keys(world: World) -> None:
    work = Work(world)
    for actor in (world.pm, world.owner, world.stranger):
        assert once(actor, "k", "h", work)[1] is False
    assert work.runs == 3


def test_a_refusal_is_not_kept_and_writes_nothing(world: World) -> None:
    refusing = Work(world, status=422)
    assert once(world.pm, "k", "h", refusing)[0].status == 422
    assert Tag.objects.count() == 0
    assert once(world.pm, "k", "other", Work(world))[0].status == 201


def test_a_failure_frees_the_key_and_writes_nothing(world: World) -> None:
    def fail() -> Answer:
        Work(world)()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        once(world.pm, "k", "h", fail)
    assert Tag.objects.count() == 0
    assert once(world.pm, "k", "h", Work(world))[1] is False


def test_after_a_crash_the_claim_runs_out_and_the_request_acts(world: World) -> None:
    once(world.pm, "k", "h", Work(world))
    IdempotencyKey.objects.update(status=None)  # as a process leaves it that dies before its commit
    with pytest.raises(Conflict):
        once(world.pm, "k", "h", Work(world))
    IdempotencyKey.objects.update(claimed_at=rows.now() - timedelta(minutes=2))
    assert once(world.pm, "k", "h", Work(world, 200))[1] is False


def test_a_request_that_was_taken_up_by_another_does_not_stand(world: World) -> None:
    slow = Work(world)

    def lose_the_claim() -> Answer:
        IdempotencyKey.objects.update(claim=rows.new_id())
        return slow()

    with pytest.raises(Conflict):
        once(world.pm, "k", "h", lose_the_claim)
    assert Tag.objects.count() == 0


def test_after_a_day_the_key_is_forgotten(world: World) -> None:
    work = Work(world)
    once(world.pm, "k", "h", work)
    IdempotencyKey.objects.update(created_at=rows.now() - timedelta(hours=25))
    assert once(world.pm, "k", "other", work)[1] is False
    assert IdempotencyKey.objects.count() == 1


@pytest.mark.parametrize("key", ["", "x" * 201, "a\nb", "é"])
def test_a_key_that_cannot_be_kept_is_refused(world: World, key: str) -> None:
    with pytest.raises(Invalid):
        once(world.pm, key, "h", Work(world))
