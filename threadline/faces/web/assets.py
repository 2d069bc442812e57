"""Addresses of the files that a page loads.

The front-end build leaves a manifest of hashed names; without one (no npm on the machine)
the stylesheet is served as it stands and there are no scripts.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.templatetags.static import static
from whitenoise.middleware import WhiteNoiseMiddleware

WEB = Path(__file__).parent
DIST = WEB / "static" / "web" / "dist"
UNBUILT = {"icon.svg": "web/icon.svg"} | {sheet.name: f"web/css/{sheet.name}" for sheet in (WEB / "css").glob("*.css")}


def asset(name: str) -> str | None:
    """Return the address of `name` ("app.css", "app.js", "icon.svg"), or None when it was not built."""
    return _address(built_names().get(name) or UNBUILT.get(name), settings.STATIC_URL)


@cache
def _address(path: str | None, at: str) -> str | None:
    return static(path) if path else None


def read_manifest(folder: Path = DIST) -> dict[str, str]:
    """Return the hashed name of each built file by its plain name; empty when nothing was built."""
    try:
        text = (folder / "manifest.json").read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    names: dict[str, str] = json.loads(text)
    return names


_read: dict[Path, tuple[int, dict[str, str]]] = {}


def built_names(folder: Path = DIST) -> dict[str, str]:
    """Return the manifest as it stands now: a front end built anew while the server runs is used at once."""
    try:
        written = os.stat(f"{folder}/manifest.json").st_mtime_ns  # asked several times for each page
    except FileNotFoundError:
        return {}
    kept = _read.get(folder)
    if kept is None or kept[0] != written:
        kept = _read[folder] = (written, read_manifest(folder))
    return kept[1]


class StaticFiles(WhiteNoiseMiddleware):
    """Serves what it found when the server started, and what a later build has added since."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The file, or whatever comes next."""
        address = request.path_info
        if address not in self.files and address.startswith(f"{self.static_prefix}web/dist/"):
            found = self.find_file(address)
            if found is not None:
                self.files[address] = found
        answer: HttpResponseBase = super().__call__(request)
        return answer
