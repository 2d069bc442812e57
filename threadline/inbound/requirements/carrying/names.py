"""What is called what in a file: attributes, kinds, and the ids by which a record is known again."""

from __future__ import annotations

from threadline.formats import reqif
from threadline.inbound.requirements.characteristics import CHOICES
from threadline.inbound.requirements.models import Criterion, Requirement
from threadline.kernel.registry import type_of

REQUIREMENT, CRITERION = "Requirement", "Acceptance criterion"
TEXT, DETAIL, STEPS, FOREIGN, STATE = "ReqIF.Text", "ReqIF.Description", "Steps", "ReqIF.ForeignID", "State"
WHY = "Why"
# Attributes that are a field each, by the names that a file gives them.
PLAIN = {"Quality": "characteristic", "Measure": "measure", "Bound": "bound", "Value": "value", "Unit": "unit",
         "Percentile": "percentile", "Conditions": "conditions"}  # fmt: skip
# What other tools call the sentence, its explanation and its reason, in small letters; the first one found is it.
SENTENCE = (TEXT.lower(), "statement", "text", "requirement", "object text", "reqif.chaptername", "reqif.name", "name",
            "title")  # fmt: skip
MORE = (DETAIL.lower(), "description", "detail", "comment")
REASON = (WHY.lower(), "rationale", "reason")
RELATION = "depends_on"
NAMES = (FOREIGN, TEXT, DETAIL, STEPS, WHY, *PLAIN, STATE)  # all that a file of ours can say
_IDENT, _LONGEST = "@", 200
_WORDS = {
    "characteristic": dict(CHOICES),
    "bound": {str(name): str(label) for name, label in Requirement.Bound.choices},
}


def word(attribute: str, value: str) -> str:
    """How a file says one of our choices: “at most” for ``at_most``."""
    return _WORDS.get(attribute, {}).get(value, value)


def choice(attribute: str, said: str) -> str | None:
    """The choice that a file means, by its label or its name; None when there is no such choice."""
    known = _WORDS[attribute]
    flat = said.strip().lower()
    return next(
        (n for n, label in known.items() if flat in (n, label.lower(), label.lower().rpartition(": ")[2])), None
    )


def state_word(one: Requirement | Criterion) -> str:
    """The state in the word that people see."""
    return type_of(one).state_by_name[one.state].label


def origin(scope_key: str, ident: str, taken: set[str]) -> str:
    """The source id of what came as ``ident`` into a feature: the same file may be brought into others too."""
    first = f"{ident}{_IDENT}{scope_key}"
    at, found = 1, first
    while found in taken:
        at += 1
        found = f"{first}{_IDENT}{at}"
    return found if len(found) <= _LONGEST else ""


def came_as(source_id: str) -> str:
    """The id that a record had in the file it came from."""
    return source_id.partition(_IDENT)[0]


def identifier(one: Requirement | Criterion, source: str) -> str:
    """What a ReqIF file calls it: as the tool that it came from did, else by our own id."""
    there = came_as(one.source_id) if one.source == source else ""
    return there if there and reqif.fits(there) else f"_{one.pk}"
