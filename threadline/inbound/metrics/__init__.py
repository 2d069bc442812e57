"""Metrics: what is measured, what drives what, and who says they will move it."""
