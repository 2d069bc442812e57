"""What a feature can say beyond its fields is ready for pages and for JSON."""

from __future__ import annotations

import orjson

from threadline.kernel import listing, verbs
from threadline.kernel.registry import kinds, type_of
from threadline.kernel.testing import World, fresh


def test_every_answer_of_every_type_can_be_written_as_json(world: World) -> None:
    for declared in kinds():
        record = world.make(declared.kind, **world.sample(declared.kind))
        for name, ask in declared.answers().items():
            assert orjson.dumps(ask(world.viewer, fresh(record)), option=listing.JSON_OPTIONS), name


def test_score_card_and_demand_come_with_their_numbers(world: World) -> None:
    feature = world.make("feature", reach=500, impact=3, confidence=80, effort=2)
    verbs.link(world.pm, feature, world.make("feedback", account=world.make("account").key), "evidence")
    answers = {n: ask(world.pm, fresh(feature)) for n, ask in type_of("feature").answers().items()}
    told = orjson.loads(orjson.dumps(answers, option=listing.JSON_OPTIONS))
    assert (told["score_card"]["likely"], told["score_card"]["unsourced"]) == (
        600,
        ["reach", "impact", "confidence", "effort"],
    )
    assert told["score_card"]["inputs"][0]["problem"].startswith("No source")
    assert told["demand"]["customers"] == 1
