"""What follows by itself: plans are made by the worker, deployments arrive from pipelines."""

from __future__ import annotations

from threadline.inbound.releases import arriving, carrying

PLAN_JOB = carrying.JOB  # declared where it is carried out; named here so that start-up loads it
READER = arriving.read_report  # likewise
