"""The pages of releases beside what every page says."""

from threadline.inbound.releases.screens import plan, planner, release

__all__ = ["plan", "planner", "release"]
