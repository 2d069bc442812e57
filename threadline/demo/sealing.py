"""Seals the sample company's baselines on the day on which they were taken, and its signatures on theirs.

A seal binds an instant, so what was moved back in time is sealed anew; of any other workspace this is refused.
"""

from __future__ import annotations

from threadline.inbound.requirements import signing
from threadline.inbound.requirements.baselines import canonical, digest_of
from threadline.inbound.requirements.following import snapshot_text
from threadline.inbound.requirements.models import Baseline
from threadline.kernel.changes import Change
from threadline.kernel.workspaces import Workspace


def seal_anew(workspace: Workspace) -> None:
    """Content, digest, signatures and log of every baseline, by the instants of the story."""
    if not workspace.is_sample:
        raise ValueError(f"{workspace.slug} is not a sample: what people signed is not to be sealed anew")
    for baseline in Baseline.objects.filter(workspace=workspace):
        told = list(Change.objects.filter(workspace=workspace, card_id=baseline.pk).order_by("pk"))
        _take(baseline, told)
        _sign(baseline, told)


def _take(baseline: Baseline, told: list[Change]) -> None:
    taken = baseline.created_at
    content = canonical(snapshot_text(baseline) | {"taken_at": taken.isoformat()})
    baseline.taken_at, baseline.content, baseline.digest = taken, content, digest_of(content)
    mine = Baseline.objects.filter(pk=baseline.pk)
    mine.update(taken_at=taken, content=content, digest=baseline.digest)
    for change in told:
        said = {"digest": baseline.digest, "taken_at": taken.isoformat()}
        if "digest" in change.diff:
            _tell(change, {name: [None, value] for name, value in said.items() if name in change.diff})


def _sign(baseline: Baseline, told: list[Change]) -> None:
    """Each on its day, each sealing the one before it."""
    signed = {c.diff["+signature"][1]["name"]: c for c in told if "+signature" in c.diff}
    before = ""
    for one in signing.signatures(baseline):
        if one.name not in signed:
            continue
        change = signed[one.name]
        one.at, one.content_digest = change.at, baseline.digest
        one.seal = before = signing.sealed(one, before)
        one.save(update_fields=["at", "content_digest", "seal"])
        _tell(change, {"+signature": [None, change.diff["+signature"][1] | {"seal": one.seal}]})


def _tell(change: Change, said: dict[str, list[object]]) -> None:
    change.diff = change.diff | said
    Change.objects.filter(pk=change.pk).update(diff=change.diff)
