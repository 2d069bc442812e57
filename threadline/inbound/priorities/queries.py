"""Questions about priorities: which model is applied, what was said of each feature, and how they rank."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from threadline.inbound.priorities.models import Ballot, ScoreModel, ScoringRound
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach, reach_sql
from threadline.kernel.errors import NotFound
from threadline.kernel.registry import type_of
from threadline.planning.priority import modelling
from threadline.planning.priority.chance import Place
from threadline.planning.priority.modelling import Given, Method, Score

OPEN = ("idea", "candidate", "planned", "building")
MOST = 500  # features ranked at once
RICE_INPUTS = tuple(i.name for i in modelling.RICE.inputs)


def method_of(model: ScoreModel | None) -> Method:
    """What a model computes; RICE where none is applied."""
    return modelling.RICE if model is None else modelling.method_of(model.method, model.criteria)


def applied(actor: Actor) -> ScoreModel | None:
    """The model by which this workspace ranks; None for RICE as it comes."""
    return reach(actor, ScoreModel).filter(state="active", archived_at=None).order_by("-applied_on", "-pk").first()


@dataclass(frozen=True, slots=True)
class Stated:
    """One number of a feature as it stands: its day beside what the arithmetic needs."""

    given: Given
    on: date | None


@dataclass(frozen=True, slots=True)
class Scored:
    """A feature with its score by some model, its place, and the numbers it is made of."""

    id: str
    key: str
    title: str
    state: str
    effort: float | None
    place: int | None
    score: Score
    inputs: dict[str, Stated]


def stated(actor: Actor, features: Iterable[Any]) -> dict[str, dict[str, Stated]]:
    """Every number that was said of these features: RICE from their own columns, the newest of each other input."""
    found: dict[str, dict[str, Stated]] = {}
    for one in features:
        own = {n: (getattr(one, n), getattr(one, f"{n}_source"), getattr(one, f"{n}_on")) for n in RICE_INPUTS}
        found[rows.hexed(rows.id_text(one.pk)) or ""] = {
            name: Stated(Given(value, source), on) for name, (value, source, on) in own.items() if value is not None
        }
    near, params = reach_sql(actor, "r")
    ids = list(found)
    newest = rows.fetch(
        "SELECT r.feature_id, r.name, r.value, r.basis, r.low, r.high, r.stated_on FROM inbound_scoreinput r"
        f" WHERE r.workspace_id = %s AND r.archived_at IS NULL AND r.state = 'stands'"
        f" AND r.feature_id IN ({rows.marks(len(ids))}) AND {near} ORDER BY r.stated_on NULLS FIRST, r.id",
        [actor.workspace_id, *map(rows.ident, ids), *params],
    ) if ids else []  # fmt: skip
    for feature, name, value, basis, low, high, on in newest:
        day = date.fromisoformat(on) if isinstance(on, str) else on
        found[rows.hexed(feature) or ""][name] = Stated(Given(value, basis, low, high), day)
    return found


def ranked(actor: Actor, method: Method) -> list[Scored]:
    """Open features by this method, the best first, those without a score last."""
    features: list[Any] = list(
        reach(actor, type_of("feature").model)
        .filter(archived_at=None, state__in=OPEN)
        .order_by("-score", "number")[:MOST]
    )
    said = stated(actor, features)
    scores = {i: modelling.score_of(method, {n: s.given for n, s in known.items()}) for i, known in said.items()}
    places = modelling.places({i: s.likely for i, s in scores.items()})
    found = [
        Scored(i, f.key, f.title, f.state, f.effort, places.get(i), scores[i], said[i])
        for f, i in zip(features, said, strict=True)
    ]
    return sorted(found, key=lambda s: (s.place or MOST + 1, s.key))


def sure_places(method: Method, found: Iterable[Scored]) -> dict[str, Place]:
    """How sure the place of each scored feature is, by key; ``found`` in the order of the ranking."""
    scored = [one for one in found if one.place is not None]
    given = [{name: said.given for name, said in one.inputs.items()} for one in scored]
    return dict(zip((one.key for one in scored), modelling.sure_places(method, given), strict=True))


def given_by(found: Iterable[Scored]) -> dict[str, Mapping[str, Given]]:
    """What the comparison of two models needs, by key."""
    return {s.key: {n: one.given for n, one in s.inputs.items()} for s in found}


def known_names(actor: Actor) -> dict[str, modelling.Input]:
    """Every input that some method, or some model of the workspace, asks for."""
    found = {i.name: i for m in modelling.METHODS.values() for i in m.inputs}
    for one in reach(actor, ScoreModel).filter(method="weighted", archived_at=None):
        found |= {i.name: i for i in method_of(one).inputs}
    return found


def feature(actor: Actor, ident: Any) -> Any:
    """A feature within reach, by id; raises NotFound."""
    near, params = reach_sql(actor, "r")
    found = rows.fetch_instances(
        type_of("feature").model, f"r.id = %s AND r.archived_at IS NULL AND {near}", [ident, *params]
    )
    if not found:
        raise NotFound
    return found[0]


def overridden(actor: Actor, ids: list[str]) -> dict[str, str]:
    """Which of these features were forced past the scores: feature to the key of the decision."""
    near, params = reach_sql(actor, "d")
    found = rows.fetch(
        "SELECT l.source_id, d.number FROM kernel_link l JOIN inbound_decision d ON d.id = l.target_id"
        f" WHERE l.workspace_id = %s AND l.source_id IN ({rows.marks(len(ids))}) AND l.kind = 'decision'"
        f" AND d.override AND d.archived_at IS NULL AND {near} ORDER BY d.id",
        [actor.workspace_id, *map(rows.ident, ids), *params],
    ) if ids else []  # fmt: skip
    return {rows.hexed(feature) or "": f"D-{number}" for feature, number in found}


# ---- columns ----------------------------------------------------------------------------


def scorers_of(actor: Actor, alias: str) -> tuple[str, list[Any]]:
    """How many people have scored in a round."""
    return (
        f"SELECT COUNT(DISTINCT b.member_id) FROM {Ballot._meta.db_table} b"
        f" WHERE b.workspace_id = {alias}.workspace_id AND b.scoring_round_id = {alias}.id"
    ), []


# ---- rounds -----------------------------------------------------------------------------


def features_of(actor: Actor, scoring_round: ScoringRound) -> list[Any]:
    """The features of a round within reach, as they were put in."""
    near, params = reach_sql(actor, "r")
    return rows.fetch_instances(
        type_of("feature").model,
        "r.archived_at IS NULL AND r.id IN (SELECT l.target_id FROM kernel_link l WHERE l.workspace_id = %s"
        f" AND l.source_id = %s AND l.kind = 'scores') AND {near} ORDER BY r.number",
        [actor.workspace_id, scoring_round.pk, *params],
    )


def ballots(scoring_round: ScoringRound) -> list[Ballot]:
    """What everybody said; only for a round that is revealed, or to add it up."""
    return list(Ballot.objects.filter(scoring_round=scoring_round).select_related("member").order_by("pk"))


def my_ballots(actor: Actor, scoring_round: ScoringRound) -> dict[tuple[Any, str], float]:
    """What the actor said, by feature and input."""
    mine = Ballot.objects.filter(scoring_round=scoring_round, member_id=actor.member_id)
    return {(b.feature_id, b.name): b.value for b in mine}


def spreads(found: Iterable[Ballot], rule: str) -> dict[tuple[Any, str], modelling.Spread]:
    """One number and how far apart people were, by feature and input."""
    said: dict[tuple[Any, str], list[float]] = defaultdict(list)
    for one in found:
        said[one.feature_id, one.name].append(one.value)
    return {which: modelling.together(values, rule) for which, values in said.items()}


# ---- answers ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ranked:
    """One line of a ranking, for those who ask by the API."""

    key: str
    title: str
    place: int | None
    low: float | None
    likely: float | None
    high: float | None
    missing: tuple[str, ...]
    unsourced: tuple[str, ...]
    place_low: int | None
    place_high: int | None
    over_next: float | None


def ranking(actor: Actor, model: ScoreModel) -> list[Ranked]:
    """Open features as this model ranks them: places nine times in ten, and the chance to stand above the next."""
    method = method_of(model)
    found = ranked(actor, method)
    sure = sure_places(method, found)
    return [_ranked(one, sure.get(one.key)) for one in found]


def _ranked(one: Scored, sure: Place | None) -> Ranked:
    score, ends = one.score, (sure.low, sure.high, sure.over_next) if sure else (None, None, None)
    told = (score.low, score.likely, score.high, score.missing, score.unsourced)
    return Ranked(one.key, one.title, one.place, *told, *ends)


def moves(actor: Actor, model: ScoreModel) -> list[modelling.Move]:
    """Whose place changes, and why, if this model were applied instead of the one that is."""
    found = ranked(actor, modelling.RICE)
    return modelling.moves(method_of(applied(actor)), method_of(model), given_by(found))
