"""What is drawn once and kept must be what would be drawn now."""

from __future__ import annotations

from threadline.faces.web import listparts
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


def test_kept_menus_are_those_of_the_way_of_looking(site: Site) -> None:
    def told(way: str) -> tuple[str, str]:
        page = site.text(f"features/{way}")
        menus = page[page.index('popovertarget="group-menu"') : page.index('popovertarget="more-menu"')]
        start = page.index('id="query-help"')
        return menus, page[start : page.index("</div>", start)]

    kept = [[told(way) for way in WAYS] for _ in range(2)][1]
    fresh = []
    for way in WAYS:
        listparts._menus.clear()
        listparts._helps.clear()
        fresh.append(told(way))
    assert kept == fresh
    assert len({menus for menus, _ in fresh}) == len(WAYS) - 1  # the trash is chosen from as the list is


def test_a_field_that_the_workspace_adds_is_in_the_kept_menus_and_only_there(site: Site) -> None:
    assert "Zeal" not in site.text("features/")
    furnishing.add_field(site.world.admin, "feature", {"label": "Zeal", "type": "number"})
    assert site.text("features/").count("Zeal") >= 2  # the columns and the help
    assert "Zeal" not in site.text("objectives/")


def test_private_fields_stand_in_no_menu_of_those_who_may_not_read_them(site: Site) -> None:
    private = next(f for f in type_of("account").fields if f.private)
    assert f'data-name="{private.name}"' in site.text("accounts/", "product_manager")
    assert f'data-name="{private.name}"' not in site.text("accounts/", "viewer")
