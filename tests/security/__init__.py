"""Attacks. A package, so that pytest ends its shared scene with the last of these tests, not with the run."""
