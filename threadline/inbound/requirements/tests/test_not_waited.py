"""By whichever way: nothing that lacks something comes into building or shipped, unless somebody says why not wait."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
from django.conf import LazySettings
from django.test import Client

from threadline.exchange import carrying, uploads
from threadline.house import tokens
from threadline.inbound.features import readiness, rules
from threadline.inbound.requirements.tests.test_readiness import count, made_ready, planned
from threadline.kernel import past, undo, verbs
from threadline.kernel.errors import Conflict, Invalid
from threadline.kernel.testing import World, fresh

BUILT = ("building", "shipped")
VERBS = {"building": ("start_feature", "start_unready_feature"), "shipped": ("ship_feature", "ship_unready_feature")}


def state_of(feature: Any) -> str:
    return str(fresh(feature).state)


@pytest.mark.parametrize("state", BUILT)
def test_the_verb_refuses_and_names_the_one_that_asks_why(world: World, state: str) -> None:
    feature, (plain, waiving) = planned(world), VERBS[state]
    with pytest.raises(Invalid, match="an objective it serves") as told:
        getattr(rules, plain)(world.pm, feature=feature.key, why="Agreed on Thursday")
    assert [p.instead for p in told.value.problems] == [waiving]
    assert state_of(feature) == "planned"
    getattr(rules, waiving)(world.pm, feature=feature.key, reason="The pilot cannot wait")
    (one,) = readiness.overrides(world.pm, fresh(feature))
    assert (one.who, one.why, one.what) == (
        world.pm.name,
        "The pilot cannot wait",
        "shipped" if state == BUILT[1] else "begun",
    )
    assert "requirements" in one.missing
    assert [row["unready"] for row in count(world)] == [1]


def test_what_is_ready_is_shipped_from_the_plan_without_a_reason(world: World) -> None:
    feature = made_ready(world)
    with pytest.raises(Conflict):
        rules.ship_unready_feature(world.pm, feature=feature.key, reason="Because")
    rules.ship_feature(world.pm, feature=feature.key)
    assert state_of(feature) == "shipped"
    assert count(world) == []


def test_what_was_begun_is_shipped_without_asking_again(world: World) -> None:
    feature = planned(world)
    rules.start_unready_feature(world.pm, feature=feature.key, reason="The pilot cannot wait")
    rules.ship_feature(world.pm, feature=feature.key)
    rules.withdraw_feature(world.pm, feature=feature.key, reason="It broke")
    assert state_of(feature) == "building"
    assert [row["unready"] for row in count(world)] == [1]


@pytest.mark.parametrize("state", BUILT)
@pytest.mark.parametrize("before", ["idea", "candidate", "planned"])
def test_a_plain_change_of_the_state_is_refused_and_a_ready_one_is_not(world: World, before: str, state: str) -> None:
    feature, ready = world.make("feature", state=before), made_ready(world)
    with pytest.raises(Invalid, match="It is not ready"):
        verbs.update(world.pm, "feature", feature.pk, {"state": state}, why="Agreed on Thursday")
    assert state_of(feature) == before
    verbs.update(world.pm, "feature", ready.pk, {"state": state})
    assert state_of(ready) == state


def test_what_an_undo_puts_back_stood_there_by_right(world: World) -> None:
    feature = planned(world)
    rules.start_unready_feature(world.pm, feature=feature.key, reason="The pilot cannot wait")
    rules.pause_feature(world.pm, feature=feature.key, reason="It can after all")
    undo.undo(world.pm, past.history(world.pm, fresh(feature))[0].batch)
    assert state_of(feature) == "building"


@pytest.mark.parametrize("state", BUILT)
def test_the_api_refuses_each_way_and_says_what_to_do(world: World, client: Client, state: str) -> None:
    feature, (plain, waiving) = planned(world), VERBS[state]
    _, key = tokens.create(world.pm, name="Test", scopes=["write"], kind="personal")

    def ask(method: str, path: str, body: dict[str, Any]) -> Any:
        sent = client.generic(
            method, f"/api/v1/{path}", orjson.dumps(body), content_type="application/json",
            headers={"Authorization": f"Bearer {key}"},
        )  # fmt: skip
        return sent.status_code, orjson.loads(sent.content)

    for way in (
        ask("PATCH", f"features/{feature.key}", {"state": state}),
        ask("POST", f"features/{feature.key}/{plain}", {}),
        ask("POST", "features", {"title": "Born built", "state": state}),
    ):
        assert (way[0], way[1]["errors"][0]["instead"]) == (422, waiving)
    assert state_of(feature) == "planned"
    assert ask("POST", f"features/{feature.key}/{waiving}", {"reason": "The pilot cannot wait"})[0] == 200
    assert state_of(feature) == state


@pytest.mark.parametrize("state", BUILT)
def test_a_board_and_many_at_once_are_told_which_verb_asks(world: World, client: Client, state: str) -> None:
    lacking, ready, (plain, waiving) = planned(world), made_ready(world), VERBS[state]
    client.force_login(world.user("product_manager"))
    edits = [{"n": one.number, "do": plain, "given": {}} for one in (lacking, ready)]
    body = {"mutation": str(uuid4()), "columns": ["state"], "edits": edits}
    told = orjson.loads(client.post("/w/north/features/changes", body, content_type="application/json").content)
    assert told["done"] == [ready.number]
    assert [(one["n"], one["instead"]) for one in told["refused"]] == [(lacking.number, waiving)]
    assert (state_of(lacking), state_of(ready)) == ("planned", state)


def brought(world: World, *rows: tuple[str, str, str], skip_bad: bool = False) -> Any:
    text = "id,title,status\n" + "".join(f"{','.join(row)}\n" for row in rows)
    run = uploads.take_in(world.pm, "feature", "tracker", "plan.csv", [text.encode()])
    carrying.check(world.pm, run)
    run.refresh_from_db()
    report = run.report
    if not report["bad"] or skip_bad:
        carrying.bring_in(world.pm, run, skip_bad=skip_bad)
        run.refresh_from_db()
    return run


def test_an_import_brings_in_what_was_built_elsewhere_and_moves_nothing_past_the_rule(
    world: World, tmp_path: Path, settings: LazySettings
) -> None:
    settings.DATA_DIR = tmp_path
    first = brought(world, ("1", "Audit log", "planned"), ("2", "Search", "shipped"))
    assert (first.state, first.counts["created"]) == ("done", 2)
    planned_, shipped = (type(world.make("feature")).objects.get(title=t) for t in ("Audit log", "Search"))
    assert (planned_.state, shipped.state) == ("planned", "shipped")
    assert past.history(world.pm, shipped)[0].why == "Imported from tracker: plan.csv"
    assert count(world) == []
    rows = (("1", "Audit log", "building"), ("2", "Search engine", "shipped"))
    again = brought(world, *rows)
    assert (again.report["bad"], again.report["update"]) == (1, 1)
    assert "It is not ready" in again.report["problems"][0]["text"]
    some = brought(world, *rows, skip_bad=True)
    assert (some.state, some.counts["updated"], some.counts["skipped"]) == ("done", 1, 1)
    assert (state_of(planned_), fresh(shipped).title) == ("planned", "Search engine")
