"""Write the plans and forecasts of the sample company anew, from a sample that is loaded.

``DATA_DIR=… python -m bench.sample_plan``: solves what ``WISHES`` asks for and keeps it, by the names that
the sample's files use, in ``threadline/demo/company/plans.json``. Run it when estimates, scores or
releases of the sample change; a test says so.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson

from bench import ready
from threadline.demo.company import FOLDER, Company
from threadline.demo.planned import REFS
from threadline.inbound.features.models import Feature
from threadline.inbound.releases import estimating, forecasting, gathering
from threadline.inbound.releases.gathering import Wishes
from threadline.inbound.releases.models import Release
from threadline.kernel import rows
from threadline.kernel.access import Actor, actor_of, reach
from threadline.kernel.members import Member
from threadline.planning import process

__all__ = ["ready"]
SHARES = {"obj-return": (0.4, 0.12), "obj-first-answer": (0.3, 0.12), "obj-renew": (0.3, 0.12)}
RENAMED = {"Enterprise and growth renewals stop depending on goodwill": "obj-renew"}  # later in the story
MUST = {"f-audit": "rel-mooring", "f-suggest": "rel-lantern", "f-roles": "rel-lantern", "f-spanish": ""}
SECONDS = 10


def main() -> None:
    """Solve and write."""
    path = FOLDER / "plans.json"
    told = orjson.loads(path.read_bytes())
    actor = actor_of(Member.objects.get(user__email="priya.raman@kittiwake.example", left_at=None), face="web")
    told["plans"] = _plans(actor, told["plans"])
    shipped = sorted(
        (rows.now().date() - date.fromisoformat(str(at)[:10])).days
        for (at,) in rows.fetch("SELECT at FROM kernel_change WHERE action = 'ship_feature'", [])
    )
    for one in told["forecasts"]:
        if "drawn" in one:
            one |= estimated(actor, one["title"], one["drawn"]["drift"])
            continue
        made = one["made_days_ago"]
        days = [0] * forecasting.LOOKS_BACK
        for ago in shipped:
            if ago > made:
                days[-(ago - made)] += 1
        chance = forecasting.chances(days, one["left"])
        one["history"] = forecasting.in_words(days)
        one["days"] = [forecasting.day_of(chance, sure) for sure, _ in forecasting.SURE]
    path.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
    print(f"{path}: {len(told['plans'])} plans, {len(told['forecasts'])} forecasts, today {rows.now().date()}")


def estimated(actor: Actor, title: str, drift: float) -> dict[str, Any]:
    """What the estimates of a release come to, by the names that the sample's files use."""
    release = reach(actor, Release).get(title=title)
    work = estimating.work_of(actor, release)
    told, refs = estimating.drawn(work, drift=drift), {one["title"]: one["ref"] for one in Company().features}
    titles = {str(pk): name for pk, name in Feature.objects.values_list("pk", "title")}
    starts = (told.first - rows.now().date()).days if told.first else 0
    parts = [[refs[titles[p.id]], p.share, p.likely, p.sure, p.beside] for p in told.parts]
    missing = [refs[titles[ident]] for ident in told.missing]
    drawn = {"days": told.days, "drift": drift, "starts_in_days": starts, "parts": parts, "missing": missing}
    return {"left": sum(not one.beside for one in work.items), "drawn": drawn}


def _plans(actor: Actor, plans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = gathering.candidates(actor)
    company = Company()
    by_title = {
        one["title"]: one["ref"]
        for kind in (company.features, company.objectives, company.releases["teams"], company.releases["releases"])
        for one in kind
    } | RENAMED
    titles = {str(r.pk): r.title for r in (*found.releases, *found.teams)}
    titles |= {i.id: i.title for i in found.items} | {ident: title for ident, _, title in found.objectives}
    ref_of = {ident: by_title[title] for ident, title in titles.items()}
    id_of = {ref: ident for ident, ref in ref_of.items()}
    rules = {i.id: gathering.MUST for i in found.items if i.state == "building"}
    rules |= {id_of[f]: f"must:{id_of[r]}" if r else gathering.MUST for f, r in MUST.items()}
    wishes = Wishes(
        releases=[str(r.pk) for r in found.releases], teams=[str(t.pk) for t in found.teams], rules=rules,
        capacity={}, confidence=0.7, seconds=SECONDS, steady=False,
        mix={id_of[ref]: band for ref, band in SHARES.items()},
    )  # fmt: skip
    inputs = gathering.inputs_of(found, wishes)
    inputs |= {"values": [round(v, 1) for v in inputs["values"]]}
    made = []
    for one in plans:
        if one["based_on"]:
            scores = sorted(inputs["values"])
            inputs = inputs | {
                "capacity": [list(row) for row in inputs["capacity"]],
                "published": made[0]["answers"]["plan"]["release"],
                "stability": gathering.STABILITY * scores[len(scores) // 2],
            }
            k, t, days = one["what_if"]
            inputs["capacity"][k][t] = days
        said: list[dict[str, Any]] = []
        process.run(inputs, said.append, lambda: False)
        names = {n: [ref_of[i] for i in inputs.get(n, ())] for n in REFS}
        made.append(one | {"inputs": inputs | names, "answers": _rounded(said[-1])})
    return made


def _rounded(said: Any) -> Any:
    """Four decimals are enough to read."""
    if isinstance(said, float):
        return round(said, 4)
    if isinstance(said, dict):
        return {name: _rounded(one) for name, one in said.items()}
    return [_rounded(one) for one in said] if isinstance(said, list) else said


if __name__ == "__main__":
    main()
