"""The first run: products, people with roles, where to begin; from the sign-up on, without a shell."""

from __future__ import annotations

from typing import Any

from django.core import mail
from django.test import Client

from threadline.faces.web.tests.conftest import Site
from threadline.kernel.members import Invitation
from threadline.kernel.workspaces import Product, Workspace


def test_a_new_company_is_led_to_its_products(site: Site) -> None:
    client = Client()
    client.force_login(site.world.user("viewer"))
    answer = client.post("/welcome", {"name": "Harbour Works", "slug": "harbour-works"})
    assert answer.headers["location"] == "/w/harbour-works/start/products"
    page = client.get("/w/harbour-works/start/products").content.decode()
    assert "What does Harbour Works make?" in page


def test_a_short_name_left_blank_is_made_from_the_name(site: Site) -> None:
    client = Client()
    client.force_login(site.world.user("viewer"))
    homes = [client.post("/welcome", {"name": name, "slug": " "}).headers["location"].split("/")[2]
             for name in ("Łódź & Søns!", "North", "North", "API", "42 x")]  # fmt: skip
    assert homes[0].endswith("z-sns")
    assert homes[1:3] == ["north-2", "north-3"]  # North is there already
    assert homes[3] != "api"
    assert len(set(homes)) == 5
    refused = client.post("/welcome", {"name": "日本", "slug": ""})
    assert refused.status_code == 422
    assert "Small letters, digits and single dashes" in refused.content.decode()


def test_products_are_written_one_a_line_with_their_parts(site: Site) -> None:
    text = "Desk\n- Web\n- Mobile app\n\nGame"
    before = set(Product.objects.values_list("pk", flat=True))
    for _ in range(2):  # back and on again makes nothing twice
        answer = site.post("start/products", {"products": text, "currency": "USD"}, role="owner")
        assert answer.headers["location"].endswith("start/people")
    made = Product.objects.exclude(pk__in=before)
    tree = sorted((p.name, p.parent.name if p.parent else "") for p in made)
    assert tree == [("Desk", ""), ("Game", ""), ("Mobile app", "Desk"), ("Web", "Desk")]
    assert Workspace.objects.get(pk=site.world.north.pk).currency == "USD"


def test_a_product_that_cannot_be_says_why_and_keeps_what_was_typed(site: Site) -> None:
    answer = site.post("start/products", {"products": "See www.example.com", "currency": "EUR"}, role="owner")
    assert answer.status_code == 422
    assert b"cannot hold the address of a page" in answer.content
    assert b"See www.example.com" in answer.content


def test_people_are_invited_in_their_roles_and_wrong_rows_stay(
    site: Site, django_capture_on_commit_callbacks: Any
) -> None:
    sent = {
        "email-0": "ana@harbour.example", "role-0": "product_manager",
        "email-1": "nonsense", "role-1": "viewer",
        "email-2": "", "role-2": "viewer",
    }  # fmt: skip
    answer = site.post("start/people", sent, role="owner")
    assert answer.status_code == 422
    markup = answer.content.decode()
    assert 'value="nonsense"' in markup
    assert "Invited already: ana@harbour.example" in markup
    assert [(i.email, i.role) for i in Invitation.objects.all()] == [("ana@harbour.example", "product_manager")]
    with django_capture_on_commit_callbacks(execute=True):
        good = site.post("start/people", {"email-0": "bo@harbour.example", "role-0": "viewer"}, role="owner")
    assert good.headers["location"].endswith("start/begin")
    assert [m.to for m in mail.outbox][-1] == ["bo@harbour.example"]


def test_where_to_begin_offers_an_import_a_first_note_and_the_sample(site: Site) -> None:
    markup = site.text("start/begin", "owner")
    for address in ("/w/north/feedback/import", "/w/north/feedback/new", "/sample", "/w/north/"):
        assert f'href="{address}"' in markup


def test_only_heads_set_a_workspace_up(site: Site) -> None:
    assert site.get("start/products", "viewer").status_code == 403
    assert site.get("start/nonsense", "owner").status_code == 404


def test_a_form_that_is_too_large_says_so_and_that_nothing_was_changed(site: Site, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    answer = site.post("start/products", {"products": "x" * 2_000, "currency": "EUR"}, role="owner")
    assert answer.status_code == 413
    assert b"This is too large" in answer.content
    assert b"Nothing was changed" in answer.content
