"""The pages of requirements: the outline of a feature, its baselines, its readiness, ReqIF."""

from threadline.inbound.requirements.screens import baseline, give, outline, ready

__all__ = ["baseline", "give", "outline", "ready"]
