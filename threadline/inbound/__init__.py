"""Inbound: understand customers, set strategy, define and plan what to build."""

ROOMS = ("strategy", "market", "research", "feedback", "intake", "features", "priorities", "decisions")
