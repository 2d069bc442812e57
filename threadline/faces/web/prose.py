"""Markdown of a whole page made safe markup, its citations and mentions looked up at once.

Two statements for all texts of a page, however many they are: one for every key cited, one
for every name mentioned, both through the reader's reach.
"""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from threadline.faces.web import places
from threadline.kernel import text
from threadline.kernel.access import Actor, reach
from threadline.kernel.cards import Card
from threadline.kernel.members import Member


class Prose:
    """The texts of one page, for one reader."""

    def __init__(self, actor: Actor, texts: Iterable[str | None]) -> None:
        given = [t for t in texts if t]
        keys = sorted({k for t in given for k in text.citations(t)})[:500]
        handles = sorted({h.lower() for t in given for h in text.mentions(t)})[:500]
        self._slug = actor.workspace.slug
        self._cards = {
            key: (title, state)
            for key, title, state in (
                reach(actor, Card).filter(key__in=keys, archived_at=None).values_list("key", "title", "state")
                if keys
                else ()
            )
        }
        self._people: dict[str, str] = {}
        if handles:
            here = Member.objects.filter(workspace_id=actor.workspace_id, left_at=None, handle__in=handles)
            self._people = dict(here.values_list("handle", "name"))

    def html(self, source: str | None) -> Markup:
        """The text as safe markup; empty for none."""
        if not source:
            return Markup("")
        made = text.render(source, resolve_key=self._key, resolve_mention=self._mention)
        return Markup(made)  # noqa: S704 - kernel.text made it safe; the one place that says so

    def _key(self, key: str) -> tuple[str, str, str] | None:
        found = self._cards.get(key)
        return (places.record(self._slug, key), *found) if found else None

    def _mention(self, handle: str) -> tuple[str, str] | None:
        name = self._people.get(handle.lower())
        return (name, f"{places.workspace(self._slug)}members#{handle.lower()}") if name else None
