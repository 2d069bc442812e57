"""Requirements as Markdown: a heading each, as deep as it stands; texts as quotations, steps as a block of Gherkin.

    ## RQ-1 When the buyer returns, the shop shall show the basket.

    - State: Agreed
    - Measure: time to show

    **Detail**

    > On a phone.

    **AC-1** Back

    ```gherkin
    Scenario: Back
    ```

A heading without a key is a new requirement; ``**Criterion**`` begins a new criterion. Prose under a heading is detail.
"""

from __future__ import annotations

import re
from collections import Counter

from threadline.formats.refusal import Unreadable
from threadline.formats.reqif import ReqDocument, ReqObject, left_out
from threadline.inbound.requirements.carrying import names

NEEDS = "Depends on"
_HEADING = re.compile(r"(#{1,60})\s+(?:(RQ-\d{1,9})(?=\s|$)\s*)?(.*)$", re.IGNORECASE)
_CRITERION = re.compile(r"\*\*(AC-\d{1,9}|Criterion)\*\*\s*(.*)$", re.IGNORECASE)
_PART = re.compile(r"\*\*(Detail|Why)\*\*\s*$", re.IGNORECASE)
_FIELD = re.compile(r"[-*]\s+([A-Za-z ]{1,30}):\s*(.*)$")
_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})\s*\w*\s*$")
_PARTS = {"detail": names.DETAIL, "why": names.WHY}
_FIELDS = {n.lower(): n for n in (*names.PLAIN, names.STATE, NEEDS)}
_ABOUT = (
    "<!-- Keys such as RQ-12 and AC-3 say what is what: keep them. A heading without a key is a new requirement;"
    " **Criterion** begins a new criterion. More # is further in. -->"
)


def write(document: ReqDocument, made_at: str) -> tuple[bytes, list[str]]:
    """The text of a document."""
    needs: dict[str, list[str]] = {}
    for source, target, _ in document.relations:
        needs.setdefault(source, []).append(target)
    parts = [f"# {_line(document.title)}", _ABOUT]
    for ident, depth in document.tree:
        one = document.objects[ident]
        title = _line(one.values.get(names.TEXT, ""))
        if one.kind == names.CRITERION:
            parts.append(f"**{ident}** {title}".rstrip())
        else:
            parts.append(f"{'#' * (depth + 2)} {ident} {title}".rstrip())
        fields = {**one.values, NEEDS: ", ".join(needs.get(ident, ()))}
        said = [f"- {n}: {_line(fields[n])}" for n in _FIELDS.values() if fields.get(n)]
        parts += ["\n".join(said)] if said else []
        for name, label in ((names.DETAIL, "Detail"), (names.WHY, "Why")):
            if one.values.get(name):
                quoted = "\n".join(f"> {line}".rstrip() if not line else f"> {line}" for line in _lines(one, name))
                parts += [f"**{label}**", quoted]
        if one.values.get(names.STEPS):
            body = one.values[names.STEPS]
            fence = "`" * (max((len(run) for run in re.findall(r"`{3,}", body)), default=2) + 1)
            parts.append(f"{fence}gherkin\n{body}\n{fence}")
    return ("\n\n".join(parts) + "\n").encode(), []


def _lines(one: ReqObject, name: str) -> list[str]:
    return one.values[name].split("\n")


def _line(text: str) -> str:
    return text.replace("\n", " ").strip()


def read(data: bytes) -> ReqDocument:
    """The tree of a text. Raises Unreadable."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("This is no text in UTF-8. Save it as that.") from None
    return _Reading(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")).document


class _Reading:
    def __init__(self, lines: list[str]) -> None:
        self.document = ReqDocument("", names=set(names.NAMES), relations_said=True)
        self.lost: Counter[str] = Counter()
        self.whole: ReqObject | None = None  # the requirement that one is under
        self.one: ReqObject | None = None  # it, or its criterion
        self.part, self.texts = "", dict[tuple[str, str], list[str]]()
        self.needs: dict[str, str] = {}
        self.depth, self.base = 0, 0
        at = 0
        while at < len(lines):
            at = self._take(lines, at)
        if not self.document.objects:
            raise Unreadable("There is no requirement in it: each begins with a heading, such as ## The shop shall …")
        self._finish()

    def _take(self, lines: list[str], at: int) -> int:
        line = lines[at]
        if line.startswith("<!--"):
            return next((n for n in range(at, len(lines)) if "-->" in lines[n]), at) + 1
        fence = _FENCE.match(line)
        if fence and self.one is not None:
            return self._block(lines, at, fence.group(1))
        heading, criterion = _HEADING.match(line), _CRITERION.match(line)
        if heading:
            self._heading(len(heading.group(1)), (heading.group(2) or "").upper(), heading.group(3), at)
        elif criterion and self.whole is not None:
            self._begin(criterion.group(1), names.CRITERION, criterion.group(2), self.depth + 1, at)
        elif self.one is not None:
            self._inside(self.one, line)
        elif line.strip():
            self.lost["lines before the first requirement"] += 1
        return at + 1

    def _heading(self, level: int, key: str, title: str, at: int) -> None:
        if level == 1 and not key and not self.document.title and not self.document.objects:
            self.document.title = title.strip()[:300]
            return
        self.base = self.base or min(level, 2)
        self.depth = max(level - self.base, 0)
        self._begin(key, names.REQUIREMENT, title, self.depth, at)

    def _begin(self, key: str, kind: str, title: str, depth: int, at: int) -> None:
        ident = key.upper() if "-" in key else f"line {at + 1}"
        self.part = ""
        if ident in self.document.objects:
            self.lost[f"second places of {ident}"] += 1
            self.one = self.whole = None
            return
        self.one = ReqObject(ident, kind, {names.TEXT: title.strip()} if title.strip() else {})
        self.whole = self.one if kind == names.REQUIREMENT else self.whole
        self.document.objects[ident] = self.one
        self.document.tree.append((ident, depth))

    def _inside(self, one: ReqObject, line: str) -> None:
        part, field = _PART.match(line), _FIELD.match(line)
        if part and one.kind == names.REQUIREMENT:
            self.part = _PARTS[part.group(1).lower()]
        elif line.startswith(">"):
            self._say(one, self.part or names.DETAIL, line[2:] if line.startswith("> ") else line[1:])
        elif field and field.group(1).strip().lower() in _FIELDS and not self.part:
            name, said = _FIELDS[field.group(1).strip().lower()], field.group(2).strip()
            if name == NEEDS:
                self.needs[one.identifier] = said
            elif said:
                one.values[name] = said
        elif line.strip() and one.kind == names.REQUIREMENT:
            self._say(one, self.part or names.DETAIL, line.rstrip())
        elif line.strip():
            self.lost["words between a criterion and its steps"] += 1

    def _say(self, one: ReqObject, name: str, line: str) -> None:
        self.texts.setdefault((one.identifier, name), []).append(line)

    def _block(self, lines: list[str], at: int, fence: str) -> int:
        """Steps between two fences; under a requirement itself they are a criterion of its own."""
        end = next((n for n in range(at + 1, len(lines)) if lines[n].strip() == fence), len(lines))
        assert self.one is not None
        if names.STEPS in self.one.values or self.one.kind == names.REQUIREMENT:
            self._begin("", names.CRITERION, "", self.depth + 1, at)
        self.one.values[names.STEPS] = "\n".join(lines[at + 1 : end])
        return end + 1

    def _finish(self) -> None:
        objects = self.document.objects
        for (ident, name), said in self.texts.items():
            objects[ident].values[name] = "\n".join(said).rstrip()
        for source, needs in self.needs.items():
            for target in dict.fromkeys(n.strip().upper() for n in needs.replace(";", ",").split(",")):
                if target in objects:
                    self.document.relations.append((source, target, names.RELATION))
                elif target:
                    self.lost[f"what depends on {target[:40]}, which is not in the file"] += 1
        self.document.losses += left_out(self.lost)
