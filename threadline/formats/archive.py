"""ZIP archives and XML from outside, read within limits and never unpacked to the disk.

Names in an archive are looked up, never used as paths. Document types are refused in XML, so
there are no entities to expand and nothing outside to fetch.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from threadline.formats.refusal import Unreadable

MOST_PARTS = 5_000
MOST_UNPACKED = 400 * 1024 * 1024
LARGEST_XML = 60 * 1024 * 1024
MOST_ELEMENTS = 1_500_000
DEEPEST = 200
_DENSITY, _DENSITY_APPLIES = 300, 20 * 1024 * 1024


class Archive:
    """An open archive. ``read(name)`` gives the bytes of one part, within the limits."""

    def __init__(self, data: bytes, what: str = "file") -> None:
        self.what = what
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            parts = self._zip.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError):
            raise Unreadable(f"This {what} is damaged, or is not what its name says.") from None
        self._refuse_bomb(parts, len(data))
        self.names = {part.filename: part for part in parts if not part.is_dir()}

    def _refuse_bomb(self, parts: list[zipfile.ZipInfo], packed: int) -> None:
        unpacked = sum(part.file_size for part in parts)
        if len(parts) > MOST_PARTS or len({p.filename for p in parts}) < len(parts):
            raise Unreadable(f"This {self.what} has more than {MOST_PARTS:,} parts, or two of one name.")
        if unpacked > MOST_UNPACKED or (unpacked > _DENSITY_APPLIES and unpacked > packed * _DENSITY):
            raise Unreadable(f"This {self.what} unpacks to {unpacked // 1024 // 1024:,} MB, which no real one does.")
        for part in parts:
            steps = part.filename.replace("\\", "/").split("/")
            link = (part.external_attr >> 16) & 0o170000 == 0o120000
            if link or ".." in steps or part.filename.startswith(("/", "\\")) or "\x00" in part.filename:
                raise Unreadable(f"This {self.what} holds a part that points outside of it.")
            if part.flag_bits & 1 or part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise Unreadable(f"This {self.what} is encrypted or packed in an unusual way.")

    def read(self, name: str, most: int = LARGEST_XML) -> bytes:
        """The bytes of a part; raises Unreadable when it is missing, damaged or too large."""
        part = self.names.get(name)
        if part is None:
            raise Unreadable(f"This {self.what} has no part called {name}.")
        if part.file_size > most:
            raise Unreadable(f"The part {name} is too large: {part.file_size // 1024 // 1024:,} MB.")
        try:
            with self._zip.open(part) as opened:
                data = opened.read(most + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError):
            raise Unreadable(f"The part {name} is damaged.") from None
        if len(data) > most:
            raise Unreadable(f"The part {name} is too large.")
        return data


def xml_root(data: bytes, what: str = "file") -> Element:
    """The root element; raises Unreadable for what is not XML, declares a document type, or is a bomb."""
    if len(data) > LARGEST_XML:
        raise Unreadable(f"This {what} is too large: {LARGEST_XML // 1024 // 1024} MB of XML at most.")
    if data.count(b"<") > 2 * MOST_ELEMENTS:
        raise Unreadable(f"This {what} has more than {MOST_ELEMENTS:,} elements.")
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise Unreadable(f"This {what} declares a document type or entities, which is refused.") from None
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise Unreadable(f"This {what} is not well-formed XML: {str(error)[:120]}.") from None
    _refuse_depth(root, what)
    return root


def _refuse_depth(root: Element, what: str) -> None:
    level = [root]
    for _ in range(DEEPEST):
        level = [child for element in level for child in element]
        if not level:
            return
    raise Unreadable(f"This {what} is nested more than {DEEPEST} levels deep.")
