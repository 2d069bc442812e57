"""The pages of releases beside what every page says."""

from threadline.inbound.releases.screens import forecast, measures, plan, planner, release

__all__ = ["forecast", "measures", "plan", "planner", "release"]
