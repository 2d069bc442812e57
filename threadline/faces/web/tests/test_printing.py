"""On paper a list is whole, and says where it came from and when."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs

from threadline.faces.web.tests.conftest import Site
from threadline.faces.web.tests.test_budgets import load


def test_a_list_is_printed_whole(site: Site) -> None:
    load(site.world, "feature", [{"title": f"Feature {n}"} for n in range(60)])
    assert site.text("features/").count('<th scope="row"') == 50
    text = site.text("features/?print=1")
    assert text.count('<th scope="row"') == 60
    assert "60 in all" in text


def test_the_way_to_print_keeps_the_filter(site: Site) -> None:
    site.world.make("feature")
    ways = re.findall(r'/features/\?([^"]*print=1[^"]*)"', site.text("features/", q="state:idea"))
    assert [parse_qs(html.unescape(way))["q"] for way in ways] == [["state:idea"]]


def test_paper_says_where_it_came_from(site: Site) -> None:
    text = site.text("features/", q="state:idea")
    assert '<footer class="on-paper">North, http://testserver/w/north/features/?q=state%3Aidea, ' in text
