"""What may be done with what came in, and with the places it comes from."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from threadline.fetching.canonical import canonical
from threadline.inbound.market import queries
from threadline.inbound.market.models import Fact, Intel, IntelSource
from threadline.inbound.market.rules import Grade, today
from threadline.kernel import text, verbs
from threadline.kernel.actions import Ask, action
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid
from threadline.kernel.records import Record

OPEN = ("new", "used")
TITLE_LENGTH = 120
READ = "market.read_link"
LOOK = "market.look_at"

About = Literal["price", "feature", "positioning", "company", "customers", "other"]
ToCompetitor = Annotated[str, Ask("Competitor", "Its key or name.", to="competitor")]


def settle_intel(intel: Intel, before: dict[str, Any] | None) -> None:
    """Named by its first words or its address; the second of one page is a repeat from the start."""
    intel.address = canonical(intel.url) if intel.url else ""
    if not intel.title:
        intel.title = text.excerpt(text.plain(intel.body), TITLE_LENGTH) or intel.address[:TITLE_LENGTH]
    if not intel.title:
        raise Invalid(("url", "Paste a link or some text."))
    if before is None and intel.state == "new" and intel.address:
        intel.repeats_id = queries.same_page(intel)
        intel.state = "repeat" if intel.repeats_id else "new"
    if intel.state != "repeat":
        intel.repeats_id = None


def settle_source(source: IntelSource) -> None:
    """There must be something to look at."""
    if not canonical(source.url):
        raise Invalid(("url", "Expected a link that begins with https://."))


@action(Intel, verb="update", label="Make a fact of it", states=OPEN)
def make_fact(
    door: Door,
    *,
    intel: Intel,
    aspect: Annotated[str, Ask("What", "For example: price of the Team plan.")],
    value: Annotated[str, Ask("Value", "For example: €29 a seat a month.")],
    about: Annotated[About, Ask("Kind", "It says how quickly the fact grows old.")] = "other",
    competitor: Annotated[str | None, Ask("About whom", "Its key or name.", to="competitor")] = None,
    reliability: Annotated[Grade, Ask("How reliable is the source?")] = "F",
) -> Record:
    """Keep what it says as one sentence that can be cited, with this as its source."""
    subject = competitor or intel.competitor_id
    values = {"aspect": aspect, "value": value, "about": about, "competitor": subject, "reliability": reliability}
    where = {"url": intel.url or None, "source_note": intel.title, "checked_on": intel.published_on or today()}
    kept = {"product": intel.product_id, "confidentiality": intel.confidentiality}
    fact = door.create(Fact, {**values, **where, **kept})
    verbs.link(door, fact, intel, "read_in")
    door.change(intel, {"state": "used", "competitor": subject})
    return fact


@action(Intel, verb="update", label="Attach to a competitor", states=OPEN, bulk=True)
def attach_intel(door: Door, *, intel: Intel, competitor: ToCompetitor) -> Intel:
    """Put it on a competitor's timeline."""
    return door.change(intel, {"state": "used", "competitor": competitor})


@action(Intel, verb="update", label="Signals a trend", states=OPEN)
def signal_trend(
    door: Door, *, intel: Intel, trend: Annotated[str, Ask("Trend", "Its key or title.", to="trend")]
) -> Intel:
    """Count it among the signals of a trend."""
    verbs.link(door, trend, intel, "signal")
    return door.change(intel, {"state": "used"})


@action(Intel, verb="update", label="Discard", states=OPEN, bulk=True)
def discard_intel(door: Door, *, intel: Intel) -> Intel:
    """It tells us nothing; it stays findable, and can be taken back."""
    return door.change(intel, {"state": "discarded"})


@action(Intel, verb="update", label="Repeats another", states=OPEN)
def repeat_intel(
    door: Door, *, intel: Intel, of: Annotated[str, Ask("What it repeats", "Its key or title.", to="intel")]
) -> Intel:
    """Say that the same was here before."""
    first = door.find(Intel, of)
    if first.pk == intel.pk or first.repeats_id == intel.pk:
        raise Invalid(("of", "Nothing can repeat itself, nor what repeats it."))
    return door.change(intel, {"state": "repeat", "repeats": first.repeats_id or first.pk})


@action(Intel, verb="update", label="Back to the inbox", states=("used", "discarded", "repeat"), bulk=True)
def reopen_intel(door: Door, *, intel: Intel) -> Intel:
    """Put it back among what waits, to judge it anew."""
    return door.change(intel, {"state": "new", "repeats": None})


@action(Intel, verb="create", label="Read the page", states=OPEN)
def read_intel(door: Door, *, intel: Intel) -> Intel:
    """Fetch what stands at the link now, and keep its words."""
    if not intel.url:
        raise Invalid(("url", "There is no link to read."))
    door.log(intel, {})
    door.enqueue(READ, {"record": str(intel.pk), "member": str(door.actor.member_id)})
    return intel


@action(IntelSource, verb="update", label="Look now", states=("watching",), bulk=True)
def look_at_source(door: Door, *, source: IntelSource) -> IntelSource:
    """Look whether there is something new, without waiting for its hour."""
    door.log(source, {})
    door.enqueue(LOOK, {"source": str(source.pk)})
    return source


@action(IntelSource, verb="update", label="Pause", states=("watching",), bulk=True)
def pause_source(door: Door, *, source: IntelSource) -> IntelSource:
    """Stop looking for now."""
    return door.change(source, {"state": "paused"})


@action(IntelSource, verb="update", label="Watch again", states=("paused",), bulk=True)
def resume_source(door: Door, *, source: IntelSource) -> IntelSource:
    """Begin to look at it again, at once and then at its hours."""
    return door.change(source, {"state": "watching"})
