"""Mails from files, and the whole of what a note came of."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from threadline.faces.web import wording
from threadline.faces.web.screens import adds_to, record_screen, screen
from threadline.faces.web.visit import Visit
from threadline.formats.mail import LARGEST
from threadline.formats.refusal import Unreadable
from threadline.inbound.intake import letters, queries
from threadline.inbound.intake.models import Delivery
from threadline.kernel.access import reach
from threadline.kernel.cards import Card
from threadline.kernel.errors import KernelError
from threadline.kernel.registry import type_of

MOST = 50  # files at once
Source = queries.FeedbackSource


@screen("feedback", "mail", posts=True)
def bring_in(visit: Visit) -> HttpResponse:
    """A form for mails saved as files; each becomes a note or a follow-up, once."""
    visit.actor.need("create", type_of("feedback").group)
    open_ones = list(reach(visit.actor, Source).filter(state="open", archived_at=None).order_by("title")[:200])
    problems: list[str] = []
    if visit.posting:
        chosen = next((s for s in open_ones if s.key == visit.sent.get("source")), None)
        sent = visit.request.FILES.getlist("mails")
        if chosen is None:
            problems.append("Choose the source that these mails belong to.")
        elif not sent:
            problems.append("Choose one or several files that end in .eml.")
        elif len(sent) > MOST:
            problems.append(f"At most {MOST} files at once; these are {len(sent)}.")
        else:
            return _brought(visit, chosen, sent)
    return _form(visit, open_ones, problems)


def _brought(visit: Visit, source: Any, sent: list[Any]) -> HttpResponse:
    intake, counts, problems = queries.intake_of(source), dict.fromkeys(("taken", "held"), 0), []
    for one in sent:
        try:
            if (one.size or 0) > LARGEST:
                raise Unreadable(f"too large: {LARGEST // 1024 // 1024} MB at most.")
            made = letters.take_letter(intake, letters.read(intake, one.read()), actor=visit.actor)
            counts["held" if made.outcome == Delivery.Outcome.HELD else "taken"] += 1
        except (Unreadable, KernelError) as error:
            problems.append(f"{str(one.name)[:60]}: {error}")
    said = f"{wording.plural(counts['taken'], 'mail')} taken in."
    if counts["held"]:
        said += f" {wording.plural(counts['held'], 'looks', 'look')} like spam or a machine's and waits apart."
    if problems:
        said += f" Not read: {'; '.join(problems)[:600]}"
    return visit.done(said, visit.at("feedback", "inbox"), tone="warn" if problems else "ok")


def _form(visit: Visit, sources: list[Any], problems: list[str]) -> HttpResponse:
    options = [{"value": s.key, "label": s.title} for s in sources]
    chosen = visit.sent.get("source") or (options[0]["value"] if len(options) == 1 else "")
    fields = [
        {"name": "source", "label": "Source", "kind": "choice", "options": options, "value": chosen,
         "help": "A mail that answers another of the same source becomes a follow-up of its note."},
        {"name": "mails", "label": "Mails", "kind": "file", "multiple": True, "accept": ".eml,message/rfc822",
         "errors": problems, "help": "Files that end in .eml, as mail programs save them; each is taken once."},
    ]  # fmt: skip
    note = None if sources else "There is no open source yet. Make one first: mails always belong to a source."
    form = {"action": visit.at("feedback", "mail"), "parts": [{"fields": fields, "help": note}], "multipart": True,
            "submit": "Bring them in", "cancel_href": visit.at("feedback", "sources")}  # fmt: skip
    crumbs = [{"label": "Sources", "href": visit.at("feedback", "sources")}]
    return visit.draw("pages/form.html", "Bring in mails", 422 if problems else 200, form=form, crumbs=crumbs)


@adds_to("feedback", "detail")
def whole_mail(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Lead from a note to the mails it came of."""
    if visit.actor.may("read_private", type_of("feedback").group) and queries.has_mail(row["id"]):
        context["tools"] = [{"label": "The whole mail", "href": visit.record(row["key"], "mail")}, *context["tools"]]


@record_screen("feedback", "mail")
def mails(visit: Visit, card: Card) -> HttpResponse:
    """Every mail of a note as it came: quoted mail, signature, sender and all."""
    found = queries.mails_of(visit.actor, card.pk)
    return visit.draw(
        "intake/mails.html",
        f"Mails of {card.key}",
        mails=[{"at": one.at, "said": one.said, "because": one.delivery.because} for one in found],
        crumbs=[{"label": card.title, "href": visit.record(card.key)}],
    )
