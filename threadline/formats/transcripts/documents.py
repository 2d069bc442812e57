"""The text of DOCX and ODT files, a paragraph a line; nothing of their looks, scripts or pictures."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from threadline.formats.archive import Archive, xml_root
from threadline.formats.refusal import Unreadable

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_T = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"


def kind_of(data: bytes) -> str:
    """Which of the two a document is."""
    return "docx" if "word/document.xml" in Archive(data, "document").names else "odt"


def text_of(data: bytes) -> str:
    """The words of a document."""
    archive = Archive(data, "document")
    if "word/document.xml" in archive.names:
        return _docx(xml_root(archive.read("word/document.xml"), "document"))
    if "content.xml" in archive.names:
        return _odt(xml_root(archive.read("content.xml"), "document"))
    raise Unreadable("This archive is neither a Word nor an OpenDocument text.")


def _docx(root: Element) -> str:
    paragraphs = []
    for paragraph in root.iter(f"{_W}p"):
        parts = []
        for element in paragraph.iter():
            if element.tag == f"{_W}t":
                parts.append(element.text or "")
            elif element.tag in (f"{_W}br", f"{_W}cr"):
                parts.append("\n")
            elif element.tag == f"{_W}tab":
                parts.append(" ")
        paragraphs.append("".join(parts))
    return "\n".join(paragraphs)


def _odt(root: Element) -> str:
    body = root.find(f"{_OFFICE}body")
    paragraphs = []
    for element in (body if body is not None else root).iter():
        if element.tag in (f"{_T}p", f"{_T}h"):
            paragraphs.append(_inside(element))
    return "\n".join(paragraphs)


def _inside(element: Element) -> str:
    parts = [element.text or ""]
    for child in element:
        if child.tag == f"{_T}line-break":
            parts.append("\n")
        elif child.tag == f"{_T}tab":
            parts.append(" ")
        elif child.tag == f"{_T}s":
            parts.append(" " * min(int(child.get(f"{_T}c", "1") or 1), 50))
        elif child.tag != f"{_T}note":
            parts.append(_inside(child))
        parts.append(child.tail or "")
    return "".join(parts)
