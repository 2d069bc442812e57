"""Acceptance criteria, read by the official parser of Gherkin.

One may write a whole feature file, a scenario, or only the steps; what is missing around it is put
there for the parser, and its complaints name the lines as one wrote them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from gherkin.errors import CompositeParserException, ParserError
from gherkin.parser import Parser

LONGEST = 20_000
MOST_STEPS = 7
_ON_SCREEN = re.compile(
    r"\b(?:clicks?|taps?|presses|types? in|scrolls?|hovers?|button|dropdown|checkbox|text ?box)\b", re.IGNORECASE
)
_WHOLE = re.compile(r"^\s*(?:#.*\n\s*|@\S+\s+)*(?:Feature|Ability|Business Need):|^\s*#\s*language\s*:", re.IGNORECASE)
_SCENARIO = re.compile(
    r"^\s*(?:#.*\n\s*|@\S+\s+)*(?:Background|Rule|Scenario|Example|Scenario Outline|Scenario Template):", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Step:
    """One line: given, when, then."""

    keyword: str
    text: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """One example of how it behaves; ``outline`` when its examples stand in a table, of so many rows."""

    name: str
    steps: tuple[Step, ...]
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a criterion says. ``problems`` are the parser's, ``advice`` is ours."""

    scenarios: tuple[Scenario, ...] = ()
    problems: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether it can be accepted: the parser took it, and it has an outcome to look at."""
        return bool(self.scenarios) and not self.problems and all(s.steps for s in self.scenarios)


def parse(text: str) -> Parsed:
    """The scenarios of a criterion, or what the parser holds against it."""
    said = text.replace("\r\n", "\n")
    if not said.strip():
        return Parsed(problems=("Nothing is written yet: Given …, When …, Then …",))
    if len(said) > LONGEST:
        return Parsed(problems=(f"At most {LONGEST:,} characters.",))
    around, before = said, 0
    if not _WHOLE.match(said):
        head = "Feature: f\n" if _SCENARIO.match(said) else "Feature: f\nScenario:\n"
        around, before = head + said, head.count("\n")
    try:
        document: Any = Parser().parse(around)
    except CompositeParserException as refused:
        return Parsed(problems=tuple(_complaint(e, before) for e in refused.errors[:5]))
    except (ParserError, RecursionError) as refused:
        return Parsed(problems=(_complaint(refused, before),))
    first = said.strip().partition("\n")[0].strip()
    if before == 2 and _before_the_steps(document):
        # After our own "Scenario:" the parser takes words that are no step for a description.
        return Parsed(problems=(f"Line 1: “{first[:80]}” is no step. Begin with Given, When, Then, And or But.",))
    scenarios = tuple(_scenarios((document.get("feature") or {}).get("children") or ()))
    if not scenarios:
        return Parsed(problems=("There is no scenario in it yet: Given …, When …, Then …",))
    return Parsed(scenarios, (), tuple(dict.fromkeys(a for s in scenarios for a in _advice(s))))


def _before_the_steps(document: Any) -> bool:
    children = (document.get("feature") or {}).get("children") or ()
    return any((child.get("scenario") or {}).get("description") for child in children)


def _complaint(error: Exception, before: int) -> str:
    line = int((getattr(error, "location", None) or {}).get("line", before + 1)) - before
    said = re.sub(r"^\(\d+:\d+\):\s*", "", str(error).strip().splitlines()[-1])
    got = re.search(r"got '(.*)'", said)
    if got:
        return f"Line {max(line, 1)}: “{got.group(1)[:80]}” is no step. Begin with Given, When, Then, And or But."
    return f"Line {max(line, 1)}: {said[:160]}"


def _scenarios(children: Any) -> list[Scenario]:
    found: list[Scenario] = []
    for child in children:
        if "rule" in child:
            found += _scenarios(child["rule"].get("children") or ())
        if "scenario" in child:
            one = child["scenario"]
            steps = tuple(Step(s["keyword"].strip(), s["text"]) for s in one.get("steps") or ())
            rows = sum(len(e.get("tableBody") or ()) for e in one.get("examples") or ())
            found.append(Scenario(one.get("name") or "", steps, rows))
    return found


def _advice(scenario: Scenario) -> list[str]:
    phases, phase = [], ""
    for step in scenario.steps:
        phase = step.keyword if step.keyword not in ("And", "But", "*") else phase
        phases.append(phase)
    said = []
    if "Then" not in phases:
        said.append("No Then: what should one see?")
    turns = sum(1 for at, p in enumerate(phases) if p == "When" and (at == 0 or phases[at - 1] != "When"))
    if turns > 1:
        said.append("More than one When: that is more than one scenario.")
    if len(scenario.steps) > MOST_STEPS:
        said.append(f"{len(scenario.steps)} steps: more than {MOST_STEPS} are hard to follow.")
    if any(_ON_SCREEN.search(s.text) for s in scenario.steps):
        said.append("It names what is on the screen: say what is done, not with which button.")
    return said
