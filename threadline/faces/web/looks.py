"""How a list is looked at: by which view, and where that departs from what is saved.

The address says it all: the view, and of query, columns and layout only what differs from it.
A list without a view is looked at by ``All``: no query, the declared columns, as a table.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import urlencode

from threadline.faces.web.visit import Visit
from threadline.house import viewing
from threadline.kernel.errors import Invalid
from threadline.kernel.plan import GENERAL
from threadline.kernel.query import nearest
from threadline.kernel.registry import RecordType

LAYOUTS = ("table", "board")


@dataclass(frozen=True)
class Looks:
    """``saved_*`` is what the view says; the rest is what is shown now."""

    visit: Visit
    declared: RecordType
    view: viewing.Tab | None
    query: str
    columns: list[str]
    layout: str
    saved_columns: list[str]

    @cached_property
    def saved(self) -> viewing.Draft:
        """What the view says, or what a list without one shows."""
        found = (self.view.query, self.view.layout) if self.view else ("", "table")
        return viewing.Draft(found[0], self.saved_columns, found[1])

    @property
    def ident(self) -> tuple[Any, ...]:
        """What tells this way of looking from others, apart from who looks at what."""
        saved = (self.saved.query, self.saved.layout, *self.saved_columns)
        return self.view.id if self.view else "", self.query, self.layout, tuple(self.columns), saved

    @cached_property
    def _saved_shown(self) -> list[str]:
        return viewing.shown(self.saved_columns)

    @property
    def changed(self) -> bool:
        """Whether the view is looked at in another way than it is saved."""
        return self.view is not None and bool(self._differing(self.query, self.columns, self.layout))

    def at(self, **other: Any) -> str:
        """The address that shows this, with ``query``, ``columns`` or ``layout`` in another way, and more in it."""
        query, columns = other.pop("query", self.query), other.pop("columns", self.columns)
        return self._address(query, columns, other.pop("layout", self.layout), other)

    def of_draft(self, draft: viewing.Draft | None) -> str:
        """The address of the view as somebody's draft has it; of the view itself without one."""
        if draft is None:
            return self._address(self.saved.query, self.saved.columns, self.saved.layout, {})
        return self._address(draft.query, draft.columns, draft.layout, {})

    def kept(self) -> dict[str, str]:
        """What a form must send along to show the same columns of the same view, without the query."""
        differing = self._differing(self.saved.query, self.columns, self.layout)
        return {**({"view": self.view.id} if self.view else {}), **differing}

    def _differing(self, query: str, columns: list[str], layout: str) -> dict[str, str]:
        found = {"q": query} if query != self.saved.query else {}
        if viewing.shown(columns) != self._saved_shown:
            found["columns"] = ",".join(columns)
        return found | ({"as": layout} if layout != self.saved.layout else {})

    def _address(self, query: str, columns: list[str], layout: str, more: dict[str, Any]) -> str:
        # Not places.with_query: an empty query is said where the view has one.
        asked = {"view": self.view.id} if self.view else {}
        asked |= self._differing(query, columns, layout)
        asked |= {n: str(v) for n, v in more.items() if v not in (None, "", False)}
        return _written(self.visit.listing(self.declared), tuple(asked.items()))


@lru_cache(maxsize=4_096)
def _written(base: str, asked: tuple[tuple[str, str], ...]) -> str:
    """An address with what is asked of it. A list's menus hold half a hundred, the same each time."""
    return f"{base}?{urlencode(asked, safe=',:')}" if asked else base


def looked_at(visit: Visit, declared: RecordType, views: list[viewing.Tab], known: dict[str, Any]) -> Looks:
    """What the address asks for. Raises Invalid for a column that is asked for and is not there."""
    view = next((v for v in views if v.id == visit.asked.get("view")), None)
    return _looks(visit, declared, view, known, visit.asked)


def of_view(visit: Visit, declared: RecordType, view: viewing.Tab, known: dict[str, Any]) -> Looks:
    """A view as it is saved, for its tab."""
    return _looks(visit, declared, view, known, {})


def _looks(
    visit: Visit, declared: RecordType, view: viewing.Tab | None, known: dict[str, Any], asked: Any
) -> Looks:  # fmt: skip
    def readable(names: list[str]) -> list[str]:
        return list(dict.fromkeys(n for n in names[:40] if n == "tags" or (n in known and n not in GENERAL)))

    saved = readable((view.columns if view else []) or list(declared.columns))
    wanted = [n for n in asked.get("columns", "").split(",") if n]
    wrong = next((n for n in wanted if n != "tags" and (n not in known or n in GENERAL)), None)
    if wrong:
        raise Invalid(("columns", f"There is no column called {wrong[:60]}. {nearest(wrong, known)}"))
    layout = asked.get("as") or (view.layout if view else "table")
    return Looks(
        visit=visit,
        declared=declared,
        view=view,
        query=asked.get("q", view.query if view else "").strip(),
        columns=readable(wanted) if wanted else saved,
        layout=layout if layout in LAYOUTS else "table",
        saved_columns=saved,
    )
