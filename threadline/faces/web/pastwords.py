"""The log of a record as sentences under days: who did what, when, through which face, and why."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any

from threadline.faces.web import wording, wordwise
from threadline.faces.web.names import Names
from threadline.faces.web.visit import Visit
from threadline.kernel.actions import all_actions
from threadline.kernel.past import Step
from threadline.kernel.registry import RecordType

_WORDS = {
    "create": "made this", "archive": "put this in the trash", "restore": "brought this back from the trash",
    "comment": "commented", "edit_comment": "changed a comment", "remove_comment": "took a comment back",
    "attach": "added a file", "remove_file": "removed a file", "undo": "undid a change", "link": "cited",
    "unlink": "no longer cites", "confirm": "confirmed that it still rests on", "import": "brought this in",
}  # fmt: skip


@cache
def _labels() -> dict[str, str]:
    return {a.name: a.label for a in all_actions()}


def days_of(visit: Visit, declared: RecordType, steps: list[Step], *, undo: bool = True) -> list[dict[str, Any]]:
    """The steps as kit/history.html shows them, newest first."""
    told = [s.diff if s.action != "create" else {"+link": s.diff.get("+link", [])} for s in steps]
    names = Names(visit, declared, told)
    today = datetime.now(UTC).date()
    labels = _labels()
    days: list[dict[str, Any]] = []
    for step in steps:
        label = wording.day_label(wording.as_day(step.at) or today, today)
        if not days or days[-1]["label"] != label:
            days.append({"label": label, "entries": []})
        days[-1]["entries"].append(_entry(visit, names, step, labels, undo))
    return days


def _entry(visit: Visit, names: Names, step: Step, labels: dict[str, str], undo: bool) -> dict[str, Any]:
    fields = {n: pair for n, pair in step.diff.items() if not n.startswith("+") and n != "archived_at"}
    entry: dict[str, Any] = {
        "id": str(step.id),
        "by": wording.person(step.who),
        "at": wording.when(step.at),
        "what": _what(names, step, fields, labels),
        "via": wording.FACES.get(step.face, step.face),
        "why": step.why,
        "record": _record(visit, names, step),
    }
    if fields and step.action != "create":
        entry["changes"] = changes(names, fields)
    mine = step.who == visit.actor.name or visit.actor.may("undo_others")
    if undo and mine and visit.actor.may("update", names.declared.group):
        entry["undo"] = {"action": visit.at("undo", str(step.batch))}
    return entry


def changes(names: Names, diff: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """Fields of a diff, each as was and now."""
    return [
        wordwise.change_of(names.label(n), names.said(n, old), names.said(n, new)) for n, (old, new) in diff.items()
    ]


def _what(names: Names, step: Step, fields: dict[str, Any], labels: dict[str, str]) -> str:
    if step.action in labels:
        return f"chose “{labels[step.action]}”"
    if step.action == "tag" or "+tags" in step.diff:
        now = (step.diff.get("+tags") or [None, []])[1]
        return f"tagged this {', '.join(now)}" if now else "took the tags off"
    follows = step.action in ("link", "unlink") and "+link" not in step.diff  # what a citation by another did here
    if fields and (step.action == "update" or follows):
        called = [wording.lower_first(names.label(n)) for n in fields]
        return f"changed {', '.join(called[:-1])}{' and ' if len(called) > 1 else ''}{called[-1]}"
    if "+file" in step.diff and step.action in ("attach", "remove_file"):
        old, new = step.diff["+file"]
        return f"{_WORDS[step.action]}: {(new or old or {}).get('name', '')}"
    return _WORDS.get(step.action, step.action.replace("_", " "))


def _record(visit: Visit, names: Names, step: Step) -> dict[str, str] | None:
    old, new = step.diff.get("+link") or (None, None)
    side = new or old
    found = names.cards.get(str(side["target"])) if side else None
    return {"key": found[0], "title": found[1], "href": visit.record(found[0])} if found else None
