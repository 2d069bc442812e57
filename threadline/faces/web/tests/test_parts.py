"""The inside of a page, for the panel and for dialogs: the same template without its frame."""

from __future__ import annotations

import gzip
import re
from typing import Any

import pytest
from django.http import HttpResponse

from threadline.faces.web.assets import WEB, built_names
from threadline.faces.web.tests.conftest import Site, W


def part(site: Site, path: str, kind: str = "panel", role: str = "product_manager") -> str:
    answer: HttpResponse = site.client(role).get(W + path, headers={"x-part": kind})
    assert answer.status_code == 200, path
    return answer.content.decode().strip()


@pytest.mark.parametrize("below", ["", "/edit", "/history", "/cite", "/files", "/do/decline_feature"])
def test_every_page_of_a_record_can_stand_in_another(site: Site, below: str) -> None:
    feature = site.world.make("feature")
    text = part(site, feature.key + below)
    assert text.startswith("<article")
    assert text.endswith("</article>")
    assert "<html" not in text
    assert 'id="rooms"' not in text
    assert "F-1" in text


def test_a_record_says_which_it_is(site: Site) -> None:
    feature = site.world.make("feature")
    assert 'data-key="F-1"' in part(site, feature.key)
    assert 'data-path="features"' in part(site, feature.key)


def test_the_short_form_asks_for_what_is_needed_and_hides_the_rest(site: Site) -> None:
    text = part(site, "features/new", "quick")
    first, _, rest = text.partition("<details")
    assert 'name="title"' in first
    assert 'name="owner"' not in first
    assert 'name="owner"' in rest
    assert "open>" not in rest[:20]


def test_what_was_typed_stays_and_what_is_wrong_is_shown(site: Site) -> None:
    sent: dict[str, Any] = {"title": "", "reach": "many"}
    answer = site.client().post(f"{W}features/new", sent, headers={"x-part": "quick"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="many"' in text
    assert "<details open" in text


def test_the_first_thing_to_make_is_what_waits_to_be_sorted(site: Site) -> None:
    assert site.get("new")["Location"].endswith("/feedback/new")
    assert site.get("new", "viewer").status_code == 403


def test_scripts_and_styles_keep_to_their_size() -> None:
    built, dist = built_names(), WEB / "static" / "web" / "dist"
    if not built:
        pytest.fail("the front end is not built: run make front")

    def weight(name: str, seen: set[str]) -> int:
        if name in seen:
            return 0
        seen.add(name)
        text = (dist / name).read_bytes()
        # What a file imports at once comes with it; what it imports later does not.
        near = re.findall(rb"""(?:from|import)["']\./([\w.-]+\.js)["']""", text)
        return len(gzip.compress(text, 9)) + sum(weight(one.decode(), seen) for one in near)

    names = {plain: path.rpartition("/")[2] for plain, path in built.items()}
    assert len(gzip.compress((dist / names["app.css"]).read_bytes(), 9)) <= 20 * 1024
    shell: set[str] = set()
    assert weight(names["app.js"], shell) <= 25 * 1024
