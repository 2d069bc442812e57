"""Roadmaps: one plan shown to many, and what was promised from it."""
