"""The ZIP file around a workbook: what it may hold, and its XML in pieces of bounded size.

Everything that openpyxl is given passes here first, so that no file can make it take memory
without end. Document types are refused everywhere; without them there are no entities.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DTDForbidden
from defusedxml.ElementTree import fromstring, iterparse

from threadline.formats.sheets.lines import CHUNK
from threadline.formats.sheets.sheet import Limits, SheetError

# The list of parts is read into memory at once, so it is measured before.
_LONGEST_DIRECTORY = 1024 * 1024
# Parts that openpyxl makes objects of, all at once.
_LARGEST_SMALL_PART, _MOST_ELEMENTS = 4 * 1024 * 1024, 50_000
# Between one element that is wanted and the next: a row of 16,384 formatted cells fits.
_MOST_TAGS, _DEEPEST = 150_000, 50
# Tables of repeated words compress up to 250-fold. A large file that does better was made to.
_DENSITY, _DENSITY_APPLIES = 500, 50_000_000
DAMAGED = "Open the file in a spreadsheet program, save it again as .xlsx and send that."
NOT_A_WORKBOOK = "Save the table as .xlsx or .csv and send that."


class Package(zipfile.ZipFile):
    """An open workbook file. Close it, or use it in a `with` statement.

    Raises SheetError when opened; what reading raises, `library_errors` turns into SheetError.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        _refuse_long_directory(path)
        try:
            super().__init__(path)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error):
            raise SheetError("The file is not an Excel workbook.", NOT_A_WORKBOOK) from None
        self._limits = limits
        try:
            _refuse_bomb(self.infolist(), path.stat().st_size, limits)
        except BaseException:
            self.close()
            raise

    def read(self, name: str | zipfile.ZipInfo, pwd: bytes | None = None) -> bytes:
        """The bytes of a small part; openpyxl asks for those that describe the workbook."""
        known = self.getinfo(name) if isinstance(name, str) else name
        if known.file_size > _LARGEST_SMALL_PART:
            raise SheetError(f"The part {known.filename} of the workbook is too large.", DAMAGED)
        data = super().read(known, pwd)
        if sum(1 for _ in fromstring(data, forbid_dtd=True).iter()) > _MOST_ELEMENTS:
            raise SheetError(f"The part {known.filename} of the workbook holds too much.", DAMAGED)
        return data

    def elements(self, part: str, wanted: set[str], last: str = "") -> Iterator[tuple[str, Element]]:
        """The elements of a part with a wanted tag, after the tag of what holds them.

        An element is emptied when the next is asked for. XML behind the end of `last` is not parsed.
        """
        with self.open(part) as file:
            source = _Allowance(file, part, self._limits.row * 3)
            within: list[Element] = []
            for event, element in iterparse(source, ("start", "end"), forbid_dtd=True):
                if event == "start":
                    within.append(element)
                    if len(within) > _DEEPEST:
                        raise SheetError(f"The part {part} of the workbook is nested too deeply.", DAMAGED)
                    continue
                within.pop()
                if element.tag in wanted:
                    yield (within[-1].tag if within else ""), element
                    # The parser would keep all it has read.
                    for seen in (element, *within):
                        seen.clear()
                    source.renew()
                if element.tag == last:
                    break
            # Read to its end, a part is checked for damage.
            while file.read(CHUNK):
                pass


class _Allowance:
    """A part as a file that ends in SheetError when too much is read before `renew`."""

    def __init__(self, file: IO[bytes], part: str, size: int) -> None:
        self._file = file
        self._part = part
        self._most = size
        self.renew()

    def renew(self) -> None:
        self._size = self._tags = 0

    def read(self, _: int = -1) -> bytes:
        data = self._file.read(CHUNK)
        self._size += len(data)
        self._tags += data.count(b"<")
        if self._size > self._most + CHUNK or self._tags > _MOST_TAGS:
            raise SheetError(f"A row or text in the part {self._part} of the workbook is too long.", DAMAGED)
        return data


@contextmanager
def library_errors() -> Iterator[None]:
    """Turns what the libraries raise into SheetError. Openpyxl raises whatever its code runs into."""
    try:
        yield
    except (SheetError, MemoryError):
        raise
    except DTDForbidden:
        message = "The workbook declares a document type, which no spreadsheet program writes."
        raise SheetError(message, DAMAGED) from None
    except ParseError as error:
        raise SheetError(f"A part of the workbook is damaged: {error}.", DAMAGED) from None
    except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError):
        raise SheetError("A part of the workbook is missing or cannot be unpacked.", DAMAGED) from None
    except Exception as error:
        raise SheetError(f"The workbook is damaged: {type(error).__name__}.", DAMAGED) from error


def _refuse_long_directory(path: Path) -> None:
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 65_557))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise SheetError("The file is not an Excel workbook, or only the beginning of one.", NOT_A_WORKBOOK)
    # In the long form of ZIP this field says only "elsewhere"; the file's own size bounds it then.
    if min(struct.unpack_from("<I", tail, at + 12)[0], size) > _LONGEST_DIRECTORY:
        raise SheetError("The workbook has too many parts.", DAMAGED)


def _refuse_bomb(parts: list[zipfile.ZipInfo], packed: int, limits: Limits) -> None:
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > limits.parts or len({part.filename for part in parts}) < len(parts):
        raise SheetError(f"The workbook has more than {limits.parts:,} parts, or two of one name.", DAMAGED)
    if unpacked > limits.unpacked:
        raise SheetError(
            f"The workbook unpacks to {unpacked:,} bytes; at most {limits.unpacked:,} are read.",
            "Divide the table, or send it as CSV.",
        )
    if unpacked > _DENSITY_APPLIES and unpacked > packed * _DENSITY:
        raise SheetError("The workbook is packed more densely than any table.", "Send the table as CSV.")
    for part in parts:
        if part.flag_bits & 1 or part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise SheetError("The workbook is encrypted or packed in an unusual way.", DAMAGED)
