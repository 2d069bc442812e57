"""What went out, whether it held, and what a service's deployments say together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from threadline.inbound.releases.models import Deployment
from threadline.inbound.releases.queries import weekdays
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach
from threadline.kernel.actions import Ask, action
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid
from threadline.planning.delivery import Deployed, Measures, measures

WEEKS = 12  # that the page looks back
MOST = 5_000
When = Annotated[datetime | None, Ask("When?", "Such as 2026-11-22 09:30, in UTC. Blank means now.")]
Reason = Annotated[str, Ask("What happened?", "Kept in the history, for whoever asks later.", long=True)]


def settle_deployment(deployment: Deployment) -> None:
    """It went out at some time, after its change was written."""
    deployment.deployed_at = deployment.deployed_at or rows.now()
    if deployment.written_at is not None and deployment.written_at > deployment.deployed_at:
        raise Invalid(("written_at", "This is after it went out."))


@action(Deployment, verb="update", label="It failed", to="failed", states=("held", "recovered"))
def fail_deployment(door: Door, *, deployment: Deployment, reason: Reason, at: When = None) -> Deployment:
    """Say that somebody has to step in at once. Recovery counts from the time it failed."""
    failed = _passed(at, deployment.deployed_at, "This is before it went out.")
    door.why = reason[:2_000]
    return door.change(deployment, {"state": "failed", "failed_at": failed, "recovered_at": None})


@action(Deployment, verb="update", label="Well again", to="recovered", states=("failed",))
def recover_deployment(door: Door, *, deployment: Deployment, reason: Reason, at: When = None) -> Deployment:
    """Say that customers can work again, and what was done."""
    well = _passed(at, deployment.failed_at, "This is before it failed.")
    door.why = reason[:2_000]
    return door.change(deployment, {"state": "recovered", "recovered_at": well})


@action(Deployment, verb="update", label="It held after all", to="held", states=("failed", "recovered"))
def hold_deployment(door: Door, *, deployment: Deployment, reason: Reason) -> Deployment:
    """Take the failure back: it was something else."""
    door.why = reason[:2_000]
    return door.change(deployment, {"state": "held", "failed_at": None, "recovered_at": None})


def _passed(at: datetime | None, after: datetime | None, early: str) -> datetime:
    """A time that has passed, and not before what it follows; now, unless said otherwise."""
    now = rows.now()
    if at is not None and at > now:
        raise Invalid(("at", "This is yet to come."))
    if at is not None and after is not None and at < after:
        raise Invalid(("at", early))
    return at or now


@dataclass(frozen=True, slots=True)
class Week:
    """The deployments of a week that begins on a Monday."""

    first: date
    measured: Measures


def services(actor: Actor) -> list[str]:
    """The services that something within reach was deployed to, by name."""
    here = reach(actor, Deployment).filter(archived_at=None).exclude(service="")
    return sorted(set(here.order_by().values_list("service", flat=True).distinct()[:200]))


def delivered(actor: Actor, service: str) -> tuple[Measures, list[Week]]:
    """The measures of a service over the last weeks, this one too, and of each week by itself."""
    now = rows.now()
    first = now.date() - timedelta(days=now.weekday() + 7 * (WEEKS - 1))
    here = reach(actor, Deployment).filter(archived_at=None, deployed_at__date__gte=first, deployed_at__lte=now)
    found = [_read(one) for one in (here.filter(service=service) if service else here).order_by("deployed_at")[:MOST]]
    weeks = []
    for n in range(WEEKS):
        monday = first + timedelta(days=7 * n)
        last = min(monday + timedelta(days=6), now.date())
        inside = [one for one in found if monday <= one.at.date() <= last]
        weeks.append(Week(monday, measures(inside, weekdays(monday, last))))
    return measures(found, weekdays(first, now.date())), weeks


def _read(one: Deployment) -> Deployed:
    at: datetime = one.deployed_at or one.created_at
    return Deployed(at, one.written_at, one.failed_at, one.recovered_at, one.unplanned)
