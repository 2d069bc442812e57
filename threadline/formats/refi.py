"""REFI-QDA 1.5: codebooks (.qdc) and projects (.qdpx), read and written.

A project is an archive with ``project.qde`` and the texts under ``sources/``, each named by its GUID.
Positions count Unicode code points from 0, the end is exclusive, lines end with LF.

    project = read_project(data)      # raises Unreadable
    data = write_project(project)

What other programs write and we do not keep is said in ``project.losses``.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass, field
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from threadline.formats.archive import Archive, xml_root
from threadline.formats.refusal import Unreadable

PROJECT, CODEBOOK = "urn:QDA-XML:project:1.0", "urn:QDA-XML:codebook:1.0"
LARGEST = 200 * 1024 * 1024
MOST_CODES, MOST_SOURCES, MOST_SELECTIONS = 20_000, 2_000, 200_000
_COLOUR = re.compile(r"^#[0-9A-Fa-f]{6}$")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


@dataclass
class QCode:
    """A code; ``parent`` is the GUID of the one it stands under."""

    guid: str
    name: str
    description: str = ""
    colour: str = ""
    parent: str = ""


@dataclass
class QSelection:
    """A stretch of a source with its codes; ``end`` is exclusive."""

    guid: str
    start: int
    end: int
    codes: list[str] = field(default_factory=list)
    memo: str = ""
    user: str = ""


@dataclass
class QSource:
    """A text. ``turns`` are the positions at which somebody begins to speak: (position, ms or None)."""

    guid: str
    name: str
    text: str
    selections: list[QSelection] = field(default_factory=list)


@dataclass
class QProject:
    """A project; ``users`` are names by GUID."""

    name: str
    codes: list[QCode] = field(default_factory=list)
    sources: list[QSource] = field(default_factory=list)
    users: dict[str, str] = field(default_factory=dict)
    losses: list[str] = field(default_factory=list)


def guid(*parts: str) -> str:
    """A GUID that is the same for the same parts, so that two exports of one thing agree."""
    return str(uuid5(NAMESPACE_URL, "threadline:" + "/".join(parts)))


# ---- reading ----------------------------------------------------------------------------


def read_codebook(data: bytes) -> QProject:
    """The codes of a ``.qdc`` file."""
    root = xml_root(data, "codebook")
    if _name(root) != "CodeBook":
        raise Unreadable("This is no REFI-QDA codebook.")
    project = QProject("")
    _read_codes(_child(root, "Codes"), "", project)
    if _child(root, "Sets") is not None:
        project.losses.append("Sets of codes were left out.")
    return project


def read_project(data: bytes) -> QProject:
    """The codes, texts and coded stretches of a ``.qdpx`` file."""
    if len(data) > LARGEST:
        raise Unreadable(f"Too large: {LARGEST // 1024 // 1024} MB at most.")
    archive = Archive(data, "project")
    where = next((n for n in ("project.qde", "Project.qde") if n in archive.names), "")
    if not where:
        raise Unreadable("This archive holds no project.qde, so it is no REFI-QDA project.")
    root = xml_root(archive.read(where), "project")
    if _name(root) != "Project":
        raise Unreadable("This is no REFI-QDA project.")
    project = QProject(root.get("name", "")[:300])
    for user in _children(_child(root, "Users"), "User"):
        project.users[user.get("guid", "")] = user.get("name", "")[:120]
    book = _child(root, "CodeBook")
    _read_codes(_child(book, "Codes") if book is not None else None, "", project)
    left: dict[str, int] = {}
    for source in _child(root, "Sources") or ():
        if _name(source) == "TextSource":
            _read_source(archive, source, project)
        else:
            left[_name(source)] = left.get(_name(source), 0) + 1
    project.losses += [
        f"{n} sources of the kind {kind} were left out: only texts are read." for kind, n in left.items()
    ]
    for part in ("Variables", "Cases", "Notes", "Links", "Sets", "Graphs"):
        if len(_child(root, part) or ()):
            project.losses.append(f"{part} were left out.")
    return project


def _read_codes(parent: Element | None, above: str, project: QProject) -> None:
    waiting = [(code, above) for code in _children(parent, "Code")]
    while waiting:
        code, over = waiting.pop(0)
        if len(project.codes) >= MOST_CODES:
            raise Unreadable(f"More than {MOST_CODES:,} codes.")
        colour = code.get("color", "")
        description = _child(code, "Description")
        made = QCode(
            code.get("guid", ""),
            " ".join(code.get("name", "").split())[:200] or "unnamed",
            (description.text or "").strip() if description is not None else "",
            colour if _COLOUR.match(colour) else "",
            over,
        )
        project.codes.append(made)
        waiting += [(below, made.guid) for below in _children(code, "Code")]


def _read_source(archive: Archive, source: Element, project: QProject) -> None:
    if len(project.sources) >= MOST_SOURCES:
        raise Unreadable(f"More than {MOST_SOURCES:,} texts.")
    name, content = source.get("name", "")[:300] or "Untitled", _child(source, "PlainTextContent")
    path = source.get("plainTextPath", "")
    if content is not None:
        raw = content.text or ""
    elif path.startswith("internal://"):
        part = "sources/" + path.removeprefix("internal://")
        if part not in archive.names and part.capitalize() in archive.names:
            part = part.capitalize()
        raw = archive.read(part).decode("utf-8-sig", "replace")
    else:
        project.losses.append(f"“{name}” is kept outside of the file and was left out.")
        return
    text, at = _unix(raw)
    made = QSource(source.get("guid", ""), name, text)
    outside = 0
    for selection in _children(source, "PlainTextSelection"):
        start, end = _number(selection.get("startPosition")), _number(selection.get("endPosition"))
        if start is None or end is None or not 0 <= start < end <= len(at) - 1:
            outside += 1
            continue
        made.selections.append(_selection(selection, at[start], at[end]))
    if len(made.selections) > MOST_SELECTIONS:
        raise Unreadable(f"More than {MOST_SELECTIONS:,} coded stretches.")
    if outside:
        project.losses.append(f"{outside} stretches of “{name}” lie outside of its text and were left out.")
    project.sources.append(made)


def _selection(element: Element, start: int, end: int) -> QSelection:
    description = _child(element, "Description")
    made = QSelection(
        element.get("guid", ""),
        start,
        end,
        memo=(description.text or "").strip() if description is not None else "",
        user=element.get("creatingUser", ""),
    )
    for coding in _children(element, "Coding"):
        made.user = coding.get("creatingUser", "") or made.user
        made.codes += [ref.get("targetGUID", "") for ref in _children(coding, "CodeRef")]
    return made


def _unix(raw: str) -> tuple[str, list[int]]:
    """The text with LF, and where each position of the raw text is in it (one more than there are characters)."""
    at: list[int] = []
    kept: list[str] = []
    for number, sign in enumerate(raw):
        at.append(len(kept))
        if sign == "\r" and raw[number + 1 : number + 2] == "\n":
            continue
        kept.append("\n" if sign == "\r" else sign)
    return "".join(kept), [*at, len(kept)]


def _number(raw: str | None) -> int | None:
    return int(raw) if raw and raw.isascii() and raw.isdecimal() and len(raw) < 12 else None


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _children(parent: Element | None, name: str) -> list[Element]:
    return [child for child in parent if _name(child) == name] if parent is not None else []


def _child(parent: Element | None, name: str) -> Element | None:
    return next(iter(_children(parent, name)), None)


# ---- writing ----------------------------------------------------------------------------


def write_codebook(codes: list[QCode]) -> bytes:
    """A ``.qdc`` file."""
    register_namespace("", CODEBOOK)
    root = Element(f"{{{CODEBOOK}}}CodeBook", {"origin": "Threadline"})
    _write_codes(SubElement(root, f"{{{CODEBOOK}}}Codes"), codes, CODEBOOK)
    return _xml(root)


def write_project(project: QProject) -> bytes:
    """A ``.qdpx`` file; the same project gives the same bytes."""
    register_namespace("", PROJECT)
    space = f"{{{PROJECT}}}"
    root = Element(f"{space}Project", {"name": clean(project.name) or "Project", "origin": "Threadline"})
    if project.users:
        users = SubElement(root, f"{space}Users")
        for ident, name in project.users.items():
            SubElement(users, f"{space}User", {"guid": ident, "name": clean(name)})
    if project.codes:
        book = SubElement(root, f"{space}CodeBook")
        _write_codes(SubElement(book, f"{space}Codes"), project.codes, PROJECT)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        sources = SubElement(root, f"{space}Sources") if project.sources else None
        for source in project.sources:
            assert sources is not None
            _write_source(sources, source, space)
            _put(archive, f"sources/{source.guid}.txt", source.text.encode("utf-8"))
        _put(archive, "project.qde", _xml(root))
    return out.getvalue()


def _put(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, data)


def _write_codes(parent: Element, codes: list[QCode], namespace: str) -> None:
    made: dict[str, Element] = {}
    waiting = list(codes)
    known = {c.guid for c in codes}
    while waiting:
        later = []
        for code in waiting:
            above = parent if not code.parent or code.parent not in known else made.get(code.parent)
            if above is None:
                later.append(code)
                continue
            said = {"guid": code.guid, "name": clean(code.name), "isCodable": "true"}
            element = SubElement(above, f"{{{namespace}}}Code", said | ({"color": code.colour} if code.colour else {}))
            if code.description:
                SubElement(element, f"{{{namespace}}}Description").text = clean(code.description)
            made[code.guid] = element
        if len(later) == len(waiting):  # a circle: no such thing should be, but nothing may be lost
            later = [QCode(c.guid, c.name, c.description, c.colour) for c in later]
        waiting = later


def _write_source(parent: Element, source: QSource, space: str) -> None:
    said = {"guid": source.guid, "name": clean(source.name), "plainTextPath": f"internal://{source.guid}.txt"}
    element = SubElement(parent, f"{space}TextSource", said)
    for one in source.selections:
        words = source.text[one.start : one.end]
        at = {"guid": one.guid, "name": clean(" ".join(words.split()))[:80]}
        at |= {"startPosition": str(one.start), "endPosition": str(one.end)}
        who = {"creatingUser": one.user} if one.user else {}
        selection = SubElement(element, f"{space}PlainTextSelection", at | who)
        if one.memo:
            SubElement(selection, f"{space}Description").text = clean(one.memo)
        for code in one.codes:
            coding = SubElement(selection, f"{space}Coding", {"guid": guid(one.guid, code)} | who)
            SubElement(coding, f"{space}CodeRef", {"targetGUID": code})


def clean(text: str) -> str:
    """Text without what XML cannot hold."""
    return _CONTROL.sub("", text)


def _xml(root: Element) -> bytes:
    data: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return data
