"""What must hold for studies, participants, interviews, codes and insights, and their plain verbs.

Consent has a file of its own (consenting.py), and so have transcripts and highlights.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from threadline.inbound.research import guide, queries
from threadline.inbound.research.models import Approach, Code, Insight, Interview, Participant, Study
from threadline.kernel import rows
from threadline.kernel.access import TEAM
from threadline.kernel.actions import Ask, action
from threadline.kernel.door import Door
from threadline.kernel.errors import Conflict, Invalid

Reason = Annotated[str, Ask("Why?", "Kept in the history, for whoever asks later.", long=True)]


# ---- what must hold ---------------------------------------------------------------------


def settle_study(study: Study, before: dict[str, Any] | None) -> None:
    """A guide that is written anew is a new version of it."""
    written = bool(study.guide) if before is None else "guide" in before and before["guide"] != (study.guide or None)
    if written and study.guide and "guide_version" not in (before or {}):  # an undo says which it was
        study.guide_version += 1
    if study.starts_on and study.due_on and study.due_on < study.starts_on:
        raise Invalid(("due_on", "The study cannot end before it begins."))


def settle_interview(interview: Interview, before: dict[str, Any] | None) -> None:
    """An interview is named after whom it is with; it keeps the guide it was held with."""
    if before is None and interview.study_id is not None:
        study = Study.objects.filter(pk=interview.study_id).first()
        if study is None:  # an import that is only being checked names records that are still to come
            return
        interview.guide_version = interview.guide_version or study.guide_version
        interview.product_id = interview.product_id or study.product_id
        # What is said in a study that not everybody sees is not for everybody either.
        interview.confidentiality = max(interview.confidentiality, min(study.confidentiality, TEAM))


def settle_code(code: Code, before: dict[str, Any] | None) -> None:
    """Codes form a tree."""
    if code.parent_id is None or (before is not None and "parent" not in before):
        return
    if code.parent_id == code.pk or (before is not None and queries.is_within(code.parent_id, code)):
        raise Invalid(("parent", "A code cannot stand under itself, nor under one of its own parts."))


def settle_insight(insight: Insight, before: dict[str, Any] | None) -> None:
    """An insight that is not yet old cannot be out of date."""
    if insight.expires_on and insight.reviewed_on and insight.expires_on < insight.reviewed_on:
        raise Invalid(("expires_on", "It cannot go out of date before it was last reviewed."))


# ---- studies ----------------------------------------------------------------------------


@action(Study, verb="decide", label="Start recruiting", states=("draft",))
def start_study(door: Door, *, study: Study) -> Study:
    """Say that the questions stand and participants are being sought."""
    values = {"state": "running"} | ({} if study.starts_on else {"starts_on": rows.now().date()})
    return door.change(study, values)


@action(Study, verb="decide", label="Analyse", states=("running",))
def analyse_study(door: Door, *, study: Study) -> Study:
    """Say that the talking is done and the sense-making begins."""
    return door.change(study, {"state": "analysing"})


@action(Study, verb="decide", label="Close", states=("running", "analysing"))
def close_study(door: Door, *, study: Study) -> Study:
    """Say that the study has answered what it could. Its insights stay and can be found."""
    return door.change(study, {"state": "done"})


@action(Study, verb="decide", label="Stop", states=("draft", "running", "analysing"))
def stop_study(door: Door, *, study: Study, reason: Reason) -> Study:
    """Give the study up before its end, and say why."""
    door.why = reason[:2_000]
    return door.change(study, {"state": "stopped"})


@action(Study, verb="decide", label="Open again", states=("done", "stopped"))
def reopen_study(door: Door, *, study: Study, reason: Reason) -> Study:
    """Take the study up again: more is to be learned."""
    door.why = reason[:2_000]
    return door.change(study, {"state": "running"})


# ---- participants -----------------------------------------------------------------------


@action(Participant, verb="update", label="Note a contact")
def note_contact(
    door: Door,
    *,
    participant: Participant,
    how: Literal["email", "call", "message", "meeting", "letter"],
    about: Annotated[str, Ask("What about", "In a few words, without names.")] = "",
) -> Participant:
    """Write down that we got in touch, so that nobody asks the same person too often."""
    if participant.state == "do_not_contact":
        raise Conflict("This person asked not to be contacted.", participant.version)
    made = rows.blank(
        Approach,
        workspace_id=participant.workspace_id,
        participant_id=participant.pk,
        on=rows.now().date(),
        how=how,
        about=about[:300],
        made_by_id=door.actor.member_id,
    )
    rows.insert(made)
    door.log(participant, {"+approach": [None, {"id": str(made.pk), "how": how}]})
    return participant


@action(Participant, verb="decide", label="Leave in peace", states=("active", "withdrawn"))
def leave_in_peace(door: Door, *, participant: Participant, reason: Reason = "") -> Participant:
    """Note that this person does not want to hear from us. What they said stays as they agreed."""
    door.why = reason[:2_000] or door.why
    return door.change(participant, {"state": "do_not_contact"})


@action(Participant, verb="decide", label="May be contacted again", states=("do_not_contact",))
def contact_again(door: Door, *, participant: Participant, reason: Reason) -> Participant:
    """Note that this person has said we may write again."""
    door.why = reason[:2_000]
    return door.change(participant, {"state": "active"})


# ---- interviews -------------------------------------------------------------------------


@action(Interview, verb="update", label="Was held", states=("planned",))
def hold_interview(door: Door, *, interview: Interview) -> Interview:
    """Say that the conversation took place, with the guide as it stands today."""
    values: dict[str, Any] = {"state": "held"}
    if interview.at is None:
        values["at"] = rows.now()
    return door.change(interview, values)


@action(Interview, verb="update", label="Is coded", states=("held",))
def code_interview(door: Door, *, interview: Interview) -> Interview:
    """Say that everything worth keeping in it is highlighted and coded."""
    return door.change(interview, {"state": "coded"})


@action(Interview, verb="update", label="Work on it again", states=("coded", "cancelled"))
def uncode_interview(door: Door, *, interview: Interview) -> Interview:
    """Take it up again: there is more in it."""
    return door.change(interview, {"state": "held" if interview.at else "planned"})


@action(Interview, verb="update", label="Did not happen", states=("planned",))
def cancel_interview(door: Door, *, interview: Interview, reason: Reason = "") -> Interview:
    """Say that the conversation was called off or nobody came."""
    door.why = reason[:2_000] or door.why
    return door.change(interview, {"state": "cancelled"})


@action(Interview, verb="update", label="Tick a question")
def tick_question(
    door: Door,
    *,
    interview: Interview,
    number: Annotated[int, Ask("Question", "Its number in the guide.")],
    asked: Annotated[bool, Ask("It was asked")] = True,
) -> Interview:
    """Say that a question of the guide was asked, or that it was not."""
    if not 1 <= number <= guide.MOST_LINES:
        raise Invalid(("number", f"Between 1 and {guide.MOST_LINES}."))
    done = set(guide.numbers(interview.asked))
    done = done | {number} if asked else done - {number}
    return door.change(interview, {"asked": ",".join(map(str, sorted(done)))})


# ---- codes and insights -----------------------------------------------------------------


@action(Code, verb="update", label="Retire", states=("active",))
def retire_code(door: Door, *, code: Code) -> Code:
    """Offer the code no longer; what carries it keeps it."""
    return door.change(code, {"state": "retired"})


@action(Code, verb="update", label="Use again", states=("retired",))
def revive_code(door: Door, *, code: Code) -> Code:
    """Offer the code for highlights again."""
    return door.change(code, {"state": "active"})


@action(Insight, verb="decide", label="It stands", states=("draft", "shaken"))
def confirm_insight(door: Door, *, insight: Insight) -> Insight:
    """Say that the evidence as it is today carries the claim."""
    sql, params = queries.people_for(door.actor, "r")
    row = rows.fetch_one(f"SELECT ({sql}) FROM inbound_insight r WHERE r.id = %s", [*params, insight.pk])
    if row is None or not row[0]:
        raise Conflict("Nobody's words support it: link a highlight or a note first, or retire it.", insight.version)
    return door.change(insight, {"state": "stands", "reviewed_on": rows.now().date()})


@action(Insight, verb="decide", label="Retire", states=("draft", "stands", "shaken"))
def retire_insight(door: Door, *, insight: Insight, reason: Reason) -> Insight:
    """Rely on it no longer, and say why; whatever cites it still shows it as retired."""
    door.why = reason[:2_000]
    return door.change(insight, {"state": "retired"})


@action(Insight, verb="decide", label="Take up again", states=("retired",))
def revive_insight(door: Door, *, insight: Insight, reason: Reason) -> Insight:
    """Open the question again: it becomes a draft."""
    door.why = reason[:2_000]
    return door.change(insight, {"state": "draft"})
