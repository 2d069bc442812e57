"""The form that matches the columns of a file with fields: shown from a mapping, read back into one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from threadline.exchange.carrying import table_of
from threadline.exchange.checking import lacking
from threadline.exchange.mapping import OWN_ID, OWN_KEY, SOURCE_ID, TAGS, Mapping, Pair, Target, from_json, targets
from threadline.exchange.runs import ImportRun
from threadline.faces.web import controls
from threadline.faces.web.visit import Visit
from threadline.formats.sheets import Row
from threadline.kernel import fields

MOST_COLUMNS = 200  # shown in the form; of a wider file the matched ones come first
SAMPLES, LONGEST_SAMPLE = 3, 60
_CONSTANT = frozenset({"choice", "product", "person", "date"})
_ORDERS = (("", "As found"), ("dmy", "Day, month, year"), ("mdy", "Month, day, year"), ("ymd", "Year, month, day"))
_SURE = {"remembered": "as last time", "name": "by its name", "values": "by what it holds"}


class Form:
    """One run's columns, targets and choices, for kit/importing.html."""

    def __init__(self, visit: Visit, run: ImportRun, mapping: Mapping | None = None) -> None:
        self.visit, self.run, self.declared = visit, run, run.declared
        self.mapping = mapping or from_json(run.mapping)
        self.targets = targets(visit.actor, run.declared)
        self.choices = controls.Choices(visit.actor)
        self.by_column: dict[str, list[Pair]] = {}
        for pair in self.mapping.pairs:
            self.by_column.setdefault(pair.column, []).append(pair)

    def columns(self) -> list[dict[str, Any]]:
        """The columns of the file, each with samples and what was chosen."""
        rows, sure = table_of(self.run).sample(40), self.run.report.get("sure", {})
        return [self._column(at, column, rows, sure) for at, column in self._shown()]

    def target_groups(self) -> list[dict[str, Any]]:
        """What a column may become: fields, then what stands beside them, then what names a row."""
        needed = lacking(self.run.report)
        plain: list[dict[str, Any]] = []
        beside: list[dict[str, Any]] = []
        naming: list[dict[str, Any]] = []
        for name, target in self.targets.items():
            option = {"value": name, "label": target.label, "required": target.label in needed}
            (naming if name in (SOURCE_ID, OWN_ID, OWN_KEY) else beside if target.field is None else plain).append(
                option
            )
        return [
            {"label": "Fields", "options": plain},
            {"label": "Beside the fields", "options": beside},
            {"label": "Which row is which", "options": naming},
        ]

    def constants(self) -> list[dict[str, Any]]:
        """Controls for what is the same in every row: fields that no column fills."""
        filled = {p.to for p in self.mapping.pairs}
        found = []
        for name, target in self.targets.items():
            field = target.field
            if field is None or field.kind.name not in _CONSTANT or name in filled or name == "confidentiality":
                continue
            value = str(self.mapping.constants.get(name, ""))
            made = controls.control(self.visit, self.choices, field, value, [])
            found.append(
                {**made, "name": f"const.{name}", "required": False, "help": None, "placeholder": "As each row says"}
            )
        tags = str(self.mapping.constants.get(TAGS, ""))
        words = {"label": "Tags on every row", "kind": "text", "value": tags, "placeholder": "survey, 2026"}
        return [*found, {"name": f"const.{TAGS}", **words}]

    def options(self) -> list[dict[str, Any]]:
        """Two yes-or-no questions about the whole file."""
        joined = [t for t in {p.to for p in self.mapping.pairs} if len(self.mapping.to(t)) > 1 and t != TAGS]
        found = []
        if joined:
            text = "Write each column's name above its text, where several become one"
            found.append({"name": "headings", "label": text, "kind": "boolean", "value": self.mapping.headings})
        text = "The file is right about everything: a blank cell empties a field, and tags it lacks are taken off"
        found.append({"name": "exact", "label": text, "kind": "boolean", "value": self.mapping.exact})
        return found

    def read(self) -> Mapping:
        """The mapping that was posted; what the form did not show stays as it was."""
        sent, shown = self.visit.sent, dict(self._shown())
        kept = [p for p in self.mapping.pairs if p.column not in shown.values()]
        pairs = [p for at, column in shown.items() for p in self._sent_pairs(at, column)]
        raw = {
            "pairs": pairs,
            "constants": {n: v for n in self.targets if (v := sent.get(f"const.{n}", "").strip())},
            "missing": self._sent_missing(shown),
            "headings": "headings" in sent,
            "exact": "exact" in sent,
        }
        said = from_json(raw)
        return Mapping((*kept, *said.pairs), said.constants, said.missing, said.headings, said.exact)

    # ---- inside --------------------------------------------------------------------------

    def _shown(self) -> list[tuple[int, str]]:
        listed = list(enumerate(self.run.report.get("columns", [])))
        if len(listed) <= MOST_COLUMNS:
            return listed
        first = [one for one in listed if one[1] in self.by_column][:MOST_COLUMNS]
        rest = [one for one in listed if one[1] not in self.by_column]
        return sorted([*first, *rest[: MOST_COLUMNS - len(first)]])

    def _column(self, at: int, column: str, rows: list[Row], sure: dict[str, str]) -> dict[str, Any]:
        pairs = self.by_column.get(column, [])
        pair = pairs[0] if pairs else None
        target = self.targets.get(pair.to) if pair else None
        found: dict[str, Any] = {
            "name": str(at),
            "label": column,
            "samples": _samples(rows, column),
            "target": pair.to if pair else "",
            "sure": _SURE.get(sure.get(column, ""), "") if pair else "",
        }
        return found | (self._how(at, pair, target) if pair and target else {})

    def _how(self, at: int, pair: Pair, target: Target) -> dict[str, Any]:
        """What else is to be said about a column, given where it goes."""
        field = target.field
        if field is None:
            return {"words": self._words(at, pair, None)} if pair.values else {}
        found: dict[str, Any] = {}
        if field.kind.name in ("date", "moment"):
            found["order"] = {"value": pair.order, "options": [{"value": v, "label": label} for v, label in _ORDERS]}
        if isinstance(field.kind, fields.Number) and field.kind.high:
            found["out_of"] = {"value": f"{pair.out_of:g}" if pair.out_of else "", "top": f"{field.kind.high:g}"}
        if field.kind.compare == "id":
            found["missing"] = self._missing(target)
        found["words"] = self._words(at, pair, field)
        return found

    def _missing(self, target: Target) -> dict[str, Any]:
        options = [("", "Refuse the row"), ("blank", "Leave it blank")]
        kind = target.field.kind if target.field else None
        if isinstance(kind, fields.Reference) and kind.kind == self.declared.kind:
            options = [("", "Leave it blank")]  # it may stand further down in the file
        elif isinstance(kind, fields.Reference):
            options.insert(1, ("create", "Make it"))
        value = self.mapping.missing.get(target.name, "")
        return {"value": value, "options": [{"value": v, "label": label} for v, label in options]}

    def _words(self, at: int, pair: Pair, field: Any) -> list[dict[str, Any]]:
        """Words of the column whose meaning is to be said, and those that have one."""
        listed: list[tuple[str, int]] = [(w, n) for w, n in self.run.report.get("unknown", {}).get(pair.column, [])]
        known = {" ".join(w.lower().split()) for w, _ in listed}
        listed += [(w, 0) for w in pair.values if w not in known]
        found = []
        for number, (word, count) in enumerate(listed):
            value = pair.values.get(" ".join(word.lower().split()), "")
            made = {"kind": "text"} if field is None else controls.control(self.visit, self.choices, field, value, [])
            if made["kind"] in ("boolean", "number", "money", "date"):
                made["kind"] = "text"
            extra = {"name": f"means.{at}.{number}", "label": word, "value": value, "required": False, "help": None}
            found.append({**made, **extra, "word": word, "count": count, "placeholder": "Not said"})
        return found

    def _sent_pairs(self, at: int, column: str) -> Iterator[dict[str, Any]]:
        sent, to = self.visit.sent, self.visit.sent.get(f"map.{at}", "")
        had = self.by_column.get(column, [])
        yield from (_as_sent(p) for p in had[1:])  # a column that goes to several places: said on the command line
        if not to:
            return
        same = had[0] if had and had[0].to == to else None
        values = {}
        number = 0
        while (word := sent.get(f"word.{at}.{number}")) is not None:
            if meaning := sent.get(f"means.{at}.{number}", "").strip():
                values[word] = meaning
            number += 1
        top = sent.get(f"out_of.{at}", "").strip()
        yield {
            "column": column,
            "to": to,
            "values": values if same else {},
            "order": sent.get(f"order.{at}", "") if same else "",
            "out_of": float(top) if same and _is_number(top) else None,
        }

    def _sent_missing(self, shown: dict[int, str]) -> dict[str, str]:
        found = dict(self.mapping.missing)
        aims = {self.visit.sent.get(f"map.{at}", "") for at in shown}
        for at in shown:
            to, said = self.visit.sent.get(f"map.{at}", ""), self.visit.sent.get(f"missing.{at}")
            if to and said is not None and self.targets.get(to) and self._was(at, to):
                found[to] = said
        return {n: v for n, v in found.items() if v and n in aims}

    def _was(self, at: int, to: str) -> bool:
        columns = self.run.report.get("columns", [])
        return at < len(columns) and any(p.to == to for p in self.by_column.get(columns[at], []))


def _as_sent(pair: Pair) -> dict[str, Any]:
    return {"column": pair.column, "to": pair.to, "values": pair.values, "order": pair.order, "out_of": pair.out_of}


def _samples(rows: list[Row], column: str) -> list[str]:
    found: dict[str, None] = {}
    for row in rows:
        value = row.get(column)
        text = "" if value is None else " ".join(str(value).split())
        if text:
            found[text if len(text) <= LONGEST_SAMPLE else f"{text[: LONGEST_SAMPLE - 1]}…"] = None
        if len(found) == SAMPLES:
            break
    return list(found)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
