"""Exports of other products: their columns are known by the name of the product, or by themselves."""

from __future__ import annotations

import csv
import io

import pytest

from threadline.exchange import carrying, uploads
from threadline.exchange.mapping import from_json
from threadline.exchange.presets import offered
from threadline.exchange.runs import ImportRun
from threadline.inbound.feedback.models import Account, Feedback
from threadline.kernel.registry import type_of
from threadline.kernel.testing import World

FILES: dict[str, list[list[str]]] = {
    "uservoice": [
        ["suggestion.id", "suggestion.title", "suggestion.body", "suggestion.portal_url", "suggestion.category.name",
         "suggestion.created_timestamp", "suggestion.supporters_count", "suggestion.creator.name"],
        ["71", "Dark mode", "My eyes hurt at night.", "https://v.example/71", "App", "2026-03-04T05:06:07Z", "12",
         "Ana"],
    ],
    "canny": [
        ["title", "details", "vote_count", "comment_count", "status", "board", "author", "tags", "id"],
        ["Dark mode", "My eyes hurt at night.", "12", "3", "open", "App", "Ana", "night", "71"],
    ],
    "productboard": [
        ["title", "content", "displayUrl", "userEmail", "userName", "companyDomain", "tags", "sourceRecordId"],
        ["Dark mode", "My eyes hurt at night.", "https://v.example/71", "ana@acme.example", "Ana", "acme.example",
         "night", "71"],
    ],
    "intercom": [
        ["Conversation ID", "Conversation started at", "First user message", "User name", "Company name"],
        ["71", "2026-03-04 05:06:07", "My eyes hurt at night.", "Ana", "Acme"],
    ],
    "zendesk": [
        ["Id", "Subject", "Description", "Requester", "Organization", "Created at", "Tags"],
        ["71", "Dark mode", "My eyes hurt at night.", "Ana", "Acme", "2026-03-04", "night"],
    ],
    "app-store": [
        ["Review ID", "Review Title", "Review Text", "Star Rating", "Date", "Author"],
        ["71", "Dark mode", "My eyes hurt at night.", "2", "2026-03-04", "Ana"],
    ],
    "steam": [
        ["recommendationid", "review", "timestamp_created", "votes_up", "language"],
        ["71", "My eyes hurt at night.", "1772600767", "12", "english"],
    ],
}  # fmt: skip


def take(world: World, product: str, source: str) -> ImportRun:
    text = io.StringIO()
    csv.writer(text).writerows(FILES[product])
    return uploads.take_in(world.pm, "feedback", source, "export.csv", [text.getvalue().encode()])


def bring(world: World, run: ImportRun) -> Feedback:
    carrying.check(world.pm, run)
    carrying.bring_in(world.pm, run, skip_bad=False)
    found: Feedback = Feedback.objects.get()
    return found


def test_every_preset_is_tried_here() -> None:
    assert {p.name for p in offered("feedback")} == set(FILES)


@pytest.mark.parametrize("product", FILES)
def test_targets_of_presets_exist(product: str) -> None:
    [preset] = [p for p in offered("feedback") if p.name == product]
    known = {*type_of("feedback").by_name, "tags", "source_id"}
    assert set(preset.columns.values()) <= known
    assert set(preset.constants) <= known


@pytest.mark.parametrize("product", FILES)
@pytest.mark.parametrize("named", [True, False], ids=["named", "recognised"])
def test_an_export_comes_in_with_its_words_and_id(world: World, product: str, named: bool) -> None:
    run = take(world, product, product if named else "somewhere")
    note = bring(world, run)
    assert note.body == "My eyes hurt at night."
    assert (note.source, note.source_id) == (product if named else "somewhere", "71")


@pytest.mark.parametrize("product", ["uservoice", "canny", "steam"])
def test_votes_are_kept(world: World, product: str) -> None:
    assert bring(world, take(world, product, product)).votes == 12


@pytest.mark.parametrize("product", ["uservoice", "canny", "productboard", "intercom", "zendesk", "app-store"])
def test_who_asked_is_kept_as_a_claim(world: World, product: str) -> None:
    note = bring(world, take(world, product, product))
    assert (note.author, note.contact_id) == ("Ana", None)


@pytest.mark.parametrize(
    ("product", "name"), [("productboard", "acme.example"), ("zendesk", "Acme"), ("intercom", "Acme")]
)
def test_the_company_becomes_an_account(world: World, product: str, name: str) -> None:
    note = bring(world, take(world, product, product))
    assert Account.objects.get(pk=note.account_id).title == name


def test_the_channel_follows_from_the_product(world: World) -> None:
    assert bring(world, take(world, "zendesk", "zendesk")).channel == "support"


def test_a_second_export_updates_and_repeats_nothing(world: World) -> None:
    first = bring(world, take(world, "canny", "canny"))
    run = take(world, "canny", "canny")
    carrying.check(world.pm, run)
    carrying.bring_in(world.pm, run, skip_bad=False)
    assert list(Feedback.objects.values_list("pk", flat=True)) == [first.pk]


def test_a_name_alone_decides_nothing_about_other_columns(world: World) -> None:
    text = b"Words,Whatever\nMy eyes hurt at night and in the morning too.,x\n"
    run = uploads.take_in(world.pm, "feedback", "canny", "other.csv", [text])
    assert "source_id" not in {p.to for p in from_json(run.mapping).pairs}
