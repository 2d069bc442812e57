"""The trash, and the bell: what was put away, and what one was told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse

from threadline.faces.web import wording
from threadline.faces.web.entrance import deed, page
from threadline.faces.web.visit import Visit
from threadline.house import furnishing as house
from threadline.kernel import rows
from threadline.kernel.access import reach_sql
from threadline.kernel.comments import Notification
from threadline.kernel.errors import NotFound
from threadline.kernel.registry import type_of

PAGE = 50
_SAID = {
    "mention": "mentioned you in", "comment": "commented on", "changed": "changed", "assigned": "made you owner of",
    "suspect": "changed what this rests on:",
}  # fmt: skip


@page
def trash(visit: Visit) -> HttpResponse:
    """What was put in the trash, the latest first."""
    near, params = reach_sql(visit.actor, "c")
    before = wording.instant(visit.asked.get("before", "").replace(" ", "+"))
    where, more = (" AND c.archived_at < %s", [rows.stamp(before)]) if before else ("", [])
    found = rows.fetch(
        "SELECT c.key, c.title, c.kind, c.archived_at, (SELECT ch.actor_name FROM kernel_change ch"
        " WHERE ch.workspace_id = c.workspace_id AND ch.card_id = c.id AND ch.action = 'archive'"
        " ORDER BY ch.id DESC LIMIT 1)"
        f" FROM kernel_card c WHERE {near} AND c.archived_at IS NOT NULL{where}"
        f" ORDER BY c.archived_at DESC LIMIT {PAGE + 1}",
        [*params, *more],
    )
    context: dict[str, Any] = {
        "things": [_thing(visit, *row) for row in found[:PAGE]],
        "keep_text": "Nothing here is lost: it is only out of the way, and what cites it says that it is gone.",
        "empty": {"title": "The trash is empty", "text": "What is put in the trash waits here and can come back."},
    }
    if len(found) > PAGE:
        last = wording.when(found[PAGE - 1][3]) or {"iso": ""}
        context["pager"] = {
            "count_text": "",
            "older_href": visit.at("trash", before=_precise(found[PAGE - 1][3], last)),
        }
    return visit.draw("pages/trash.html", "Trash", **context)


def _precise(at: Any, shown: dict[str, str]) -> str:
    exact = wording.instant(at)
    return exact.isoformat() if exact else shown["iso"]


def _thing(visit: Visit, key: str, title: str, kind: str, at: Any, by: str | None) -> dict[str, Any]:
    declared = type_of(kind)
    return {
        "key": key,
        "title": title,
        "kind": declared.label,
        "by": by or "somebody",
        "at": wording.when(at),
        "href": visit.record(key),
        "restore_action": visit.record(key, "restore") if visit.actor.may("archive", declared.group) else None,
    }


# ---- the bell ---------------------------------------------------------------------------


@page
def bell(visit: Visit) -> HttpResponse:
    """What one was told, the latest first; titles are read through reach now, not as they were then."""
    unread = visit.asked.get("unread") == "1"
    notices = told(visit, unread=unread, limit=PAGE + 1, before=visit.asked.get("before"))
    days: list[dict[str, Any]] = []
    today = datetime.now(UTC).date()
    for at, notice in notices[:PAGE]:
        label = wording.day_label(at.date(), today)
        if not days or days[-1]["label"] != label:
            days.append({"label": label, "notices": []})
        days[-1]["notices"].append(notice)
    here = visit.at("notifications")
    context: dict[str, Any] = {
        "views": [
            {"label": "All", "href": here, "current": not unread},
            {"label": "Unread", "href": f"{here}?unread=1", "current": unread, "count": visit.unread or None},
        ],
        "days": days,
        "empty": {
            "title": "Nothing new",
            "text": "Mentions, comments and changes of what you own or watch arrive here.",
        },
    }
    if visit.unread:
        context["page_actions"] = [{"label": "Mark all as read", "action": visit.at("notifications", "read")}]
    if len(notices) > PAGE:
        context["pager"] = {
            "count_text": "",
            "older_href": visit.at("notifications", before=notices[PAGE - 1][1]["id"], unread="1" if unread else ""),
        }
    return visit.draw("pages/notifications.html", "Notifications", **context)


def told(visit: Visit, *, unread: bool, limit: int, before: str | None = None,
         reasons: tuple[str, ...] = ()) -> list[tuple[datetime, dict[str, Any]]]:  # fmt: skip
    """(when, notice) of one's own notifications about records in reach."""
    near, params = reach_sql(visit.actor, "c")
    where, more = " AND n.read_at IS NULL" if unread else "", []
    if before and len(before) == 36:
        where, more = f"{where} AND n.id < %s", [before if rows.is_postgres() else before.replace("-", "")]
    if reasons:
        where, more = f"{where} AND n.reason IN ({rows.marks(len(reasons))})", [*more, *reasons]
    found = rows.fetch(
        "SELECT n.id, n.reason, n.actor_name, n.created_at, n.read_at, c.key, c.title FROM kernel_notification n"
        f" JOIN kernel_card c ON c.id = n.card_id WHERE n.workspace_id = %s AND n.member_id = %s AND {near}{where}"
        f" ORDER BY n.id DESC LIMIT {int(limit)}",
        [visit.actor.workspace_id, visit.actor.member_id, *params, *more],
    )
    return [_notice(visit, *row) for row in found]


def _notice(
    visit: Visit, ident: Any, reason: str, who: str, at: Any, read_at: Any, key: str, title: str
) -> tuple[datetime, dict[str, Any]]:
    moment = wording.instant(at) or datetime.now(UTC)
    number = rows.hexed(ident) or ""
    notice = {
        "id": number,
        "by": wording.person(who),
        "parts": [
            {"text": who, "strong": True},
            {"text": f" {_SAID.get(reason, 'changed')} "},
            {"text": f"{key} {title}", "strong": True},
        ],
        "href": f"{visit.record(key)}{'#talk' if reason in ('comment', 'mention') else ''}",
        "at": wording.when(moment),
        "unread": read_at is None,
        "read_action": visit.at("notifications", number, "read"),
        "reason": Notification.Reason(reason).label,
    }
    return moment, notice


@deed
def read_all(visit: Visit) -> HttpResponse:
    """All of them are read."""
    house.read_notifications(visit.actor)
    return visit.go(visit.at("notifications"))


@deed
def read_one(visit: Visit, ident: str) -> HttpResponse:
    """One of them is read."""
    if not Notification.objects.filter(
        workspace_id=visit.actor.workspace_id, member_id=visit.actor.member_id, pk=ident
    ).exists():
        raise NotFound
    house.read_notifications(visit.actor, [ident])
    return visit.go(visit.at("notifications"))
