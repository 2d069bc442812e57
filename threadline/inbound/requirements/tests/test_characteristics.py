"""The quality model that requirements are tagged by."""

from __future__ import annotations

from threadline.inbound.requirements import characteristics


def test_the_model_has_the_characteristics_of_its_edition() -> None:
    """ISO/IEC 25010:2023: nine characteristics with 3, 3, 2, 8, 4, 6, 5, 4 and 5 sub-characteristics, forty in all."""
    parts = {whole: len(some) for whole, some in characteristics.MODEL}
    assert list(parts.values()) == [3, 3, 2, 8, 4, 6, 5, 4, 5]
    assert sum(parts.values()) == 40
    names = [name for name, _ in characteristics.CHOICES]
    assert len(set(names)) == len(names) == 49
    # New or renamed since the edition of 2011.
    assert {"safety", "interaction_capability", "flexibility", "inclusivity", "self_descriptiveness", "resistance",
            "scalability", "faultlessness", "user_engagement"} <= set(names)  # fmt: skip
