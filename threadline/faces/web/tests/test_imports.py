"""The import pages without a script: upload, match, bring in, take back; and exports of lists."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from threadline.exchange import carrying
from threadline.exchange.runs import ImportRun
from threadline.faces.web import uploading
from threadline.faces.web.tests.conftest import Site, W
from threadline.inbound.feedback.models import Account, Feedback
from threadline.kernel.jobs import Job
from threadline.kernel.testing import World
from threadline.kernel.worker import run_due

FILE = b"""review,verdict,when,company
The map never loads.,Recommended,23/4/2026,Acme
"Too slow, and it crashes.",Not Recommended,1/5/2026,Borealis
"""
MARKER = "<script>alert(1)</script>\"'{{7*7}}"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: LazySettings) -> None:
    """Uploads go to a folder of the test."""
    settings.DATA_DIR = tmp_path


def upload(
    site: Site, content: bytes = FILE, name: str = "reviews.csv", source: str = "app", **more: Any
) -> HttpResponse:
    sent = {"file": SimpleUploadedFile(name, content), "source": source, "kind": "feedback", **more}
    return site.post("feedback/import", sent)


def taken_in(site: Site, content: bytes = FILE, **more: Any) -> str:
    """The path of the page of a new import."""
    answer = upload(site, content, **more)
    assert answer.status_code == 303, answer.content.decode()[:500]
    return str(answer.headers["Location"]).removeprefix(W)


def form_of(html: str) -> dict[str, str]:
    """What a browser would send of the matching form, unchanged."""
    body = html[html.index('id="match-form"') : html.index("</form>", html.index('id="match-form"'))]
    found = {}
    for name, inside in re.findall(r'<select class="select"[^>]* name="([^"]+)"[^>]*>(.*?)</select>', body, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inside)
        found[unescape(name)] = unescape(chosen[1]) if chosen else ""
    for tag in re.findall(r"<input[^>]+>", body):
        name = re.search(r' name="([^"]+)"', tag)
        value = re.search(r' value="([^"]*)"', tag)
        if name and 'type="checkbox"' not in tag:
            found[unescape(name[1])] = unescape(value[1]) if value else ""
    return found


def test_a_file_is_looked_at_matched_brought_in_and_taken_back(site: Site) -> None:
    assert "Look at it first" in site.text("feedback/import")
    page = taken_in(site)
    html = site.text(page)
    for text in (
        "Makes 2 accounts along the way",
        "day, month, year",
        "verdict: 2 values left out",
        "The map never loads.",
    ):
        assert text in html, text
    assert not Feedback.objects.exists()
    form = form_of(html)
    assert (form["map.0"], form["map.1"], form["map.2"], form["order.2"]) == ("body", "", "received_on", "dmy")

    form |= {"map.1": "rating", "verb": "check"}
    assert site.post(page, form).status_code == 303
    html = site.text(page)
    assert "What the words in verdict mean" in html
    assert "No row of this file can be brought in" in html
    form = form_of(html) | {"means.1.0": "10", "means.1.1": "1", "const.channel": "app_review", "verb": "check"}
    assert form["word.1.1"] == "Not Recommended"
    site.post(page, form)
    html = site.text(page)
    assert "Bring in 2 rows" in html
    form = form_of(html)
    assert form["means.1.0"] == "10"

    assert site.post(page, form | {"verb": "apply"}).status_code == 303
    waiting = site.text(page)
    assert "waits for the worker" in waiting
    assert '<noscript><meta http-equiv="refresh"' in waiting
    assert "data-refresh" in waiting
    run_due()
    done = site.text(page)
    assert "2 records brought in." in done
    assert "data-refresh" not in done
    assert sorted(Feedback.objects.values_list("rating", "channel")) == [(1, "app_review"), (10, "app_review")]
    listed = re.search(r'href="([^"]+source[^"]+)"', done)
    assert listed is not None
    assert "Too slow" in site.text(unescape(listed[1]))

    assert site.post(f"{page}/undo").status_code == 303
    assert "Taken back." in site.text(page)
    assert not Feedback.objects.filter(archived_at=None).exists()
    assert site.post(f"{page}/undo").status_code == 409
    assert "reviews.csv" in site.text("feedback/import")


def test_a_changed_match_is_checked_before_it_is_brought_in(site: Site) -> None:
    page = taken_in(site)
    form = form_of(site.text(page)) | {"map.0": "title", "verb": "apply"}
    site.post(page, form)
    assert "checked again" in site.text(page)
    assert not Job.objects.exists()
    assert ImportRun.objects.get().state == ImportRun.State.PREVIEWED


def test_bad_rows_wait_for_a_tick_and_can_be_fetched(site: Site) -> None:
    page = taken_in(site, FILE + b"Another day.,,23/4/2026,Acme,too many\n")
    html = site.text(page)
    assert "1 row of 3" in html
    refused = site.post(page, form_of(html) | {"verb": "apply"})
    assert refused.status_code == 422
    assert "1 of 3 rows cannot be brought in" in refused.content.decode()
    answer = site.get(f"{page}/rejected.csv")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert "5 values for 4 columns" in rows[0]["why not"]
    assert site.get(f"{page}/rejected.xlsx").status_code == 200
    site.post(page, form_of(html) | {"verb": "apply", "skip_bad": "true"})
    run_due()
    assert "left out" in site.text(page)
    assert Feedback.objects.count() == 2


def test_two_columns_for_one_field_are_refused_and_nothing_is_lost(site: Site) -> None:
    page = taken_in(site)
    form = form_of(site.text(page)) | {"map.1": "channel", "map.3": "channel", "verb": "check"}
    answer = site.post(page, form)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "Both verdict and company go to Channel" in html
    assert form_of(html)["map.3"] == "channel"
    assert form_of(site.text(page))["map.3"] == "account"


@pytest.mark.parametrize(
    ("content", "source", "said"),
    [
        (b"", "app", "Choose the file that holds your rows"),
        (b"%PDF-1.7", "app", "Save the table as .xlsx or .csv"),
        (FILE, "", "Say where the rows come from"),
        (b"[1, 2", "app", ""),
    ],
)
def test_what_cannot_be_taken_in_says_why_and_what_to_do(site: Site, content: bytes, source: str, said: str) -> None:
    answer = upload(site, content, "f.json" if content.startswith(b"[") else "f.csv", source)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "This file cannot be taken in." in html
    assert said in html
    assert not ImportRun.objects.exists()
    assert site.post("feedback/import", {"source": "x"}).status_code == 422


def test_an_upload_too_large_is_refused_before_it_is_read(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "MOST", 500)
    assert upload(site, b"review\n" + b"word " * 400).status_code in (400, 413)
    assert not ImportRun.objects.exists()


def test_a_file_can_be_forgotten(site: Site) -> None:
    page = taken_in(site)
    assert site.post(f"{page}/cancel").status_code == 303
    assert site.get(page).status_code == 404
    assert not ImportRun.objects.exists()


def test_an_interrupted_import_offers_to_go_on_or_be_taken_back(site: Site) -> None:
    page = taken_in(site)
    site.post(page, form_of(site.text(page)) | {"verb": "apply"})
    Job.objects.all().delete()
    html = site.text(page)
    assert "It was interrupted" in html
    assert "data-refresh" not in html
    site.post(f"{page}/resume")
    run_due()
    assert "2 records brought in." in site.text(page)


def test_large_files_are_checked_by_the_worker(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrying, "AT_ONCE", 1)
    page = taken_in(site)
    html = site.text(page)
    assert "rows checked" in html
    run_due()
    assert "Which column goes where" in site.text(page)


# ---- who may, and what is shown ---------------------------------------------------------


def test_nobody_reaches_anothers_import(site: Site, stranger: Client, world: World) -> None:
    page = taken_in(site)
    form = form_of(site.text(page))
    read = [("get", below) for below in ("", "/rejected.csv", "/rejected.xlsx")]
    paths = [*read, *(("post", below) for below in ("", "/cancel", "/resume", "/undo"))]
    for method, below in paths:
        for role in ("product_marketer", "contributor", "viewer"):
            call = getattr(site, method)
            assert call(page + below, role=role).status_code == 404, (role, below)
        assert getattr(stranger, method)(W + page + below).status_code == 404
        south = (W + page + below).replace("/north/", "/south/")
        assert getattr(stranger, method)(south, form).status_code == 404
    assert ImportRun.objects.get().state == ImportRun.State.PREVIEWED
    assert site.get(page, role="admin").status_code == 200


def test_only_roles_that_may_import_find_the_way(site: Site) -> None:
    for role, code in (("product_manager", 200), ("product_marketer", 200), ("contributor", 403), ("viewer", 403)):
        assert site.get("feedback/import", role).status_code == code, role
    assert site.post("feedback/import", {"source": "x"}, "viewer").status_code == 403
    assert site.get("features/import", "product_marketer").status_code == 403
    sent = {"file": SimpleUploadedFile("f.csv", b"title\nx"), "source": "x", "kind": "feature"}
    assert site.post("feedback/import", sent, "product_marketer").status_code == 403
    assert not ImportRun.objects.exists()


def test_markers_in_names_headers_and_cells_stay_text(site: Site) -> None:
    content = io.StringIO()
    writer = csv.writer(content)
    writer.writerow(["review", MARKER, "when"])
    writer.writerow([f"Words {MARKER}", MARKER, MARKER])
    writer.writerow([f"More words {MARKER}", MARKER, "23/4/2026"])
    page = taken_in(site, content.getvalue().encode(), name=f"{MARKER}.csv", source=f"app {MARKER}"[:60])
    form = form_of(site.text(page)) | {"map.1": "rating", "map.2": "received_on", "const.tags": MARKER, "verb": "check"}
    seen = [site.text("feedback/import"), site.text(page)]
    site.post(page, form)
    seen.append(site.text(page))
    site.post(page, form_of(seen[-1]) | {"means.1.0": "4", "verb": "check"})
    site.post(page, form_of(site.text(page)) | {"verb": "apply", "skip_bad": "true"})
    seen.append(site.text(page))
    run_due()
    seen += [site.text(page), site.text("feedback/import"), site.text("feedback/")]
    for html in seen:
        assert "<script>alert" not in html
        assert "&#39;{{7*7}}" in html
        assert not re.search(r"<[^>]+\son\w+=", html)
    assert Feedback.objects.count() == 1


def test_a_list_goes_out_as_it_is_filtered_and_as_far_as_one_may_see(
    site: Site, world: World, stranger: Client
) -> None:
    world.make("account", title="Acme", annual_revenue=5_000)
    world.make("account", title="=Borealis", annual_revenue=9_000)
    answer = site.get("accounts/export.csv", q="annual_revenue>6000")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert [(r["title"], r["annual_revenue"]) for r in rows] == [("'=Borealis", "9000")]
    hidden = b"".join(site.get("accounts/export.json", "viewer").streaming_content)  # type: ignore[attr-defined]
    assert b"Acme" in hidden
    assert b"5000" not in hidden
    assert site.get("accounts/export.csv", "viewer", columns="annual_revenue").status_code == 422
    assert site.get("accounts/export.csv", q="nonsense:1").status_code == 422
    assert site.get("accounts/export.xlsx", columns="title").status_code == 200
    assert site.get("accounts/export.pdf").status_code == 404
    assert stranger.get(W + "accounts/export.csv").status_code == 404


def test_an_empty_table_to_start_from_can_be_filled_and_sent(site: Site, world: World) -> None:
    answer = site.get("accounts/template.csv")
    header = b"".join(answer.streaming_content).decode("utf-8-sig").strip()  # type: ignore[attr-defined]
    columns = next(csv.reader([header]))
    row = ["Acme" if c == "title" else "" for c in columns]
    content = f"{header}\n{','.join(row)}\n".encode()
    page = taken_in(site, content, kind="account")
    assert "Bring in 1 row" in site.text(page)
    site.post(page, form_of(site.text(page)) | {"verb": "apply"})
    run_due()
    assert Account.objects.get().title == "Acme"
