"""The pages of strategy beside what every page says."""

from threadline.inbound.strategy.screens import beliefs, objectives, pager, tree, trials

__all__ = ["beliefs", "objectives", "pager", "tree", "trials"]
