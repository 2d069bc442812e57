"""Today: what needs the reader now, in order, each with its one next step; and what moved."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpResponse

from threadline.faces.web import keeping, review, screens, shell, threadview, wording
from threadline.faces.web.entrance import page
from threadline.faces.web.home import REMEMBERED
from threadline.faces.web.screens import Scope
from threadline.faces.web.visit import Visit
from threadline.kernel import feed, listing, rows, thread
from threadline.kernel.access import reach_sql
from threadline.kernel.feed import News
from threadline.kernel.registry import RecordType, kinds, type_of
from threadline.kernel.thread import Suspect

SHOWN = 5
MOST_IMPORTED = 50_000  # counted no further
LOOKED_AT = 300  # changes since yesterday that are told in sentences
SENTENCES = 8


@page
def show(visit: Visit) -> HttpResponse:
    """What needs the reader now, and how it stands."""
    if visit.request.session.get(REMEMBERED) != visit.slug:
        visit.request.session[REMEMBERED] = visit.slug
    scope = _scope(visit)
    todos = screens.needing(visit, scope)
    stands = screens.standing(visit, scope)
    now = datetime.now(UTC)
    context: dict[str, Any] = {
        "date_text": f"{wording.DAYS[now.weekday()]} {now.day} {now:%B}",
        "page_actions": _scopes(visit, scope),
        "lead": {"title": _lead(len(todos)), "text": _lede(_shaken(visit, scope, todos))},
        "todos": todos,
        "asides": [
            *([{"title": "How it stands", "stats": stands}] if stands else []),
            {"title": "Moved since yesterday", "stats": _moved(visit, now)},
            {"title": "Yours and open", "stats": _mine(visit)},
        ],
        "empty": {
            "title": "Nothing needs you",
            "text": "What changes under your records, and what others ask of you, stands here.",
        },
    }
    for declared in kinds():
        screens.complete(visit, declared.kind, "today", {}, context)
    if _is_empty(visit):
        context["empty"] = _beginnings(visit)
        context["asides"] = []
    return visit.draw("pages/today.html", "Today", **context)


def _scope(visit: Visit) -> Scope:
    if visit.asked.get("of") != "products":
        return Scope(mine=True)
    found = rows.fetch(
        "SELECT DISTINCT p.name FROM kernel_teammember tm JOIN kernel_teamproduct tp ON tp.team_id = tm.team_id"
        " JOIN kernel_product p ON p.id = tp.product_id WHERE tm.workspace_id = %s AND tm.member_id = %s"
        " AND p.archived_at IS NULL ORDER BY p.name",
        [visit.actor.workspace_id, visit.actor.member_id],
    )
    names = tuple(name for (name,) in found if '"' not in name)
    return Scope(mine=not names, products=names)


def _scopes(visit: Visit, scope: Scope) -> list[dict[str, Any]]:
    asked = visit.asked.get("of") == "products"
    return [
        {"label": "Mine", "href": visit.home, "look": "quiet", "current": not asked},
        {"label": "My products", "href": visit.at("", of="products"), "look": "quiet", "current": asked},
    ]


def _moved(visit: Visit, now: datetime) -> list[dict[str, Any]]:
    """What happened since this time yesterday, in sentences, the most telling first."""
    since = feed.first_id(now - timedelta(days=1))
    # What was imported is counted apart: ten thousand lines of it would hide all that people did.
    news, more = feed.stream(visit.actor, since, LOOKED_AT, imports=False)
    made: Counter[tuple[str, str]] = Counter()
    last: dict[tuple[str, str], News] = {}
    for one in news:
        for what in _happened(one):
            if one.key:
                made[one.kind, what] += 1
                last[one.kind, what] = one
    stats = [_sentence(visit, kind, what, count, last[kind, what]) for (kind, what), count in made.most_common()]
    stats = [*_imported(visit, feed.brought_in(visit.actor, since, MOST_IMPORTED)), *stats][:SENTENCES]
    if more:
        stats.append({"label": "and more than can be told here", "text": ""})
    return stats or [{"label": "Nothing moved", "text": ""}]


def _imported(visit: Visit, counts: dict[str, int]) -> list[dict[str, Any]]:
    some = sum(counts.values()) == MOST_IMPORTED
    return [
        {
            "label": f"{_counted(kind, count).replace(' ', '+ ' if some else ' ', 1)} brought in",
            "text": "",
            "href": visit.listing(type_of(kind), q="created<1d"),
        }
        for kind, count in sorted(counts.items(), key=lambda one: -one[1])
    ]


def _counted(kind: str, count: int) -> str:
    """34 notes, although all of them are called feedback."""
    declared = type_of(kind)
    plain = wording.lower_first(declared.label)
    many = wording.lower_first(declared.plural) if declared.plural.startswith(declared.label[:-1]) else f"{plain}s"
    return wording.plural(count, plain, many)


def _happened(one: News) -> list[str]:
    if one.action == "create" or (one.version == 1 and "title" in one.diff):
        return ["new"]
    found = []
    if "state" in one.diff:
        found.append(f"state:{one.diff['state'][1]}")
    if "+comment" in one.diff:
        found.append("talk")
    if one.action == "update" and "state" not in one.diff:
        found.append("changed")
    return found


def _sentence(visit: Visit, kind: str, what: str, count: int, last: News) -> dict[str, Any]:
    declared, whom = type_of(kind), _counted(kind, count)
    said, query = f"{whom} changed", "updated<1d"
    if what == "new":
        said, query = f"{count:,} new {whom.partition(' ')[2]}", "created<1d"
    elif what == "talk":
        said = f"{wording.plural(count, 'remark')} on {_counted(kind, 2).partition(' ')[2]}"
    elif what.startswith("state:"):
        name = what.partition(":")[2]
        state = declared.state_by_name.get(name)
        label = wording.lower_first(state.label) if state else name
        said, query = f"{whom} {'is' if count == 1 else 'are'} now {label}", f"state:{name} updated<1d"
    href = visit.record(last.key) if count == 1 else visit.listing(declared, q=query)
    return {"label": f"{last.key} {said.partition(' ')[2]}" if count == 1 and what != "talk" else said,
            "text": "", "href": href}  # fmt: skip


def _lead(count: int) -> str:
    words = (
        "Nothing",
        "One thing",
        "Two things",
        "Three things",
        "Four things",
        "Five things",
        "Six things",
        "Seven things",
    )
    return f"{words[count] if count < len(words) else f'{count} things'} {'needs' if count == 1 else 'need'} you"


def _shaken(visit: Visit, scope: Scope, todos: list[dict[str, Any]]) -> int:
    """How many citations rest on something that changed: all of the reader's, of others' those that are shown."""
    return shell.counts_for(visit.actor)["suspects"] if scope.mine else sum(t["hot"] for t in todos)


def _lede(count: int) -> str:
    if not count:
        return "None of it rests on something that changed."
    said = "One citation rests" if count == 1 else f"{count if count < 100 else 'More than 99'} citations rest"
    return f"{said} on something that changed since it was read."


# ---- what needs the reader -----------------------------------------------------------------


@screens.needs_me(10)
def suspects(visit: Visit, scope: Scope) -> list[dict[str, Any]]:
    """What rests on something that changed since it was read, the old and the new words beside each other."""
    found = thread.suspects(visit.actor, mine=scope.mine, ours=not scope.mine, limit=SHOWN + 1)
    shown = list(zip(found[:SHOWN], review.items(visit, found[:SHOWN]), strict=True))
    todos = [_suspect(visit, s, item) for s, item in shown]
    if len(found) > SHOWN:
        more = {"label": "Open the queue", "href": visit.at("review")}
        left = _shaken(visit, scope, []) - SHOWN
        said = "More wait" if left < 1 else "One more waits" if left == 1 else f"{left} more wait"
        todos.append({"title": f"{said} in the review queue", "parts": [], "hot": True, "actions": [more]})
    return todos


def _suspect(visit: Visit, suspect: Suspect, item: dict[str, Any]) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"text": f"{suspect.target_key} {suspect.target_title} changed"}]
    grown_old = suspect.good_until is not None
    if grown_old:
        said = f"{suspect.target_key} {suspect.target_title} was good until {wording.on_day(suspect.good_until)}."
        parts = [{"text": said}]
    elif item["sides"]:
        side = item["sides"][0]
        parts = [{"text": f"{suspect.target_key} {_lower(side['label'])}: "}, *_short(side)]
    if not grown_old and item["changed_by"]["name"] != "Somebody":
        parts.append({"text": f" Changed by {item['changed_by']['name']} {item['changed_at']['text']}."})
    return {
        "title": f"{suspect.source_key} {suspect.source_title} rests on something that"
        f" {'nobody checked in time' if grown_old else 'changed'}",
        "href": visit.record(suspect.source_key),
        "parts": parts,
        "hot": True,
        "actions": [{"label": "Review", "href": visit.at("review")}],
    }


def _lower(label: str) -> str:
    return wording.lower_first(label)


def _short(side: dict[str, Any]) -> list[dict[str, Any]]:
    """What went and what came, cut to a line."""
    if "was_parts" in side:
        cut = " … ".join(dict.fromkeys(p["text"].strip() for p in side["was_parts"] if p["op"] == "cut"))
        new = " … ".join(dict.fromkeys(p["text"].strip() for p in side["now_parts"] if p["op"] == "add"))
    else:
        cut, new = side.get("was", ""), side.get("now", "")
    pairs = [(cut, "cut"), (" ", None), (new, "add")]
    return [{"text": t if len(t) < 90 else f"{t[:88]}…", "op": op} for t, op in pairs if t]


@screens.needs_me(20)
def told(visit: Visit, scope: Scope) -> list[dict[str, Any]]:
    """What others said to the reader."""
    if not visit.unread:
        return []
    notices = keeping.told(visit, unread=True, limit=SHOWN, reasons=("mention", "comment", "assigned"))
    return [
        {
            "title": "".join(p["text"] for p in notice["parts"]),
            "href": notice["href"],
            "parts": [{"text": (notice["at"] or {}).get("text", "")}],
            "hot": False,
            "actions": [
                {"label": "Open", "href": notice["href"]},
                {"label": "Read", "action": notice["read_action"], "look": "quiet"},
            ],
        }
        for _, notice in notices
    ]


@screens.needs_me(45)
def inboxes(visit: Visit, scope: Scope) -> list[dict[str, Any]]:
    """New records that wait for somebody, of types that have no inbox of their own."""
    counts = shell.counts_for(visit.actor)
    todos = []
    for declared in kinds():
        count = counts.get(declared.kind, 0)
        if screens.screen_at(declared.kind, "inbox"):
            continue
        if count and shell.is_inbox(declared) and visit.actor.may("update", declared.group):
            said = f"{count}" if count < 100 else "99+"
            what = wording.lower_first(declared.label if count == 1 else declared.plural)
            href = visit.listing(declared, q=f"state:{declared.states[0].name}")
            todos.append({
                "title": f"{said} {declared.states[0].label.lower()} {what} to look at", "href": href,
                "parts": [{"text": declared.about}], "hot": False, "actions": [{"label": "Open", "href": href}],
            })  # fmt: skip
    return todos


def _open_states(declared: RecordType) -> str:
    return ",".join(s.name for s in declared.states if not s.final)


@screens.needs_me(60)
def without_reason(visit: Visit, scope: Scope) -> list[dict[str, Any]]:
    """Open records that cite no voice although their type could."""
    todos = []
    for declared in kinds():
        cite = next((c for c in declared.cites if any(_is_voice(k) for k in c.to)), None)
        on_thread = declared.stop in dict(thread.STOPS) and declared.stop != threadview.VOICES
        if cite is None or not on_thread or not visit.actor.may("update", declared.group):
            continue
        query = f"{cite.name}:none {scope.query} state:{_open_states(declared)}"
        count, exact = listing.count_of(visit.actor, declared, query, cap=99)
        if count:
            what = wording.lower_first(declared.label if count == 1 else declared.plural)
            href = visit.listing(declared, q=query)
            todos.append({
                "title": f"{count}{'' if exact else '+'} {what} without a customer's word", "href": href,
                "parts": [{"text": "Nothing yet says why these should exist."}], "hot": False,
                "actions": [{"label": "Open", "href": href}],
            })  # fmt: skip
    return todos


def _is_voice(kind: str) -> bool:
    return type_of(kind).stop == threadview.VOICES


# ---- beside it ----------------------------------------------------------------------------


def _mine(visit: Visit) -> list[dict[str, Any]]:
    near, params = reach_sql(visit.actor, "c")
    found = rows.fetch(
        f"SELECT c.kind, c.state, count(*) FROM kernel_card c WHERE {near} AND c.workspace_id = %s AND c.owner_id = %s"
        " AND c.archived_at IS NULL GROUP BY c.kind, c.state",
        [*params, visit.actor.workspace_id, visit.actor.member_id],
    )
    stats = []
    for declared in kinds():
        open_names = {s.name for s in declared.states if not s.final}
        count = sum(n for kind, state, n in found if kind == declared.kind and state in open_names)
        if count:
            href = visit.listing(declared, q=f"owner:me state:{','.join(sorted(open_names))}")
            stats.append({"label": declared.plural, "text": f"{count:,}", "href": href})
    return stats or [{"label": "Nothing open is yours", "text": ""}]


def _is_empty(visit: Visit) -> bool:
    return (
        rows.fetch_one("SELECT 1 FROM kernel_card WHERE workspace_id = %s LIMIT 1", [visit.actor.workspace_id]) is None
    )


def _beginnings(visit: Visit) -> dict[str, Any]:
    """The first steps in an empty workspace: bring in voices, or write the first record."""
    inbox = shell.voices()
    actions = []
    if visit.actor.may("bulk", inbox.group):
        actions.append(
            {
                "label": f"Import {_lower(inbox.plural)}",
                "href": visit.at(inbox.path, "import"),
                "look": "go",
                "icon": "upload",
            }
        )
    if visit.actor.may("create", inbox.group):
        actions.append({"label": f"New {_lower(inbox.label)}", "href": visit.at(inbox.path, "new")})
    if visit.actor.may("members"):
        actions.append({"label": "Invite somebody", "href": visit.at("members")})
    return {"title": "A good day to begin", "text": inbox.about, "actions": actions}
