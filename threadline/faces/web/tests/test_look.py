"""The look keeps its promises: legible on every ground, small, and free of inline code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

WEB = Path(__file__).parents[1]
SHEETS = sorted((WEB / "css").glob("*.css"))
TEMPLATES = sorted([*(WEB / "templates").rglob("*.html"), *(WEB / "django_templates").rglob("*.html")])
GROUNDS = ("paper", "surface", "raised", "sunken", "hover")
TONES = ("thread", "ok", "warn", "bad", "info", "plum")
TEXT_ON_GROUND = [
    *((text, ground) for text in ("ink", "ink-2", "ink-3", *TONES) for ground in GROUNDS),
    *((text, f"{tone}-soft") for tone in TONES for text in ("ink", "ink-2", tone)),
    ("paper", "ink"),
    ("surface", "thread"),
]
LINE_ON_GROUND = [(line, ground) for line in ("control", "focus") for ground in GROUNDS[:4]]


def pairs_in(text: str) -> dict[str, tuple[str, str]]:
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", text)
    return {name: (light, dark) for name, light, dark in found}


def themes() -> dict[str, dict[str, str]]:
    normal, contrast, preferred = re.split(
        r':root\[data-theme="contrast"\]|@media \(prefers-contrast: more\)', (WEB / "css" / "tokens.css").read_text()
    )
    base, high, asked = pairs_in(normal), pairs_in(contrast), pairs_in(preferred)
    assert high == asked, "the attribute and the media query give the same colours"
    return {
        f"{name} {side}": {token: pair[index] for token, pair in tokens.items()}
        for name, tokens in (("normal", base), ("contrast", base | high))
        for index, side in enumerate(("light", "dark"))
    }


def luminance(colour: str) -> float:
    """Relative luminance of "#rrggbb", as WCAG 2.2 defines it."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["normal light", "normal dark", "contrast light", "contrast dark"])
def test_text_is_legible_on_every_ground_it_may_stand_on(theme: str) -> None:
    tokens = themes()[theme]
    weak = {pair: contrast(tokens[pair[0]], tokens[pair[1]]) for pair in TEXT_ON_GROUND}
    assert {pair: round(ratio, 2) for pair, ratio in weak.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", ["normal light", "normal dark", "contrast light", "contrast dark"])
def test_fields_and_focus_stand_out(theme: str) -> None:
    tokens = themes()[theme]
    weak = {pair: contrast(tokens[pair[0]], tokens[pair[1]]) for pair in LINE_ON_GROUND}
    assert {pair: round(ratio, 2) for pair, ratio in weak.items() if ratio < 3} == {}


def test_every_sheet_is_brought_in_once_or_asked_for_by_a_page_and_stays_in_a_layer() -> None:
    entry = (WEB / "css" / "app.css").read_text()
    brought = re.findall(r'@import url\("(.+?)"\)', entry)
    asked = {
        name for one in WEB.parents[1].rglob("*.html") for name in re.findall(r"asset\('(.+?\.css)'\)", one.read_text())
    }
    assert sorted([*brought, *asked]) == [one.name for one in SHEETS]
    layers = re.search(r"@layer ([\w, ]+);", entry)
    assert layers
    for sheet in SHEETS:
        if sheet.name != "app.css":
            text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL).strip()
            assert re.match(rf"@layer ({layers[1].replace(', ', '|')}) {{", text), sheet.name


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(WEB)))
def test_no_template_holds_what_the_security_policy_forbids(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"\sstyle\s*=|<style|\son\w+\s*=\s*[\"']|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=| type=\"application/json\")", text)
    assert template.name == "fields.html" or not re.search(r"\|\s*safe\b", text)  # Django's own help for passwords
    assert "://" not in text.replace("http://www.w3.org", "")
