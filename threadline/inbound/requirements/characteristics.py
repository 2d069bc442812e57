"""The quality model of ISO/IEC 25010:2023: nine characteristics with forty sub-characteristics."""

from __future__ import annotations

MODEL: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Functional suitability", ("Functional completeness", "Functional correctness", "Functional appropriateness")),
    ("Performance efficiency", ("Time behaviour", "Resource utilisation", "Capacity")),
    ("Compatibility", ("Co-existence", "Interoperability")),
    ("Interaction capability", ("Appropriateness recognisability", "Learnability", "Operability",
                                "User error protection", "User engagement", "Inclusivity", "User assistance",
                                "Self-descriptiveness")),
    ("Reliability", ("Faultlessness", "Availability", "Fault tolerance", "Recoverability")),
    ("Security", ("Confidentiality", "Integrity", "Non-repudiation", "Accountability", "Authenticity", "Resistance")),
    ("Maintainability", ("Modularity", "Reusability", "Analysability", "Modifiability", "Testability")),
    ("Flexibility", ("Adaptability", "Scalability", "Installability", "Replaceability")),
    ("Safety", ("Operational constraint", "Risk identification", "Fail safe", "Hazard warning", "Safe integration")),
)  # fmt: skip


def name_of(label: str) -> str:
    """A characteristic as code and files carry it: time_behaviour."""
    return label.lower().replace(" ", "_").replace("-", "_")


CHOICES: tuple[tuple[str, str], ...] = tuple(
    pair
    for whole, parts in MODEL
    for pair in ((name_of(whole), whole), *((name_of(part), f"{whole}: {part.lower()}") for part in parts))
)
