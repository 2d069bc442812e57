"""All that is kept of one contact, for that person to have: what they said, and what became of it.

What colleagues remarked, noted of them in own fields or linked in words of their own stays out, and so do other people
and whatever is out of reach of whoever takes it along.
"""

from __future__ import annotations

from typing import Any

from threadline.inbound.feedback.models import Feedback
from threadline.kernel.access import Actor, reach
from threadline.kernel.actions import through_door
from threadline.kernel.door import Door
from threadline.kernel.records import Record
from threadline.kernel.registry import type_of

_NOTE = ("title", "body", "channel", "received_on", "author", "rating", "votes", "url", "state", "declined_reason")


def take_along(actor: Actor, contact: Any) -> dict[str, Any]:
    """The file's content, with a line in the log that it was taken; Forbidden for whoever may not read addresses."""
    actor.need("read_private", "intake")
    notes = reach(actor, Feedback).filter(contact_id=contact.pk, archived_at=None)
    found = {
        "contact": {
            "key": contact.key,
            "name": contact.title,
            **_of_the_person(actor, contact),
            "known_since": contact.created_at.isoformat(),
        },
        "notes": [_said(note) for note in notes.order_by("received_on", "number")],
    }

    def noted(door: Door) -> None:
        door.log(contact, {"+taken": [None, {"notes": len(found["notes"])}]})

    through_door(actor, "take_contact_along", noted)
    return found


def _of_the_person(actor: Actor, contact: Any) -> dict[str, Any]:
    """Every field that is declared of a person; a record they point to by its title, where it is within reach."""
    found: dict[str, Any] = {}
    for field in type_of(contact).fields:
        value = getattr(contact, field.name)
        if isinstance(value, Record):
            near = reach(actor, type(value)).filter(pk=value.pk)
            value = near.values_list("title", flat=True).first()
        found[field.name] = value
    return found


def _said(note: Feedback) -> dict[str, Any]:
    said = {name: getattr(note, name) for name in _NOTE}
    day = said["received_on"]
    followed = note.followed_until.isoformat() if note.followed_until else None
    return {"key": note.key, **said, "received_on": day.isoformat() if day else None, "followed_until": followed}
