"""Features: what could be built, why, how it scores, and what was decided about it."""
