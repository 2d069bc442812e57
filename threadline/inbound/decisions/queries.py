"""Questions about decisions: their options with the evidence, their predictions, and how good those were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q

from threadline.inbound.decisions import scoring
from threadline.inbound.decisions.models import Decision, DecisionOption, Dissent, Prediction
from threadline.kernel import rows
from threadline.kernel.access import WITHHELD, Actor, reach, reach_sql
from threadline.kernel.links import overdue, suspect
from threadline.kernel.members import Team
from threadline.kernel.similar import Likeness, similar, words_of

FOR, AGAINST = "supports", "opposes"
# Words whose owner took consent back are in nobody's reach; that an option has lost them is said all the same.
WITHDRAWN = f"t.confidentiality = {WITHHELD}"
SCORED = ("hit", "miss")
# Words that most questions have: two that share no more than these are not alike.
ASKING = frozenset(
    [
        "a",
        "about",
        "after",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "been",
        "before",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "each",
        "first",
        "for",
        "from",
        "go",
        "had",
        "has",
        "have",
        "how",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "let",
        "long",
        "make",
        "me",
        "more",
        "most",
        "much",
        "need",
        "no",
        "not",
        "of",
        "off",
        "on",
        "one",
        "only",
        "or",
        "our",
        "out",
        "own",
        "should",
        "so",
        "some",
        "somebody",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "they",
        "this",
        "to",
        "up",
        "us",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "whether",
        "which",
        "who",
        "whom",
        "whose",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
    ]
)


def today() -> date:
    """The day by the server's clock, in UTC."""
    return rows.now().date()


# ---- columns ----------------------------------------------------------------------------


def options_of(actor: Actor, alias: str) -> tuple[str, list[Any]]:
    """How many options were weighed."""
    near, params = reach_sql(actor, "o")
    return (
        (
            f"SELECT COUNT(*) FROM inbound_decisionoption o WHERE o.workspace_id = {alias}.workspace_id"
            f" AND o.decision_id = {alias}.id AND o.archived_at IS NULL AND {near}"
        ),
        params,
    )


def dissents_of(actor: Actor, alias: str) -> tuple[str, list[Any]]:
    """How many people disagree."""
    near, params = reach_sql(actor, "o")
    return (
        (
            f"SELECT COUNT(*) FROM inbound_dissent o WHERE o.workspace_id = {alias}.workspace_id"
            f" AND o.decision_id = {alias}.id AND o.state = 'stands' AND o.archived_at IS NULL AND {near}"
        ),
        params,
    )


def _arguing(kind: str) -> Any:
    def counted(actor: Actor, alias: str) -> tuple[str, list[Any]]:
        near, params = reach_sql(actor, "ec")
        return (
            (
                f"SELECT COUNT(*) FROM kernel_link el JOIN kernel_card ec ON ec.id = el.target_id"
                f" WHERE el.workspace_id = {alias}.workspace_id AND el.source_id = {alias}.id AND el.kind = '{kind}'"
                f" AND ec.archived_at IS NULL AND {near}"
            ),
            params,
        )

    return counted


arguing_for, arguing_against = _arguing(FOR), _arguing(AGAINST)


def lost_support(actor: Actor, alias: str) -> tuple[str, list[Any]]:
    """How many citations of a decision's options changed since they were read, or are gone."""
    near, params = reach_sql(actor, "t")
    return (
        (
            "SELECT COUNT(*) FROM inbound_decisionoption lo JOIN kernel_link l ON l.source_id = lo.id"
            " JOIN kernel_card t ON t.id = l.target_id"
            f" WHERE lo.workspace_id = {alias}.workspace_id AND lo.decision_id = {alias}.id AND lo.archived_at IS NULL"
            f" AND l.workspace_id = lo.workspace_id AND l.kind = '{FOR}'"
            f" AND ({WITHDRAWN} OR ((t.archived_at IS NOT NULL OR {suspect('t', 'l')}) AND {near}))"
        ),
        params,
    )


def _unless(column: str) -> str:
    """A column, blank for words that were withdrawn: that there were some is all that is said."""
    return f"CASE WHEN {WITHDRAWN} THEN '' ELSE {column} END"


# ---- one decision -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Argument:
    """One citation of an option. ``lost`` says in a word why it no longer holds, or is empty.

    For what was ``withdrawn`` key, title and quote are blank.
    """

    link_id: str
    kind: str
    key: str
    title: str
    quote: str
    lost: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """An option with what speaks for it and against it."""

    key: str
    title: str
    body: str
    chosen: bool
    withdrawn: bool
    supports: tuple[Argument, ...]
    opposes: tuple[Argument, ...]

    @property
    def lost(self) -> int:
        """How much of what spoke for it no longer holds as it was read."""
        return sum(1 for one in self.supports if one.lost)


def options(actor: Actor, decision: Decision) -> list[Weighed]:
    """The options of a decision within reach, as they were added, each with its arguments."""
    found = list(reach(actor, DecisionOption).filter(decision_id=decision.pk, archived_at=None).order_by("pk"))
    said = _arguments(actor, [o.pk for o in found])
    return [_weighed(o, o.pk == decision.chosen_id, said.get(o.pk, [])) for o in found]


def _weighed(option: DecisionOption, chosen: bool, said: list[tuple[str, Argument]]) -> Weighed:
    sides = {side: tuple(a for kind, a in said if kind == side) for side in (FOR, AGAINST)}
    withdrawn = option.state == "withdrawn"
    return Weighed(option.key, option.title, option.body, chosen, withdrawn, sides[FOR], sides[AGAINST])


def _arguments(actor: Actor, ids: Sequence[UUID]) -> dict[UUID, list[tuple[str, Argument]]]:
    if not ids:
        return {}
    near, params = reach_sql(actor, "t")
    found = rows.fetch(
        f"SELECT l.source_id, l.kind, l.id, t.kind, {_unless('t.key')}, {_unless('t.title')}, {_unless('l.quote')},"
        f" CASE WHEN {WITHDRAWN} THEN 'withdrawn' WHEN t.archived_at IS NOT NULL THEN 'gone'"
        f" WHEN {suspect('t', 'l')} AND {overdue('t')} THEN 'not checked in time'"
        f" WHEN {suspect('t', 'l')} THEN 'changed' ELSE '' END"
        " FROM kernel_link l JOIN kernel_card t ON t.id = l.target_id"
        f" WHERE l.workspace_id = %s AND l.source_id IN ({rows.marks(len(ids))}) AND l.kind IN (%s, %s)"
        f" AND ({WITHDRAWN} OR {near})"
        " ORDER BY l.weight DESC, l.id",
        [actor.workspace_id, *ids, FOR, AGAINST, *params],
    )
    said: dict[UUID, list[tuple[str, Argument]]] = {}
    for option, kind, link, *rest in found:
        said.setdefault(rows.ident(option), []).append((kind, Argument(rows.hexed(link) or "", *rest)))
    return said


def dissents(actor: Actor, decision: Decision) -> list[Dissent]:
    """Who disagrees, oldest first; taken back ones last."""
    found = reach(actor, Dissent).filter(decision_id=decision.pk, archived_at=None).select_related("owner")
    return sorted(found, key=lambda d: (d.state != "stands", d.pk))


def predictions(actor: Actor, decision: Decision) -> list[Prediction]:
    """The predictions of a decision, the first due first."""
    found = reach(actor, Prediction).filter(decision_id=decision.pk, archived_at=None).select_related("owner")
    return list(found.order_by("due_on", "pk"))


def predicted(decision: Decision) -> bool:
    """Whether anybody predicted what it will do. Past reach: it says only whether a rule is met."""
    here = Prediction.objects.filter(workspace_id=decision.workspace_id, decision_id=decision.pk, archived_at=None)
    return here.exclude(state="dropped").exists()


def unscored(decision: Decision) -> int:
    """How many of its predictions wait for their outcome. Past reach, as above."""
    here = Prediction.objects.filter(workspace_id=decision.workspace_id, decision_id=decision.pk, archived_at=None)
    return here.filter(state="open").count()


def weighed(decision: Decision) -> int:
    """How many options are on the table. Past reach, as above."""
    here = DecisionOption.objects.filter(workspace_id=decision.workspace_id, decision_id=decision.pk, archived_at=None)
    return here.filter(state="open").count()


def asked_before(actor: Actor, question: str, *, besides: Any = None, limit: int = 6) -> list[Likeness]:
    """Decisions on a question like this one: has it been decided?"""
    telling = [word for word in words_of(question) if word not in ASKING]
    found = similar(actor, " ".join(telling), "decision", limit, besides=besides)
    return [one for one in found if one.words or set(telling) & set(words_of(one.title))]


# ---- what waits -------------------------------------------------------------------------


def due(actor: Actor, *, mine: bool = True, products: Sequence[str] = (), limit: int = 50) -> list[Prediction]:
    """Predictions whose day has come and whose number nobody has read, the longest waiting first."""
    found = reach(actor, Prediction).filter(state="open", archived_at=None, due_on__lte=today())
    return list(found.filter(_whose(actor, mine, products)).order_by("due_on", "pk")[:limit])


def overrides(actor: Actor, *, limit: int = 200) -> list[Decision]:
    """The override ledger: decisions against what the scores say, the next to review first."""
    found = reach(actor, Decision).filter(override=True, archived_at=None)
    return list(found.select_related("owner", "chosen").order_by("review_on", "pk")[:limit])


def overrides_due(actor: Actor, *, mine: bool = True, products: Sequence[str] = (), limit: int = 5) -> list[Decision]:
    """Overrides whose day has come, and that nobody has reviewed."""
    found = reach(actor, Decision).filter(override=True, archived_at=None, state="decided", review_on__lte=today())
    return list(found.filter(_whose(actor, mine, products)).order_by("review_on", "pk")[:limit])


def _whose(actor: Actor, mine: bool, products: Sequence[str]) -> Q:
    return Q(owner_id=actor.member_id) if mine else Q(product__name__in=products)


# ---- calibration ------------------------------------------------------------------------


def calibration(
    actor: Actor, *, member: UUID | None = None, team: UUID | None = None
) -> tuple[scoring.Calibration, list[Prediction]]:
    """How good the scored predictions of a person, a team or everybody were, and which those are.

    One's own and one's teams' are open to each; others' to heads alone: Forbidden otherwise.
    """
    if member != actor.member_id and not (team and actor.member.in_teams.filter(team_id=team).exists()):
        actor.need("members")
    found = reach(actor, Prediction).filter(state__in=SCORED, archived_at=None, actual__isnull=False)
    if member is not None:
        found = found.filter(owner_id=member)
    if team is not None:
        found = found.filter(owner__in_teams__team_id=team)
    listed = list(found.order_by("-due_on", "-pk")[:1_000])
    return scoring.calibrate([scored(p) for p in listed]), listed


def scored(one: Prediction) -> scoring.Scored:
    """A prediction that has an outcome, as the arithmetic wants it."""
    assert one.actual is not None
    return scoring.Scored(one.baseline, one.low, one.high, one.expected, one.probability / 100, one.actual, one.unit)


def teams(actor: Actor) -> list[Team]:
    """The teams whose calibration the reader may see: one's own, all of them for heads."""
    here = Team.objects.filter(workspace_id=actor.workspace_id)
    here = here if actor.may("members") else here.filter(people__member_id=actor.member_id)
    return list(here.order_by("name"))
