"""The sources' page, what a source's own page adds, and the pages without an account."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse

from threadline.faces.web import wording
from threadline.faces.web.screens import adds_to, screen
from threadline.faces.web.visit import Visit
from threadline.inbound.feedback import places
from threadline.inbound.intake import (
    form,  # noqa: F401 - opens the form
    granting,
    mailpages,  # noqa: F401 - pages of mails
    queries,
    rules,
    webhook,  # noqa: F401 - opens the webhook
)
from threadline.inbound.intake.models import Delivery, FeedbackSource, Intake
from threadline.kernel import listing
from threadline.kernel.cards import Card
from threadline.kernel.registry import type_of

Way = FeedbackSource.Way
STATES = {"open": ("Open", "ok"), "paused": ("Paused", "")}


@screen("feedback", "sources", posts=True)
def sources(visit: Visit) -> HttpResponse:
    """Every source with how it fares; a new secret is shown once, on the answer to the press that made it."""
    may = visit.actor.may("update", "inbound")
    made = None
    if visit.posting and ("password" in visit.sent or "refresh" in visit.sent):
        return _kept_password(visit)
    if visit.posting:
        made = rules.rotate(visit.actor, visit.sent.get("source", ""))
    found = queries.sources(visit.actor)
    panels: list[dict[str, Any] | None] = [_shown_once(visit, *made)] if made else []
    panels.append(_held(visit))
    panels += [_panel(visit, intake, may) for intake in found]
    if not found:
        panels.append({"title": "No source yet", "help": type_of("feedback_source").about})
    context: dict[str, Any] = {
        "places": places.places(visit, places.SOURCES),
        "panels": [p for p in panels if p],
        "page_actions": _page_actions(visit, may),
    }
    return visit.draw("pages/settings.html", "Sources of feedback", **context)


_MAILBOX = ("host", "port", "encryption", "user_name", "sign_in", "client_id", "token_url", "folder", "vouching")
PARTS = (
    ("", "", ("title", "way")),
    ("A form on a site", "Of a source that arrives by a form.", ("intro", "thanks", "sites")),
    ("A mailbox", "Of a source that arrives by mail. What opens it is given on the sources' page.", _MAILBOX),
)


@adds_to("feedback_source", "form")
def by_way(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Ask first how it arrives, then keep together what belongs to one way."""
    if row["action"]:
        return
    asked = {field["name"]: field for part in context["form"]["parts"] for field in part["fields"]}
    ours = {name for _, _, names in PARTS for name in names}
    parts = []
    for title, text, names in PARTS:
        fields = [asked[name] for name in names if name in asked]
        for field in fields:
            said = field["label"].partition(": ")[2] or field["label"]
            field["label"] = said[:1].upper() + said[1:]
        parts.append({"title": title, "help": text, "fields": fields, "columns": title == PARTS[2][0]})
    for part in context["form"]["parts"]:
        left = [field for field in part["fields"] if field["name"] not in ours]
        if left:
            parts.append({**part, "fields": left})
    context["form"]["parts"] = [part for part in parts if part["fields"]]


def _shown_once(visit: Visit, source: FeedbackSource, secret: str) -> dict[str, Any]:
    note = "Copy it now: it is not kept and cannot be shown again. Whatever signed with an earlier one is turned away."
    return {"title": f"The secret of {source.title}", "secret": {"text": secret, "note": note}}


def _kept_password(visit: Visit) -> HttpResponse:
    visit.back = visit.at("feedback", "sources")
    named = visit.sent.get("source", "")
    if "refresh" in visit.sent:
        given = visit.sent["refresh"].strip(), visit.sent.get("secret", "").strip()
        source = rules.keep_access(visit.actor, named, *given)
        return visit.done(f"The access to {source.title} is sealed and kept.", visit.back)
    source = rules.keep_password(visit.actor, named, visit.sent["password"])
    return visit.done(f"The password of {source.title} is sealed and kept.", visit.back)


def _page_actions(visit: Visit, may: bool) -> list[dict[str, Any]]:
    mails = {"label": "Bring in mails", "href": visit.at("feedback", "mail"), "look": ""}
    new = {"label": "New source", "href": visit.at("feedback-sources", "new"), "look": "go"}
    return [*([mails] if visit.actor.may("create", type_of("feedback").group) else []), *([new] if may else [])]


def _held(visit: Visit) -> dict[str, Any] | None:
    """What waits apart because it looks like spam."""
    declared = type_of("feedback")
    count, exact = listing.count_of(visit.actor, declared, "state:held")
    if not count:
        return None
    look = {"label": "Look at them", "href": visit.listing(declared, q="state:held"), "look": "go"}
    said = (
        f"{wording.plural(count, 'note looks', 'notes look')} like spam"
        if exact
        else f"More than {count} notes look like spam"
    )
    return {"title": "Held back", "help": f"{said} and count nowhere until somebody lets them in.", "ways": [look]}


def _panel(visit: Visit, intake: Intake, may: bool) -> dict[str, Any]:
    source = intake.source
    label, _ = STATES[source.state]
    panel: dict[str, Any] = {
        "title": source.title,
        "help": f"{Way(source.way).label}, {source.key}, {label.lower()}",
        "props": [*_address(intake), *_fares(intake)],
        "ways": _ways(visit, source) if may else [],
        "form": _password(visit, intake) if may and source.way == Way.MAILBOX else None,
    }
    return panel


def _password(visit: Visit, intake: Intake) -> dict[str, Any] | None:
    """Where the password of a mailbox is given; what was given before is never shown."""
    source, given = intake.source, queries.opens(intake.source)
    here = visit.at("feedback", "sources")
    hidden = {"source": source.key}
    if granting.by_token(source):
        return {"action": here, "parts": [{"fields": _access(source, given)}], "submit": "Keep the access",
                "hidden": hidden}  # fmt: skip
    field = {
        "name": "password",
        "id": f"password-{source.key}",
        "label": "Another password" if given else "Password",
        "kind": "password",
        "autocomplete": "off",
        "help": "Sealed under this server's key, for this server and name alone. It is never shown.",
    }
    return {"action": here, "parts": [{"fields": [field]}], "submit": "Keep the password", "hidden": hidden}


def _access(source: FeedbackSource, given: bool) -> list[dict[str, Any]]:
    plain = {"kind": "password", "autocomplete": "off"}
    return [
        {
            **plain,
            "name": "refresh",
            "id": f"refresh-{source.key}",
            "label": "Another refresh token" if given else "Refresh token",
            "help": "Sealed under this server's key, for this server, name and client alone. It is never shown.",
        },
        {
            **plain,
            "name": "secret",
            "id": f"client-secret-{source.key}",
            "label": "Secret of the client",
            "help": "Blank, if the client has none.",
        },
    ]


def _address(intake: Intake) -> list[dict[str, Any]]:
    source = intake.source
    if source.way in FeedbackSource.SIGNED:
        made = (
            wording.on_day(source.secret_made_at) if source.secret_made_at else "not yet: nothing is taken without it"
        )
        return [
            {"label": "Send to", "value": f"{settings.BASE_URL}/in/{intake.key}"},
            {"label": "Secret made", "value": made},
        ]
    if source.way == Way.MAILBOX:
        return _mailbox(source)
    where = f"{settings.BASE_URL}/form/{intake.key}"
    return [
        {"label": "Page", "kind": "link", "value": {"text": where, "href": where}},
        {"label": "Shown in", "value": _sites(source)},
    ]


def _mailbox(source: FeedbackSource) -> list[dict[str, Any]]:
    box = queries.mailbox_of(source)
    way = source.get_encryption_display() if source.encryption else "TLS from the first byte"
    looked = wording.on_day(box.looked_at) if box.looked_at else "not yet"
    opens = "kept" if queries.opens(source) else "not given yet, or given for another server or name"
    return [
        {"label": "Server", "value": f"{source.host}, port {queries.port_of(source)}, {way}"},
        {"label": "Folder", "value": source.folder or "INBOX"},
        {"label": "Access" if granting.by_token(source) else "Password", "value": opens},
        {"label": "Looked into", "value": looked},
    ]


def _sites(source: FeedbackSource) -> str:
    fit, unfit = rules.framing(source)
    said = ", ".join(fit) or "no site yet: it opens by its own address alone"
    return f"{said}; left out, because it is no site: {', '.join(unfit)[:200]}" if unfit else said


def _fares(intake: Intake) -> list[dict[str, Any]]:
    words = ("note or follow-up", "notes and follow-ups")
    if intake.source.way == Way.DEPLOYMENTS:
        words = ("report of a deployment", "reports of deployments")
    brought = wording.plural(intake.taken, *words) if intake.taken else "nothing yet"
    last = f", last on {wording.on_day(intake.last_at)}" if intake.last_at else ""
    found = [{"label": "Brought", "value": f"{brought}{last}"}]
    if intake.problem:
        on = f" ({wording.on_day(intake.problem_at)})" if intake.problem_at else ""
        found.append({"label": "Trouble", "value": f"{intake.problem}{on}"})
    return found


def _ways(visit: Visit, source: FeedbackSource) -> list[dict[str, Any]]:
    here = visit.at("feedback", "sources")
    pausing = ("Pause", "pause_feedback_source") if source.state == "open" else ("Resume", "resume_feedback_source")
    ways: list[dict[str, Any]] = [
        {"label": "Settings", "href": visit.record(source.key, "edit"), "look": ""},
        {"label": "Deliveries", "href": visit.record(source.key), "look": ""},
        {
            "label": pausing[0],
            "action": visit.record(source.key, "do", pausing[1]),
            "look": "",
            "hidden": {"then": here},
        },
    ]
    if source.way == Way.MAILBOX and source.state == "open":
        look = visit.record(source.key, "do", rules.look_into_mailbox.name)
        ways.insert(0, {"label": "Look now", "action": look, "look": "", "hidden": {"then": here}})
    if source.way in FeedbackSource.SIGNED:
        label = "New secret" if source.secret_made_at else "Make the secret"
        look = "" if source.secret_made_at else "go"
        ways.insert(0, {"label": label, "action": here, "look": look, "hidden": {"source": source.key}})
    return ways


@adds_to("feedback_source", "detail")
def what_it_brought(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """The last deliveries, and how to send or show it."""
    source = queries.one(visit.actor, row["id"])
    intake = queries.intake_of(source)
    context["address"] = _address(intake)
    context["fares"] = _fares(intake)
    context["sources_href"] = visit.at("feedback", "sources")
    context["example"] = _example(intake)
    context["deliveries"] = [_delivery(visit, *one) for one in queries.shown(visit.actor, queries.latest(source))]


def _delivery(visit: Visit, one: Delivery, note: Card | None) -> dict[str, Any]:
    return {
        "at": one.at,
        "outcome": one.get_outcome_display(),
        "tone": "warn" if one.outcome == Delivery.Outcome.HELD else "",
        "because": one.because,
        "key": note.key if note else "",
        "href": visit.record(note.key) if note else "",
        "title": note.title if note else "",
    }


def _example(intake: Intake) -> str:
    """What a sender types to try a webhook, or puts into a page to show a form."""
    if intake.source.way == Way.MAILBOX:
        return ""
    if intake.source.way == Way.FORM:
        where = f"{settings.BASE_URL}/form/{intake.key}"
        named = intake.source.title.replace('"', "")
        return f'<iframe src="{where}" title="{named}" width="100%" height="420"></iframe>'
    said = '{"text": "The export stops at 1,000 rows.", "email": "ana@customer.example"}'
    if intake.source.way == Way.DEPLOYMENTS:
        said = '{"title": "API 4.7.0", "service": "API", "written_at": "2026-11-22T09:30:00Z"}'
    return (
        f"body='{said}'\n"
        'id="try-$(date +%s)"; at="$(date +%s)"\n'
        'key="$(printf %s "${SECRET#whsec_}" | base64 -d | od -An -tx1 | tr -d " \\n")"\n'
        'sig="$(printf %s "$id.$at.$body" | openssl dgst -sha256 -mac HMAC -macopt hexkey:$key -binary | base64)"\n'
        f'curl {settings.BASE_URL}/in/{intake.key} -H "webhook-id: $id" -H "webhook-timestamp: $at" \\\n'
        '  -H "webhook-signature: v1,$sig" -H "content-type: application/json" -d "$body"'
    )
