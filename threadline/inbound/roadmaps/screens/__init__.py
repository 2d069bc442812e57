"""The pages of roadmaps, shared links and commitments."""

from threadline.inbound.roadmaps import outside
from threadline.inbound.roadmaps.screens import compare, leaving, looks, told

__all__ = ["compare", "leaving", "looks", "outside", "told"]
