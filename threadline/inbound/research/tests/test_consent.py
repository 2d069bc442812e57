"""Withdrawn consent: the words leave everything at once, what rested on them says so, the log proves it."""

from __future__ import annotations

from typing import Any

import pytest

from threadline.inbound.research import consenting, highlighting, queries, rules, transcribing
from threadline.inbound.research.models import Consent, Highlight, Insight, Interview
from threadline.kernel import search, verbs
from threadline.kernel.access import NAMED, WITHHELD, Actor, reach
from threadline.kernel.actions import through_door
from threadline.kernel.changes import Change
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.feed import stream
from threadline.kernel.listing import count_of, list_page
from threadline.kernel.past import as_of, history, links_as_of
from threadline.kernel.registry import type_of
from threadline.kernel.testing import World, fresh
from threadline.kernel.thread import flat, suspects, why
from threadline.kernel.undo import undo

WORDS = "the tunnel swallowed my boss key"
TURNS = [
    {"s": "Mira", "a": 0, "b": 2_000, "t": "When did you last stop half way?"},
    {"s": "P7", "a": 2_000, "b": 9_000, "t": f"On the train. I swear {WORDS} and I closed the game."},
]


def consent(world: World, participant: Any, **scopes: bool) -> Consent:
    """Consent to take part and be quoted anonymously, or to what is said."""
    return world.make(
        "consent", participant=str(participant.pk), **(scopes or {"take_part": True, "quote_anonymous": True})
    )


def told(world: World, **interview: Any) -> tuple[Any, Interview, Highlight, Insight]:
    """A participant who agreed, an interview with a transcript, a highlight, an insight that stands on it."""
    participant = world.make("participant", title="P7")
    consent(world, participant)
    made = world.make("interview", title="P7, returning player", participant=str(participant.pk), **interview)
    through_door(world.pm, "t", lambda door: transcribing.set_transcript(door, made, TURNS, source="vtt", because="t"))
    highlight = highlighting.highlight_words(world.pm, interview=made.pk, quote=WORDS, codes=["lost progress"])
    insight = world.make("insight", title="Disconnects cost keys")
    verbs.link(world.pm, insight, highlight, "supports")
    rules.confirm_insight(world.pm, insight=insight.pk)
    return participant, fresh(made), highlight, insight


def everywhere(actor: Actor, highlight: Highlight, insight: Insight) -> str:
    """All that the kernel would ever tell an actor about a highlight and what cites it."""
    declared = type_of("highlight")
    card = verbs.card(actor, insight.pk)
    found: list[Any] = [
        list_page(actor, declared).rows,
        list_page(actor, declared, "tunnel").rows,
        count_of(actor, declared, ""),
        list(search.find(actor, "tunnel swallowed")),
        [(n.title, n.quote) for n in flat(why(actor, card))],
        [n.diff for n in stream(actor, None, 500)[0]],
        [s.diff for s in history(actor, insight)],
        links_as_of(actor, insight, insight.created_at),
        list(reach(actor, Highlight).values_list("quote", "title", "before", "after")),
    ]
    return str(found)


@pytest.mark.parametrize("withdraw", ["all", "quotes", "edit", "expired", "trash"])
def test_words_without_consent_are_nowhere_for_anybody(world: World, withdraw: str) -> None:
    participant, interview, highlight, insight = told(world)
    assert all(WORDS in everywhere(actor, highlight, insight) for actor in world.roles)
    given = Consent.objects.get(participant=participant)
    if withdraw == "all":
        consenting.withdraw_participant(world.contributor, participant=participant.pk)
    elif withdraw == "quotes":
        consenting.withdraw_consent(world.contributor, consent=given.pk, scopes=["quote_anonymous"])
    elif withdraw == "edit":
        verbs.update(world.pm, "consent", given.pk, {"quote_anonymous": False})
    elif withdraw == "trash":
        verbs.archive(world.pm, "consent", given.pk)
    else:
        verbs.update(world.pm, "consent", given.pk, {"given_on": "2020-01-01", "expires_on": "2020-02-01"})
    for actor in world.roles:
        assert "tunnel" not in everywhere(actor, highlight, insight), actor.role
        with pytest.raises(NotFound):
            verbs.card(actor, highlight.pk, archived=True)
    assert fresh(highlight).confidentiality == WITHHELD
    assert reach(world.pm, Interview).filter(pk=interview.pk).exists() is (withdraw not in ("all", "expired"))


def test_not_even_its_owner_or_a_named_reader_sees_it(world: World) -> None:
    participant, interview, highlight, _ = told(world)
    verbs.name_readers(world.pm, interview.pk, [world.viewer.member_id])
    assert fresh(highlight).confidentiality == NAMED
    assert reach(world.viewer, Highlight).filter(pk=highlight.pk).exists()
    assert not reach(world.contributor, Highlight).filter(pk=highlight.pk).exists()
    consenting.withdraw_participant(world.pm, participant=participant.pk)
    assert fresh(highlight).owner_id == world.pm.member_id
    assert not any(reach(actor, Highlight).filter(pk=highlight.pk).exists() for actor in world.roles)


def test_the_insight_and_what_cites_it_lose_support_in_plain_sight(world: World) -> None:
    participant, _, _highlight, insight = told(world)
    feature = world.make("feature")
    verbs.link(world.pm, feature, insight, "evidence")
    consenting.withdraw_participant(world.contributor, participant=participant.pk, reason="wrote to us on Monday")
    shaken = fresh(insight)
    assert (shaken.state, shaken.lost) == ("shaken", 1)
    row = list_page(world.viewer, type_of("insight"), names=["people_for", "lost"]).rows[0]
    assert (row["people_for"], row["lost"]) == (0, 1)
    assert [(s.source_key, s.target_key) for s in suspects(world.pm)] == [(feature.key, insight.key)]
    last = history(world.viewer, shaken)[0]
    assert (last.action, last.who, last.why) == ("withdraw_participant", "Cora Contributor", "wrote to us on Monday")
    assert last.diff["lost"] == [0, 1]
    proof = Change.objects.get(card_id=Consent.objects.get().pk, action="withdraw_participant")
    assert proof.diff["take_part"] == [True, False]
    assert proof.diff["withdrawn_on"][1]


def test_support_that_is_gone_is_not_confirmed_away(world: World) -> None:
    participant, _, _, insight = told(world)
    consenting.withdraw_participant(world.pm, participant=participant.pk)
    with pytest.raises(Exception, match="Nobody's words support it"):
        rules.confirm_insight(world.pm, insight=insight.pk)


def test_consent_given_again_brings_the_words_back(world: World) -> None:
    participant, interview, highlight, insight = told(world)
    consenting.withdraw_participant(world.pm, participant=participant.pk)
    assert fresh(participant).state == "withdrawn"
    consent(world, participant)
    assert fresh(participant).state == "active"
    assert WORDS in everywhere(world.viewer, highlight, insight)
    assert fresh(interview).confidentiality == 0
    assert (fresh(insight).lost, fresh(insight).state) == (0, "shaken"), "a person must say that it stands again"


def test_a_withdrawal_by_mistake_is_undone_as_one(world: World) -> None:
    participant, _, highlight, insight = told(world)
    batch = world.make("participant").pk
    consenting.withdraw_participant(world.pm, participant=participant.pk, batch=batch)
    undo(world.pm, batch)
    assert WORDS in everywhere(world.viewer, highlight, insight)
    assert fresh(participant).state == "active"


def test_undoing_something_else_brings_no_word_back(world: World) -> None:
    participant, _, highlight, insight = told(world)
    batch = world.make("participant").pk
    verbs.update(world.pm, "highlight", highlight.pk, {"memo": "telling"}, batch=batch)
    consenting.withdraw_participant(world.pm, participant=participant.pk)
    with pytest.raises(Exception, match="Nothing is left to undo"):
        undo(world.pm, batch)
    assert "tunnel" not in everywhere(world.pm, highlight, insight)


def test_nobody_is_quoted_without_consent(world: World) -> None:
    participant = world.make("participant")
    interview = world.make("interview", participant=str(participant.pk))
    with pytest.raises(Invalid, match="has not agreed to be quoted"):
        world.make("highlight", interview=str(interview.pk))
    consent(world, participant, take_part=True)
    with pytest.raises(Invalid, match="has not agreed to be quoted"):
        highlighting.highlight_words(world.pm, interview=interview.pk, quote="anything")


def test_a_highlight_is_seen_by_no_more_people_than_its_interview(world: World) -> None:
    named = world.make("interview", world.owner, confidentiality=NAMED)
    verbs.name_readers(world.owner, named.pk, [world.viewer.member_id, world.pm.member_id])
    highlight = highlighting.highlight_words(world.pm, interview=named.pk, quote="between us")
    assert {a.role for a in world.roles if reach(a, Highlight).filter(pk=highlight.pk).exists()} == {
        "owner",
        "product_manager",
        "viewer",
    }


def test_the_past_is_silent_too(world: World) -> None:
    participant, _, highlight, _ = told(world)
    instant = highlight.created_at
    assert as_of(world.pm, highlight, fresh(highlight).updated_at)["quote"] == WORDS  # type: ignore[index]
    consenting.withdraw_participant(world.pm, participant=participant.pk)
    assert instant < fresh(highlight).updated_at
    assert not reach(world.pm, Highlight).exists(), "time travel starts at reach"


def test_each_scope_has_its_days(world: World) -> None:
    participant = world.make("participant")
    given = consent(world, participant, take_part=True, quote_named=True)
    consenting.withdraw_consent(world.pm, consent=given.pk, scopes=["be quoted by name"])
    days = [(d.scope, d.given, d.who) for d in queries.scope_days(world.pm, fresh(given))]
    assert days == [
        ("take_part", True, "Petra Manager"),
        ("quote_named", True, "Petra Manager"),
        ("quote_named", False, "Petra Manager"),
    ]
    assert fresh(given).state == "given"
