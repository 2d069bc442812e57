"""F6 to F8: the same request twice, a lost race, and more than anybody needs; on every operation that the
API's own document says takes part."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.dump import Writes, dump
from tests.security.attack import send, taken_back
from tests.security.operations import Acquainted, Operation, operations, with_key
from tests.security.scene import Scene
from threadline.kernel.registry import kinds, type_of

OPERATIONS = operations()
JSON = "application/json"


def _takes(one: Operation, header: str) -> bool:
    return any(p["in"] == "header" and p["name"] == header for p in one.words["parameters"])


MAKING = [o for o in OPERATIONS if _takes(o, "Idempotency-Key") and not o.file]
UPLOADS = [o for o in OPERATIONS if _takes(o, "Idempotency-Key") and o.file]
MATCHING = [o for o in OPERATIONS if _takes(o, "If-Match")]
LIMITED = [o for o in OPERATIONS if any(p["name"] == "limit" for p in o.words["parameters"])]


@pytest.mark.parametrize("one", MAKING, ids=str)
def test_sent_twice_it_acts_once_and_a_key_is_one_requests_and_one_persons(
    scene: Scene, acquainted: Acquainted, one: Operation
) -> None:
    """F6: replayed, with another body, by another user."""
    where = acquainted.where(one)
    assert where is not None
    acquainted.body(one)
    address, body = one.at(**where), json.dumps(acquainted.something(one) or {}).encode()
    owner, admin = (with_key(scene.keys[role], **{"Idempotency-Key": "one-key"}) for role in ("owner", "admin"))
    with taken_back():

        def ask(who: Any, content: bytes) -> Any:
            return who.client.post(address, content, content_type=JSON, headers=who.headers)

        first = ask(owner, body)
        if first.status_code >= 400:
            # What is refused does nothing and keeps no key: the verb does not fit this record, or no body was found.
            assert "Idempotency-Replayed" not in ask(owner, body).headers
            return
        with taken_back():
            with Writes() as writes:
                again, changed = ask(owner, body), ask(owner, body + b" ")
            after = dump(writes.tables, writes.grown)
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again.headers["Idempotency-Replayed"] == "true"
        assert (changed.status_code, changed.json()["errors"][0]["header"]) == (422, "Idempotency-Key")
        assert dump(after, writes.grown) == after
        assert "Idempotency-Replayed" not in ask(admin, body).headers


def test_keys_were_tried_on_requests_that_act(scene: Scene, acquainted: Acquainted) -> None:
    """Otherwise the test above would prove nothing: every type of record that can be made is made with one."""
    assert len(MAKING) > 20
    for declared in kinds():
        for one in (o for o in MAKING if o.path == f"/{declared.path}"):
            assert acquainted.body(one) is not None, f"no body was found that {one} accepts"


@pytest.mark.parametrize("one", UPLOADS, ids=str)
def test_a_file_takes_no_key_and_says_so(scene: Scene, acquainted: Acquainted, one: Operation) -> None:
    """F6: better refused than promised."""
    owner = with_key(scene.keys["owner"], **{"Idempotency-Key": "one-key"})
    told = owner.send(one.method, one.at(**(acquainted.where(one) or {})), b"title\nSome words\n")
    assert (told.status, told.moved) == (400, ()), str(told)


@pytest.mark.parametrize("one", MATCHING, ids=str)
def test_whoever_read_an_older_version_changes_nothing(scene: Scene, acquainted: Acquainted, one: Operation) -> None:
    """F7: the tag of a version that is no longer, or not yet, there."""
    where = acquainted.where(one)
    assert where is not None
    body, possible = acquainted.something(one), acquainted.body(one) is not None or one.method == "DELETE"
    for tag in ('"0"', '"99999"', 'W/"99999-00000000"'):
        told = with_key(scene.keys["owner"], **{"If-Match": tag}).send(one.method, one.at(**where), body)
        assert not told.moved, (tag, str(told))
        assert told.status == 412 if possible else told.status in (404, 409, 412, 422), (tag, str(told))


def test_two_who_read_the_same_version_do_not_both_write(scene: Scene) -> None:
    """F7: the second of two with one tag, on every type of record, by PATCH and DELETE."""
    owner = with_key(scene.keys["owner"])
    for declared in kinds():
        place = f"/api/v1/{declared.path}/{scene.north.bare[declared.kind].key}"
        with taken_back():
            tag = owner.client.get(place, headers=owner.headers)["ETag"]
            matched = {**owner.headers, "If-Match": tag}

            def title(text: str, matched: dict[str, str] = matched, place: str = place) -> int:
                content = json.dumps({"title": text})
                return owner.client.patch(place, content, content_type=JSON, headers=matched).status_code

            first = title("Mine")
            assert first == 200, (declared.kind, first)
            assert title("Yours") == 412
            assert owner.client.delete(place, headers=matched).status_code == 412
            assert owner.client.get(place, headers=owner.headers).json()["title"] == "Mine"


@pytest.mark.parametrize("one", LIMITED, ids=str)
def test_no_list_is_longer_than_anybody_reads(scene: Scene, acquainted: Acquainted, one: Operation) -> None:
    """F8: limits beyond reason, and cursors that are none."""
    where, owner = acquainted.where(one), with_key(scene.keys["owner"])
    assert where is not None
    place = one.at(**where)
    join = "&" if "?" in place else "?"
    for asked in ("limit=1000000000", "limit=0", "limit=-1", "limit=1e9", "limit=201", "cursor=nonsense"):
        told = owner.send("GET", f"{place}{join}{asked}")
        assert told.status == 422, (asked, str(told))


@pytest.mark.parametrize("kind", [t.kind for t in kinds()])
def test_more_than_a_bulk_is_refused_before_anything_is_done(scene: Scene, kind: str) -> None:
    """F8: 10,000 items; included parts named again and again; a search of nothing but wild cards."""
    owner, place = with_key(scene.keys["owner"]), f"/api/v1/{type_of(kind).path}"
    body = json.dumps({"action": "create", "items": [{"values": {}}] * 10_000})
    told = send(owner.client, "POST", f"{place}/bulk", body, content_type=JSON, headers=owner.headers)
    assert (told.status, told.moved) == (422, ()), str(told)
    one = f"{place}/{scene.north.full[kind].key}"
    assert owner.send("GET", f"{one}?include={'links,' * 300}links").status in (200, 422)
    for deeper in ("links.links", "links,links.source.links", "why.why"):
        assert owner.send("GET", f"{one}?include={deeper}").status == 422
    for words in ("%25%25%25%25", "____", "%25" * 1_000):
        told = owner.send("GET", f"{place}?q={words}&count=exact")
        assert told.status in (200, 422)
        assert told.status == 422 or json.loads(told.body)["count"]["value"] == 0, str(told)
