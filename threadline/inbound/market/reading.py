"""Reading what strangers publish into the inbox: feeds, watched pages, pasted links. Runs in jobs."""

from __future__ import annotations

import difflib
import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID

from threadline.fetching import reading, robots
from threadline.fetching.addresses import Refused, Resolver
from threadline.fetching.fetch import FEEDS, PAGES, Answer, Failed, fetch
from threadline.formats.feeds import Entry, NotAFeed, read_feed
from threadline.house import filing
from threadline.inbound.market import queries
from threadline.inbound.market.judging import TITLE_LENGTH
from threadline.inbound.market.models import Fact, Intel, IntelSource, Polling
from threadline.kernel import rows, text, verbs
from threadline.kernel.access import Actor, actor_of, reach
from threadline.kernel.actions import through_door
from threadline.kernel.changes import Change
from threadline.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from threadline.kernel.members import Member
from threadline.kernel.similar import similar

FIRST_TIME = 10  # entries taken when a feed is read for the first time
LONGEST_WAIT = timedelta(days=7)
MOST_LINES = 200  # of a changed page that are shown
EXCERPT = 4_000  # characters of an entry that are kept


def look_at(source_id: UUID, resolver: Resolver | None = None) -> int:
    """Look at a source once: what is new becomes intel, what went wrong is written down. Returns how many are new."""
    source = IntelSource.objects.filter(pk=source_id, state="watching", archived_at=None).first()
    if source is None:
        return 0
    seen = _polling(source)
    try:
        actor = _reader(source)
        answer = fetch(
            source.url,
            kinds=FEEDS if source.form == IntelSource.Form.FEED else PAGES,
            etag=seen.etag,
            last_modified=seen.last_modified,
            resolver=resolver,
            permitted=robots.asks(resolver),
        )
        made = 0 if answer.unchanged else _take_in(actor, source, seen, answer)
    except (Refused, Failed, NotAFeed, Forbidden) as error:
        _failed(source, seen, error)
        return 0
    seen.problem, seen.failures, seen.worked_at = "", 0, rows.now()
    if not answer.unchanged:
        seen.etag, seen.last_modified = answer.etag, answer.last_modified
    _keep(source, seen, rows.now() + timedelta(hours=source.every_hours))
    return made


def _polling(source: IntelSource) -> Polling:
    """What is remembered of a source; begun anew when its address was changed."""
    found = Polling.objects.filter(source=source).first()
    if found is None or found.url != source.url:
        Polling.objects.filter(source=source).delete()
        found = Polling(source=source, workspace_id=source.workspace_id, url=source.url)
        found.save(force_insert=True)
    return found


def _reader(source: IntelSource) -> Actor:
    """A source is read with the rights of its owner, or of who made it. Raises Forbidden when nobody is left."""
    made_by = Change.objects.filter(card_id=source.pk, version=1).values_list("actor_id", flat=True).first()
    reader = source.owner_id or made_by
    member = Member.objects.select_related("user", "workspace").get(pk=reader) if reader else None
    if member is None:
        raise Forbidden("Nobody owns this source any more. Give it an owner.")
    return actor_of(member, face="job")


def _failed(source: IntelSource, seen: Polling, error: Exception) -> None:
    """Wait twice as long after each failure, and as long as the far side asks for."""
    seen.failures = min(seen.failures + 1, 30)
    seen.problem = str(error)[:300]
    wait = min(timedelta(hours=source.every_hours) * 2 ** min(seen.failures, 10), LONGEST_WAIT)
    asked = timedelta(seconds=(error.retry_after or 0) if isinstance(error, Failed) else 0)
    _keep(source, seen, rows.now() + max(wait, asked))


def _keep(source: IntelSource, seen: Polling, next_at: Any) -> None:
    seen.looked_at, seen.next_at = rows.now(), next_at
    seen.save()


def _take_in(actor: Actor, source: IntelSource, seen: Polling, answer: Answer) -> int:
    if source.form == IntelSource.Form.FEED:
        return _take_entries(actor, source, seen, answer)
    return _take_change(actor, source, seen, answer)


# ---- feeds ------------------------------------------------------------------------------


def _take_entries(actor: Actor, source: IntelSource, seen: Polling, answer: Answer) -> int:
    entries = read_feed(answer.body, answer.url).entries
    if seen.worked_at is None:
        entries = entries[:FIRST_TIME]
    named = {_mark(e): e for e in entries}
    known = Intel.objects.filter(workspace_id=source.workspace_id, source=_from(source), source_id__in=list(named))
    here = set(known.values_list("source_id", flat=True))
    made = 0
    for mark, entry in reversed(named.items()):  # the oldest first, so that the newest stands on top
        if mark not in here:
            made += _bring_in(actor, source, mark, _values(entry))
    return made


def _mark(entry: Entry) -> str:
    return hashlib.sha256(entry.id.encode("utf-8", "replace")).hexdigest()


def _from(source: IntelSource) -> str:
    return f"{source.key} watched"


def _values(entry: Entry) -> dict[str, Any]:
    said = reading.plain(entry.summary)[:EXCERPT]
    named = reading.tidy(entry.title).replace("\n", " ") or text.excerpt(said, TITLE_LENGTH)
    return {"title": named[:300], "body": inert(said), "url": entry.url or None, "published_on": entry.on}


def _bring_in(actor: Actor, source: IntelSource, mark: str, values: dict[str, Any]) -> int:
    beside = {"source": _from(source), "source_id": mark, "found_by": source.pk, "importance": source.importance}
    mine = {"competitor": source.competitor_id, "product": source.product_id, "confidentiality": source.confidentiality}
    try:
        made = verbs.create(actor, "intel", {**values, **beside, **mine})
    except (Invalid, Conflict):  # brought in meanwhile, or nothing that can be kept
        return 0
    assert isinstance(made, Intel)
    first = told_before(actor, made) if made.state == "new" else None
    if first is not None:
        verbs_by_rule(actor, made, first)
    return 1


def told_before(actor: Actor, intel: Intel) -> Intel | None:
    """An item within reach that tells the same story in nearly the same words."""
    said = f"{intel.title} {intel.body}"
    for one in similar(actor, said, "intel", 5, besides=intel.pk):
        other = reach(actor, Intel).filter(pk=one.card_id, confidentiality=0).exclude(state="repeat").first()
        if other is not None and queries.likeness(said, f"{other.title} {other.body}") >= queries.SAME_STORY:
            return other
    return None


def verbs_by_rule(actor: Actor, intel: Intel, first: Intel) -> None:
    """Let the item be a repeat."""
    through_door(actor, "repeat_intel", lambda door: _repeat(door, intel, first))


def _repeat(door: Any, intel: Intel, first: Intel) -> Intel:
    found = door.find(Intel, intel)
    changed: Intel = door.change(found, {"state": "repeat", "repeats": first.pk})
    return changed


# ---- pages ------------------------------------------------------------------------------


def _take_change(actor: Actor, source: IntelSource, seen: Polling, answer: Answer) -> int:
    words = reading.words_of(answer)
    before, seen.seen_text = seen.seen_text, words.text
    if not before or before == words.text:
        return 0
    said = changed_lines(before, words.text)
    if not said:
        return 0
    mark = hashlib.sha256(f"{before}\0{words.text}".encode("utf-8", "replace")).hexdigest()
    day = rows.now().date()
    values = {"title": f"{source.title} changed"[:300], "body": said, "published_on": day}
    return _bring_in(actor, source, mark, values)


def changed_lines(before: str, now: str) -> str:
    """What went and what came, as Markdown that shows the words and nothing else; blank when only order changed."""
    old, new = before.split("\n"), now.split("\n")
    gone = [line for line in old if line not in set(new)]
    come = [line for line in new if line not in set(old)]
    if not gone and not come:
        return ""
    if max(len(old), len(new)) <= 3_000:
        pairs = difflib.unified_diff(old, new, n=0, lineterm="")
        shown = [line for line in pairs if not line.startswith(("---", "+++", "@@"))]
    else:
        shown = [*(f"-{line}" for line in gone), *(f"+{line}" for line in come)]
    more = len(shown) - MOST_LINES
    lines = [f"{'Gone' if line[0] == '-' else 'New'}: {inert(line[1:400])}" for line in shown[:MOST_LINES]]
    return "\n\n".join([*lines, *([f"{more} more lines changed."] if more > 0 else [])])


def inert(said: str) -> str:
    """A stranger's words as Markdown that means nothing but themselves: no link, no citation, no mention."""
    return "".join(f"\\{c}" if c in _MARKS else c for c in said)


_MARKS = frozenset("\\`*_{}[]()#+-.!|<>~@&:$^=")


# ---- pasted links and the sources of facts ------------------------------------------------


def read_link(record_id: UUID, member_id: UUID, resolver: Resolver | None = None) -> str:
    """Fetch the page behind an item or a fact and keep its words; returns what was wrong, or nothing."""
    member = Member.objects.select_related("user", "workspace").filter(pk=member_id).first()
    if member is None:
        return "Nobody is there to read it for."
    actor = actor_of(member, face="job")
    model: type[Intel] | type[Fact] = Intel if Intel.objects.filter(pk=record_id).exists() else Fact
    found = reach(actor, model).filter(pk=record_id, archived_at=None).first()
    if found is None or not found.url:
        return ""
    try:
        answer = fetch(found.url, resolver=resolver)
    except (Refused, Failed) as error:
        return str(error)
    words = reading.words_of(answer)
    if isinstance(found, Intel):
        _fill(actor, found, words)
    _snapshot(actor, found, answer, words)
    return ""


def _fill(actor: Actor, intel: Intel, words: reading.Words) -> None:
    """Give a pasted link the page's own title and words, where nobody wrote others."""
    values: dict[str, Any] = {}
    if words.title and intel.title in (intel.address[:TITLE_LENGTH], intel.address, intel.url):
        values["title"] = words.title
    if words.text and not intel.body:
        values["body"] = inert(words.text[:EXCERPT])
    if values:
        through_door(actor, "read_intel", lambda door: door.change(door.find(Intel, intel), values))


def _snapshot(actor: Actor, record: Any, answer: Answer, words: reading.Words) -> None:
    """Keep the page as it read today beside the record, as plain text: the proof when the page is gone."""
    read = rows.now()
    digest = hashlib.sha256(answer.body).hexdigest()
    head = f"{answer.url}\nread {read:%Y-%m-%d %H:%M} UTC\nsha256 of the page {digest}\n{words.title}\n\n"
    already = filing.files_of(actor, verbs.card(actor, record.pk))
    if any(f.name.startswith("page-") and digest[:12] in f.name for f in already):
        return
    try:
        filing.attach(actor, record.pk, f"page-{read:%Y-%m-%d}-{digest[:12]}.txt", [(head + words.text).encode()])
    except (Forbidden, Invalid, NotFound):
        return  # whoever may bring in but not change keeps the words in the text
