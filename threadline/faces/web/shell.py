"""What surrounds every page: the rooms, what waits in them, the person, the bell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.cache import caches

from threadline.faces.web import rooms, wording
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach_sql
from threadline.kernel.members import Role
from threadline.kernel.registry import RecordType, kinds, type_of_prefix
from threadline.kernel.thread import STOPS, SUSPECT_LINKS

if TYPE_CHECKING:
    from threadline.faces.web.visit import Visit

THEMES = (("", "As the system says"), ("light", "Light"), ("dark", "Dark"), ("contrast", "High contrast"))
COUNTS_LIVE = 20  # seconds: they are a reminder, not a ledger
_CAP = 99


def around(visit: Visit) -> dict[str, Any]:
    """The context that kit/shell.html asks for as ``shell``."""
    here, counts = visit.request.path, counts_for(visit.actor)
    where = rooms.Where(visit.home, here, visit.facts.get("kind", "") or _kind_at(here.removeprefix(visit.home)))
    return {
        "workspace": {"name": visit.actor.workspace.name, "href": visit.home},
        "find": {"href": visit.at("search"), "query": visit.asked.get("q", "") if here.endswith("/search") else ""},
        "bell": {"href": visit.at("notifications"), "count": rooms.capped(visit.unread)},
        "rooms": rooms.side_html(where, {**counts, "today": counts["suspects"] + visit.unread}),
        "user": {
            "name": visit.actor.name,
            "initials": wording.initials(visit.actor.name),
            "email": visit.user.email,
            "role": Role(visit.actor.role).label,
            "sign_out_href": "/accounts/logout/",
            "theme": {
                "action": visit.at("profile", "theme"),
                "value": visit.preferences.get("theme", ""),
                "choices": [{"value": v, "label": label} for v, label in THEMES],
            },
            "places": [{**place, "current": place["href"] == here} for place in own_places(visit)],
        },
    }


def _kind_at(path: str) -> str:
    """The kind of record whose page, or a page below it, stands at a path."""
    prefix, dash, _ = path.partition("/")[0].rpartition("-")
    found = type_of_prefix(prefix) if dash and prefix.isupper() else None
    return found.kind if found else ""


def own_places(visit: Visit) -> list[dict[str, str]]:
    """Where one goes from one's own menu."""
    return [
        {"label": label, "href": href}
        for label, href in (
            ("Your profile", visit.at("profile")),
            ("Members", visit.at("members")),
            ("Settings", visit.at("settings")),
            ("Keys to the API", visit.at("tokens")),
            ("Trash", visit.at("trash")),
            ("Other workspaces", "/welcome"),
        )
    ]


def is_inbox(declared: RecordType) -> bool:
    """Whether new records of a type wait for somebody: their first state is marked so."""
    return declared.states[0].tone == "warn"


def voices() -> RecordType:
    """What customers say: where every thread begins."""
    return min(kinds(), key=lambda t: (t.stop != STOPS[0][0], not is_inbox(t)))


def counts_for(actor: Actor) -> dict[str, int]:
    """What needs the reader: suspect links of theirs, and what waits in each inbox."""
    key = f"needs:{actor.member_id}:{actor.role}"
    found: dict[str, int] | None = caches["process"].get(key)
    if found is None:
        found = _counted(actor)
        caches["process"].set(key, found, COUNTS_LIVE)
    return found


def forget_counts(actor: Actor) -> None:
    """Count again at the next page: the reader has just done something."""
    caches["process"].delete(f"needs:{actor.member_id}:{actor.role}")


def _counted(actor: Actor) -> dict[str, int]:
    near_s, params_s = reach_sql(actor, "s")
    near_t, params_t = reach_sql(actor, "t")
    suspects = (
        f"SELECT 'suspects', count(*) FROM (SELECT 1{SUSPECT_LINKS} AND s.owner_id = %s AND {near_s} AND {near_t}"
        f" LIMIT {_CAP + 1}) a"
    )
    parts = [suspects]
    params: list[Any] = [actor.workspace_id, actor.workspace_id, actor.member_id, *params_s, *params_t]
    for declared in kinds():
        if is_inbox(declared):
            near, more = reach_sql(actor, "r")
            parts.append(
                f"SELECT '{declared.kind}', count(*) FROM (SELECT 1 FROM \"{declared.table}\" r"
                f" WHERE r.workspace_id = %s AND r.state = %s AND r.archived_at IS NULL AND {near}"
                f" LIMIT {_CAP + 1}) b"
            )
            params += [actor.workspace_id, declared.states[0].name, *more]
    return {name: int(count) for name, count in rows.fetch(" UNION ALL ".join(parts), params)}
