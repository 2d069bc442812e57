"""Questions about research: transcripts, what people agreed to, who supports what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F

from threadline.house import filing
from threadline.inbound.research.models import Code, Consent, Highlight, Insight, Interview, Participant, Transcript
from threadline.kernel import rows
from threadline.kernel.access import NAMED, WITHHELD, Actor, reach, reach_sql
from threadline.kernel.changes import Change
from threadline.kernel.links import Link
from threadline.kernel.records import Record

SCOPES = (
    ("take_part", "Take part"),
    ("recording", "Be recorded"),
    ("quote_named", "Be quoted by name"),
    ("quote_anonymous", "Be quoted anonymously"),
    ("share_outside", "Be shared outside the company"),
    ("machine_analysis", "Be analysed by a machine"),
)
SCOPE_LABELS = dict(SCOPES)
QUOTING = ("quote_named", "quote_anonymous")
MEDIA = filing.RECORDINGS
CODED = "coded"
_TAKEN_ALONG = ("number", "interview_id", "quote", "memo", "state", "turn", "start", "at_ms", "owner_id")
AT_ONCE = 10_000  # ids named in one question
SUPPORTS, CONTRADICTS = "supports", "contradicts"
EVIDENCE = (SUPPORTS, CONTRADICTS)


# ---- transcripts ------------------------------------------------------------------------


def transcript(interview: Interview) -> Transcript | None:
    """The transcript as it stands, of an interview that came through reach."""
    if not interview.transcript_number:
        return None
    here = Transcript.objects.filter(workspace_id=interview.workspace_id, interview_id=interview.pk)
    return here.filter(number=interview.transcript_number).first()


def turns_of(interview: Interview) -> list[dict[str, Any]]:
    """Its turns; empty when there is none."""
    found = transcript(interview)
    return found.turns if found else []


def turns_of_all(interviews: Iterable[Interview]) -> Iterator[tuple[Interview, list[dict[str, Any]]]]:
    """The turns of several interviews that came through reach, in any order and a few at a time: they are long."""
    talks = {i.pk: i for i in interviews if i.transcript_number}
    here = Transcript.objects.filter(interview_id__in=talks, number=F("interview__transcript_number"))
    for one in here.iterator(chunk_size=10):
        if one.turns:
            yield talks[one.interview_id], one.turns


def highlights_of(actor: Actor, interview: Interview) -> list[Highlight]:
    """The highlights of an interview within reach, in the order of the talk."""
    here = reach(actor, Highlight).filter(interview_id=interview.pk, archived_at=None)
    return list(here.order_by("turn", "start", "pk"))


def highlights_in(actor: Actor, interviews: Iterable[UUID]) -> dict[UUID, list[Highlight]]:
    """The highlights of several interviews within reach, each in the order of its talk, in one question."""
    found: dict[UUID, list[Highlight]] = {}
    here = reach(actor, Highlight).filter(interview_id__in=list(interviews), archived_at=None)
    for one in here.order_by("turn", "start", "pk").only(*_TAKEN_ALONG):
        found.setdefault(one.interview_id, []).append(one)
    return found


def codes_of(actor: Actor, highlights: Iterable[UUID]) -> dict[UUID, list[Code]]:
    """The codes of highlights within reach, by highlight."""
    ids, pairs = list(highlights), list[tuple[UUID, UUID]]()
    for at in range(0, len(ids), AT_ONCE):
        links = Link.objects.filter(workspace_id=actor.workspace_id, source_id__in=ids[at : at + AT_ONCE], kind=CODED)
        pairs += links.order_by("pk").values_list("source_id", "target_id")
    near = {c.pk: c for c in reach(actor, Code).filter(pk__in={t for _, t in pairs}, archived_at=None)}
    found: dict[UUID, list[Code]] = {}
    for source, target in pairs:
        if target in near:
            found.setdefault(source, []).append(near[target])
    return found


def guide_text(study_id: UUID, version: int) -> str:
    """The guide of a study as it was in a version, read from the log; the last that was called so."""
    said = Change.objects.filter(card_id=study_id, diff__guide_version__1=version, diff__has_key="guide")
    found = said.order_by("-pk").values_list("diff", flat=True).first()
    return (found["guide"][1] or "") if found else ""


# ---- consent ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """What a participant agrees to today. ``known`` says whether anything was ever recorded."""

    scopes: frozenset[str]
    known: bool
    withdrawn: bool

    @property
    def quotable(self) -> bool:
        """Whether their words may be quoted at all."""
        return not self.scopes.isdisjoint(QUOTING)

    @property
    def says(self) -> str:
        """In a few words, for a chip."""
        if not self.known:
            return "no consent recorded"
        if not self.scopes:
            return "consent withdrawn" if self.withdrawn else "agreed to nothing"
        if "quote_named" in self.scopes:
            return "quotes allowed, by name"
        return "quotes allowed, anonymous" if "quote_anonymous" in self.scopes else "no quotes"

    @property
    def tone(self) -> str:
        """The colour of the chip."""
        return "ok" if self.quotable else "warn" if self.known and self.scopes else "bad"


def standing(workspace_id: UUID, participant_id: UUID | None, today: date | None = None) -> Standing:
    """What holds for a participant. Past reach: what may be shown must not depend on who looks."""
    if participant_id is None:
        return NOTHING_KNOWN
    return standings(workspace_id, [participant_id], today).get(participant_id, NOTHING_KNOWN)


def standings(workspace_id: UUID, participants: Iterable[UUID], today: date | None = None) -> dict[UUID, Standing]:
    """The same of several participants, of whom anything was recorded, in one question."""
    day, found = today or rows.now().date(), dict[UUID, list[Consent]]()
    here = Consent.objects.filter(workspace_id=workspace_id, participant_id__in=list(participants), archived_at=None)
    for one in here:
        found.setdefault(one.participant_id, []).append(one)
    return {participant: _standing(consents, day) for participant, consents in found.items()}


def _standing(consents: Iterable[Consent], day: date) -> Standing:
    scopes: set[str] = set()
    withdrawn = False
    for one in consents:
        if one.state == "withdrawn" or (one.expires_on is not None and one.expires_on < day):
            withdrawn = True
        elif one.state == "given":
            withdrawn = withdrawn or one.withdrawn_on is not None
            scopes |= {name for name, _ in SCOPES if getattr(one, name)}
    return Standing(frozenset(scopes), True, withdrawn)


NOTHING_KNOWN = Standing(frozenset(), known=False, withdrawn=False)


@dataclass(frozen=True, slots=True)
class ScopeDay:
    """When one scope was given or withdrawn, and by whom it was written down."""

    scope: str
    on: date
    given: bool
    who: str


def scope_days(actor: Actor, consent: Consent) -> list[ScopeDay]:
    """The days on which each scope of a consent within reach was given or taken back, oldest first."""
    changes = Change.objects.filter(workspace_id=actor.workspace_id, card_id=consent.pk).order_by("pk")
    found = []
    for at, who, diff in changes.values_list("at", "actor_name", "diff"):
        for name, _ in SCOPES:
            if name in diff and bool(diff[name][0]) != bool(diff[name][1]):
                given = bool(diff[name][1])
                first = given and consent.given_on is not None and "given_on" in diff
                found.append(ScopeDay(name, consent.given_on if first and consent.given_on else at.date(), given, who))
    return found


# ---- evidence ---------------------------------------------------------------------------

# Who stands behind a piece of evidence: the participant of a highlight; of a note its account, its
# contact or itself. Participants are counted, not quotes.
_WHO = (
    "COALESCE('p' || CAST(ei.participant_id AS text), 'i' || CAST(eh.interview_id AS text),"
    " 'a' || CAST(en.account_id AS text), 'c' || CAST(en.contact_id AS text), 'n' || CAST(el.target_id AS text))"
)
_FROM = (
    " FROM kernel_link el CROSS JOIN kernel_card ec LEFT JOIN inbound_highlight eh ON eh.id = el.target_id"
    " LEFT JOIN inbound_interview ei ON ei.id = eh.interview_id"
    " LEFT JOIN inbound_feedback en ON en.id = el.target_id"
    " WHERE el.workspace_id = {alias}.workspace_id AND el.source_id = {alias}.id AND el.kind = '{kind}'"
    " AND ec.id = el.target_id AND ec.archived_at IS NULL AND {near}"
)


def _people(actor: Actor, alias: str, kind: str) -> tuple[str, list[Any]]:
    near, params = reach_sql(actor, "ec")
    return f"SELECT COUNT(DISTINCT {_WHO}){_FROM.format(alias=alias, kind=kind, near=near)}", params


def people_for(actor: Actor, alias: str) -> tuple[str, list[Any]]:
    """How many people support an insight, each counted once."""
    return _people(actor, alias, SUPPORTS)


def people_against(actor: Actor, alias: str) -> tuple[str, list[Any]]:
    """How many people contradict an insight, each counted once."""
    return _people(actor, alias, CONTRADICTS)


def highlight_count(actor: Actor, alias: str) -> tuple[str, list[Any]]:
    """How many highlights an interview has."""
    near, params = reach_sql(actor, "qh")
    return (
        f"SELECT COUNT(*) FROM inbound_highlight qh WHERE qh.workspace_id = {alias}.workspace_id"
        f" AND qh.interview_id = {alias}.id AND qh.archived_at IS NULL AND {near}"
    ), params


def interview_count(actor: Actor, alias: str) -> tuple[str, list[Any]]:
    """How many interviews of a study were held."""
    near, params = reach_sql(actor, "qi")
    return (
        f"SELECT COUNT(*) FROM inbound_interview qi WHERE qi.workspace_id = {alias}.workspace_id"
        f" AND qi.study_id = {alias}.id AND qi.archived_at IS NULL AND qi.state IN ('held', 'coded') AND {near}"
    ), params


def used_count(actor: Actor, alias: str) -> tuple[str, list[Any]]:
    """How many highlights carry a code."""
    near, params = reach_sql(actor, "qc")
    return (
        "SELECT COUNT(*) FROM kernel_link ql CROSS JOIN kernel_card qc"
        f" WHERE ql.workspace_id = {alias}.workspace_id AND ql.target_id = {alias}.id AND ql.kind = '{CODED}'"
        f" AND qc.id = ql.source_id AND qc.archived_at IS NULL AND {near}"
    ), params


# ---- past reach, for rules --------------------------------------------------------------


def seen_before(interview: Interview) -> int:
    """Who could see an interview before it was withheld, as the log says."""
    log = Change.objects.filter(card_id=interview.pk, diff__confidentiality__1=WITHHELD).order_by("-pk")
    found = log.values_list("diff", flat=True).first()
    return int(found["confidentiality"][0] or 0) if found else NAMED


def highlight_ids(workspace_id: UUID, interviews: Iterable[UUID]) -> list[UUID]:
    """All highlights of these interviews, whoever may see them."""
    found = Highlight.objects.filter(workspace_id=workspace_id, interview_id__in=list(interviews))
    return list(found.values_list("pk", flat=True))


def interviews_with(workspace_id: UUID, participant_id: UUID) -> list[UUID]:
    """All interviews with a participant, whoever may see them."""
    found = Interview.objects.filter(workspace_id=workspace_id, participant_id=participant_id)
    return list(found.values_list("pk", flat=True))


def insights_on(workspace_id: UUID, highlights: Iterable[UUID]) -> list[UUID]:
    """All insights that cite one of these highlights, for or against."""
    found = Link.objects.filter(workspace_id=workspace_id, target_id__in=list(highlights), kind__in=EVIDENCE)
    return list(found.filter(source__kind=Insight.kind).values_list("source_id", flat=True).distinct())


def withheld_behind(insight: Insight) -> int:
    """How many of an insight's citations are of words that were withdrawn."""
    found = Link.objects.filter(workspace_id=insight.workspace_id, source_id=insight.pk, kind__in=EVIDENCE)
    return found.filter(target__confidentiality=WITHHELD).count()


def is_within(part: UUID, whole: Record) -> bool:
    """Whether the code ``part`` lies, at any depth, under ``whole``. Past reach: to refuse circles."""
    row = rows.fetch_one(
        "WITH RECURSIVE above (id) AS (SELECT parent_id FROM inbound_code WHERE id = %s"
        " UNION SELECT c.parent_id FROM inbound_code c JOIN above a ON c.id = a.id)"
        " SELECT 1 FROM above WHERE id = %s LIMIT 1",
        [part, whole.pk],
    )
    return row is not None


def participant_of(interview_id: UUID) -> tuple[Interview, Participant | None]:
    """An interview and whom it was held with, past reach: for rules."""
    found = Interview.objects.select_related("participant").get(pk=interview_id)
    return found, found.participant
