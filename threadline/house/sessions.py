"""Sessions in the database, as Django keeps them, read with one plain statement.

Every page reads its session; loading it as a model took longer than any other part of
finding out who is asking. Writing is left to Django.
"""

from __future__ import annotations

from copy import deepcopy
from functools import lru_cache
from typing import Any

from django.contrib.sessions.backends import db

from threadline.kernel import rows

_LOAD = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    """Django's own, with a quicker way to load."""

    def load(self) -> dict[str, Any]:
        """The session's data; nothing, and no key any more, when there is none or it has ended."""
        row = rows.fetch_one(_LOAD, [self.session_key, rows.stamp(rows.now())])
        if row is None:
            self._session_key = None
            return {}
        return deepcopy(_decoded(row[0]))


@lru_cache(maxsize=1_024)
def _decoded(kept: str) -> dict[str, Any]:
    """What a signed text holds: the same text is checked and read once, though every page brings it."""
    found: dict[str, Any] = SessionStore().decode(kept)
    return found
