"""Verbs on assumptions and their tests: argue, judge; register, run, read and conclude."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from threadline.inbound import standing
from threadline.inbound.strategy import betting
from threadline.inbound.strategy.models import Assumption, AssumptionTest
from threadline.kernel import verbs
from threadline.kernel.actions import Ask, action
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid, Problem

# What counts as success, fixed once a test is registered: else every test could be made to succeed.
FIXED = ("method", "metric", "threshold", "sample")
PLANNED = ("usual", "hoped", "power")  # fixed as well, but not every test has two groups
BEGUN = ("registered", "running", "read", "decided")
Evidence = Annotated[str, Ask("Evidence", "The key of a note, an insight, a fact or a test: N-12, FC-3.")]
Quote = Annotated[str, Ask("In their words", "The sentence that matters, word for word.", long=True)]


def settle_test(test: AssumptionTest, before: dict[str, Any] | None) -> None:
    """Refuse to start without a bar to clear, and to move the bar once the test is registered."""
    if test.usual is not None and test.usual == test.hoped:
        raise Invalid(Problem("hoped", "This is the share without it: say what change is worth finding."))
    if test.state not in BEGUN:
        return
    was = before or {}
    if was.get("state", test.state) in BEGUN:
        moved = [n for n in FIXED if n in was and was[n] != (getattr(test, n) or None)]
        moved += [n for n in PLANNED if n in was and was[n] != getattr(test, n)]
        if moved:
            says = "This was fixed when the test was registered. Drop the test and draft another one."
            raise Invalid(*(Problem(name, says) for name in moved))
    missing = [n for n in FIXED if getattr(test, n) in (None, "", 0)]
    if missing:
        says = "Say this before the test is registered: it cannot be moved later."
        raise Invalid(*(Problem(name, says) for name in missing))


@action(Assumption, verb="update", label="Speaks for it")
def support_assumption(door: Door, *, assumption: Assumption, evidence: Evidence, quote: Quote = "") -> Assumption:
    """Cite what makes this more likely to be true."""
    verbs.link(door, assumption, standing.named(door, "evidence", evidence).pk, betting.FOR, quote=quote)
    betting.follow_evidence(door, assumption)
    return assumption


@action(Assumption, verb="update", label="Speaks against it")
def contradict_assumption(door: Door, *, assumption: Assumption, evidence: Evidence, quote: Quote = "") -> Assumption:
    """Cite what makes this less likely to be true. Whatever bets on it is suspect from then on."""
    door.why = door.why or quote[:2_000]
    verbs.link(door, assumption, standing.named(door, "evidence", evidence).pk, betting.AGAINST, quote=quote)
    betting.follow_evidence(door, assumption)
    return assumption


@action(Assumption, verb="decide", label="Judge")
def judge_assumption(
    door: Door,
    *,
    assumption: Assumption,
    verdict: Annotated[Literal["holds", "false", "believed"], Ask("What do you make of it?")],
    reason: Annotated[str, Ask("Why?", "What weighed more, and what did not.", long=True)],
) -> Assumption:
    """Weigh what speaks for it and against it, and say whether it holds. New evidence can overturn that."""
    door.why = reason[:2_000]
    door.change(assumption, {"state": verdict})
    door.log(assumption, {"+judged": [None, {"verdict": verdict}]})
    return assumption


@action(AssumptionTest, verb="update", label="Register", states=("draft",), to="registered")
def register_test(door: Door, *, assumption_test: AssumptionTest) -> AssumptionTest:
    """Fix what is done, what is measured, what counts as success and how many take part. None of it moves later."""
    return door.change(assumption_test, {"state": "registered"})


@action(AssumptionTest, verb="update", label="Start", states=("registered",), to="running")
def start_test(door: Door, *, assumption_test: AssumptionTest) -> AssumptionTest:
    """Say that it runs now; what comes out is written down when it is read."""
    return door.change(assumption_test, {"state": "running"})


@action(AssumptionTest, verb="update", label="Read the result", states=("running",))
def read_test(
    door: Door,
    *,
    assumption_test: AssumptionTest,
    cleared: Annotated[Literal["yes", "no"], Ask("Did it reach what counts as success?")],
    result: Annotated[str, Ask("What came out?", "The number, and what was seen.", long=True)],
) -> AssumptionTest:
    """Write down what came out. The assumption cites the test from then on, for it or against it."""
    door.change(assumption_test, {"state": "read", "result": result})
    assumption = door.get(Assumption, assumption_test.assumption_id)
    door.why = door.why or result[:2_000]
    verbs.link(door, assumption, assumption_test.pk, betting.FOR if cleared == "yes" else betting.AGAINST)
    betting.follow_evidence(door, assumption)
    return assumption_test


@action(AssumptionTest, verb="decide", label="Conclude", states=("read",), to="decided")
def conclude_test(
    door: Door,
    *,
    assumption_test: AssumptionTest,
    verdict: Annotated[Literal["persevere", "pivot", "stop"], Ask("What follows from it?")],
    reason: Annotated[str, Ask("Why?", long=True)] = "",
) -> AssumptionTest:
    """Say what follows: go on, change course, or stop."""
    door.why = reason[:2_000] or door.why
    return door.change(assumption_test, {"state": "decided", "verdict": verdict})
