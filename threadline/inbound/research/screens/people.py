"""The pages of a participant and of a consent: what was agreed to, when we last asked, what withdrawal would do."""

from __future__ import annotations

from typing import Any

from threadline.faces.web import wording
from threadline.faces.web.screens import adds_to
from threadline.faces.web.visit import Visit
from threadline.inbound.research import evidence, queries
from threadline.inbound.research.models import Approach, Consent, Interview, Participant
from threadline.kernel import rows
from threadline.kernel.access import reach
from threadline.kernel.registry import type_of

OFTEN = 3  # more contacts than this in ninety days are too many


@adds_to("participant", "detail")
def whole_participant(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Consent by scope, interviews, and every time we got in touch."""
    person = reach(visit.actor, Participant).filter(pk=row["id"]).first()
    if person is None:
        return
    standing = queries.standing(person.workspace_id, person.pk)
    consents = list(reach(visit.actor, Consent).filter(participant_id=person.pk, archived_at=None).order_by("number"))
    days = [(c, d) for c in consents for d in queries.scope_days(visit.actor, c)]
    context["stops"] = context["came"] = None
    context["standing"] = {"label": standing.says, "tone": standing.tone}
    context["scopes"] = [
        {
            "label": label,
            "agreed": name in standing.scopes,
            "days": [
                {
                    "text": f"{'given' if d.given else 'withdrawn'} {wording.on_day(d.on)}",
                    "who": d.who,
                    "key": c.key,
                    "href": visit.record(c.key),
                }
                for c, d in days
                if d.scope == name
            ],
        }
        for name, label in queries.SCOPES
    ]
    interviews = reach(visit.actor, Interview).filter(participant_id=person.pk, archived_at=None).order_by("at")
    context["interviews"] = [
        {"key": i.key, "title": i.title, "href": visit.record(i.key), "at": wording.when(i.at) if i.at else None}
        for i in interviews
    ]
    approaches = list(
        Approach.objects.filter(workspace_id=person.workspace_id, participant_id=person.pk).order_by("-on")
    )
    context["approaches"] = [
        {"on": wording.on_day(a.on), "how": a.how.capitalize(), "about": a.about} for a in approaches[:30]
    ]
    today = rows.now().date()
    recent = sum((today - a.on).days <= 90 for a in approaches)
    context["asked_often"] = f"{recent} times in the last 90 days: let them rest." if recent > OFTEN else ""
    may = visit.actor.may("create", type_of(person).group) and person.archived_at is None
    context["record_consent"] = visit.at("consents", f"new?participant={person.key}") if may else ""
    context["note_contact"] = visit.record(person.key, "do", "note_contact") if may else ""
    own = {"Note a contact"}
    for place in ("page_actions", "tools"):
        context[place] = [a for a in context[place] if a["label"] not in own]
    erase = [a for a in context["page_actions"] if a["label"] == "Erase"]  # not beside what is pressed every day
    context["page_actions"] = [a for a in context["page_actions"] if a not in erase]
    theirs = [{"label": "Their data", "href": visit.record(person.key, "data")}]
    context["tools"] = [*context["tools"], *(theirs if visit.actor.may("read_private", "research") else []), *erase]


@adds_to("participant", "form")
def before_withdrawal(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Say what will leave the pages before it does."""
    if row.get("action") != "withdraw_participant":
        return
    what = evidence.at_stake(visit.actor, row["id"])
    said = (
        f"{wording.plural(what.highlights, 'highlight')} in {wording.plural(what.interviews, 'interview')} leave every "
        f"page, export, feed and search at once. The transcripts go with them."
    )
    if what.insights:
        said += f" {wording.plural(len(what.insights), 'insight')} lose support: {', '.join(what.insights[:8])}."
    said += " Who did it and when stays in the history; the words do not."
    context["form"]["parts"][0]["help"] = said


@adds_to("highlight", "detail")
def to_the_place(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """From the words to where they were said."""
    interview = row.get("interview")
    if isinstance(interview, dict) and interview.get("key"):
        where = visit.record(interview["key"], "read") + (
            f"#t-{row['turn'] + 1}" if row.get("turn") is not None else ""
        )
        context["page_actions"] = [{"label": "See it in the talk", "href": where}, *context["page_actions"]]
    inner = {"Turn", "Start", "At", "Before", "After"}
    context["rail"] = [p for p in context["rail"] if p["label"] not in inner]
