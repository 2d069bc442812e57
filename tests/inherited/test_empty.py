"""What a list says when there is nothing in it: what it is for, or that the filter hides everything."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from threadline.kernel.registry import RecordType
from threadline.kernel.testing import World

EMPTY = re.compile(r'<div class="empty">(.*?)\n</div>', re.DOTALL)


def _said(world: World, declared: RecordType, role: str, **asked: str) -> str:
    client = Client()
    client.force_login(world.user(role))
    answer = client.get(f"/w/north/{declared.path}/", asked)
    assert answer.status_code == 200
    [said] = EMPTY.findall(answer.content.decode())
    return unescape(said)


@pytest.mark.parametrize("role", ["product_manager", "viewer"])
def test_an_empty_list_says_what_it_is_for_and_offers_the_first_step(
    world: World, declared: RecordType, role: str
) -> None:
    said = _said(world, declared, role)
    assert declared.about
    assert declared.about in said
    first_step = f'href="/w/north/{declared.path}/new"' in said
    assert first_step is world.actor(role).may("create", declared.group)


def test_a_filter_that_finds_nothing_says_so_and_can_be_cleared(world: World, declared: RecordType) -> None:
    said = _said(world, declared, "viewer", q="title:nowhere-to-be-found")
    assert "Nothing matches" in said
    assert declared.about not in said
    assert re.search(rf'href="/w/north/{re.escape(declared.path)}/?"', said)
