"""Release notes drafted from what is in scope, in the kinds of Keep a Changelog 1.1.0 (keepachangelog.com)."""

from __future__ import annotations

from datetime import date

from threadline.inbound.releases.models import Release
from threadline.inbound.releases.queries import Noted

KINDS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
_BY_TAG = {k.lower(): k for k in KINDS} | {
    "fix": "Fixed",
    "bug": "Fixed",
    "change": "Changed",
    "improvement": "Changed",
}


def draft(release: Release, items: list[Noted]) -> str:
    """Markdown: a heading with version and day, then the items by kind.

    A feature's tags say its kind (fixed, changed, security, ...); one without such a tag is Added.
    """
    name, on = release.version_name or release.title, release.shipped_on or release.due_on
    head = f"## [{name}]" + (f" - {on.isoformat()}" if isinstance(on, date) else "")
    lines = [head, ""]
    if release.body.strip():
        lines += [release.body.strip(), ""]
    for kind in KINDS:
        here = [one for one in items if kind_of(one.tags) == kind]
        if here:
            lines += [f"### {kind}", "", *(f"- {_sentence(one)}" for one in here), ""]
    if not items:
        lines += ["Nothing is in scope yet.", ""]
    return "\n".join(lines)


def kind_of(tags: tuple[str, ...]) -> str:
    """The kind that the tags name; Added when none does."""
    return next((_BY_TAG[t.lower()] for t in tags if t.lower() in _BY_TAG), "Added")


def _sentence(one: Noted) -> str:
    first = next((line.strip() for line in one.body.split("\n") if line.strip() and line[0] not in "#*->|"), "")
    told = f" {first}" if first and len(first) <= 240 and "[[" not in first else ""
    return f"**{one.title}.**{told}"


def differences(release: Release, items: list[Noted]) -> tuple[list[Noted], list[str]]:
    """What came into scope since the notes were written, and the keys of what left it."""
    covered = release.notes_cover.split()
    now = {one.key for one in items}
    return [one for one in items if one.key not in covered], [key for key in covered if key not in now]
