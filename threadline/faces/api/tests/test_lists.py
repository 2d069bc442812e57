"""Lists: queries, pages, fields, counts; and what cannot be asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from threadline.faces.api.tests.asking import Answer, Api
from threadline.kernel import verbs
from threadline.kernel.testing import World

pytestmark = pytest.mark.django_db
MakeApi = Callable[..., Api]


def walk(api: Api, path: str) -> list[str]:
    """Keys of every page, following the Link header as a client that knows no more would."""
    found: list[str] = []
    while path:
        page = api.get(path)
        assert page.status == 200, page
        found += page.keys
        link = page.headers.get("Link", "")
        assert bool(link) == page["has_more"] == (page["next_cursor"] is not None)
        path = link[len("</api/v1/") : link.index(">")] if link else ""
    return found


def test_pages_in_a_row_are_the_whole_list_in_order(world: World, api: MakeApi) -> None:
    for number in range(11):
        world.make(
            "feature", title=f"Feature {number % 4}", reach=number % 3 or None, effort=1, impact=1, confidence=50
        )
    for query in ("", "sort=-score", "sort=title", "q=sort:score,-title", "sort=owner", "q=sort:-demand"):
        whole = api().get(f"features?limit=200&{query}").keys
        assert walk(api(), f"features?limit=3&{query}") == whole
        assert len(set(whole)) == 11


def test_the_query_language_of_the_pages_filters(world: World, api: MakeApi) -> None:
    kept = world.make("feature", title="Rejoin a lost raid", state="planned")
    world.make("feature", title="Something else")
    for query in ("state:planned", "lost raid", '"lost raid"', "-state:idea", "updated<1d state:planned", "key:f-1"):
        found = api().get("features?q=" + query.replace(" ", "+"))
        assert found.keys == [kept.key], (query, found)


def test_only_the_fields_asked_for_come(world: World, api: MakeApi) -> None:
    world.make("feature", owner="me")
    [row] = api().get("features?fields=title,owner,demand,objective,tags")["data"]
    assert list(row)[:5] == ["id", "key", "kind", "version", "revision"]
    assert set(row) == {"id", "key", "kind", "version", "revision", "title", "owner", "demand", "objective", "tags"}
    assert row["owner"] == {"id": str(world.pm.member_id), "name": world.pm.name}


def test_matches_are_counted_when_asked_for(world: World, api: MakeApi) -> None:
    for _ in range(3):
        world.make("feature")
    verbs.archive(world.pm, "feature", world.make("feature"))
    mine = api()
    assert mine.get("features?limit=1&count=exact")["count"] == {"value": 3, "exact": True}
    assert mine.get("features?limit=1&count=capped&q=state:idea")["count"] == {"value": 3, "exact": True}
    assert mine.get("features?count=exact&archived=1")["count"] == {"value": 1, "exact": True}
    assert "count" not in mine.get("features").json


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=1e9", "limit"),
        ("limit=-1", "limit"),
        ("limit=x", "limit"),
        ("limit=1.5", "limit"),
        ("limit=" + "9" * 5000, "limit"),
        ("limit=NaN", "limit"),
        ("limit=%00", "limit"),
        ("sort=owner__password", "sort"),
        ("sort=title;drop", "sort"),
        ("sort=custom", "sort"),
        ("sort=workspace_id", "sort"),
        ("sort=-", "sort"),
        ("q=owner__user__password:x", "q"),
        ("q=workspace:south", "q"),
        ("q=state%3E3", "q"),
        ('q="open', "q"),
        ("q=%00", "q"),
        ("q=" + "a" * 2001, "q"),
        ("q=sort:owner__password", "q"),
        ("q=group:secret", "q"),
        ("fields=password", "fields"),
        ("fields=owner__user", "fields"),
        ("fields=title,nope", "fields"),
        ("cursor=nonsense", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=WzFd", "cursor"),
        ("count=maybe", "count"),
        ("archived=perhaps", "archived"),
        ("expand=owner", "expand"),
        ("include=links", "include"),
        ("offset=5", "offset"),
        ("order_by=title", "order_by"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(world: World, api: MakeApi, asked: str, parameter: str) -> None:
    world.make("feature")
    refused = api().get(f"features?{asked}")
    assert refused.status == 422, refused
    assert [e["parameter"] for e in refused["errors"]] == [parameter]


@pytest.mark.parametrize("asked", ["limit=1&limit=2", "&".join(f"x{n}=1" for n in range(60)), "q=a&q=b"])
def test_parameters_given_twice_or_by_the_dozen_are_refused(world: World, api: MakeApi, asked: str) -> None:
    assert api().get(f"features?{asked}").status == 422


@pytest.mark.parametrize(
    "words", ["%%%%", "____", "'", '"a" OR 1=1', "*", "NEAR(a b)", "a:b:c", "\\", "title MATCH x", "🦊"]
)
def test_odd_words_are_only_words(world: World, api: MakeApi, words: str) -> None:
    kept = world.make("feature", title="Plain")
    mine = api()
    for path in ("features", "search"):
        found = mine.client.get(f"/api/v1/{path}", {"q": words}, headers=mine.given)
        assert found.status_code in (200, 422), found.content
        assert kept.key not in found.content.decode()


def test_a_cursor_of_one_list_does_not_open_another(world: World, api: MakeApi) -> None:
    for _ in range(3):
        world.make("feature")
        world.make("objective")
    mine = api()
    cursor = mine.get("features?limit=1&sort=title")["next_cursor"]
    for other in (f"features?limit=1&sort=-title&cursor={cursor}", f"features?limit=1&cursor={cursor}"):
        assert mine.get(other).status == 422


def test_a_record_type_is_found_by_its_path_alone(world: World, api: MakeApi) -> None:
    mine: Api = api()
    for path in ("feature", "Features", "features/", "key_results", "featuresx", "", "../features", "features//F-1"):
        found: Answer = mine.get(path)
        assert (found.status, found.headers["Content-Type"]) == (404, "application/problem+json"), path
    assert mine.get("key-results").status == 200
