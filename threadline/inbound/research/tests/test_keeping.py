"""Redaction that leaves no trace, and words deleted when their time has come."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from threadline.inbound.research import highlighting, redacting, redaction, retention, transcribing
from threadline.inbound.research.listeners import daily
from threadline.inbound.research.models import Highlight, Interview, Transcript
from threadline.inbound.research.queries import turns_of
from threadline.kernel import rows, search
from threadline.kernel.actions import through_door
from threadline.kernel.changes import Change
from threadline.kernel.errors import Conflict, Forbidden
from threadline.kernel.past import history
from threadline.kernel.testing import World, fresh

TURNS = [
    {"s": "Mira", "a": 0, "b": 1, "t": "Who helped you?"},
    {"s": "P7", "a": 2, "b": 3, "t": "Kaisa Lund did. Write to kaisa.lund@post.example or call +47 22 33 44 55."},
    {
        "s": "P7",
        "a": 4,
        "b": 5,
        "t": "She has card 4111 1111 1111 1111, version 4.12.2026, and 1234567890123456 is no card.",
    },
]


def talk(world: World) -> Interview:
    """An interview in which somebody is named."""
    made = world.make("interview")
    through_door(world.pm, "t", lambda door: transcribing.set_transcript(door, made, TURNS, source="", because="t"))
    return fresh(made)


def redact(world: World, interview: Interview, spans: list[redaction.Span]) -> None:
    """Take spans out."""
    through_door(world.pm, "redact", lambda door: redacting.redact(door, door.get(Interview, interview.pk), spans))


def test_what_could_say_who_it_is_is_found() -> None:
    found = [(s.kind, s.text) for s in redaction.suggest(TURNS, ["Kaisa Lund"])]
    assert found == [
        ("name", "Kaisa Lund"),
        ("mail", "kaisa.lund@post.example"),
        ("phone", "+47 22 33 44 55"),
        ("card", "4111 1111 1111 1111"),
    ]


def test_hostile_text_is_looked_through_quickly_and_without_end() -> None:
    """E9: nothing here goes back and forth over the same characters."""
    for text in ("a" * 100_000, "@" * 100_000, "1 " * 50_000, "a." * 50_000, "www." * 25_000):
        assert len(redaction.suggest([{"t": text}], ["Kaisa"])) <= redaction.MOST


def test_redacted_words_are_nowhere_any_more(world: World) -> None:
    interview = talk(world)
    made = highlighting.highlight_words(
        world.pm, interview=interview.pk, quote="Kaisa Lund did.", memo="Kaisa Lund again"
    )
    redact(world, interview, redaction.suggest(TURNS, ["Kaisa Lund"]))
    now = fresh(made)
    assert (now.quote, now.title, now.memo, now.state) == ("[name] did.", "[name] did.", "[name] again", "placed")
    assert turns_of(fresh(interview))[1]["t"] == "[name] did. Write to [mail] or call [phone]."
    told: list[Any] = [
        [s.diff for s in history(world.pm, now)],
        [s.diff for s in history(world.pm, interview)],
        list(Change.objects.values_list("diff", flat=True)),
        search.find(world.pm, "Kaisa"),
        list(Highlight.objects.values()),
    ]
    assert "Kaisa" not in str(told)
    assert any("+redacted" in step.diff for step in history(world.pm, interview))


def test_a_redaction_is_taken_back_by_those_who_may_see_who_it_is(world: World) -> None:
    interview = talk(world)
    made = highlighting.highlight_words(world.pm, interview=interview.pk, quote="Kaisa Lund did.")
    redact(world, interview, redaction.suggest(TURNS, ["Kaisa Lund"])[:1])
    with pytest.raises(Forbidden):
        redacting.restore_redacted(world.contributor, interview=interview.pk)
    redacting.restore_redacted(world.pm, interview=interview.pk)
    assert (fresh(made).quote, fresh(made).state) == ("Kaisa Lund did.", "placed")
    assert turns_of(fresh(interview)) == TURNS


def test_after_a_month_the_words_are_gone_for_good(world: World) -> None:
    interview = talk(world)
    redact(world, interview, redaction.suggest(TURNS, ["Kaisa Lund"]))
    Transcript.objects.update(made_at=rows.now() - timedelta(days=31))
    assert redacting.forget_old_versions() == 1
    assert "Kaisa" not in str(list(Transcript.objects.values()))
    with pytest.raises(Conflict, match="gone for good"):
        redacting.restore_redacted(world.pm, interview=interview.pk)


def test_a_transcript_that_changed_meanwhile_is_not_cut_blindly(world: World) -> None:
    interview = talk(world)
    spans = redaction.suggest(TURNS, ["Kaisa Lund"])
    transcribing.mend_turn(world.pm, interview=interview.pk, turn=2, text="Somebody else.")
    with pytest.raises(Conflict, match="has changed since"):
        redact(world, interview, spans)


def test_what_is_due_is_shown_before_it_goes_and_highlights_stay(world: World) -> None:
    world.make("study")
    study = world.make("study", keep_months=6)
    long_ago = (rows.now() - timedelta(days=200)).isoformat()
    for at in (long_ago, rows.now().isoformat()):
        made = world.make("interview", study=str(study.pk), at=at)
        through_door(world.pm, "t", lambda d, m=made: transcribing.set_transcript(d, m, TURNS, source="", because="t"))
        highlighting.highlight_words(world.pm, interview=made.pk, quote="Kaisa Lund did.")
    [due] = retention.due(world.pm)
    assert (due.turns, due.highlights, due.past(rows.now().date())) == (3, 1, True)
    world.owner  # noqa: B018 - the house acts in an owner's name
    daily(lambda *a: None)  # type: ignore[arg-type]
    assert retention.due(world.pm) == []
    assert Transcript.objects.count() == 1
    assert Highlight.objects.filter(archived_at=None).count() == 2
    assert fresh(due.interview).turns == 0


def test_consent_that_ended_in_the_night_takes_the_words_along(world: World) -> None:
    world.owner  # noqa: B018 - the house acts in an owner's name
    person = world.make("participant")
    consent = world.make("consent", participant=str(person.pk), take_part=True, quote_anonymous=True)
    interview = world.make("interview", participant=str(person.pk))
    highlight = highlighting.highlight_words(world.pm, interview=interview.pk, quote="words")
    type(consent).objects.filter(pk=consent.pk).update(expires_on=rows.now().date() - timedelta(days=1))
    daily(lambda *a: None)  # type: ignore[arg-type]
    assert fresh(highlight).confidentiality == 3
