"""Names of versions: Semantic Versioning 2.0.0 (semver.org) or calendar versions (calver.org)."""

from __future__ import annotations

import re

_NUMBER = r"(?:0|[1-9]\d*)"
_WORD = rf"(?:{_NUMBER}|\d*[A-Za-z-][0-9A-Za-z-]*)"
SEMVER = re.compile(
    rf"v?{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-{_WORD}(?:\.{_WORD})*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
CALVER = re.compile(r"v?(?:20)?[1-9]\d\.(?:0?[1-9]|1[0-2])(?:\.\d{1,5})?")
_LIKE_A_VERSION = re.compile(r"v?\d+\.")


def problem_of(name: str) -> str:
    """What is wrong with a version; empty for a good one, and for a name that is no version at all."""
    if not name or not _LIKE_A_VERSION.match(name) or SEMVER.fullmatch(name) or CALVER.fullmatch(name):
        return ""
    return f"{name[:40]} is neither SemVer nor CalVer. Write it like 2.4.0, 2.4.0-beta.1 or 2026.11."
