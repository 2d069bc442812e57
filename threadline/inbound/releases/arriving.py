"""Deployments by a pipeline's signed webhook: what went out, and that it failed or is well again."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from threadline.inbound.intake import bringing, taking
from threadline.inbound.releases import delivering
from threadline.inbound.releases.models import Deployment
from threadline.kernel import verbs
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid, Problem
from threadline.kernel.fields import Moment, Refused
from threadline.kernel.members import Role

WENT_OUT = ("title", "service", "deployed_at", "written_at", "unplanned", "body")
HAPPENED = {"failed": delivering.fail_deployment, "recovered": delivering.recover_deployment}
_ABOUT = ("at", "reason")  # beside one of these
_PLAIN = ("title", "service", "body", "reason", "failed", "recovered")


@bringing.takes("deployments", group="inbound", most=Role.PRODUCT_MANAGER.value)
def read_report(bringer: bringing.Bringer, given: dict[str, Any]) -> bringing.Make:
    """Write down what went out; or, where "failed" or "recovered" names an earlier delivery, what became of it."""
    happened = [name for name in HAPPENED if given.get(name) is not None]
    _check(given, happened)
    return partial(_became, bringer, given, happened[0]) if happened else partial(_went_out, bringer, given)


def _check(given: dict[str, Any], happened: list[str]) -> None:
    if len(happened) > 1:
        raise Invalid(("recovered", "Say one thing at a time: that it failed, or that it is well again."))
    known = (*happened, *_ABOUT) if happened else WENT_OUT
    problems = [Problem(name[:60], "There is no such key.") for name in given if name not in known]
    problems += [Problem(name, "Expected text.") for name in _PLAIN if not isinstance(given.get(name) or "", str)]
    if not happened and not str(given.get("title") or "").strip():
        problems.append(Problem("title", "Say what went out."))
    if problems:
        raise Invalid(*problems[:50])


def _went_out(bringer: bringing.Bringer, given: dict[str, Any], door: Door, mark: str) -> UUID:
    words = {"title": taking.clean_name(given["title"])[:300], "body": taking.literal(given.get("body") or "")}
    values = {name: given.get(name) for name in WENT_OUT} | words | bringer.values(mark)
    return verbs.create(door, Deployment.kind, {n: v for n, v in values.items() if v is not None and v != ""}).pk


def _became(bringer: bringing.Bringer, given: dict[str, Any], what: str, door: Door, mark: str) -> UUID:
    card = bringer.brought(given[what])
    if card is None:
        raise Invalid((what, "No earlier delivery of this source has this id."))
    try:
        at = Moment().clean(given.get("at"), door.actor)
    except Refused as refused:
        raise Invalid(("at", str(refused))) from None
    reason = taking.tidy(given.get("reason") or "") or "Reported by the pipeline."
    HAPPENED[what](door, deployment=door.get(Deployment, card.pk), reason=reason, at=at)
    return card.pk
