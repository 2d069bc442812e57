"""Baselines: what is kept, how it is sealed, and what differs between two."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.db.models import prefetch_related_objects

from threadline.inbound.requirements import queries
from threadline.inbound.requirements.following import follow, named, snapshot_text
from threadline.inbound.requirements.models import Baseline, Criterion
from threadline.kernel import rows
from threadline.kernel.access import NAMED, TEAM, Actor
from threadline.kernel.errors import Invalid
from threadline.kernel.records import Record

FORMAT = "threadline-baseline/1"
SAID = ("title", "body", "rationale", "pattern", "characteristic", "measure", "bound", "value", "unit", "percentile",
        "conditions", "state")  # fmt: skip
# What a change of these means is another requirement; the rest is its life.
MEANT = tuple(n for n in SAID if n not in ("rationale", "pattern", "state"))


def canonical(value: Any) -> str:
    """JSON in one form only: keys in order, no spaces, no escapes, so that equal content has an equal digest."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest_of(content: str) -> str:
    """SHA-256 of the content in UTF-8, in hexadecimal."""
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def settle_baseline(actor: Actor, baseline: Baseline, before: dict[str, Any] | None) -> None:
    """Take the picture when it is made, and never again."""
    feature = queries.feature_of(baseline)
    follow(baseline, feature)
    if before is None:
        baseline.taken_at = rows.now()
        held = taken(actor, feature, baseline.taken_at.isoformat(), of=baseline)
        baseline.content, baseline.items = canonical(held), len(held["requirements"])
        baseline.digest = digest_of(baseline.content)
    elif "feature" in before and baseline.signatures.exists():
        raise Invalid(("feature", "It was given to people to sign. Take a new baseline of the other feature."))
    elif "product" in before and feature is None and "confidentiality" not in before:
        raise Invalid(("product", "It holds what held of the other product. Take a new baseline of this one."))


def taken(actor: Actor, feature: Record | None, at: str, *, of: Baseline) -> dict[str, Any]:
    """The requirements of a feature with their criteria, as they stand. What fewer people may see stays out.

    Without a feature it is what holds of the whole product of the baseline, or of all products when it names none.
    """
    branches = queries.tree(actor, feature, None if feature else of.product_id)
    branches = [b for b in branches if (_as_open(b.requirement, feature) if feature else _for_all(b.requirement, of))]
    prefetch_related_objects([c for b in branches for c in b.criteria], "accepted_by")
    whole: dict[str, Any] = {"product": of.product.name if of.product else None}
    if feature is not None:
        named_so = {"id": str(feature.pk), "key": feature.key, "title": feature.title, "revision": feature.revision}
        whole = {"feature": named_so}
    return {"format": FORMAT, "taken_at": at, **whole, "requirements": [_kept(b) for b in branches]}


def _for_all(part: Record, baseline: Baseline) -> bool:
    """Whether a requirement of a whole product is seen by everybody who sees the baseline; named people are too few."""
    if part.confidentiality == TEAM:
        return baseline.confidentiality >= TEAM and part.product_id == baseline.product_id
    return part.confidentiality < TEAM


def _as_open(part: Record, whole: Record) -> bool:
    """Whether a part is seen by everybody who sees the whole."""
    if part.confidentiality != whole.confidentiality:
        return False
    if whole.confidentiality == TEAM:
        return part.product_id == whole.product_id
    return whole.confidentiality != NAMED or named(part.workspace_id, part.pk) >= named(whole.workspace_id, whole.pk)


def _kept(branch: queries.Branch) -> dict[str, Any]:
    one = branch.requirement
    return {
        "id": str(one.pk), "key": one.key, "path": branch.path, "parent": branch.parent, "revision": one.revision,
        **{name: getattr(one, name) for name in SAID},
        "criteria": [_kept_criterion(c) for c in branch.criteria if _as_open(c, one)],
    }  # fmt: skip


def _kept_criterion(one: Criterion) -> dict[str, Any]:
    return {
        "id": str(one.pk), "key": one.key, "title": one.title, "body": one.body, "state": one.state,
        "accepted_by": one.accepted_by.name if one.accepted_by else None, "revision": one.revision,
    }  # fmt: skip


def intact(baseline: Baseline) -> bool:
    """Whether the content is still what was sealed."""
    return digest_of(baseline.content) == baseline.digest


# ---- comparing --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """One requirement that is in only one of two, or differs between them: names to (then, now)."""

    what: str  # added, removed, changed
    key: str
    title: str
    fields: tuple[tuple[str, Any, Any], ...] = ()


def compare(then: dict[str, Any], now: dict[str, Any]) -> list[Difference]:
    """What was added, removed and changed, in the order of the later one and then of the earlier."""
    before = {r["id"]: r for r in then.get("requirements", ())}
    after = {r["id"]: r for r in now.get("requirements", ())}
    found = []
    for ident, one in after.items():
        if ident not in before:
            found.append(Difference("added", one["key"], one["title"]))
        elif fields := _fields(before[ident], one):
            found.append(Difference("changed", one["key"], one["title"], fields))
    found += [Difference("removed", r["key"], r["title"]) for i, r in before.items() if i not in after]
    return found


def _fields(then: dict[str, Any], now: dict[str, Any]) -> tuple[tuple[str, Any, Any], ...]:
    plain = [(n, then.get(n), now.get(n)) for n in (*SAID, "parent") if then.get(n) != now.get(n) and n != "pattern"]
    before, after = ({c["key"]: c["body"] for c in side.get("criteria", ())} for side in (then, now))
    criteria = [
        (key, before.get(key), after.get(key)) for key in {**before, **after} if before.get(key) != after.get(key)
    ]
    return (*plain, *criteria)


def content_answer(actor: Actor, baseline: Baseline) -> dict[str, Any]:
    """The sealed content, its digest, and whether the one still makes the other."""
    return {"sha256": baseline.digest, "intact": intact(baseline), "content": snapshot_text(baseline)}


def changes_answer(actor: Actor, baseline: Baseline) -> list[Difference]:
    """What was added, removed and changed since."""
    feature = queries.feature_by_id(actor, baseline.feature_id)
    if feature is None and baseline.feature_id is not None:
        return []
    return compare(snapshot_text(baseline), taken(actor, feature, "", of=baseline))
