"""Releases: what comes out when, who builds it, what it takes, and plans that weigh it all."""
