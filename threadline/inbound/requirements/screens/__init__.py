"""The pages of requirements: the outline of a feature, its baselines, its readiness, its files."""

from threadline.inbound.requirements.screens import baseline, carry, outline, ready

__all__ = ["baseline", "carry", "outline", "ready"]
