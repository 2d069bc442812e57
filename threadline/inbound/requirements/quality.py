"""How well a requirement is written: its words, its pattern, its number."""

from __future__ import annotations

from dataclasses import dataclass

from threadline.inbound.requirements.models import AgreedWord, Requirement
from threadline.kernel.access import Actor, reach
from threadline.reading.clarity import ERROR, PATTERNS, WARN, Finding, findings, read

PATTERN_NAMES = dict(PATTERNS)


@dataclass(frozen=True, slots=True)
class Quality:
    """The pattern of a requirement with its parts, what leaves it open, and what its measure lacks."""

    pattern: str
    parts: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]
    lacks: tuple[str, ...]

    @property
    def grave(self) -> bool:
        """Whether something in it stands open, so that nobody can agree to it."""
        return any(f.severity == ERROR for f in self.findings)

    @property
    def warned(self) -> bool:
        """Whether something should be mended."""
        return bool(self.lacks) or any(f.severity in (ERROR, WARN) for f in self.findings)


def agreed_words(actor: Actor) -> list[str]:
    """The words and classes of words that this house lets stand."""
    return list(reach(actor, AgreedWord).filter(archived_at=None, state="agreed").values_list("title", flat=True)[:500])


def quality_of_text(text: str, allowed: list[str]) -> Quality:
    """The quality of a sentence alone, as one types it."""
    reading = read(text)
    return Quality(reading.pattern, reading.parts, tuple(findings(text, allowed=allowed)), ())


def quality(requirement: Requirement, allowed: list[str]) -> Quality:
    """The quality of a requirement: a quality without a number cannot be tested."""
    plain = quality_of_text(requirement.title, allowed)
    return Quality(plain.pattern, plain.parts, plain.findings, tuple(lacking(requirement)))


def lacking(requirement: Requirement) -> list[str]:
    """What the measure of a quality still needs."""
    if not requirement.characteristic and not requirement.measure:
        return []
    wanted = (
        ("what is measured", bool(requirement.measure)),
        ("a number", requirement.value is not None),
        ("a unit", bool(requirement.unit)),
        ("whether the number is a ceiling or a floor", bool(requirement.bound)),
    )
    return [what for what, there in wanted if not there]


def measure_text(one: Requirement) -> str:
    """The measure as a sentence: time to first byte at most 200 ms, 95th percentile, on a phone."""
    if not one.measure and one.value is None:
        return ""
    number = "" if one.value is None else f"{one.value:g} {one.unit}".strip()
    bound = "" if not one.bound else str(Requirement.Bound(one.bound).label)
    share = "" if one.percentile is None else f", {ordinal(one.percentile)} percentile"
    said = " ".join(part for part in (one.measure, bound, number) if part)
    return f"{said}{share}{f', {one.conditions}' if one.conditions else ''}"


def ordinal(number: float) -> str:
    """95th, 99.9th, 1st."""
    if number != int(number):
        return f"{number:g}th"
    whole = int(number)
    end = "th" if 10 <= whole % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(whole % 10, "th")
    return f"{whole}{end}"
