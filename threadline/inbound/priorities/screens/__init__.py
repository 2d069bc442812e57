"""The pages of priorities."""

from threadline.inbound.priorities.screens import comparing, overriding, pairs, ranking, rounds, worth

__all__ = ["comparing", "overriding", "pairs", "ranking", "rounds", "worth"]
