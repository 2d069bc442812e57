"""The pages of releases beside what every page says."""

from threadline.inbound.releases.screens import measures, plan, planner, release

__all__ = ["measures", "plan", "planner", "release"]
