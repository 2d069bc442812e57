"""ReqIF 1.2 of the OMG: requirements of other tools, read and written (``.reqif``, and ``.reqifz`` read).

    document = read(data)       # raises Unreadable
    data = write(document)
    differs(document, read(data))   # [] when the file says what it was made of

What a file holds and we do not keep is said in ``document.losses``. Values are texts; formatted ones
lose their looks and keep their words.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from threadline.formats.archive import Archive, xml_root
from threadline.formats.refusal import Unreadable

SPACE = "http://www.omg.org/spec/ReqIF/20110401/reqif.xsd"
LARGEST, MOST_OBJECTS = 20 * 1024 * 1024, 20_000
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_NAME = re.compile(r"[A-Za-z_][\w.-]{0,190}$", re.ASCII)
_BLOCKS = frozenset({"div", "p", "br", "li", "ul", "ol", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "table"})
_ZIP = b"PK\x03\x04"
register_namespace("", SPACE)


@dataclass
class ReqObject:
    """A spec object: its type by name, and its values by the names of the attributes."""

    identifier: str
    kind: str
    values: dict[str, str] = field(default_factory=dict)
    changed: str = ""


@dataclass
class ReqDocument:
    """Objects by identifier, the tree as (identifier, depth) in reading order, relations as (source, target, type)."""

    title: str
    objects: dict[str, ReqObject] = field(default_factory=dict)
    tree: list[tuple[str, int]] = field(default_factory=list)
    relations: list[tuple[str, str, str]] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)
    # The attributes that the file can say, also where no object has a value for one.
    names: set[str] = field(default_factory=set)
    relations_said: bool = False  # whether relations that are missing are gone, and not just left out


def fits(identifier: str) -> bool:
    """Whether a text can be an identifier of a file (an XML name without a colon)."""
    return bool(_NAME.match(identifier))


def left_out(lost: Counter[str]) -> list[str]:
    """What a file holds and we do not keep, in sentences."""
    return [
        f"{what[:1].upper()}{what[1:]}: left out{f', {n} times' if n > 1 else ''}." for what, n in sorted(lost.items())
    ]


# ---- reading ----------------------------------------------------------------------------


def read(data: bytes) -> ReqDocument:
    """The requirements of a file."""
    if len(data) > LARGEST:
        raise Unreadable(f"Too large: {LARGEST // 1024 // 1024} MB at most.")
    lost: list[str] = []
    if data.startswith(_ZIP):
        archive = Archive(data, "archive")
        inside = sorted(n for n in archive.names if n.lower().endswith(".reqif"))
        if not inside:
            raise Unreadable("This archive holds no .reqif file.")
        if len(archive.names) > len(inside):
            lost.append(f"{len(archive.names) - len(inside)} attached files were left out.")
        if len(inside) > 1:
            lost.append(f"Of {len(inside)} ReqIF files in the archive the first was read: {inside[0][:100]}.")
        data = archive.read(inside[0])
    root = xml_root(data, "ReqIF file")
    if _name(root) != "REQ-IF":
        raise Unreadable("This is no ReqIF file.")
    content = _first(root, "CORE-CONTENT", "REQ-IF-CONTENT")
    if content is None:
        raise Unreadable("This ReqIF file has no content.")
    return _Reading(content, _title(root, content), lost).document


class _Reading:
    def __init__(self, content: Element, title: str, lost: list[str]) -> None:
        self.document = ReqDocument(title, losses=lost)
        self.lost: Counter[str] = Counter()
        self.types = self._names(content, "SPEC-TYPES")
        self.attributes = {
            one.get("IDENTIFIER", ""): one.get("LONG-NAME") or one.get("IDENTIFIER") or ""
            for one in content.iter() if _name(one).startswith("ATTRIBUTE-DEFINITION-") and one.get("IDENTIFIER")
        }  # fmt: skip
        self.document.names = {name[:200] for name in self.attributes.values()} | {"ReqIF.Name"}
        self.words = {
            e.get("IDENTIFIER", ""): e.get("LONG-NAME") or "" for e in content.iter() if _name(e) == "ENUM-VALUE"
        }
        for one in _all(content, "SPEC-OBJECTS"):
            self._object(one)
        for one in _all(content, "SPECIFICATIONS"):
            self._walk(_first(one, "CHILDREN"), 0)
        self._relations(content)
        if _first(content, "SPEC-RELATION-GROUPS") is not None and len(_all(content, "SPEC-RELATION-GROUPS")):
            self.lost["groups of relations"] += 1
        placed = {i for i, _ in self.document.tree}
        self.document.tree += [(i, 0) for i in self.document.objects if i not in placed]
        self.document.losses += left_out(self.lost)

    @staticmethod
    def _names(content: Element, place: str) -> dict[str, str]:
        return {one.get("IDENTIFIER", ""): one.get("LONG-NAME") or "" for one in _all(content, place)}

    def _object(self, one: Element) -> None:
        ident = one.get("IDENTIFIER", "")[:200]
        if not ident or ident in self.document.objects:
            self.lost["objects without an identifier of their own"] += 1
            return
        if len(self.document.objects) >= MOST_OBJECTS:
            raise Unreadable(f"More than {MOST_OBJECTS:,} objects.")
        made = ReqObject(ident, self.types.get(_said(_first(one, "TYPE")), ""), changed=one.get("LAST-CHANGE", ""))
        for value in _all(one, "VALUES"):
            definition = _said(_first(value, "DEFINITION"))
            name = self.attributes.get(definition) or definition
            text = self._value(value)
            if name and text:
                made.values[name[:200]] = text
        if one.get("LONG-NAME"):
            made.values.setdefault("ReqIF.Name", one.get("LONG-NAME", ""))
        self.document.objects[ident] = made

    def _value(self, value: Element) -> str:
        kind = _name(value)
        if kind == "ATTRIBUTE-VALUE-ENUMERATION":
            refs = [(r.text or "").strip() for r in _all(value, "VALUES")]
            return ", ".join(self.words.get(r) or r for r in refs)
        if kind == "ATTRIBUTE-VALUE-XHTML":
            inner = _first(value, "THE-VALUE")
            return "" if inner is None else self._plain(inner)
        return value.get("THE-VALUE", "")

    def _plain(self, inner: Element) -> str:
        said: list[str] = []

        def walk(one: Element) -> None:
            name = _name(one)
            if name == "object":
                self.lost["pictures and objects in texts"] += 1
                return
            if name in ("script", "style"):
                return
            if name in ("b", "i", "strong", "em", "table", "ul", "ol", "a", "u"):
                self.lost["the looks of texts (bold, lists, tables, links)"] += 1
            said.append(re.sub(r"\s+", " ", one.text or ""))
            for child in one:
                if _name(child) in _BLOCKS:
                    said.append("\n")
                walk(child)
                if _name(child) in _BLOCKS and _name(child) != "br":
                    said.append("\n")
                said.append(re.sub(r"\s+", " ", child.tail or ""))

        walk(inner)
        lines = [line.strip() for line in "".join(said).split("\n")]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()

    def _walk(self, children: Element | None, depth: int) -> None:
        for one in children if children is not None else ():
            ident = _said(_first(one, "OBJECT"))
            if ident in self.document.objects:
                if any(ident == there for there, _ in self.document.tree):
                    self.lost["second places of an object in the tree"] += 1
                else:
                    self.document.tree.append((ident, depth))
            self._walk(_first(one, "CHILDREN"), depth + 1)

    def _relations(self, content: Element) -> None:
        for one in _all(content, "SPEC-RELATIONS"):
            source, target = _said(_first(one, "SOURCE")), _said(_first(one, "TARGET"))
            if source in self.document.objects and target in self.document.objects:
                self.document.relations.append((source, target, self.types.get(_said(_first(one, "TYPE")), "")))
            else:
                self.lost["relations to what is not in the file"] += 1


def _title(root: Element, content: Element) -> str:
    said = next((s.get("LONG-NAME") for s in _all(content, "SPECIFICATIONS") if s.get("LONG-NAME")), None)
    header = _first(root, "THE-HEADER", "REQ-IF-HEADER", "TITLE")
    return (said or (header.text if header is not None and header.text else "") or "Requirements")[:300]


def _name(one: Element) -> str:
    return one.tag.rpartition("}")[2] if isinstance(one.tag, str) else ""


def _first(one: Element, *path: str) -> Element | None:
    here: Element | None = one
    for name in path:
        here = next((c for c in here if _name(c) == name), None) if here is not None else None
    return here


def _all(one: Element, name: str) -> list[Element]:
    found = _first(one, name)
    return list(found) if found is not None else []


def _said(one: Element | None) -> str:
    """The reference inside an element such as TYPE or SOURCE."""
    return "" if one is None else next(((c.text or "").strip() for c in one), "")


# ---- writing ----------------------------------------------------------------------------


def write(document: ReqDocument, *, made_at: str, tool: str = "Threadline") -> bytes:
    """A file with these objects, their tree and their relations; every value is a string, so that none is bent."""
    root = Element(f"{{{SPACE}}}REQ-IF")
    header = _add(_add(root, "THE-HEADER"), "REQ-IF-HEADER", IDENTIFIER="_header")
    for name, text in (("CREATION-TIME", made_at), ("REQ-IF-TOOL-ID", tool), ("REQ-IF-VERSION", "1.2"),
                       ("SOURCE-TOOL-ID", tool), ("TITLE", document.title)):  # fmt: skip
        _add(header, name).text = _clean(text)
    content = _add(_add(root, "CORE-CONTENT"), "REQ-IF-CONTENT")
    _add(
        _add(content, "DATATYPES"),
        "DATATYPE-DEFINITION-STRING",
        IDENTIFIER="_string",
        **{"LAST-CHANGE": made_at, "LONG-NAME": "Text", "MAX-LENGTH": "100000"},
    )
    kinds = _types(content, document, made_at)
    objects = _add(content, "SPEC-OBJECTS")
    for one in document.objects.values():
        _object(objects, one, kinds, made_at)
    relations = _add(content, "SPEC-RELATIONS")
    for at, (source, target, kind) in enumerate(document.relations, 1):
        relation = _add(relations, "SPEC-RELATION", IDENTIFIER=f"_relation-{at}", **{"LAST-CHANGE": made_at})
        _ref(relation, "TYPE", "SPEC-RELATION-TYPE-REF", kinds["relation", kind])
        _ref(relation, "SOURCE", "SPEC-OBJECT-REF", source)
        _ref(relation, "TARGET", "SPEC-OBJECT-REF", target)
    _tree(content, document, made_at)
    body: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _types(content: Element, document: ReqDocument, made_at: str) -> dict[tuple[str, str], str]:
    place, ids = _add(content, "SPEC-TYPES"), {}
    for at, kind in enumerate(dict.fromkeys(o.kind for o in document.objects.values()), 1):
        ids["object", kind] = f"_type-{at}"
        made = _add(place, "SPEC-OBJECT-TYPE", IDENTIFIER=f"_type-{at}", **{"LAST-CHANGE": made_at, "LONG-NAME": kind})
        said = (n for o in document.objects.values() if o.kind == kind for n in o.values)
        names = dict.fromkeys([*said, *sorted(document.names)])
        attributes = _add(made, "SPEC-ATTRIBUTES") if names else None
        for number, name in enumerate(names, 1):
            ids[kind, name] = f"_type-{at}-{number}"
            assert attributes is not None
            one = _add(
                attributes,
                "ATTRIBUTE-DEFINITION-STRING",
                IDENTIFIER=f"_type-{at}-{number}",
                **{"LAST-CHANGE": made_at, "LONG-NAME": name},
            )
            _ref(one, "TYPE", "DATATYPE-DEFINITION-STRING-REF", "_string")
    for at, kind in enumerate(dict.fromkeys(k for _, _, k in document.relations), 1):
        ids["relation", kind] = f"_relation-type-{at}"
        _add(
            place,
            "SPEC-RELATION-TYPE",
            IDENTIFIER=f"_relation-type-{at}",
            **{"LAST-CHANGE": made_at, "LONG-NAME": kind},
        )
    _add(
        place,
        "SPECIFICATION-TYPE",
        IDENTIFIER="_specification-type",
        **{"LAST-CHANGE": made_at, "LONG-NAME": "Requirements"},
    )
    return ids


def _object(place: Element, one: ReqObject, kinds: dict[tuple[str, str], str], made_at: str) -> None:
    made = _add(place, "SPEC-OBJECT", IDENTIFIER=one.identifier, **{"LAST-CHANGE": one.changed or made_at})
    values = _add(made, "VALUES")
    for name, text in one.values.items():
        value = _add(values, "ATTRIBUTE-VALUE-STRING", **{"THE-VALUE": _clean(text)})
        _ref(value, "DEFINITION", "ATTRIBUTE-DEFINITION-STRING-REF", kinds[one.kind, name])
    _ref(made, "TYPE", "SPEC-OBJECT-TYPE-REF", kinds["object", one.kind])


def _tree(content: Element, document: ReqDocument, made_at: str) -> None:
    whole = _add(
        _add(content, "SPECIFICATIONS"),
        "SPECIFICATION",
        IDENTIFIER="_specification",
        **{"LAST-CHANGE": made_at, "LONG-NAME": _clean(document.title)},
    )
    _ref(whole, "TYPE", "SPECIFICATION-TYPE-REF", "_specification-type")
    levels = [whole]
    for at, (ident, depth) in enumerate(document.tree, 1):
        del levels[min(depth, len(levels) - 1) + 1 :]
        children = _first(levels[-1], "CHILDREN")
        place = children if children is not None else _add(levels[-1], "CHILDREN")
        one = _add(place, "SPEC-HIERARCHY", IDENTIFIER=f"_place-{at}", **{"LAST-CHANGE": made_at})
        _ref(one, "OBJECT", "SPEC-OBJECT-REF", ident)
        levels.append(one)


def _add(parent: Element, name: str, **attributes: str) -> Element:
    return SubElement(parent, f"{{{SPACE}}}{name}", {n: _clean(v) for n, v in attributes.items()})


def _ref(parent: Element, place: str, name: str, ident: str) -> None:
    _add(_add(parent, place), name).text = ident


def _clean(text: str) -> str:
    return _CONTROL.sub("", text)


def differs(first: ReqDocument, second: ReqDocument) -> list[str]:
    """In what two documents differ, in words; nothing when the one says what the other says."""
    found = []
    if first.tree != second.tree:
        found.append("The order or the depth of the tree differs.")
    if sorted(first.relations) != sorted(second.relations):
        found.append("Relations differ.")
    for ident in {**first.objects, **second.objects}:
        one, other = first.objects.get(ident), second.objects.get(ident)
        if one is None or other is None:
            found.append(f"{ident} is in one of them only.")
        elif one.kind != other.kind or _values(one) != _values(other):
            names = [n for n in {**one.values, **other.values} if one.values.get(n) != other.values.get(n)]
            found.append(f"{ident} differs in {', '.join(names[:5]) or 'its type'}.")
    return found


def _values(one: ReqObject) -> dict[str, str]:
    return {n: v for n, v in one.values.items() if v}
