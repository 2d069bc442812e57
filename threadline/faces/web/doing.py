"""The verbs of one record as pages: what needs an answer asks for it, the rest is one press."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from threadline.exchange.carrying import undo_batch
from threadline.faces.web import controls, screens, wording
from threadline.faces.web.entrance import deed, form
from threadline.faces.web.visit import Visit
from threadline.kernel import verbs
from threadline.kernel.actions import Action, actions_on
from threadline.kernel.cards import Card
from threadline.kernel.comments import Comment, Watch
from threadline.kernel.errors import Forbidden, Invalid, NotFound
from threadline.kernel.records import Record
from threadline.kernel.registry import RecordType, type_of


def _open(visit: Visit, key: str, *, archived: bool = False) -> tuple[Card, RecordType]:
    card = verbs.card(visit.actor, key, archived=archived)
    visit.back = visit.record(card.key)
    return card, type_of(card.kind)


def _version(visit: Visit) -> int | None:
    sent = visit.sent.get("version", "")
    return int(sent) if sent.isdecimal() and len(sent) < 10 else None


@form
def act(visit: Visit, key: str, name: str) -> HttpResponse:
    """One declared verb: its arguments are asked for when it has any."""
    card, declared = _open(visit, key)
    found = next((a for a in actions_on(declared.kind) if a.name == name), None)
    if found is None:
        raise NotFound
    visit.actor.need(found.verb, declared.group)
    raw = (
        controls.posted(visit, found.params)
        if visit.posting
        else {p.name: visit.asked.get(p.name, "") for p in found.params}
    )
    if not visit.posting:
        return _ask(visit, card, declared, found, raw)
    batch = visit.new_batch()
    given: dict[str, Any] = {n: v for n, v in raw.items() if v.strip()} | {found.subject: card.pk}
    try:
        made = found(visit.actor, expect=_version(visit), batch=batch, **given)
    except Invalid as refused:
        wanted = {p.instead for p in refused.problems if p.instead}
        other = next((a for a in actions_on(declared.kind) if a.name in wanted), None)
        if other is not None and not visit.scripted and visit.actor.may(other.verb, declared.group):
            return _ask(visit, card, declared, other, {}, refused)  # the form that asks for what is missing
        if not found.params or visit.scripted:
            raise
        return _ask(visit, card, declared, found, raw, refused)
    said = f"{found.label}: done."
    if isinstance(made, Record) and made.pk != card.pk:
        return visit.done(f"{made.key} is here.", visit.record(made.key), batch=batch, link=(card.key, visit.back))
    return visit.done(said, visit.back, batch=batch)


def _ask(
    visit: Visit,
    card: Card,
    declared: RecordType,
    found: Action[Any],
    raw: dict[str, str],
    refused: Invalid | None = None,
) -> HttpResponse:
    labels = {p.name: p.label for p in found.params}
    by_name, summary = controls.problems_of(refused, labels) if refused else ({}, [])
    choices = controls.Choices(visit.actor)
    asked = [
        controls.param_control(visit, choices, p, raw.get(p.name, ""), by_name.get(p.name, [])) for p in found.params
    ]
    context = {
        "form": {
            "action": visit.record(card.key, "do", found.name),
            "parts": [{"title": f"{card.key} {card.title}", "help": found.help, "fields": asked}],
            "problems": summary,
            "submit": found.label,
            "cancel_href": visit.back,
        },
        "crumbs": [
            {"label": declared.plural, "href": visit.listing(declared)},
            {"label": card.key, "href": visit.back},
        ],
    }
    screens.complete(visit, declared.kind, "form", {"key": card.key, "id": str(card.pk), "action": found.name}, context)
    return visit.draw(
        [f"{declared.kind}/{found.name}.html", "pages/form.html"], found.label, 422 if refused else 200, **context
    )


@deed
def archive(visit: Visit, key: str) -> HttpResponse:
    """To the trash."""
    card, declared = _open(visit, key)
    batch = visit.new_batch()
    verbs.archive(visit.actor, declared.kind, card.pk, expect=_version(visit), batch=batch)
    return visit.done(f"{card.key} is in the trash.", visit.listing(declared), batch=batch)


@deed
def restore(visit: Visit, key: str) -> HttpResponse:
    """Back from the trash."""
    card, declared = _open(visit, key, archived=True)
    batch = visit.new_batch()
    verbs.restore(visit.actor, declared.kind, card.pk, batch=batch)
    return visit.done(f"{card.key} is back.", visit.back, batch=batch)


@deed
def watch(visit: Visit, key: str) -> HttpResponse:
    """Hear of changes, or no longer."""
    card, _ = _open(visit, key)
    mine = Watch.objects.filter(workspace_id=card.workspace_id, card_id=card.pk, member_id=visit.actor.member_id)
    on = not mine.exists()
    verbs.watch(visit.actor, card.pk, on)
    return visit.done("You will hear of changes." if on else "You no longer hear of changes.", visit.back)


# ---- discussion -------------------------------------------------------------------------


@deed
def comment(visit: Visit, key: str) -> HttpResponse:
    """Say something; an empty remark is simply not made."""
    card, _ = _open(visit, key)
    body = visit.sent.get("body", "")
    if not body.strip():
        return visit.go(f"{visit.back}#talk")
    made = verbs.comment(visit.actor, card.pk, body)
    if visit.scripted or visit.then:
        return visit.done(f"Said on {card.key}.", visit.back)
    return visit.go(f"{visit.back}#comment-{made.pk}")


def _mine(visit: Visit, ident: str) -> tuple[Comment, Card]:
    found = Comment.objects.filter(workspace_id=visit.actor.workspace_id, pk=ident, removed_at=None).first()
    if found is None:
        raise NotFound
    card, _ = _open(visit, str(found.card_id))
    return found, card


@form
def edit_comment(visit: Visit, ident: str) -> HttpResponse:
    """Change one's own remark."""
    found, card = _mine(visit, ident)
    if found.author_id != visit.actor.member_id:
        raise Forbidden("Only its author can change a comment.")
    problems: list[str] = []
    if visit.posting:
        try:
            verbs.edit_comment(visit.actor, found.pk, visit.sent.get("body", ""))
            return visit.go(f"{visit.back}#comment-{found.pk}")
        except Invalid as refused:
            problems = [p.message for p in refused.problems]
    value = visit.sent.get("body", "") if visit.posting else found.body
    field = {
        "name": "body",
        "label": "Your comment",
        "kind": "long",
        "value": value,
        "errors": problems,
        "required": True,
    }
    context = {
        "form": {
            "action": visit.at("comments", str(found.pk)),
            "parts": [{"fields": [field]}],
            "submit": "Save",
            "cancel_href": visit.back,
        },
        "crumbs": [{"label": card.key, "href": visit.back}],
    }
    return visit.draw("pages/form.html", "Change a comment", 422 if problems else 200, **context)


@deed
def remove_comment(visit: Visit, ident: str) -> HttpResponse:
    """Take a remark back; its words leave every page."""
    found, _ = _mine(visit, ident)
    verbs.remove_comment(visit.actor, found.pk)
    return visit.done("The comment is taken back.", f"{visit.back}#talk")


# ---- undo -------------------------------------------------------------------------------


@deed
def undo(visit: Visit, batch: str) -> HttpResponse:
    """Take a deed back, whatever it was; what somebody changed since is left and named."""
    done = undo_batch(visit.actor, batch)
    said = "Undone."
    if done.kept:
        said = f"Undone, except what changed since: {', '.join(done.kept[:6])}."
    return visit.done(said, visit.came_from, batch=done.batch, tone="warn" if done.kept else "ok")


def said_of(count: int, declared: RecordType) -> str:
    """3 features, or 1 feature."""
    return wording.plural(count, wording.lower_first(declared.label), wording.lower_first(declared.plural))
