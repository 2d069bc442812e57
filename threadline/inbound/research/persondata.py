"""All that is kept of one person, for that person to have: what is theirs, and nothing of anybody else's.

What others said in a talk, what colleagues noted of it in their own words, and who they are stay out. What consent no
longer covers is in nobody's reach, and so not in the file either.
"""

from __future__ import annotations

from typing import Any

from threadline.inbound.research import queries
from threadline.inbound.research.models import Approach, Consent, Interview, Participant
from threadline.kernel.access import Actor, reach
from threadline.kernel.actions import through_door
from threadline.kernel.door import Door

_PERSON = ("title", "segment", "full_name", "email", "phone", "notes")
_CONSENT = ("state", "text_version", "text", "proof", "given_on", "expires_on", "withdrawn_on")


def take_along(actor: Actor, person: Participant) -> dict[str, Any]:
    """The file's content, with a line in the log that it was taken; Forbidden for whoever may not see who it is."""
    actor.need("read_private", "research")
    found = _all_of(actor, person)

    def noted(door: Door) -> None:
        told = {"interviews": len(found["interviews"]), "consents": len(found["consents"])}
        door.log(person, {"+taken": [None, told]})

    through_door(actor, "take_person_along", noted)
    return found


def _all_of(actor: Actor, person: Participant) -> dict[str, Any]:
    consents = reach(actor, Consent).filter(participant_id=person.pk, archived_at=None).order_by("number")
    talks = list(reach(actor, Interview).filter(participant_id=person.pk, archived_at=None).order_by("at", "number"))
    marked = queries.highlights_in(actor, [talk.pk for talk in talks])
    names = {n.strip().casefold() for n in (person.title, person.full_name) if n.strip()}
    approaches = Approach.objects.filter(workspace_id=person.workspace_id, participant_id=person.pk).order_by("on")
    return {
        "participant": {"key": person.key, **{name: getattr(person, name) for name in _PERSON}},
        "consents": [_consent(one) for one in consents],
        "contacts": [{"on": a.on.isoformat(), "how": a.how, "about": a.about} for a in approaches],
        "interviews": [_talk(talk, marked.get(talk.pk, []), names) for talk in talks],
    }


def _consent(one: Consent) -> dict[str, Any]:
    said = {name: getattr(one, name) for name in _CONSENT}
    days = {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in said.items()}
    return {"key": one.key, **days, "agreed": [label for name, label in queries.SCOPES if getattr(one, name)]}


def _talk(talk: Interview, marked: list[Any], names: set[str]) -> dict[str, Any]:
    turns = queries.turns_of(talk)
    own = [t for t in turns if str(t.get("s", "")).strip().casefold() in names]
    return {
        "key": talk.key,
        "at": talk.at.isoformat() if talk.at else None,
        "said": [{"from_ms": t.get("a"), "text": t["t"]} for t in own],
        "said_by_others_and_left_out": len(turns) - len(own),
        "quotes": [h.quote for h in marked if h.speaker.strip().casefold() in names],
    }
