"""Baselines: sealed, compared, signed, and showing when somebody tampers with them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from threadline.inbound.requirements import baselines, rules, signing
from threadline.inbound.requirements.models import Baseline, Signature
from threadline.inbound.requirements.tests.test_tree import add
from threadline.kernel import verbs
from threadline.kernel.errors import Conflict, Forbidden, Invalid
from threadline.kernel.testing import World, fresh


def told(world: World, feature: Any, title: str = "Beta") -> Baseline:
    made: Any = verbs.create(world.pm, "baseline", {"title": title, "feature": feature.pk})
    return made  # type: ignore[no-any-return]


def test_canonical_json_has_one_form_and_a_known_digest() -> None:
    assert baselines.canonical({"b": 1, "a": ["é", None]}) == '{"a":["é",null],"b":1}'
    # FIPS 180-4: SHA-256 of "abc".
    assert baselines.digest_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_baseline_stays_as_it_was_taken_and_says_what_changed_since(world: World) -> None:
    feature = world.make("feature")
    kept, gone = add(world, feature, "The shop shall keep it."), add(world, feature, "The shop shall lose it.")
    criterion = rules.add_criterion(world.pm, requirement=kept.key, steps="Given a\nThen b")
    made = told(world, feature)
    content = fresh(made).content
    assert [r["key"] for r in json.loads(content)["requirements"]] == [kept.key, gone.key]
    verbs.update(world.pm, "requirement", kept, {"title": "The shop shall keep them."})
    verbs.update(world.pm, "criterion", criterion, {"body": "Given a\nThen c"})
    verbs.archive(world.pm, "requirement", gone)
    new = add(world, feature, "The shop shall find it.")
    found = {d.key: (d.what, {n for n, _, _ in d.fields}) for d in baselines.changes_answer(world.viewer, fresh(made))}
    assert found == {
        kept.key: ("changed", {"title", criterion.key}), gone.key: ("removed", set()), new.key: ("added", set())
    }  # fmt: skip
    verbs.update(world.pm, "baseline", made, {"title": "Another name"})
    assert fresh(made).content == content
    assert signing.trust(fresh(made)).sound
    with pytest.raises(Invalid):
        verbs.update(world.pm, "baseline", made, {"digest": "0" * 64})


def test_it_is_signed_when_everybody_who_was_asked_approves(world: World) -> None:
    feature = world.make("feature")
    add(world, feature, "The shop shall keep it.")
    made = told(world, feature)
    signing.ask_to_sign(
        world.pm, baseline=made.key, people=[str(world.owner.member_id), str(world.contributor.member_id)]
    )
    assert signing.sign_baseline(world.contributor, baseline=made.key, verdict="approved").state == "open"
    with pytest.raises(Conflict, match="already"):
        signing.sign_baseline(world.contributor, baseline=made.key, verdict="approved")
    assert signing.sign_baseline(world.owner, baseline=made.key, verdict="approved", words="Fine").state == "signed"
    with pytest.raises(Conflict):
        signing.sign_baseline(world.pm, baseline=made.key, verdict="approved")
    with pytest.raises(Invalid, match="it stays"):
        verbs.archive(world.pm, "baseline", made)


def test_a_refusal_says_why_and_closes_it(world: World) -> None:
    made = told(world, world.make("feature"))
    with pytest.raises(Invalid, match="what must change"):
        signing.sign_baseline(world.contributor, baseline=made.key, verdict="refused")
    with pytest.raises(Forbidden):
        signing.sign_baseline(world.viewer, baseline=made.key, verdict="approved")
    assert signing.sign_baseline(world.contributor, baseline=made.key, verdict="refused", words="No").state == "refused"


@pytest.mark.parametrize("way", ["content", "content and digest", "words", "verdict", "first signature"])
def test_whoever_tampers_is_seen(world: World, way: str) -> None:
    feature = world.make("feature")
    add(world, feature, "The shop shall keep it.")
    made = told(world, feature)
    for actor in (world.contributor, world.owner):
        signing.ask_to_sign(world.pm, baseline=made.key, people=[str(actor.member_id)])
    for actor in (world.contributor, world.owner):
        signing.sign_baseline(actor, baseline=made.key, verdict="approved", words="Fine")
    assert signing.trust(fresh(made)).sound
    changed = fresh(made).content.replace("keep", "sell")
    mine = Signature.objects.filter(baseline_id=made.pk).order_by("at")
    if way == "content":
        Baseline.objects.filter(pk=made.pk).update(content=changed)
    elif way == "content and digest":
        digest = baselines.digest_of(changed)
        Baseline.objects.filter(pk=made.pk).update(content=changed, digest=digest)
        mine.update(content_digest=digest)
    elif way == "words":
        mine.update(words="Splendid")
    elif way == "verdict":
        mine.update(verdict="refused")
    else:
        Signature.objects.filter(pk=mine[0].pk).delete()
    assert not signing.trust(fresh(made)).sound
    assert signing.signatures_answer(world.viewer, fresh(made))["sound"] is False


def test_nobody_signs_what_was_tampered_with(world: World) -> None:
    made = told(world, world.make("feature"))
    Baseline.objects.filter(pk=made.pk).update(content="{}")
    with pytest.raises(Conflict, match="changed after it was taken"):
        signing.sign_baseline(world.owner, baseline=made.key, verdict="approved")


def test_what_fewer_people_may_see_is_not_in_a_baseline(world: World) -> None:
    feature = world.make("feature")
    secret = verbs.create(
        world.owner, "requirement", {"title": "A secret", "feature": feature.pk, "confidentiality": 2}
    )
    made: Any = verbs.create(world.owner, "baseline", {"title": "One", "feature": feature.pk})
    assert secret.key not in made.content
    assert "A secret" not in made.content


def test_a_baseline_without_a_feature_holds_what_holds_of_all_and_nothing_that_is_kept_close(world: World) -> None:
    add(world, world.make("feature"), "The shop shall keep it.")
    every = world.make("requirement", title="Every page shall answer within 2 s.")
    hidden = world.make("requirement", title="The key shall lie in the safe.")
    verbs.name_readers(world.pm, hidden.pk, [])
    made: Any = verbs.create(world.pm, "baseline", {"title": "Audit"})
    assert [r["key"] for r in json.loads(made.content)["requirements"]] == [every.key]
    assert "feature" not in json.loads(made.content)
    assert baselines.changes_answer(world.pm, fresh(made)) == []
    verbs.update(world.pm, "requirement", every, {"title": "Every page shall answer within 1 s."})
    assert [(d.what, d.key) for d in baselines.changes_answer(world.viewer, fresh(made))] == [("changed", every.key)]
    assert signing.trust(fresh(made)).sound
    signing.sign_baseline(world.pm, baseline=made.key, verdict="approved")
    assert fresh(made).state == "signed"


def test_a_baseline_of_a_product_is_of_that_product(world: World) -> None:
    product = world.product("Desk")
    made: Any = verbs.create(world.pm, "baseline", {"title": "Audit", "product": product.pk})
    assert json.loads(made.content)["product"] == "Desk"
    with pytest.raises(Invalid, match="held of the other product"):
        verbs.update(world.pm, "baseline", made, {"product": None})
