"""Pages find their files, built or not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from threadline.faces.web import assets


def test_the_hashed_name_of_a_built_file_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "built_names", lambda: {"app.css": "web/dist/app-1A2B3C4D.css"})
    assert assets.asset("app.css") == "/static/web/dist/app-1A2B3C4D.css"


def test_without_a_build_the_stylesheet_is_served_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "built_names", dict)
    assert assets.asset("app.css") == "/static/web/css/app.css"
    assert (assets.WEB / "css" / "app.css").is_file()
    assert assets.asset("app.js") is None


def test_the_icon_is_where_its_address_says() -> None:
    assert assets.asset("icon.svg") == "/static/web/icon.svg"
    assert (assets.WEB / "static" / "web" / "icon.svg").is_file()


def test_a_missing_manifest_is_no_error_and_a_present_one_is_read(tmp_path: Path) -> None:
    assert assets.read_manifest(tmp_path) == {}
    (tmp_path / "manifest.json").write_text('{"app.js": "web/dist/app-X.js"}')
    assert assets.read_manifest(tmp_path) == {"app.js": "web/dist/app-X.js"}


def test_a_build_while_the_server_runs_is_used_at_once(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    assert assets.built_names(tmp_path) == {}
    for number in (1, 2):
        manifest.write_text(f'{{"app.js": "web/dist/app-{number}.js"}}')
        os.utime(manifest, ns=(number, number))
        assert assets.built_names(tmp_path) == {"app.js": f"web/dist/app-{number}.js"}
    manifest.unlink()
    assert assets.built_names(tmp_path) == {}


def test_a_file_that_was_built_later_is_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.STATICFILES_DIRS = [tmp_path]
    finders.get_finder.cache_clear()
    client = Client()
    assert client.get("/static/web/dist/app-LATER123.css").status_code == 404
    (tmp_path / "web" / "dist").mkdir(parents=True)
    (tmp_path / "web" / "dist" / "app-LATER123.css").write_text("p { color: red }")
    answer = client.get("/static/web/dist/app-LATER123.css")
    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, b"p { color: red }")
    for outside in ("../../secret", "%2e%2e/%2e%2e/secret", "..\\secret"):
        assert client.get(f"/static/web/dist/{outside}").status_code in (400, 404)
    finders.get_finder.cache_clear()
