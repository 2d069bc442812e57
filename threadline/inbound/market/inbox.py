"""The intel inbox: what came in, the most important first, judged by keyboard; and the week's digest."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpResponse

from threadline.faces.web import keymap, wording
from threadline.faces.web.prose import Prose
from threadline.faces.web.screens import screen
from threadline.faces.web.visit import Visit
from threadline.inbound.market import digest, judging, queries, reading
from threadline.inbound.market.models import Competitor, Fact, Intel, Trend
from threadline.kernel import listing, text, verbs
from threadline.kernel.access import Actor, reach
from threadline.kernel.errors import Invalid
from threadline.kernel.registry import type_of

PAGE = 60
QUERY = "state:new sort:-importance,-created"
_LINK = re.compile(r"https?://\S{3,490}")
_TONES = {1: "", 2: "info", 3: "bad"}

keymap.scope("intel", "In the intel inbox and the queue of facts")
for _name, _keys, _label in (
    ("next", "j", "Next one"),
    ("previous", "k", "One before"),
    ("paste", "p", "Paste a link or text"),
    ("fact", "f", "Write down what it says as a fact"),
    ("attach", "a", "Attach it to a competitor"),
    ("signal", "t", "Count it as a signal of a trend"),
    ("repeat", "m", "It repeats the one suggested"),
    ("discard", "d", "Discard it"),
    ("open", "o", "Open it in full"),
    ("still", "s", "Still so: checked today"),
    ("value", "v", "Write what it is now"),
):
    keymap.add("intel", f"intel.{_name}", _keys, _label)


@screen("intel", "inbox", posts=True)
def inbox(visit: Visit) -> HttpResponse:
    """What waits, the one that is read, and what can be made of it."""
    if visit.posting:
        return _act(visit)
    declared = type_of("intel")
    names = ["title", "importance", "competitor", "found_by", "published_on", "created_at", "state"]
    found = listing.list_page(visit.actor, declared, QUERY, names=names, limit=PAGE)
    count, exact = listing.count_of(visit.actor, declared, "state:new")
    asked = visit.asked.get("at", "")
    keys = [r["key"] for r in found.rows]
    key = asked or (keys[0] if keys else "")
    context: dict[str, Any] = {
        "views": tabs(visit, "inbox", f"{count:,}{'' if exact else '+'}" if count else None),
        "mark": {"label": f"{count:,}{'' if exact else '+'} to judge", "tone": ""} if count else None,
        "items": [_item(visit, r) for r in found.rows],
        "current": key,
        "chosen": bool(asked),
        "item": _shown(visit, key, keys) if key else None,
        "here": visit.at("intel", "inbox"),
        "may_paste": visit.actor.may("create", declared.group),
        "trouble": _trouble(visit.actor, visit),
        "empty": {
            "title": "Nothing waits to be judged",
            "text": "Paste a link or some text above, or watch feeds and pages: what is new there comes in here.",
            "actions": [{"label": "Watch a source", "href": visit.at("sources", "new"), "look": "go"}],
        },
    }
    return visit.draw("intel/inbox.html", "Intel", **context)


def tabs(visit: Visit, here: str, count: str | None = None) -> list[dict[str, Any]]:
    """The pages of what came in."""
    named = (
        ("inbox", "Inbox", visit.at("intel", "inbox")),
        ("all", "All", visit.listing(type_of("intel"))),
        ("sources", "Sources", visit.listing(type_of("intel_source"))),
        ("digest", "Digest", visit.at("intel", "digest")),
    )
    return [
        {"label": label, "href": href, "current": name == here, "count": count if name == "inbox" else None}
        for name, label, href in named
    ]


def _item(visit: Visit, row: dict[str, Any]) -> dict[str, Any]:
    importance = int(row["importance"])
    labels = dict(Intel.Importance.choices)
    who = row["competitor"]["title"] if row["competitor"] else row["found_by"]["title"] if row["found_by"] else "Pasted"
    return {
        "key": row["key"],
        "href": visit.at("intel", "inbox", at=row["key"]),
        "title": row["title"],
        "who": who,
        "importance": {"label": labels[importance], "tone": _TONES[importance]},
        "at": wording.when(row["created_at"]),
        "on": wording.on_day(row["published_on"]) if row["published_on"] else None,
    }


def _trouble(actor: Actor, visit: Visit) -> dict[str, Any] | None:
    bad = queries.health(actor, failing=True)
    if not bad:
        return None
    first = bad[0]
    said = f"{first.title}: {first.problem}" if len(bad) == 1 else f"{len(bad)} sources could not be read lately."
    return {"text": said, "href": visit.record(first.key) if len(bad) == 1 else visit.at("sources") + "/"}


# ---- the one that is read ---------------------------------------------------------------


def _shown(visit: Visit, key: str, keys: list[str]) -> dict[str, Any]:
    card = verbs.card(visit.actor, key)
    intel = reach(visit.actor, Intel).get(pk=card.pk)
    at = keys.index(key) if key in keys else -1
    after = keys[at + 1] if 0 <= at < len(keys) - 1 else (keys[at - 1] if at > 0 else "")
    then = visit.at("intel", "inbox", at=after)
    may = intel.state in judging.OPEN and visit.actor.may("update", "intake")
    near = {"at": intel.key}
    repeat = reading.told_before(visit.actor, intel) if may and intel.state == "new" else None
    subject = reach(visit.actor, Competitor).filter(pk=intel.competitor_id).first() if intel.competitor_id else None
    return {
        "key": intel.key,
        "title": intel.title,
        "href": visit.record(intel.key),
        "state": type_of(intel).state_by_name[intel.state],
        "url": intel.url,
        "host": intel.address.partition("/")[0],
        "on": wording.on_day(intel.published_on) if intel.published_on else None,
        "competitor": {"key": subject.key, "title": subject.title, "href": visit.record(subject.key)}
        if subject
        else None,
        "body": Prose(visit.actor, [intel.body]).html(intel.body),
        "may": may,
        "may_fact": may and visit.actor.may("create", "inbound"),
        "do": visit.record(intel.key, "do"),
        "version": intel.version,
        "then": then,
        "stay": visit.at("intel", "inbox", **near),
        "next": visit.at("intel", "inbox", at=after) if after and 0 <= at < len(keys) - 1 else None,
        "previous": visit.at("intel", "inbox", at=keys[at - 1]) if at > 0 else None,
        "importance": intel.importance,
        "importances": [{"value": v, "label": label} for v, label in Intel.Importance.choices],
        "competitors": _options(visit.actor, Competitor),
        "trends": _options(visit.actor, Trend),
        "abouts": [{"value": v, "label": label} for v, label in Fact.About.choices],
        "grades": [{"value": v, "label": label} for v, label in Fact.Reliability.choices],
        "repeat": {"key": repeat.key, "title": repeat.title, "href": visit.record(repeat.key)} if repeat else None,
        "reading": bool(intel.url and not intel.body),
    }


def _options(actor: Actor, model: type[Competitor] | type[Trend]) -> list[dict[str, str]]:
    final = [s.name for s in type_of(model).states if s.final]
    here = reach(actor, model).filter(archived_at=None).exclude(state__in=final).order_by("title")
    return [
        {"value": f"{model.prefix}-{number}", "label": title}
        for number, title in here.values_list("number", "title")[:400]
    ]


def _act(visit: Visit) -> HttpResponse:
    """A link or text was pasted, or the importance of one was changed."""
    batch = visit.new_batch()
    if "importance" in visit.sent:
        key = visit.sent.get("key", "")
        verbs.update(visit.actor, "intel", key, {"importance": visit.sent["importance"]}, batch=batch)
        return visit.done("Importance changed.", visit.at("intel", "inbox", at=key), batch=batch)
    pasted = visit.sent.get("pasted", "").strip()
    if not pasted:
        raise Invalid(("pasted", "Paste a link or some text."))
    link = _LINK.search(pasted)
    only_link = link is not None and link[0] == pasted
    values = {"url": link[0].rstrip(".,;)") if link else None, "body": None if only_link else reading.inert(pasted)}
    if not only_link:
        values["title"] = text.excerpt(pasted, judging.TITLE_LENGTH)
    made = verbs.create(visit.actor, "intel", values, batch=batch)
    said = f"{made.key} is here."
    if made.state == "repeat":
        said = f"{made.key} is kept as a repeat: the same page came in before."
    return visit.done(said, visit.at("intel", "inbox", at=made.key), batch=batch)


# ---- the digest -------------------------------------------------------------------------


@screen("intel", "digest", posts=True)
def show_digest(visit: Visit) -> HttpResponse:
    """The last seven days as the mail tells them; and whether one wants that mail."""
    if visit.posting:
        wants = visit.sent.get("wants") == "yes"
        digest.subscribe(visit.actor, wants)
        said = "You will have it by mail on Mondays." if wants else "You will have no more mails of it."
        return visit.done(said, visit.at("intel", "digest"))
    made = digest.of(visit.actor)
    context: dict[str, Any] = {
        "views": tabs(visit, "digest"),
        "digest": made,
        "parts": [
            {
                "title": p.title,
                "lines": [{**line, "href": visit.record(line["key"])} for line in p.lines],
                "more": p.more,
            }
            for p in made.parts
        ],
        "wants": digest.wants(visit.actor),
        "here": visit.at("intel", "digest"),
        "empty": {
            "title": "A quiet week",
            "text": "Nothing came in, no fact changed and none grew old in the last seven days.",
        },
    }
    return visit.draw("intel/digest.html", "Digest", **context)
