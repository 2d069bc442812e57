"""Lists: filters, groups with totals, columns, saved views, pages, and many records at once."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from threadline.faces.web import asking
from threadline.faces.web.tests.conftest import Site
from threadline.kernel import verbs
from threadline.kernel.changes import Batch
from threadline.kernel.registry import kinds, type_of
from threadline.kernel.testing import fresh
from threadline.kernel.views import SavedView, ViewDraft

KINDS = [t.kind for t in kinds()]


def keys_in(markup: str, prefix: str) -> list[str]:
    return re.findall(rf'<th scope="row" class="wrap"><a href="/w/north/({prefix}-\d+)">', markup)


# ---- asking -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "sort:-score"),
        ("state:idea", "state:idea sort:-score"),
        ("sort:title state:idea", "state:idea sort:-score"),
        ('"sort:title" x', '"sort:title" x sort:-score'),
        ('tag:"a sort:b" group:state', 'tag:"a sort:b" group:state sort:-score'),
        ("resort:x", "resort:x sort:-score"),
    ],
)
def test_sorting_changes_the_sort_and_nothing_else(query: str, expected: str) -> None:
    assert asking.with_sort(query, "score", descending=True) == expected


def test_a_query_nobody_understands_says_why_and_names_the_nearest(site: Site) -> None:
    answer = site.get("features/", q="stat:idea")
    assert answer.status_code == 422
    assert "Did you mean state?" in answer.content.decode()


def test_words_that_are_not_there_offer_the_way_back(site: Site) -> None:
    site.world.make("feature")
    assert "Nothing matches" in site.text("features/", q="zebra")
    assert "No objectives yet" in site.text("objectives/")


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_of_every_type_can_be_shown_and_sorted(site: Site, kind: str) -> None:
    world, declared = site.world, type_of(kind)
    world.make(kind, world.owner, **world.sample(kind, world.owner))
    names = [*declared.by_name, *declared.computed_by_name, *declared.cite_by_name, "tags"]
    markup = site.text(f"{declared.path}/", "owner", columns=",".join(names))
    for address in re.findall(r'<a class="sort" href="([^"]+)"', markup):
        assert site.get(html.unescape(address), "owner").status_code == 200, address


def test_groups_say_how_many_and_how_much(site: Site) -> None:
    world = site.world
    for revenue, plan in ((1_000, "growth"), (2_000, "growth"), (500, "free")):
        world.make("account", world.owner, annual_revenue=revenue, plan=plan)
    markup = site.text("accounts/", q="group:plan")
    heads = re.findall(r'<th scope="rowgroup"[^>]*>([^<]+?)\s*<span class="count">(\d+)', markup)
    assert heads == [("Free", "1"), ("Growth", "2")]
    assert "€3,000" in markup
    assert "€3,000" not in site.text("accounts/", "viewer", q="group:plan"), "revenue is not for viewers"


def test_totals_are_of_the_whole_group_and_of_what_one_may_see(site: Site) -> None:
    world = site.world
    for n in range(60):
        world.make("account", world.owner, annual_revenue=10, plan="growth", title=f"Account {n:02d}")
    world.make("account", world.owner, annual_revenue=9_999, plan="growth", confidentiality=2)
    markup = site.text("accounts/", q="group:plan")
    assert "€600" in markup
    assert '<span class="count">60' in markup


def test_pages_follow_one_another_without_loss(site: Site) -> None:
    world = site.world
    made = {world.make("objective", world.owner, title=f"Aim {n % 7}").key for n in range(120)}
    seen: list[str] = []
    address = "/w/north/objectives/?q=sort:title"
    while address:
        markup = site.text(address)
        seen += keys_in(markup, "O")
        found = re.search(r'<a class="btn [^"]*" href="([^"]+)">Next', markup)
        address = html.unescape(found[1]) if found else ""
    assert len(seen) == 120
    assert set(seen) == made


def test_the_count_is_capped_and_exact_when_asked(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("threadline.kernel.listing.COUNT_CAP", 55)
    for _ in range(60):
        site.world.make("objective", site.world.owner)
    markup = site.text("objectives/")
    assert "55+ objectives" in markup
    found = re.search(r'href="([^"]+)">Count exactly', markup)
    assert found
    assert "60 objectives" in site.text(html.unescape(found[1]))


# ---- saved views ------------------------------------------------------------------------


def test_a_view_is_kept_shared_and_forgotten(site: Site) -> None:
    sent = {"name": "Mine to do", "query": "owner:me state:idea", "columns": "title,state"}
    assert site.post("features/views", sent).status_code == 303
    view = SavedView.objects.get()
    assert "Mine to do" in site.text("features/")
    assert "Mine to do" not in site.text("features/", "viewer")
    assert 'value="owner:me state:idea"' in site.text("features/", view=str(view.pk))
    assert site.post(f"features/views/{view.pk}/share").status_code == 303
    assert "Mine to do" in site.text("features/", "viewer")
    assert site.post(f"features/views/{view.pk}/remove", role="viewer").status_code == 403
    assert site.post(f"features/views/{view.pk}/remove").status_code == 303
    assert not SavedView.objects.exists()


def test_a_view_whose_field_is_gone_still_opens(site: Site) -> None:
    SavedView.objects.create(
        workspace=site.world.north, kind="feature", name="Old", query="sort:gone", columns=["title", "gone"],
        owner_id=site.world.pm.member_id, shared=True,
    )  # fmt: skip
    answer = site.get("features/", view=str(SavedView.objects.get().pk))
    assert answer.status_code == 422
    assert b"Cannot sort by gone" in answer.content


# ---- many at once -----------------------------------------------------------------------


@pytest.fixture
def three(site: Site) -> list[Any]:
    return [site.world.make("feature", site.world.owner, title=f"F {n}") for n in range(3)]


def ids(records: list[Any]) -> list[str]:
    return [str(r.pk) for r in records]


def test_one_press_for_many_and_one_press_to_undo(site: Site, three: list[Any]) -> None:
    assert site.post("features/bulk", {"verb": "plan_feature", "ids": ids(three)}).status_code == 303
    assert {fresh(r).state for r in three} == {"planned"}
    batch = Batch.objects.get()
    assert "3 features" in site.text("features/")
    assert site.post(f"undo/{batch.pk}").status_code == 303
    assert {fresh(r).state for r in three} == {"idea"}


def test_a_verb_with_a_question_asks_it_first(site: Site, three: list[Any]) -> None:
    asked = site.post("features/bulk", {"verb": "decline_feature", "ids": ids(three)})
    assert asked.status_code == 200
    assert b"Why not?" in asked.content
    assert asked.content.count(b'name="ids"') == 3
    sent = {"verb": "decline_feature", "ids": ids(three), "answered": "1", "reason": "Too dear"}
    assert site.post("features/bulk", sent).status_code == 303
    assert {fresh(r).declined_reason for r in three} == {"Too dear"}


def test_what_cannot_be_done_is_told_and_the_rest_is_done(site: Site, three: list[Any]) -> None:
    verbs.update(site.world.owner, "feature", three[0], {"state": "planned"})
    site.post("features/bulk", {"verb": "consider_feature", "ids": ids(three)})
    assert [fresh(r).state for r in three] == ["planned", "candidate", "candidate"]
    assert "1 could not be" in site.text("features/")


def test_fields_and_tags_of_many(site: Site, three: list[Any]) -> None:
    verbs.tag(site.world.owner, three[0], ["old"])
    asked = site.post("features/bulk", {"verb": "update", "ids": ids(three)})
    assert asked.status_code == 200
    sent = {"verb": "update", "ids": ids(three), "answered": "1", "owner": str(site.world.pm.member_id), "product": ""}
    assert site.post("features/bulk", sent).status_code == 303
    assert {fresh(r).owner_id for r in three} == {site.world.pm.member_id}
    emptied = {"verb": "update", "ids": ids(three), "answered": "1", "owner": "", "set": "owner"}
    assert site.post("features/bulk", emptied).status_code == 303
    assert {fresh(r).owner_id for r in three} == {None}
    assert site.post("features/bulk", {"verb": "tag", "ids": ids(three), "tags": "New"}).status_code == 303
    assert "old" in site.text("features/", columns="title,tags", q="tag:new tag:old")


def test_to_the_trash_and_back_again(site: Site, three: list[Any]) -> None:
    site.post("features/bulk", {"verb": "archive", "ids": ids(three)})
    assert len(keys_in(site.text("features/", archived="1"), "F")) == 3
    assert site.text("trash").count("Restore") == 3
    site.post("features/bulk", {"verb": "restore", "ids": ids(three)})
    assert len(keys_in(site.text("features/"), "F")) == 3


def test_ids_of_others_are_as_if_they_were_not_ticked(site: Site, three: list[Any]) -> None:
    foreign = site.world.make("feature", site.world.actor("owner", "south"))
    hidden = site.world.make("feature", site.world.owner, confidentiality=2)
    note = site.world.make("feedback")
    sent = {"verb": "archive", "ids": [*ids([foreign, hidden, note]), "nonsense", "'; --"]}
    assert site.post("features/bulk", sent).status_code == 303
    assert all(fresh(r).archived_at is None for r in (foreign, hidden, note))
    assert "Tick the rows first" in site.text("features/")
    too_many = {"verb": "archive", "ids": [f"00000000-0000-0000-0000-{n:012d}" for n in range(501)]}
    assert site.post("features/bulk", too_many).status_code == 422


@pytest.mark.parametrize("verb", ["plan_feature", "archive", "update", "tag"])
def test_a_viewer_ticks_in_vain(site: Site, three: list[Any], verb: str) -> None:
    answer = site.post("features/bulk", {"verb": verb, "ids": ids(three), "tags": "x", "answered": "1"}, "viewer")
    assert answer.status_code == 403
    assert {fresh(r).version for r in three} == {1}
    assert 'id="bulk"' not in site.text("features/", "viewer")


# ---- one's own draft of a view ----------------------------------------------------------


def _view(site: Site, role: str = "product_manager", **more: Any) -> str:
    sent = {"name": "Ideas", "query": "state:idea", "columns": "title,state", **more}
    assert site.post("features/views", sent, role=role).status_code == 303
    return str(SavedView.objects.get(name="Ideas").pk)


def _links(markup: str, where: str) -> list[str]:
    """The addresses of all links whose markup holds a word."""
    return [html.unescape(href) for href in re.findall(rf'<a[^>]*{where}[^>]*href="([^"]+)"', markup)] + [
        html.unescape(href) for href in re.findall(rf'<a[^>]*href="([^"]+)"[^>]*{where}', markup)
    ]


def test_no_link_of_a_list_leaves_the_view(site: Site, three: list[Any]) -> None:
    pk = _view(site)
    markup = site.text("features/", view=pk)
    heads = [html.unescape(h) for h in re.findall(r'<th[^>]*scope="col".*?</th>', markup, re.DOTALL) if "href" in h]
    assert heads
    assert all(f"view={pk}" in head for head in heads)
    layouts = _links(markup, 'data-name="board"')
    assert layouts == [f"/w/north/features/?view={pk}&as=board"]
    groups = _links(markup, 'data-name="owner"')
    assert f"/w/north/features/?view={pk}&q=state:idea+group:owner" in groups
    assert f'name="view" value="{pk}"' in markup  # the filter


def test_the_address_says_only_what_differs_from_the_view(site: Site, three: list[Any]) -> None:
    pk = _view(site)
    markup = site.text("features/", view=pk, q="")
    assert "data-changed" in markup
    assert "Harbour" in markup or "<tbody" in markup
    assert _links(markup, 'data-name="board"') == [f"/w/north/features/?view={pk}&q=&as=board"]


def test_a_draft_is_ones_own_and_marked_on_the_tab(site: Site, three: list[Any]) -> None:
    pk = _view(site, shared="true")
    sent = {"query": "state:idea sort:-effort", "columns": "title,effort", "layout": "board"}
    assert site.post(f"features/views/{pk}/draft", sent, role="viewer").status_code == 303
    theirs = site.text("features/", "viewer")
    assert (
        f'href="/w/north/features/?view={pk}&amp;q=state:idea+sort:-effort&amp;columns=title,effort&amp;as=board"'
        in theirs
    )
    assert "data-draft" in theirs
    assert "data-draft" not in site.text("features/")
    assert "Show my draft" in site.text("features/", "viewer", view=pk)  # a link to the view shows the view itself
    assert SavedView.objects.get(pk=pk).query == "state:idea"


def test_a_draft_is_saved_for_everybody_or_let_go(site: Site, three: list[Any]) -> None:
    pk = _view(site, shared="true")
    sent = {"query": "state:planned", "columns": "title,effort", "layout": "table"}
    site.post(f"features/views/{pk}/draft", sent)
    assert "Save for everybody" in site.text("features/", view=pk, q="state:planned")
    assert "Save for everybody" not in site.text("features/", "viewer", view=pk, q="state:planned")
    assert site.post(f"features/views/{pk}/keep", sent, role="viewer").status_code == 403
    assert site.post(f"features/views/{pk}/keep", sent).status_code == 303
    kept = SavedView.objects.get(pk=pk)
    assert (kept.query, kept.columns) == ("state:planned", ["title", "effort"])
    assert not ViewDraft.objects.exists()
    site.post(f"features/views/{pk}/draft", sent | {"query": "state:shipped"})
    assert site.post(f"features/views/{pk}/discard").status_code == 303
    assert not ViewDraft.objects.exists()


def test_what_is_as_saved_or_cannot_be_understood_is_no_draft(site: Site, three: list[Any]) -> None:
    pk = _view(site)
    changed = {"query": "state:idea owner:me", "columns": "title,state", "layout": "table"}
    site.post(f"features/views/{pk}/draft", changed)
    site.post(f"features/views/{pk}/draft", changed | {"query": "state:"})
    assert ViewDraft.objects.get().query == "state:idea owner:me"
    site.post(f"features/views/{pk}/draft", changed | {"query": "state:idea"})
    assert not ViewDraft.objects.exists()


def test_nobody_drafts_a_view_out_of_reach(site: Site, three: list[Any]) -> None:
    pk = _view(site)
    sent = {"query": "", "columns": "title", "layout": "table"}
    assert site.post(f"features/views/{pk}/draft", sent, role="viewer").status_code == 404
    assert site.post(f"features/views/{pk}/draft", sent | {"columns": "nonsense"}).status_code == 422
    assert not ViewDraft.objects.exists()
