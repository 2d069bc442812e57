"""What allauth's pages need of ours."""

from __future__ import annotations

from django import template

from threadline.faces.web.assets import asset

register = template.Library()
register.simple_tag(asset)

_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "macOS"),
            ("Linux", "Linux"))  # fmt: skip


@register.filter
def browser(agent: str) -> str:
    """A browser's name for itself in words: "Firefox on Linux"; its beginning when it is none that we know."""
    name = next((word for mark, word in _BROWSERS if mark in agent), "")
    system = next((word for mark, word in _SYSTEMS if mark in agent), "")
    return " on ".join(filter(None, (name, system))) or agent[:60] or "Unknown"


_OURS = frozenset({"Threadline"})


@register.filter
def sentence_case(words: str) -> str:
    """Headings and buttons as the rest of the product writes them: "Change password", not "Change Password"."""
    found = words.replace("Signup", "Sign up").replace("Two-Factor", "Two-factor").split(" ")
    for at, word in enumerate(found[1:], 1):
        begins = found[at - 1].rstrip("\n").endswith((".", "?", ":")) or not "".join(found[:at]).strip()
        if not begins and word[:1].isupper() and word[1:].strip().islower() and word.strip() not in _OURS:
            found[at] = word[0].lower() + word[1:]
    return " ".join(found)
