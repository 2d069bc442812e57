"""The register of keys: nothing is said twice, and what pages say is what it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from threadline.faces.web import keymap
from threadline.faces.web.tests.conftest import Site

DOCS = Path(__file__).parents[4] / "docs" / "keys.md"


def test_two_things_in_one_scope_cannot_have_one_key() -> None:
    with pytest.raises(ValueError, match=r"list\.next has a key"):
        keymap.add("list", "list.other", "j", "Another")
    with pytest.raises(ValueError, match="no key"):
        keymap.add("list", "list.other", "Hyper+j", "Another")
    with pytest.raises(ValueError, match="no scope"):
        keymap.add("nowhere", "nowhere.other", "j", "Another")


def test_a_way_cannot_take_a_key_that_works_anywhere() -> None:
    with pytest.raises(ValueError, match=r"go\.today has a key"):
        keymap.leads("h", "elsewhere/", "Elsewhere")


def test_a_person_has_keys_of_their_own() -> None:
    mine = {k.name: k.keys for k in keymap.own({"keys": {"create": "n"}})}
    assert mine["create"] == ("n",)
    assert keymap.problem({"create": "n"}) is None


@pytest.mark.parametrize(
    ("chosen", "name", "says"),
    [
        ({"create": "?"}, "create", "Show the keys"),
        ({"create": "Hyper"}, "create", "Write one key"),
        ({"nothing": "n"}, "nothing", "no such key"),
    ],
)
def test_own_keys_that_cannot_be_are_named(chosen: dict[str, str], name: str, says: str) -> None:
    problem = keymap.problem(chosen)
    assert problem is not None
    assert problem[0] == name
    assert says in problem[1]


def test_keys_are_read_as_people_say_them() -> None:
    assert [keymap.said(k) for k in ("Mod+k", "g f", "Shift+x", "Escape", "?")] == [
        "Ctrl K",
        "G F",
        "Shift X",
        "Esc",
        "?",
    ]
    assert keymap.for_machines("Mod+k") == "Control+k"
    assert keymap.for_machines("g f") is None


def test_every_page_carries_the_register_as_data(site: Site) -> None:
    text = site.text("features/")
    found = re.search(r'<script type="application/json" id="tl-keys">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    assert [k[0] for k in json.loads(found[1])["keys"]] == [k.name for k in keymap.every()]


def test_data_cannot_end_its_element() -> None:
    said = "</script><!-- & \u2028"
    text = str(keymap.as_data({"title": said}))
    assert not re.search("[<>&\u2028]", text)
    assert json.loads(text) == {"title": said}


def test_the_manual_says_what_the_register_says() -> None:
    assert DOCS.read_text(encoding="utf-8") == keymap.manual(), "write it anew: make keys"
