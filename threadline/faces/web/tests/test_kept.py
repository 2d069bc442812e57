"""What is drawn once and kept must be what would be drawn now."""

from __future__ import annotations

import re

import pytest

from threadline.faces.web.kept import Kept
from threadline.faces.web.tests.conftest import Site
from threadline.house import furnishing
from threadline.kernel.registry import type_of


def test_a_key_is_made_once_and_a_full_store_begins_anew() -> None:
    made: list[str] = []
    kept: Kept[str] = Kept(2)
    for key in ("a", "a", "b", "c", "c", "a"):
        assert kept.of(key, lambda key=key: made.append(key) or key.upper()) == key.upper()  # type: ignore[misc,func-returns-value]
    assert made == ["a", "b", "c", "a"]


WAYS = ("", "?q=state:idea", "?q=group:state", "?columns=state", "?as=board", "?as=board&q=group:state", "?archived=1",
        "?q=group:state&columns=state,owner")  # fmt: skip


TOKEN = re.compile(r'(name="csrfmiddlewaretoken" value="|"token":"|"csrf":")([A-Za-z0-9]{64})')


def test_a_kept_list_is_the_one_that_would_be_drawn(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.world.make("feature", title="Harbour")
    kept = [[site.text(f"features/{way}") for way in WAYS] for _ in range(2)][1]
    monkeypatch.setattr(Kept, "of", lambda store, key, make: make())
    fresh = [site.text(f"features/{way}") for way in WAYS]
    assert [_plain(page) for page in kept] == [_plain(page) for page in fresh]
    assert len({_menus(page) for page in fresh}) == len(WAYS) - 1  # the trash is chosen from as the list is


def _plain(page: str) -> str:
    """A page without what is new in each: its token, and where its events begin."""
    return re.sub(r"after=[0-9a-f-]+", "", TOKEN.sub("", page))


def _menus(page: str) -> str:
    return page[page.index('popovertarget="group-menu"') : page.index('popovertarget="more-menu"')]


def test_what_is_kept_holds_nobodys_token(site: Site) -> None:
    site.world.make("feature", title="Harbour")
    for path in ("features/", 'features/?q="token"', "features/?as=board"):
        pages = [site.text(path, role) for role in ("product_manager", "owner", "product_manager")]
        for page in pages:
            tokens = {token for _, token in TOKEN.findall(page)}
            assert len(tokens) == 1
            assert len(TOKEN.findall(page)) >= 3
            assert 'value="" name="csrfmiddlewaretoken"' not in page
            assert "<!--csrf-->" not in page
            assert '"token":""' not in page
        assert len({TOKEN.findall(page)[0][1] for page in pages}) == 3


def test_a_field_that_the_workspace_adds_is_in_the_kept_menus_and_only_there(site: Site) -> None:
    assert "Zeal" not in site.text("features/")
    furnishing.add_field(site.world.admin, "feature", {"label": "Zeal", "type": "number"})
    assert site.text("features/").count("Zeal") >= 2  # the columns and the help
    assert "Zeal" not in site.text("objectives/")


def test_private_fields_stand_in_no_menu_of_those_who_may_not_read_them(site: Site) -> None:
    private = next(f for f in type_of("account").fields if f.private)
    assert f'data-name="{private.name}"' in site.text("accounts/", "product_manager")
    assert f'data-name="{private.name}"' not in site.text("accounts/", "viewer")
