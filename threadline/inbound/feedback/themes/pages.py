"""The pages of themes: all of them with how they grow, and one with who says it, in their words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse

from threadline.faces.web import keymap, wording
from threadline.faces.web.screens import adds_to, screen
from threadline.faces.web.visit import Visit
from threadline.inbound.asking import UNKNOWN
from threadline.inbound.asking_page import demand_context
from threadline.inbound.feedback import places
from threadline.inbound.feedback.models import Feedback, Theme
from threadline.inbound.feedback.themes import accepted, drawing, figures, finding, jobs, keeping, membership
from threadline.inbound.feedback.themes.figures import Month, Size
from threadline.kernel import rows, text
from threadline.kernel.access import reach
from threadline.kernel.registry import type_of

PLACE = "themes"
MOST = 200
EXCERPT = 320
SORTS: dict[str, tuple[str, Callable[[Theme, Size], Any]]] = {
    "size": ("Notes", lambda t, s: -s.notes),
    "growth": ("Growth", lambda t, s: (-(s.last_30 - s.before_30), -s.last_30)),
    "revenue": ("Revenue", lambda t, s: -(s.revenue or 0)),
    "rating": ("Rating", lambda t, s: (s.rating is None, s.rating or 0)),
    "name": ("Name", lambda t, s: t.title.lower()),
}

keymap.leads("e", "feedback/themes", "Themes")


@screen("feedback", PLACE, posts=True)
def show_themes(visit: Visit) -> HttpResponse:
    """Every theme: how often, who, whether it grows. A press lets the worker look for more."""
    here = visit.at("feedback", PLACE)
    if visit.posting:
        return _told(visit, here)
    sort = visit.asked.get("sort", "size")
    sort = sort if sort in SORTS else "size"
    private = visit.actor.may("read_private", "intake")
    every = list(reach(visit.actor, Theme).filter(archived_at=None, state__in=membership.LIVE)[:2_000])
    sized = keeping.sizes(visit.actor, rows.now().date(), every)
    shown = sorted(every, key=lambda t: (SORTS[sort][1](t, sized.get(t.pk, Size())), t.number))[:MOST]
    job = jobs.under_way(visit.actor)
    context: dict[str, Any] = {
        "views": places.places(visit, places.THEMES),
        "themes": [_line(visit, t, sized.get(t.pk, Size())) for t in shown],
        "more": len(every) - len(shown),
        "sorts": [
            {"label": label, "href": visit.at("feedback", PLACE, sort=name), "current": name == sort}
            for name, (label, _) in SORTS.items()
            if private or name != "revenue"
        ],
        "private": private,
        "may": visit.actor.may("update", "intake"),
        "here": here,
        "looking": _looking(job) if job else None,
        "looked": _looked(visit),
        "list_href": visit.listing(type_of("theme")),
        "new_href": visit.at("themes", "new"),
        "spark": {"wide": drawing.SPARK_WIDE, "high": drawing.SPARK_HIGH},
        "empty": None if every else _empty(visit),
    }
    return visit.draw("theme/all.html", "Feedback", **context)


def _told(visit: Visit, here: str) -> HttpResponse:
    if visit.sent.get("do") == "stop":
        stopped = jobs.stop_finding(visit.actor)
        return visit.done("The look at the notes stops." if stopped else "Nothing was under way any more.", here)
    jobs.ask_to_find(visit.actor)
    return visit.done("Looking at all notes. Themes appear here when it is done.", here)


def _looking(job: Any) -> dict[str, Any]:
    said = job.progress or {}
    done, total = said.get("done"), said.get("total")
    return {
        "text": (said.get("note") or "waiting for its turn").capitalize(),
        "count": f"{done:,} of {total:,}" if done and total and total > 3 else "",
        "done": done or 0,
        "total": total or 0,
    }


def _looked(visit: Visit) -> str:
    last = finding.looked(visit.actor.workspace_id)
    if not last:
        return ""
    at = wording.when(last["at"])
    return f"Last looked at all notes {at['text']}." if at else ""


def _empty(visit: Visit) -> dict[str, Any]:
    notes = finding.count_open(visit.actor.workspace_id)
    enough = notes >= finding.FEWEST
    return {
        "title": "No themes yet",
        "text": (
            "A theme is what many customers speak of. Threadline reads all notes, groups those that say alike, and"
            " names each group in the customers' own words. You rename, merge and split; what you set stays set."
            + ("" if enough else f" That begins at {finding.FEWEST} notes; there are {notes} so far.")
        ),
        "actions": []
        if enough
        else [{"label": "Bring in feedback", "href": visit.at("feedback", "import"), "look": "go"}],
    }


def _line(visit: Visit, theme: Theme, size: Size) -> dict[str, Any]:
    return {
        "key": theme.key,
        "title": theme.title,
        "href": visit.record(theme.key),
        "words": ", ".join(theme.words.split(", ")[:6]),
        "state": type_of("theme").state_by_name[theme.state] if theme.state == "found" else None,
        "spark": drawing.spark(size.months),
        "spark_says": f"Notes in each of twelve stretches of 30 days: {', '.join(map(str, size.months))}",
        "notes": wording.number(size.notes),
        "customers": wording.number(size.customers),
        "revenue": wording.money(size.revenue, visit.actor.workspace.currency) if size.revenue else "",
        "rating": _rating(size.rating, size.rated),
        "unlinked": wording.number(size.unlinked) if size.unlinked else "",
        **_growth(size.last_30, size.before_30, 30),
    }


def _growth(last: int, before: int, days: int) -> dict[str, Any]:
    """The change as a share where there is enough to divide by; as numbers where there is not."""
    share = last / before - 1 if before >= 5 else None
    shown = f"{share:+.0%}".replace("-", "−") if share is not None else (f"+{last}" if last and not before else "")
    tone = "up" if last > before else "down" if last < before else ""
    return {
        "growth": shown,
        "tone": tone,
        "growth_says": f"{last:,} in the last {days} days, {before:,} in the {days} before",
    }


def _rating(mean: float | None, rated: int) -> str:
    return f"{mean:.1f}" if mean is not None and rated else ""


# ---- one theme --------------------------------------------------------------------------


@adds_to("theme", "detail")
def whole_theme(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Its size and growth, who says it beside who could, what it led to, and its strongest notes."""
    theme = reach(visit.actor, Theme).get(pk=row["id"])
    today = rows.now().date()
    size = figures.sizes(visit.actor, today, theme.pk).get(theme.pk, Size())
    context["stops"] = None
    context["why"] = context["came"] = None
    context["matters"] = []
    context["words"] = [w for w in theme.words.split(", ") if w]
    context["size"] = _figures(visit, size)
    context["chart"] = _chart(visit, figures.by_month(visit.actor, theme.pk, today)) if size.notes else None
    asked = demand_context(figures.asked_for(visit.actor, theme.pk), visit.actor.workspace.currency)
    context["demand"] = asked | {"figures": []} if asked else None
    states = type_of("feature").state_by_name
    context["features"] = [
        {"key": key, "title": title, "href": visit.record(key), "state": states[state], "count": count}
        for key, title, state, count in figures.features_of(visit.actor, theme.pk)
    ]
    may = theme.archived_at is None and theme.state in membership.LIVE and visit.actor.may("update", "intake")
    context["unlinked"] = size.unlinked
    context["said"] = [_said(visit, one) for one in figures.strongest(visit.actor, theme.pk)]
    context["collects"] = accepted.collects(visit.actor.workspace_id, theme.pk)
    context["do"] = visit.record(row["key"], "do") if may else None
    context["version"] = row["version"]
    context["sizes"] = size.notes


def _figures(visit: Visit, size: Size) -> list[dict[str, Any]]:
    month, quarter = _growth(size.last_30, size.before_30, 30), _growth(size.last_90, size.before_90, 90)
    made = [
        {"label": "Notes", "text": wording.number(size.notes)},
        {"label": "Customers", "text": wording.number(size.customers)},
        {"label": "Last 30 days", "text": f"{size.last_30:,}", "sub": month["growth"] or f"{size.before_30:,} before"},
        {
            "label": "Last 90 days",
            "text": f"{size.last_90:,}",
            "sub": quarter["growth"] or f"{size.before_90:,} before",
        },
    ]  # fmt: skip
    if size.revenue is not None:
        made.insert(2, {"label": "Annual revenue", "text": wording.money(size.revenue, visit.actor.workspace.currency)})
    if size.rating is not None:
        made.append({"label": "Mean rating", "text": f"{size.rating:.1f}", "sub": f"of {size.rated:,} rated"})
    return [{**one, "label": f"{one['label']}, {one['sub']}" if one.get("sub") else one["label"]} for one in made]


def _chart(visit: Visit, months: list[Month]) -> dict[str, Any]:
    private = visit.actor.may("read_private", "intake")
    labels = {**dict(type_of("account").by_name["segment"].kind.choices), UNKNOWN: "No account"}
    order = [name for name in labels if any(m.segments.get(name) for m in months)]
    drawn = drawing.stacked_bars([m.segments for m in months], order)
    for bar, month in zip(drawn["bars"], months, strict=True):
        bar["label"] = wording.MONTHS[month.first.month - 1]
        for part in bar["parts"]:
            part["name"] = labels[part["name"]]
    money = visit.actor.workspace.currency
    return {
        **drawn,
        "legend": [{"label": labels[name], "hue": n % drawing.HUES} for n, name in enumerate(order)],
        "private": private,
        "rated": any(m.ratings for m in months),
        "table": [
            {
                "label": f"{wording.MONTHS[m.first.month - 1]} {m.first.year}",
                "notes": m.notes,
                "parts": [m.segments.get(name, 0) for name in order],
                "accounts": len(m.accounts),
                "revenue": wording.money(m.revenue, money) if m.revenue else "",
                "rating": f"{m.rating:.1f}" if m.rating is not None else "",
            }
            for m in reversed(months)
        ],
    }  # fmt: skip


def _said(visit: Visit, one: figures.Said) -> dict[str, Any]:
    key = f"{Feedback.prefix}-{one.number}"
    day = one.on if isinstance(one.on, date) else str(one.on)[:10]
    return {
        "key": key,
        "title": one.title,
        "href": visit.record(key),
        "words": text.excerpt(text.plain(one.body) or one.title, EXCERPT),
        "who": one.account,
        "on": wording.on_day(day),
        "weight": {3: "blocking", 2: "important"}.get(one.weight),
        "ours": one.near >= membership.BY_PERSON,
        "sure": _sure(one.near),
    }


def _sure(near: float) -> str:
    """How surely an accepted theme took a note; blank where it was not so."""
    return f"{near - accepted.SURE_FROM:.0%} sure" if accepted.SURE_FROM + 0.01 < near < membership.BY_PERSON else ""


@adds_to("feedback", "detail")
def themes_of_a_note(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Say in which theme the note stands, and who put it there."""
    found = membership.themes_of_note(visit.actor, UUID(row["id"]))
    if found:
        links = [{"key": key, "text": title, "href": visit.record(key)} for _, key, title, _ in found]
        sure = _sure(found[0][3])
        sub = "put there by one of us" if found[0][3] >= membership.BY_PERSON else sure or "found by its words"
        context["matters"] = [*context["matters"], {"label": "Theme", "kind": "links", "value": links, "sub": sub}]
