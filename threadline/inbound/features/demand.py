"""Who asks for a feature; how that is weighed stands in ``inbound/asking.py``."""

from __future__ import annotations

from threadline.inbound.asking import Demand, demand_of
from threadline.inbound.features.models import Feature
from threadline.inbound.features.queries import voices
from threadline.kernel.access import Actor


def demand(actor: Actor, feature: Feature) -> Demand:
    """The full breakdown for a feature within reach, over notes and accounts within reach."""
    return demand_of(actor, *voices(actor, feature))
