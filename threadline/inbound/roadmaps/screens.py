"""The pages of roadmaps: timeline, now-next-later, outcomes, two days compared, links, and what was told."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse

from threadline.faces.web import keymap, wording
from threadline.faces.web.screens import Scope, adds_to, needs_me, record_screen
from threadline.faces.web.visit import Visit
from threadline.inbound.intake.rules import origins
from threadline.inbound.roadmaps import (
    audiences,
    files,
    laying,
    outside,  # noqa: F401 - opens shared links
    queries,
    sharing,
    told,
)
from threadline.inbound.roadmaps.models import Commitment, Roadmap, ShareLink
from threadline.inbound.roadmaps.told import Told
from threadline.kernel import rows
from threadline.kernel.access import reach
from threadline.kernel.cards import Card
from threadline.kernel.errors import NotFound
from threadline.kernel.registry import type_of

keymap.leads("r", "roadmaps/", "Roadmaps")
keymap.scope("timeline", "On a timeline")
keymap.add("timeline", "timeline.earlier", "ArrowLeft", "Earlier")
keymap.add("timeline", "timeline.later", "ArrowRight", "Later")
keymap.add("timeline", "timeline.shorter", "Shift+ArrowLeft", "Likely to end earlier")
keymap.add("timeline", "timeline.longer", "Shift+ArrowRight", "Likely to end later")
keymap.add("timeline", "timeline.surer", "Alt+ArrowLeft", "Sure earlier")
keymap.add("timeline", "timeline.less_sure", "Alt+ArrowRight", "Sure later")
keymap.add("timeline", "timeline.up", ("k", "ArrowUp"), "Bar above")
keymap.add("timeline", "timeline.down", ("j", "ArrowDown"), "Bar below")
keymap.add("timeline", "timeline.open", ("o", "Enter"), "Open beside the timeline")
SHOWN_TOLD = 3
_MODES = {"timeline": "Timeline", "horizons": "Now, next, later", "outcomes": "Outcomes"}
_ZOOMS = dict(Roadmap.Zoom.choices)
_LANES = dict(Roadmap.Lanes.choices)
_HORIZONS = (("now", "Now"), ("next", "Next"), ("later", "Later"))


def roadmap_of(visit: Visit, ident: Any) -> Roadmap:
    """A roadmap within reach; raises NotFound."""
    found = reach(visit.actor, Roadmap).filter(pk=ident).first()
    if found is None:
        raise NotFound
    return found


class Asked:
    """What the address asks for: whose version, on which day, how drawn. What makes no sense is not heard."""

    def __init__(self, visit: Visit, roadmap: Roadmap, mode: str) -> None:
        given = visit.asked
        audience = given.get("as", "")
        self.audience = audience if audience in audiences.FIELDS else roadmap.audience
        self.mode = mode
        zoom, lanes = given.get("zoom", ""), given.get("lanes", "")
        self.zoom = zoom if zoom in _ZOOMS else roadmap.zoom
        self.lanes = audiences.lanes(self.audience, lanes if lanes in _LANES else roadmap.lanes)
        self.on = day_asked(given.get("on", ""))
        if self.on is not None and self.on >= rows.now().date():
            self.on = None
        self.others = {n: v for n, v in (("as", audience), ("zoom", zoom), ("lanes", lanes)) if v}
        if self.on is not None:
            self.others["on"] = self.on.isoformat()


def day_asked(text: str) -> date | None:
    """A day in an address; None for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _frame(visit: Visit, roadmap: Roadmap, asked: Asked, here: str) -> dict[str, Any]:
    """What stands around every page of a roadmap."""
    visit.back = visit.record(roadmap.key)

    def at(place: str, **more: Any) -> str:
        return visit.at(roadmap.key, place, **(asked.others | {n: v for n, v in more.items() if v is not None}))

    fit = audiences.MODES[asked.audience]
    tabs = [{"label": _MODES[m], "href": at(m), "current": m == here} for m in fit]
    tabs.append({"label": "Compare", "href": at("compare"), "current": here == "compare"})
    tabs.append({"label": "Export", "href": at("export"), "current": here == "export"})
    return {
        "crumbs": [{"label": "Roadmaps", "href": visit.listing(type_of(roadmap))}],
        "mark": {"label": Roadmap.Audience(asked.audience).label, "tone": "" if asked.audience == "team" else "info"},
        "tabs": tabs,
        "page_actions": [
            {"label": "Share", "href": visit.at(roadmap.key, "links")},
            {"label": "Settings", "href": visit.record(roadmap.key)},
        ],
        "audiences": [
            {"value": value, "label": label, "chosen": value == asked.audience}
            for value, label in Roadmap.Audience.choices
        ],
        "on": asked.on.isoformat() if asked.on else "",
        "on_said": laying.day(asked.on) if asked.on else "",
        "today_href": visit.at(roadmap.key, here, **{n: v for n, v in asked.others.items() if n != "on"}),
        "address": visit.at(roadmap.key, here),
        "kept": asked.others,
        "roadmap": {"key": roadmap.key, "title": roadmap.title, "state": roadmap.state},
    }  # fmt: skip


@record_screen("roadmap", "timeline")
def timeline(visit: Visit, card: Card) -> HttpResponse:
    """Bars over time. Works as it is drawn; a script adds dragging and keys."""
    roadmap = roadmap_of(visit, card.pk)
    asked = Asked(visit, roadmap, "timeline")
    if "timeline" not in audiences.MODES[asked.audience]:
        return visit.go(visit.at(roadmap.key, "horizons", **asked.others))
    found = queries.shown(visit.actor, roadmap, audience=asked.audience, on=asked.on)
    today = asked.on or rows.now().date()
    laid = laying.lay(found.items, found.releases, lanes=asked.lanes, zoom=asked.zoom, today=today)
    may = asked.on is None and asked.audience == "team" and visit.actor.may("update", type_of("feature").group)
    return visit.draw(
        "roadmap/timeline.html",
        roadmap.title,
        **_frame(visit, roadmap, asked, "timeline"),
        laid=laid,
        head=laying.HEAD,
        names_wide=laying.NAMES,
        bar=laying.BAR,
        hrefs=_hrefs(visit, found.items + found.releases),
        may=may,
        full=found.full,
        zooms=[{"value": v, "label": label, "chosen": v == asked.zoom} for v, label in _ZOOMS.items()],
        lane_choices=[
            {"value": v, "label": label, "chosen": v == asked.lanes}
            for v, label in _LANES.items()
            if audiences.lanes(asked.audience, v) == v
        ],
        critical=[i["title"] for i in found.items if i.get("critical")],
    )


def _hrefs(visit: Visit, items: list[dict[str, Any]]) -> dict[str, str]:
    return {i["key"]: visit.record(i["key"]) for i in items if i.get("key")}


@record_screen("roadmap", "horizons")
def horizons(visit: Visit, card: Card) -> HttpResponse:
    """Now, next, later; what is later has no dates."""
    roadmap = roadmap_of(visit, card.pk)
    asked = Asked(visit, roadmap, "horizons")
    found = queries.shown(visit.actor, roadmap, audience=asked.audience, on=asked.on)
    may = asked.on is None and asked.audience == "team" and visit.actor.may("update", type_of("feature").group)
    columns = [
        {"name": name, "label": label, "cards": [i for i in found.items if i.get("horizon") == name]}
        for name, label in _HORIZONS
    ]
    return visit.draw(
        "roadmap/horizons.html",
        roadmap.title,
        **_frame(visit, roadmap, asked, "horizons"),
        columns=columns,
        done=[i for i in found.items if i.get("horizon") == "done"],
        hrefs=_hrefs(visit, found.items),
        may=may,
        home=visit.home,
        full=found.full,
    )


@record_screen("roadmap", "outcomes")
def outcomes(visit: Visit, card: Card) -> HttpResponse:
    """A column for each aim; a card that moves no number is wrong, and says so."""
    roadmap = roadmap_of(visit, card.pk)
    asked = Asked(visit, roadmap, "outcomes")
    if "outcomes" not in audiences.MODES[asked.audience]:
        return visit.go(visit.at(roadmap.key, "horizons", **asked.others))
    found = queries.shown(visit.actor, roadmap, audience=asked.audience, on=asked.on)
    aims = sorted({i.get("objective", "") for i in found.items}, key=lambda a: (not a, a))
    columns = [
        {"name": aim, "label": aim or "No aim", "cards": [i for i in found.items if i.get("objective", "") == aim]}
        for aim in aims
    ]
    lacking = sum(bool(i.get("lacks_metric")) for i in found.items)
    return visit.draw(
        "roadmap/outcomes.html",
        roadmap.title,
        **_frame(visit, roadmap, asked, "outcomes"),
        columns=columns,
        lacking=lacking,
        hrefs=_hrefs(visit, found.items),
        home=visit.home,
        may=asked.on is None and visit.actor.may("update", type_of("feature").group),
        full=found.full,
    )


@record_screen("roadmap", "compare")
def compare(visit: Visit, card: Card) -> HttpResponse:
    """Two days beside each other: dropped, moved and added, and why."""
    roadmap = roadmap_of(visit, card.pk)
    asked = Asked(visit, roadmap, "compare")
    today = rows.now().date()
    first = day_asked(visit.asked.get("from", "")) or queries.days_of_change(visit.actor, roadmap)
    second = min(day_asked(visit.asked.get("to", "")) or today, today)
    first = min(first, second)
    moves = queries.compared(visit.actor, roadmap, first, second, audience=asked.audience)
    return visit.draw(
        "roadmap/compare.html",
        roadmap.title,
        **_frame(visit, roadmap, asked, "compare"),
        first=first.isoformat(),
        second=second.isoformat(),
        between=f"{laying.day(first)} and {laying.day(second)}",
        groups=[
            {"label": label, "moves": [_move(visit, m) for m in moves if m.what == what]}
            for what, label in (("dropped", "Dropped"), ("moved", "Moved"), ("added", "Added"))
        ],
        reasons="why" in audiences.FIELDS[asked.audience],
    )


def _move(visit: Visit, one: queries.Move) -> dict[str, Any]:
    return {
        "key": one.key, "title": one.title, "href": visit.record(one.key) if one.key else "",
        "was": _standing(one.was), "now": _standing(one.now),
        "reasons": [
            {**r, "who": wording.person(r["who"]), "on": wording.when(r["at"])} for r in one.reasons if r["why"]
        ],
        "silent": bool(one.reasons) and not any(r["why"] for r in one.reasons),
    }  # fmt: skip


def _standing(values: dict[str, Any]) -> str:
    """Where it stood, in words."""
    if not values:
        return ""
    said = [str(values.get("horizon", "")).capitalize(), audiences.stage_label(values.get("stage", "")).lower()]
    likely, sure = values.get("likely_on"), values.get("sure_on")
    if values.get("period"):
        said.append(values["period"])
    if likely:
        said.append(f"{laying.day(likely)} to {laying.day(sure)}" if sure and sure != likely else laying.day(likely))
    return ", ".join(s for s in said if s)


@record_screen("roadmap", "export")
def export(visit: Visit, card: Card) -> HttpResponse:
    """The roadmap as a file, with what its audience reads and its day."""
    roadmap = roadmap_of(visit, card.pk)
    asked = Asked(visit, roadmap, "export")
    formats = files.formats_of(asked.audience)
    name = visit.asked.get("file", "")
    if name in formats:
        return files.answer(queries.shown(visit.actor, roadmap, audience=asked.audience, on=asked.on), roadmap, name)
    here = {**asked.others}
    return visit.draw(
        "roadmap/export.html",
        roadmap.title,
        **_frame(visit, roadmap, asked, "export"),
        files=[{"label": f.label, "href": visit.at(roadmap.key, "export", **here, file=n)} for n, f in formats.items()],
        audience=Roadmap.Audience(asked.audience).label.lower(),
    )


@record_screen("roadmap", "links")
def links(visit: Visit, card: Card) -> HttpResponse:
    """Who can open it from outside: every link, until when, and in which sites."""
    roadmap = roadmap_of(visit, card.pk)
    asked = Asked(visit, roadmap, "links")
    found = reach(visit.actor, ShareLink).filter(roadmap_id=roadmap.pk, archived_at=None).order_by("-number")[:200]
    today = rows.now().date()
    may = visit.actor.may("decide", type_of(roadmap).group)
    frame = _frame(visit, roadmap, asked, "links")
    if may:
        new = visit.at("share-links", "new", roadmap=roadmap.key)
        frame["page_actions"] = [{"label": "New link", "href": new, "look": "go"}]
    shown = queries.shown(visit.actor, roadmap)
    return visit.draw(
        "roadmap/links.html",
        f"Links to {roadmap.title}",
        **frame,
        links=[_link(visit, one, today) for one in found],
        may=may,
        publish=visit.record(roadmap.key, "do", "publish_roadmap") if may and roadmap.state == "draft" else "",
        fields=[_SAID[n] for n in audiences.FIELDS[roadmap.audience] if n in _SAID],
        audience=Roadmap.Audience(roadmap.audience).label,
        count=len(shown.items),
        picked=roadmap.audience in audiences.PICKED,
        cite=visit.record(roadmap.key, "cite"),
    )


_SAID = {
    "title": "title", "stage_label": "where it stands", "horizon_label": "now, next or later", "product": "product",
    "key": "key", "release": "release", "period": "the quarter in which it is sure", "owner": "owner",
    "objective": "objective", "metric": "metric", "teams": "teams", "likely_on": "dates as a range", "slip": "slip",
    "why": "reasons of moves", "evidence": "evidence", "score": "score", "effort": "effort",
    "needs": "dependencies",
}  # fmt: skip


def _link(visit: Visit, one: ShareLink, today: date) -> dict[str, Any]:
    ended = one.expires_on is not None and one.expires_on < today
    look = (
        ("Ended", "")
        if ended and one.state == "open"
        else ("Open", "ok")
        if one.state == "open"
        else ("Revoked", "bad")
    )
    return {
        "key": one.key, "title": one.title, "href": visit.record(one.key), "state": {"label": look[0], "tone": look[1]},
        "until": wording.on_day(one.expires_on),
        "address": sharing.address_of(visit.actor, one) if look[0] == "Open" else "",
        "sites": _framed_by(one.sites), "revoke": visit.record(one.key, "do", "revoke_share_link"),
    }  # fmt: skip


def _framed_by(written: str) -> str:
    fit, unfit = origins(written)
    said = ", ".join(fit) or "no site"
    return f"{said}; left out, because it is no site: {', '.join(unfit)[:200]}" if unfit else said


@adds_to("roadmap", "detail")
def ways_to_look(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Lead from the settings of a roadmap to the roadmap."""
    context["stops"] = []
    fit = audiences.MODES[row["audience"]]
    modes = sorted(fit, key=lambda m: m != row["mode"])
    context["looks"] = [{"label": _MODES[m], "href": visit.record(row["key"], m)} for m in modes]
    context["looks"] += [
        {"label": "Compare two days", "href": visit.record(row["key"], "compare")},
        {"label": "Links", "href": visit.record(row["key"], "links")},
    ]


@adds_to("share_link", "detail")
def where_it_leads(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """The address, to be copied."""
    context["stops"] = []
    link = reach(visit.actor, ShareLink).filter(pk=row["id"]).first()
    context["leads"] = sharing.address_of(visit.actor, link) if link is not None else ""
    context["frame"] = f'<iframe src="{context["leads"]}" title="Roadmap" width="100%" height="600"></iframe>'


# ---- what was told --------------------------------------------------------------------------


@needs_me(40)
def commitments_that_do_not_hold(visit: Visit, scope: Scope) -> list[dict[str, Any]]:
    """What somebody was told of, and what nothing in the plan stands behind, or what will be late."""
    if not visit.actor.may("update", type_of("commitment").group):
        return []
    found = told.open_commitments(visit.actor, mine=scope.mine, product=scope.products)
    wrong = [t for t in found if t.alarm and not t.unsure]
    wrong.sort(key=lambda t: (not t.without_plan, -t.late))
    return [
        {
            "title": f"{t.who} was told: {t.title}", "href": visit.record(t.key), "hot": t.without_plan,
            "parts": [{"text": f"{wording.on_day(t.promised_on) or 'No day was named'}: {t.alarm}."}],
            "actions": [{"label": "Write to them", "href": visit.record(t.key)}],
        }
        for t in wrong[:SHOWN_TOLD]
    ]  # fmt: skip


def _shown_told(visit: Visit, one: Told) -> dict[str, Any]:
    return {
        "key": one.key, "title": one.title, "who": one.who, "words": one.words, "href": visit.record(one.key),
        "told_on": wording.on_day(one.told_on), "promised_on": laying.day(one.promised_on) if one.promised_on else "",
        "alarm": one.alarm, "tone": "bad" if one.without_plan or one.late else "warn" if one.unsure else "ok",
        "note": told.note(one),
        "again": visit.record(one.key, "do", "tell_commitment_anew")
        if visit.actor.may("update", type_of("commitment").group) else "",
        "about": {"key": one.about[0], "title": one.about[1], "href": visit.record(one.about[0])}
        if one.about else None,
    }  # fmt: skip


@adds_to("commitment", "detail")
def does_it_hold(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """The plan beside the words, and a note to write."""
    context["stops"] = []
    one = next((t for t in told.open_commitments(visit.actor) if t.id == UUID(row["id"])), None)
    context["told"] = _shown_told(visit, one) if one is not None else None


def _told_about(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    found = [t for t in told.open_commitments(visit.actor, about=UUID(row["id"])) if t.alarm and not t.unsure]
    if found:
        names = ", ".join(dict.fromkeys(t.who for t in found[:4]))
        context["next_steps"] = [
            *(context.get("next_steps") or ()),
            {
                "title": f"{wording.plural(len(found), 'person was', 'people were')} told otherwise",
                "parts": [{"text": f"{names}. A note to each is drafted."}],
                "actions": [{"label": "See the notes", "href": visit.record(row["key"], "told")}],
            },
        ]


@adds_to("feature", "detail")
def told_of_feature(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Say on a feature's page that somebody was told something else."""
    _told_about(visit, row, context)


@adds_to("release", "detail")
def told_of_release(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Say on a release's page that somebody was told something else."""
    _told_about(visit, row, context)


@record_screen("feature", "told")
def told_feature(visit: Visit, card: Card) -> HttpResponse:
    """Everybody who was told of a feature, with a note to each."""
    return _told_page(visit, card)


@record_screen("release", "told")
def told_release(visit: Visit, card: Card) -> HttpResponse:
    """Everybody who was told of a release or of what is in it, with a note to each."""
    return _told_page(visit, card)


def _told_page(visit: Visit, card: Card) -> HttpResponse:
    found = told.open_commitments(visit.actor, about=card.pk)
    found.sort(key=lambda t: (not t.without_plan, -t.late, not t.unsure))
    new = visit.at("commitments", "new", **{card.kind: card.key})
    may = visit.actor.may("create", type_of(Commitment).group)
    return visit.draw(
        "commitment/told.html",
        f"Told of {card.key} {card.title}",
        told=[_shown_told(visit, t) for t in found],
        crumbs=[{"label": card.key, "href": visit.record(card.key)}],
        page_actions=[{"label": "Write down a commitment", "href": new}] if may else [],
    )
