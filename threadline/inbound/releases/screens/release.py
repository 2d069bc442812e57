"""A release's page: what is in it and how ready it is, who said go, what dropping an item touches, its notes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from threadline.faces.web import wording
from threadline.faces.web.screens import adds_to, record_screen
from threadline.faces.web.visit import Visit
from threadline.inbound.releases import notes, queries
from threadline.inbound.releases.models import Release
from threadline.kernel import thread, verbs
from threadline.kernel.access import reach
from threadline.kernel.cards import Card
from threadline.kernel.errors import NotFound
from threadline.kernel.registry import type_of


def _release(visit: Visit, ident: Any) -> Release:
    found = reach(visit.actor, Release).filter(pk=ident).first()
    if found is None:
        raise NotFound
    return found


@adds_to("release", "list")
def beside_releases(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Let the list lead to the planner."""
    if visit.actor.may("create", type_of("release_plan").group):
        planner = {"label": "Plan releases", "href": visit.at("plans", "planner"), "icon": "sort"}
        context["page_actions"] = [planner, *context.get("page_actions", ())]


@adds_to("release", "detail")
def readiness(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """The scope with what each item lacks, the voices, and where the notes are."""
    release = _release(visit, UUID(row["id"]))
    scope = queries.scope(visit.actor, release.pk)
    states = type_of("feature").state_by_name
    may = release.archived_at is None and visit.actor.may("update", type_of(release).group)
    context["scope"] = [
        {
            "key": one.key, "title": one.title, "href": visit.record(one.key), "state": states[one.state],
            "missing": ", ".join(one.missing),
            "drop": visit.at(release.key, "drop") + f"?feature={one.key}" if may else "",
        }
        for one in scope
    ]  # fmt: skip
    context["gates"] = _gates(release, scope)
    ready = sum(g["met"] for g in context["gates"])
    context["ready"] = {
        "label": f"{ready} of {len(context['gates'])} in place",
        "tone": "ok" if ready == len(context["gates"]) else "warn" if ready >= 3 else "",
    }
    context["voices"] = [
        {"who": wording.person(v.who), "go": v.view == "go", "reason": v.reason, "at": wording.when(v.at)}
        for v in queries.voices(visit.actor, release)
    ]
    context["notes_href"] = visit.record(release.key, "notes")
    context["cite_href"] = visit.record(release.key, "cite") if may else ""


def _gates(release: Release, scope: list[queries.InScope]) -> list[dict[str, Any]]:
    """What must be in place before it goes out, each with how many of the scope have it."""
    asked = (
        ("Every item rests on evidence", "evidence"),
        ("Nothing it rests on has changed unread", "review of what changed"),
        ("Every item is estimated", "an estimate"),
        ("Every item has an owner", "an owner"),
        ("Every item has somebody who takes it to market", "an outbound owner"),
    )
    gates = []
    for label, lack in asked:
        lacking = [one.key for one in scope if lack in one.missing]
        gates.append({"label": label, "met": bool(scope) and not lacking, "lacking": ", ".join(lacking[:6])})
    plan = bool(release.rollback_plan.strip())
    gates.append({"label": "How it is taken back is written down", "met": plan, "lacking": "" if plan else "not yet"})
    return gates


@record_screen("release", "drop", posts=True)
def drop(visit: Visit, card: Card) -> HttpResponseBase:
    """Before an item leaves the scope: everything that rests on it or mentions it; then, on a yes, it leaves."""
    release = _release(visit, card.pk)
    visit.back = visit.record(release.key)
    visit.actor.need("update", type_of(release).group)
    asked = (visit.sent if visit.posting else visit.asked).get("feature", "")
    one = next((s for s in queries.scope(visit.actor, release.pk) if s.key == asked), None)
    if one is None:
        raise NotFound
    if visit.posting:
        batch = visit.new_batch()
        verbs.unlink(visit.actor, one.link_id, why=visit.sent.get("why", "").strip(), batch=batch)
        return visit.done(f"{one.key} is out of {release.key}.", visit.back, batch=batch)
    feature = verbs.card(visit.actor, one.key)
    ripple = [n for n in thread.flat(thread.what_came_of_it(visit.actor, feature)) if n.key != release.key]
    return visit.draw(
        "release/drop.html",
        f"Drop {one.key} from {release.title}",
        item={"key": one.key, "title": one.title, "href": visit.record(one.key)},
        address=visit.record(release.key, "drop"),
        release={"key": release.key, "title": release.title, "href": visit.back},
        ripple=[
            {"key": n.key, "title": n.title, "href": visit.record(n.key), "kind": type_of(n.kind).label,
             "how": "mentions it" if n.link_kind == "mention" else "rests on it" if n.depth == 1 else "further along"}
            for n in ripple[:100]
        ],
        crumbs=[{"label": release.title, "href": visit.back}],
    )  # fmt: skip


@record_screen("release", "notes")
def release_notes(visit: Visit, card: Card) -> HttpResponse:
    """The notes as a draft in Markdown, to be copied or taken as a file."""
    release = _release(visit, card.pk)
    text = notes.draft(release, queries.noted(visit.actor, release.pk))
    if visit.asked.get("as") == "file":
        answer = HttpResponse(text, content_type="text/markdown; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="release-notes-{release.key}.md"'
        return answer
    return visit.draw(
        "release/notes.html",
        f"Release notes of {release.title}",
        text=text,
        file=visit.record(release.key, "notes") + "?as=file",
        crumbs=[{"label": release.title, "href": visit.record(release.key)}],
    )
