"""Competitor, Fact, Trend, Intel and the sources it comes from, declared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from threadline.inbound.market import judging, queries, rules
from threadline.inbound.market.models import Competitor, Fact, Intel, IntelSource, Trend
from threadline.kernel.access import Actor
from threadline.kernel.fields import FieldKind
from threadline.kernel.records import Record
from threadline.kernel.registry import Cite, Computed, Field, RecordType, State, register


@register
class CompetitorType(RecordType):
    """Competitor."""

    model = Competitor
    label, plural, icon = "Competitor", "Competitors", "building"
    group, room = "inbound", "inbound/market"
    about = "A competitor is somebody customers could choose instead. Keep facts about it, each with source and date."
    fields = (
        Field("title", label="Name", aliases=("competitor", "competitor name", "company")),
        Field("threat", label="How much it matters", role="subtitle"),
        Field("positioning", role="matters", meaning=True, search="B", help="Who it is for, and why they should care."),
        Field("segments", role="matters", meaning=True, search="B", help="Which customers it goes after."),
        Field("offers", label="Products compared", role="matters", help="Theirs beside ours."),
        Field("pricing", label="Pricing notes", role="matters", meaning=True, search="B"),
        Field("body", label="Profile", role="body", search="B", aliases=("description", "overview")),
        Field("website", aliases=("url", "site")),
        Field("offer_strength", label="Strength of the offer", help="0 to 10: how well it does what customers want."),
        Field("market_strength", label="Strength in the market", help="0 to 10: reach, brand, money."),
    )
    computed = (
        Computed("facts", "Facts", queries.facts_known, help="Facts that stand."),
        Computed("overdue", "To check", queries.facts_overdue, help="Facts that nobody has checked in time."),
    )
    states = (
        State("active", "Active", "info"),
        State("emerging", "Emerging", "plum"),
        State("gone", "Gone", final=True),
    )
    columns = ("title", "threat", "segments", "facts", "overdue", "state", "owner")
    sort = "title"


@register
class FactType(RecordType):
    """Fact."""

    model = Fact
    label, plural, icon = "Fact", "Facts", "check"
    group, room = "inbound", "inbound/market"
    about = "A fact is one sentence that can be wrong: what, the value, who says so, and when that was checked."
    fields = (
        Field("title", label="Sentence", required=False, help="Blank: made of its parts, and follows them."),
        Field("state", meaning=True),
        Field("value", role="matters", meaning=True, required=True, search="B"),
        Field("aspect", label="What", role="matters", meaning=True, required=True, search="B"),
        Field("competitor", label="About whom", role="subtitle", meaning=True, aliases=("subject", "company")),
        Field("about", label="Kind", help="It says how quickly the fact grows old."),
        Field("checked_on", label="Checked", role="start", help="Blank means today."),
        Field("good_until", role="due", readonly=True, help="From then on whatever cites it is suspect."),
        Field("reliability", label="Reliability of the source"),
        Field("url", label="Source", aliases=("link", "source url")),
        Field("source_note", label="Who says so", search="B", help="A page, a person, a call."),
        Field("half_life", unit="days", help="Blank: 90 for prices, 365 for positioning and company, else 180."),
    )
    computed = (
        Computed(
            "freshness",
            "Freshness",
            queries.freshness_of,
            unit="%",
            help="Halves with each half-life; below 25 it must be checked.",
        ),
        Computed("relied_on", "Relied on by", queries.relying, help="Records that cite it."),
    )
    states = (State("stands", "Stands", "ok"), State("retired", "No longer true", "bad", final=True))
    cites = (Cite("read_in", "Read in", ("intel", "feedback"), back="Source of"),)
    kept = ("good_until",)
    good_until = "good_until"
    columns = (
        "title",
        "competitor",
        "about",
        "freshness",
        "checked_on",
        "good_until",
        "reliability",
        "relied_on",
        "owner",
    )
    sort = "good_until"

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, Fact)
        rules.settle_fact(record, before)


@register
class TrendType(RecordType):
    """Trend."""

    model = Trend
    label, plural, icon = "Trend", "Trends", "arrow"
    group, room = "inbound", "inbound/market"
    about = "A trend moves the whole market. Put it on the radar with its signals, and judge it anew each quarter."
    fields = (
        Field("title", meaning=True),
        Field("body", role="body", meaning=True, search="B"),
        Field("sector", role="subtitle", required=True),
        Field("ring", role="matters", meaning=True, help="Act now, prepare for it, or watch."),
        Field("impact", role="matters", help="On us: 1 small, 5 changes everything."),
        Field("strength", label="Strength of the signals", role="matters", help="1 faint, 5 plain to everybody."),
        Field("likelihood", unit="%"),
        Field("horizon", unit="months", help="When it will matter fully."),
    )
    computed = (Computed("signals", "Signals", queries.signals, help="What says so."),)
    states = (State("active", "On the radar", "info"), State("over", "Over", final=True))
    cites = (Cite("signal", "Signalled by", ("intel", "fact", "feedback"), back="Signals"),)
    columns = ("title", "sector", "ring", "impact", "strength", "likelihood", "horizon", "signals", "owner")
    sort = "title"


@register
class IntelType(RecordType):
    """Something that came in."""

    model = Intel
    label, plural, icon = "Item", "Intel", "file"
    group, room = "intake", "inbound/market"
    about = "What competitors and the market do, as it comes in. Paste a link or text, or let sources be watched."
    fields = (
        Field("title", required=False),
        Field("body", label="Text", role="body", search="B"),
        Field("url", label="Link", role="subtitle", aliases=("source url",)),
        Field("competitor", role="matters"),
        Field("importance", role="matters"),
        Field("published_on", label="Published", role="start"),
        Field("found_by", label="Found by", back="What it brought"),
        Field("repeats", readonly=True),
        Field("address", label="Address, compared", readonly=True),
    )
    states = (
        State("new", "New", "warn"),
        State("used", "Used", "ok"),
        State("repeat", "Repeat", final=True),
        State("discarded", "Discarded", final=True),
    )
    kept = ("repeats", "address")
    columns = ("title", "state", "importance", "competitor", "found_by", "published_on", "created_at")
    sort = "-created"

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, Intel)
        judging.settle_intel(record, before)


@register
class IntelSourceType(RecordType):
    """A watched feed or page."""

    model = IntelSource
    label, plural, icon = "Source", "Sources", "clock"
    group, room = "inbound", "inbound/market"
    about = (
        "A source is a feed or a page that is looked at again and again; what is new there comes into the intel inbox."
    )
    fields = (
        Field("title", label="Name"),
        Field("url", label="Address", role="subtitle", required=True),
        Field("form", label="What it is"),
        Field("competitor", role="matters", back="Sources we watch"),
        Field("every_hours", label="Look every", unit="hours"),
        Field("importance", label="Importance of what it brings"),
    )
    computed = (Computed("problem", "Trouble", queries.problem_of, kind=FieldKind()),)
    states = (State("watching", "Watching", "ok"), State("paused", "Paused"))
    columns = ("title", "form", "competitor", "every_hours", "problem", "state", "owner")
    sort = "title"

    def settle(self, actor: Actor, record: Record, before: dict[str, Any] | None) -> None:
        assert isinstance(record, IntelSource)
        judging.settle_source(record)

    def answers(self) -> dict[str, Callable[[Actor, Any], Any]]:
        return {"health": lambda actor, source: queries.health(actor, key=source.key)}
