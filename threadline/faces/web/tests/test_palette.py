"""The palette offers what the reader may find and do, and nothing else."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from threadline.faces.web.tests.conftest import Site
from threadline.kernel import verbs
from threadline.kernel.access import NAMED
from threadline.kernel.testing import fresh


def ask(site: Site, role: str = "product_manager", **asked: Any) -> dict[str, Any]:
    answer = site.get("palette", role, **asked)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    found: dict[str, Any] = orjson.loads(answer.content)
    return found


def labels(items: list[dict[str, Any]]) -> list[str]:
    return [one["label"] for one in items]


def test_a_key_comes_before_what_holds_its_words(site: Site) -> None:
    site.world.make("feature", title="Harbour")
    site.world.make("feature", title="About F-1 and the harbour")
    assert [r["key"] for r in ask(site, q="f-1")["records"]] == ["F-1", "F-2"]
    assert [r["title"] for r in ask(site, q="harb")["records"]][:1] == ["Harbour"]


def test_what_is_out_of_reach_is_not_found_nor_remembered(site: Site) -> None:
    hidden = site.world.make("feature", site.world.owner, title="Hidden harbour", confidentiality=NAMED)
    for asked in ({"q": "harbour"}, {"q": hidden.key}, {"keys": hidden.key}):
        assert ask(site, "viewer", **asked)["records"] == []
    found = ask(site, "viewer", key=hidden.key)
    assert (found["on"], found["actions"]) == ("", [])
    found = ask(site, "viewer", type="feature", ids=str(hidden.pk))
    assert (found["on"], found["actions"]) == ("", [])


def test_what_was_looked_at_last_keeps_its_order(site: Site) -> None:
    for n in range(3):
        site.world.make("feature", title=f"Harbour {n}")
    assert [r["key"] for r in ask(site, keys="F-3,F-1,F-99,N-1")["records"]] == ["F-3", "F-1"]


def test_verbs_are_those_of_the_role_and_the_state(site: Site) -> None:
    feature = site.world.make("feature", title="Harbour")
    offered = ask(site, key=feature.key)
    assert offered["on"] == "F-1 Harbour"
    assert {"Plan", "Edit", "Watch", "Put in the trash"} <= set(labels(offered["actions"]))
    assert labels(ask(site, "viewer", key=feature.key)["actions"]) == ["History and past dates", "Watch"]
    verbs.archive(site.world.pm, "feature", feature)
    assert ask(site, key=feature.key)["actions"] == []


def test_a_verb_of_the_palette_does_what_its_button_does(site: Site) -> None:
    feature = site.world.make("feature", title="Harbour")
    plan = next(a for a in ask(site, key=feature.key)["actions"] if a["label"] == "Plan")
    answer = site.post(plan["action"], dict(plan["fields"]))
    assert answer.status_code == 303
    assert fresh(feature).state == "planned"


def test_ticked_rows_have_the_verbs_for_many(site: Site) -> None:
    made = [site.world.make("feature", title=f"Harbour {n}") for n in range(2)]
    offered = ask(site, type="feature", ids=",".join(str(m.pk) for m in made))
    assert offered["on"] == "2 features"
    trash = next(a for a in offered["actions"] if a["label"] == "To the trash")
    sent: dict[str, list[str]] = {}
    for name, value in trash["fields"]:
        sent.setdefault(name, []).append(value)
    assert site.post(trash["action"], sent).status_code == 303
    assert all(fresh(m).archived_at for m in made)


@pytest.mark.parametrize("ids", ["x", "1,2", ""])
def test_ids_that_are_none_are_no_error(site: Site, ids: str) -> None:
    assert ask(site, type="feature", ids=ids)["actions"] == []


def test_places_are_the_rooms_views_and_settings(site: Site) -> None:
    site.post("features/views", {"name": "Planned ones", "query": "state:planned"})
    found = labels(ask(site)["places"])
    assert {"Today", "Review", "Features", "Planned ones", "Own fields", "Your profile"} <= set(found)


def test_a_viewer_is_offered_nothing_to_make(site: Site) -> None:
    assert "New feature" in labels(ask(site)["makes"])
    assert ask(site, "viewer")["makes"] == []
