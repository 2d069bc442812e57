"""Study, Participant, Consent, Interview, Highlight, Code and Insight, declared."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from threadline.inbound.research import (
    consenting,
    erasing,  # noqa: F401 - its verb
    highlighting,
    queries,
    redacting,  # noqa: F401 - its verbs
    retention,  # noqa: F401 - its verbs
    rules,
    transcribing,  # noqa: F401 - its verbs
)
from threadline.inbound.research.models import Code, Consent, Highlight, Insight, Interview, Participant, Study
from threadline.kernel.access import Actor
from threadline.kernel.door import Door
from threadline.kernel.records import Record
from threadline.kernel.registry import Cite, Computed, Field, RecordType, State, register

GROUP, ROOM = "research", "inbound/research"


@register
class StudyType(RecordType):
    """Study."""

    model = Study
    label, plural, icon = "Study", "Studies", "search"
    group, room = GROUP, ROOM
    about = "A study is a question we do not know the answer to, and how we mean to find out. Start with its questions."
    fields = (
        Field("title", meaning=True),
        Field("goal", role="matters", meaning=True, search="B", help="What we will decide once we know."),
        Field("questions", role="body", meaning=True, search="B", help="What we want to learn, one question a line."),
        Field("method", role="subtitle"),
        Field(
            "guide",
            search="B",
            help="What we ask, one question a line. Ask for past stories, not for opinions about the future.",
        ),
        Field("guide_version", readonly=True),
        Field("quota", help="Whom we need, one segment a line: Returning players: 4"),
        Field("starts_on", role="start", label="Starts"),
        Field("due_on", role="due", label="Ends"),
        Field("keep_months", label="Keep what was said", unit="months", help="Blank: for as long as it is needed."),
    )
    computed = (Computed("held", "Interviews held", queries.interview_count),)
    kept = ("guide_version",)
    states = (
        State("draft", "Draft"),
        State("running", "Running", "info"),
        State("analysing", "Analysing", "plum"),
        State("done", "Done", "ok", final=True),
        State("stopped", "Stopped", "bad", final=True),
    )
    cites = (Cite("about", "Is to inform", ("feature", "objective"), back="Studied in"),)
    columns = ("title", "state", "method", "held", "starts_on", "due_on", "owner")

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, Study)
        rules.settle_study(record, before)


@register
class InterviewType(RecordType):
    """Interview."""

    model = Interview
    label, plural, icon = "Interview", "Interviews", "message"
    group, room = GROUP, ROOM
    about = "An interview is one conversation. Plan it with a participant, then bring in the transcript and read it."
    fields = (
        Field("study", role="matters", aliases=("project",)),
        Field("participant", role="matters"),
        Field("at", role="start", label="When", aliases=("date", "held on", "recorded on")),
        Field("minutes", unit="minutes", aliases=("duration", "length")),
        Field("notes", role="body", search="B", aliases=("summary",)),
        Field("guide_version", label="Guide", readonly=True),
        Field("asked", label="Questions asked", readonly=True),
        Field("turns", label="Turns", readonly=True),
        Field("transcript_number", label="Transcript version", readonly=True),
    )
    kept = ("guide_version", "asked", "turns", "transcript_number")
    computed = (Computed("highlights", "Highlights", queries.highlight_count),)
    states = (
        State("planned", "Planned"),
        State("held", "Held", "info"),
        State("coded", "Coded", "ok", final=True),
        State("cancelled", "Did not happen", final=True),
    )
    columns = ("title", "state", "study", "participant", "at", "minutes", "highlights", "owner")
    sort = "-at"
    recordings = True

    def receives(self, record: Record, name: str) -> None:
        assert isinstance(record, Interview)
        if name.lower().endswith(queries.MEDIA):
            consenting.may_be_recorded(record)

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, Interview)
        rules.settle_interview(record, before)

    def changed(self, door: Door, record: Record, names: Collection[str]) -> None:
        if not {"confidentiality", "product", "participant", "readers"}.isdisjoint(names):
            consenting.follow_interviews(door, [record.pk])


@register
class HighlightType(RecordType):
    """Highlight."""

    model = Highlight
    label, plural, icon = "Highlight", "Highlights", "edit"
    group, room, stop = GROUP, ROOM, "voices"
    about = "A highlight is a person's own words, marked in a transcript. Read an interview to make the first."
    fields = (
        Field("title", required=False),
        Field("quote", role="body", meaning=True, search="B", required=True, aliases=("content", "text", "snippet")),
        Field("interview", role="matters", required=True),
        Field("speaker", role="subtitle", readonly=True),
        Field("memo", search="B", aliases=("note", "comment")),
        Field("cluster", help="Where it lies on the affinity board."),
        Field("turn", kind=None, help="Counted from 0."),
        Field("start", help="Characters before it in its turn."),
        Field("at_ms", label="At", readonly=True, unit="ms"),
        Field("before", readonly=True),
        Field("after", readonly=True),
    )
    kept = ("speaker", "at_ms", "before", "after")
    states = (State("placed", "In place"), State("lost", "Lost its place", "warn"))
    cites = (Cite(queries.CODED, "Coded as", ("code",), back="Words coded so"),)
    columns = ("title", "coded", "interview", "cluster", "state", "owner")
    sort = "-created"

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, Highlight)
        highlighting.settle_highlight(record, before)


@register
class InsightType(RecordType):
    """Insight."""

    model = Insight
    label, plural, icon = "Insight", "Insights", "info"
    group, room, stop = GROUP, ROOM, "insights"
    about = (
        "An insight is a claim that rests on what people said, and says what follows. Write it so that it can be wrong."
    )
    fields = (
        Field("title", label="Claim", meaning=True, help="One sentence that could be wrong.", aliases=("claim",)),
        Field("because", role="body", meaning=True, search="B", help="What we saw and heard that makes us say so."),
        Field("so_what", label="So what", role="matters", meaning=True, search="B", help="What we should do or stop."),
        Field("confidence", meaning=True),
        Field("study", help="The study it came from.", back="Insights"),
        Field("segments", help="For whom it holds."),
        Field("reviewed_on", label="Last reviewed", role="start"),
        Field("expires_on", label="Holds until", role="due"),
        Field("lost", label="Words withdrawn", readonly=True, meaning=True),
    )
    kept = ("lost",)
    computed = (
        Computed("people_for", "People for", queries.people_for, help="Participants, not quotes."),
        Computed("people_against", "People against", queries.people_against, help="Participants, not quotes."),
    )
    states = (
        State("draft", "Draft"),
        State("stands", "Stands", "ok"),
        State("shaken", "Lost support", "warn"),
        State("retired", "Retired", final=True),
    )
    cites = (
        Cite(queries.SUPPORTS, "Supported by", ("highlight", "feedback"), back="Supports"),
        Cite(queries.CONTRADICTS, "Contradicted by", ("highlight", "feedback"), back="Contradicts"),
    )
    columns = ("title", "state", "people_for", "people_against", "confidence", "study", "expires_on", "owner")

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, Insight)
        rules.settle_insight(record, before)


@register
class CodeType(RecordType):
    """Code."""

    model = Code
    label, plural, icon = "Code", "Codes", "tag"
    group, room = GROUP, ROOM
    about = "A code names what people say again and again. Say when it applies and when not, so that two people agree."
    fields = (
        Field("title", label="Name", aliases=("tag", "name", "code")),
        Field("parent", label="Part of", back="Codes below it"),
        Field("definition", role="body", search="B", aliases=("description",)),
        Field("include", label="Applies when", role="matters"),
        Field("exclude", label="Does not apply when", role="matters"),
        Field("colour", aliases=("color",)),
    )
    computed = (Computed("used", "Highlights", queries.used_count),)
    states = (State("active", "In use", "ok"), State("retired", "Retired", final=True))
    columns = ("title", "parent", "used", "colour", "definition", "state")
    sort = "title"

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, Code)
        rules.settle_code(record, before)


@register
class ParticipantType(RecordType):
    """Participant."""

    model = Participant
    label, plural, icon = "Participant", "Participants", "user"
    group, room = GROUP, ROOM
    about = "A participant is known here by a pseudonym. Who it is, only those who run studies can see."
    fields = (
        Field("title", label="Pseudonym", help="Such as P7. Never the name.", aliases=("pseudonym", "participant id")),
        Field("segment", role="subtitle", search="B", aliases=("group",)),
        Field("full_name", label="Name", private=True, aliases=("full name",)),
        Field("email", private=True, aliases=("e-mail", "mail")),
        Field("phone", private=True, aliases=("telephone", "mobile")),
        Field("account", role="matters", private=True, aliases=("company", "customer"), back="Taking part in research"),
        Field("contact", private=True, back="Taking part in research"),
        Field("notes", private=True),
    )
    states = (
        State("active", "Active", "ok"),
        State("withdrawn", "Consent withdrawn", "bad", final=True),
        State("do_not_contact", "Not to be contacted", "warn", final=True),
    )
    columns = ("title", "segment", "state", "full_name", "owner")
    sort = "title"


@register
class ConsentType(RecordType):
    """Consent."""

    model = Consent
    label, plural, icon = "Consent", "Consents", "check"
    group, room = GROUP, ROOM
    about = "What somebody agreed to, in which words and when. Without it, nothing they said is quoted."
    fields = (
        Field("title", required=False),
        Field("participant", role="matters", required=True),
        *(Field(name, label=label) for name, label in queries.SCOPES),
        Field("text_version", label="Version of the text"),
        Field("text", role="body", label="What they agreed to, word for word"),
        Field("proof", help="How we know: a signed form, a recording, a message.", private=True),
        Field("given_on", label="Given", role="start"),
        Field("expires_on", label="Ends", role="due"),
        Field("withdrawn_on", label="Withdrawn", readonly=True),
    )
    kept = ("withdrawn_on",)
    states = (State("given", "Given", "ok"), State("withdrawn", "Withdrawn", "bad", final=True))
    columns = ("title", "participant", "state", *(n for n, _ in queries.SCOPES), "given_on", "withdrawn_on")

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, Consent)
        consenting.settle_consent(record, before)

    def changed(self, door: Door, record: Record, names: Collection[str]) -> None:
        assert isinstance(record, Consent)
        consenting.follow_consent(door, record.participant_id)
