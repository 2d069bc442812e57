"""The thread of the workspace: shares, gaps, and whose reading is due; each number opens its list."""

from __future__ import annotations

import re

from threadline.faces.web.tests.conftest import Site
from threadline.kernel import verbs


def test_each_gap_counts_what_its_list_holds(site: Site) -> None:
    world = site.world
    world.make("feature", title="Nobody asked", state="planned")
    served = world.make("objective", title="Served")
    lonely = world.make("objective", title="Lonely")
    asked = world.make("feature", title="Asked", state="planned")
    verbs.link(world.pm, asked, world.make("feedback", body="Please."), "evidence")
    verbs.link(world.pm, asked, served, "objective")
    page = site.text("thread")
    assert ">50%</a>" in page
    found = re.search(r'href="([^"]+)">objective that nothing serves', page)
    assert found is not None
    listed = site.text(found[1].replace("&amp;", "&"))
    assert lonely.title in listed
    assert served.title not in listed
    bare = re.search(r'href="([^"]+)">planned feature without a customer', page)
    assert bare is not None
    assert "Nobody asked" in site.text(bare[1].replace("&amp;", "&"))


def test_suspects_are_counted_by_owner_and_lead_to_theirs(site: Site) -> None:
    world = site.world
    note = world.make("feedback", body="Forty.")
    feature = world.make("feature", title="Theirs", owner="me")
    verbs.link(world.pm, feature, note, "evidence")
    verbs.update(world.owner, "feedback", note, {"body": "Fourteen."})
    found = re.search(r'href="([^"]+owner=[^"]+)"', site.text("thread"))
    assert found is not None
    queue = site.text(found[1].replace("&amp;", "&"), "owner")
    assert "Theirs" in queue
    assert site.get("review", owner="nobody.here").status_code == 404


def test_an_empty_workspace_is_told_what_the_thread_is(site: Site) -> None:
    page = site.text("thread")
    assert "No thread yet" in page
    main = page[page.index("No thread yet") :]
    assert 'href="/w/north/feedback/"' in main
    assert 'href="/w/north/features/"' in main


def test_what_is_broken_is_told_where_nothing_is_planned(site: Site) -> None:
    world = site.world
    world.make("feature", title="Out there", state="shipped")
    page = site.text("thread")
    assert "No thread yet" not in page
    assert "shipped feature, never measured" in page
