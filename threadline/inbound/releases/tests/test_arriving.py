"""What a pipeline reports, signed: what went out, that it failed, that it is well again."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from threadline.inbound.intake.models import Delivery
from threadline.inbound.intake.tests.test_webhook import Sender
from threadline.inbound.releases.models import Deployment
from threadline.kernel import rows, verbs
from threadline.kernel.changes import Change
from threadline.kernel.testing import World, fresh

pytestmark = pytest.mark.django_db


@pytest.fixture
def pipeline(world: World) -> Sender:
    return Sender(world, title="Pipeline", way="deployments")


def test_a_signed_report_is_a_deployment_once(pipeline: Sender) -> None:
    said = {"title": "API 4.7.0", "service": "API", "deployed_at": "2026-03-02T10:00:00Z",
            "written_at": "2026-03-02T08:00:00Z", "unplanned": True}  # fmt: skip
    answers = [json.loads(pipeline.send(said, "run-1").content) for _ in range(2)]
    made = Deployment.objects.get()
    assert answers == [{"record": made.key, "outcome": "taken"}] * 2
    assert (made.title, made.service, made.unplanned, made.state) == ("API 4.7.0", "API", True, "held")
    assert (made.deployed_at - made.written_at) == timedelta(hours=2)
    change = Change.objects.get(card_id=made.pk)
    assert (change.actor_name, change.face) == ("Pipeline (source)", "intake")


def test_what_is_not_signed_is_turned_away(pipeline: Sender) -> None:
    assert pipeline.send({"title": "API"}, signature="v1,AAAA").status_code == 401
    assert pipeline.send({"title": "API"}, ago=3_600).status_code == 401
    assert not Deployment.objects.exists()


def test_a_failure_and_its_end_name_the_delivery_and_their_times(pipeline: Sender) -> None:
    out = rows.now() - timedelta(hours=5)
    pipeline.send({"title": "API", "deployed_at": out.isoformat()}, "run-1")
    failed, well = (out + timedelta(hours=n) for n in (1, 3))
    assert pipeline.send({"failed": "run-1", "at": failed.isoformat(), "reason": "500s"}, "run-2").status_code == 200
    assert pipeline.send({"recovered": "run-1", "at": well.isoformat()}, "run-3").status_code == 200
    made = Deployment.objects.get()
    assert (made.state, made.failed_at, made.recovered_at) == ("recovered", failed, well)
    assert Delivery.objects.count() == 3


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"service": "API"}, "title"),
        ({"title": "API", "colour": "red"}, "colour"),
        ({"title": ["API"]}, "title"),
        ({"title": "API", "deployed_at": "yesterday"}, "deployed_at"),
        ({"failed": "run-9"}, "failed"),
        ({"failed": "run-1", "recovered": "run-1"}, "recovered"),
        ({"failed": "run-1", "at": "2020-01-01T00:00:00Z"}, "at"),
        ({"failed": "run-1", "at": "soon"}, "at"),
    ],
)
def test_what_cannot_be_taken_is_named_and_nothing_kept(pipeline: Sender, said: dict[str, object], field: str) -> None:
    pipeline.send({"title": "First"}, "run-1")
    answer = pipeline.send(said, "run-2")
    assert (answer.status_code, json.loads(answer.content)["problems"][0]["field"]) == (422, field)
    assert (Deployment.objects.count(), Deployment.objects.get().state, Delivery.objects.count()) == (1, "held", 1)


def test_another_source_s_delivery_is_not_its_to_fail(world: World, pipeline: Sender) -> None:
    Sender(world, title="Other", way="deployments").send({"title": "Theirs"}, "run-1")
    assert pipeline.send({"failed": "run-1"}, "run-2").status_code == 422


def test_the_owner_must_be_one_who_may_write_deployments(world: World, pipeline: Sender) -> None:
    verbs.update(world.admin, "feedback_source", pipeline.source.pk, {"owner": world.pmm.member_id})
    assert pipeline.send({"title": "API"}).status_code == 503
    assert not Deployment.objects.exists()
    assert "does not allow" in fresh(pipeline.source.intake).problem


def test_a_hostile_title_mentions_and_links_nothing(pipeline: Sender) -> None:
    pipeline.send({"title": "API [[F-1]] https://evil.example", "body": "@everybody ![x](https://evil.example/x.png)"})
    made = Deployment.objects.get()
    assert "evil" not in made.title
    assert "[[" not in made.title
    assert "\\!" in made.body or "\\[" in made.body
