"""The pages of priorities."""

from threadline.inbound.priorities.screens import comparing, overriding, ranking, rounds, worth

__all__ = ["comparing", "overriding", "ranking", "rounds", "worth"]
