"""What the reader shows beside a transcript: highlights with their codes, and the codes at hand."""

from __future__ import annotations

from typing import Any

from threadline.faces.web import wording
from threadline.faces.web.visit import Visit
from threadline.inbound.research import anchoring, queries
from threadline.inbound.research.models import Code, Highlight, Interview
from threadline.kernel import rows
from threadline.kernel.access import reach, reach_sql

AT_HAND = 9  # one for each digit


def clock(ms: int | None) -> str:
    """12:04, or 1:02:33; empty when the transcript has no times."""
    if ms is None:
        return ""
    seconds = ms // 1000
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60:02}:{rest % 60:02}"


def marks(visit: Visit, interview: Interview, turns: list[dict[str, Any]]) -> dict[str, Any]:
    """The highlights of an interview in the order of the talk, lost ones last, and the codes at hand."""
    found = queries.highlights_of(visit.actor, interview)
    codes = queries.codes_of(visit.actor, [h.pk for h in found])
    used = _used_in(visit, found)
    begins = anchoring.offsets(turns)
    text = anchoring.text_of(turns)
    shown = [_mark(visit, h, codes.get(h.pk, []), used.get(str(h.pk), []), turns, begins, text) for h in found]
    return {
        "marks": [m for m in shown if not m["lost"]],
        "lost": [m for m in shown if m["lost"]],
        "count": len(shown),
        "in_study": _in_study(visit, interview),
        "at_hand": at_hand(visit),
        "read": visit.record(interview.key, "read"),
        "csrf_input": None,
    }


def _mark(
    visit: Visit, one: Highlight, codes: list[Code], used: list[str], turns: list[dict[str, Any]],
    begins: list[int], text: str,
) -> dict[str, Any]:  # fmt: skip
    place = None
    if one.state == "placed" and one.turn is not None and one.start is not None and one.turn < len(turns):
        at = begins[one.turn] + one.start
        if text.startswith(one.quote, at):
            place = anchoring.place_of(turns, at, len(one.quote), begins)
    return {
        "id": str(one.pk),
        "key": one.key,
        "href": visit.record(one.key),
        "quote": one.quote,
        "memo": one.memo,
        "place": place,
        "lost": bool(turns) and place is None,
        "time": clock(one.at_ms),
        "speaker": one.speaker,
        "tone": codes[0].colour if codes else "",
        "codes": [{"key": c.key, "name": c.title, "tone": c.colour, "id": str(c.pk)} for c in codes],
        "used": used,
        "version": one.version,
    }


def _used_in(visit: Visit, found: list[Highlight]) -> dict[str, list[str]]:
    """Keys of the insights that rest on each highlight."""
    ids = [h.pk for h in found]
    if not ids:
        return {}
    near, params = reach_sql(visit.actor, "c")
    sql = (
        "SELECT l.target_id, c.key FROM kernel_link l JOIN kernel_card c ON c.id = l.source_id"
        f" WHERE l.workspace_id = %s AND l.target_id IN ({rows.marks(len(ids))})"
        f" AND c.archived_at IS NULL AND {near} ORDER BY c.key"
    )
    used: dict[str, list[str]] = {}
    for target, key in rows.fetch(sql, [visit.actor.workspace_id, *ids, *params]):
        used.setdefault(rows.hexed(target) or "", []).append(key)
    return used


def _in_study(visit: Visit, interview: Interview) -> int:
    if interview.study_id is None:
        return 0
    near, params = reach_sql(visit.actor, "h")
    row = rows.fetch_one(
        "SELECT count(*) FROM inbound_interview i JOIN inbound_highlight h ON h.interview_id = i.id"
        f" WHERE i.workspace_id = %s AND i.study_id = %s AND h.archived_at IS NULL AND {near}",
        [visit.actor.workspace_id, interview.study_id, *params],
    )
    return int(row[0]) if row else 0


def at_hand(visit: Visit) -> list[dict[str, Any]]:
    """The codes that the reader used last, then the others by name; nine have a digit."""
    near, params = reach_sql(visit.actor, "c")
    recent = rows.fetch(
        "SELECT l.target_id FROM kernel_link l JOIN inbound_code c ON c.id = l.target_id"
        f" WHERE l.workspace_id = %s AND l.kind = '{queries.CODED}' AND l.created_by_id = %s AND {near}"
        " GROUP BY l.target_id ORDER BY max(l.created_at) DESC LIMIT 9",
        [visit.actor.workspace_id, visit.actor.member_id, *params],
    )
    order = [rows.ident(r[0]) for r in recent]
    codes = list(reach(visit.actor, Code).filter(archived_at=None, state="active").order_by("title")[:500])
    codes.sort(key=lambda c: (order.index(c.pk) if c.pk in order else len(order), c.title.lower()))
    return [
        {"key": c.key, "name": c.title, "tone": c.colour, "digit": n if n <= AT_HAND else None}
        for n, c in enumerate(codes, 1)
    ]


def turn_rows(
    turns: list[dict[str, Any]], asking: str, pieces: dict[int, list[tuple[int, int, str]]]
) -> list[dict[str, Any]]:
    """The turns as the page shows them; ``pieces`` are marks by turn, for readers without a script."""
    shown = []
    for number, turn in enumerate(turns):
        parts = [{"text": turn["t"], "tone": None}]
        if number in pieces:
            parts = _cut(turn["t"], pieces[number])
        shown.append({
            "n": number + 1, "speaker": turn["s"], "time": clock(turn.get("a")), "a": turn.get("a"),
            "asks": turn["s"] == asking, "parts": parts,
        })  # fmt: skip
    return shown


def _cut(text: str, marked: list[tuple[int, int, str]]) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    at = 0
    for start, end, tone in sorted(marked):
        start = max(start, at)
        if end <= start:
            continue
        parts += [{"text": text[at:start], "tone": None}, {"text": text[start:end], "tone": tone or "thread"}]
        at = end
    return [p for p in [*parts, {"text": text[at:], "tone": None}] if p["text"]]


def on_day(interview: Interview) -> str:
    """When it was held, for a heading."""
    return wording.on_day(interview.at.date()) or "" if interview.at else ""
