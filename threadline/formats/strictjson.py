"""The one JSON parser for bytes that came from outside.

It takes RFC 8259 and nothing more, and refuses what a database, a log or another
parser would read differently: a key given twice, NaN, half a surrogate pair, NUL,
numbers that do not fit, nesting that exhausts the stack. Whatever the bytes are, the
only exception is `BadJSON`.
"""

from __future__ import annotations

import json
import math
import re
from typing import NoReturn

JSONValue = None | bool | int | float | str | list["JSONValue"] | dict[str, "JSONValue"]

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 64
MAX_NUMBER_CHARACTERS = 100
_SMALLEST, _LARGEST = -(2**63), 2**63 - 1

# An unclosed string runs to the end, so that no byte is looked at twice.
_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
# A cheap question first: only such escapes can bring in what JSON text itself cannot hold.
_SUSPECT_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


class BadJSON(ValueError):
    """The bytes are not JSON that is taken.

    `message` is a sentence for the sender; `pointer` is the RFC 6901 pointer of the value
    at fault, or "" for the whole document.
    """

    def __init__(self, message: str, pointer: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.pointer = pointer


class _Fault:
    """Stands in the parsed tree where a value was refused, so that its place can be named."""

    def __init__(self, message: str) -> None:
        self.message = message


def loads(data: bytes, *, max_bytes: int = MAX_BYTES) -> dict[str, JSONValue]:
    """The JSON object in `data` (UTF-8, at most `max_bytes`). Raises BadJSON."""
    value = loads_any(data, max_bytes=max_bytes)
    if not isinstance(value, dict):
        raise BadJSON(f"A JSON object is wanted here, not {_kind(value)}.")
    return value


def loads_any(data: bytes, *, max_bytes: int = MAX_BYTES) -> JSONValue:
    """The JSON value of any kind in `data` (UTF-8, at most `max_bytes`). Raises BadJSON.

    Whole numbers fit 64 bits with sign; other numbers are finite floats.
    """
    if len(data) > max_bytes:
        raise BadJSON(f"The JSON is {len(data):,} bytes long; at most {max_bytes:,} are taken.")
    _refuse_deep(data)
    reading = _Reading()
    value = reading.parse(_decode(data))
    if reading.found_fault or _SUSPECT_ESCAPE.search(data):
        _refuse_faults(value)
    return value


def _decode(data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadJSON(f"The bytes are not UTF-8: byte {error.start + 1} begins no character.") from None
    if text.startswith("\ufeff"):
        raise BadJSON("JSON does not begin with a byte order mark.")
    if not text.strip(" \t\r\n"):
        raise BadJSON("There is no JSON here: the text is empty.")
    return text


def _refuse_deep(data: bytes) -> None:
    if data.count(b"[") + data.count(b"{") <= MAX_DEPTH:
        return
    depth = 0
    for match in _BRACKETS.finditer(data):
        mark = match.group()
        if mark in (b"[", b"{"):
            depth += 1
            if depth > MAX_DEPTH:
                raise BadJSON(f"The JSON is nested more than {MAX_DEPTH} levels deep.")
        elif mark in (b"]", b"}"):
            depth -= 1


class _Reading:
    """One pass of the standard parser with hooks that mark faults instead of raising."""

    def __init__(self) -> None:
        self.found_fault = False

    def parse(self, text: str) -> JSONValue:
        try:
            value: JSONValue = json.loads(
                text,
                object_pairs_hook=self._object,
                parse_int=self._whole,
                parse_float=self._fraction,
                parse_constant=self._constant,
            )
        except json.JSONDecodeError as error:
            raise BadJSON(f"Line {error.lineno}, column {error.colno}: {_reason(error)}.") from None
        return value

    def _fault(self, message: str) -> _Fault:
        self.found_fault = True
        return _Fault(message)

    def _object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            seen: set[str] = set()
            for key, _ in pairs:
                if key in seen:
                    found[key] = self._fault("The key is given twice.")
                seen.add(key)
        return found

    def _whole(self, digits: str) -> int | _Fault:
        if len(digits) <= 20 and _SMALLEST <= (number := int(digits)) <= _LARGEST:
            return number
        return self._fault("The whole number does not fit 64 bits.")

    def _fraction(self, digits: str) -> float | _Fault:
        if len(digits) > MAX_NUMBER_CHARACTERS:
            return self._fault(f"The number has more than {MAX_NUMBER_CHARACTERS} characters.")
        number = float(digits)
        return number if math.isfinite(number) else self._fault("The number is too large.")

    def _constant(self, name: str) -> _Fault:
        return self._fault(f"{name} is not a JSON value.")


def _reason(error: json.JSONDecodeError) -> str:
    """The standard parser's reason, in words that fit after a place and before a full stop."""
    if error.msg == "Extra data":
        return "something follows the end of the JSON"
    return error.msg[:1].lower() + error.msg[1:].rstrip(".: ")


def _refuse_faults(value: object, pointer: str = "") -> None:
    # Depth is at most MAX_DEPTH by now, so plain recursion is safe.
    if isinstance(value, _Fault):
        _refuse(value.message, pointer)
    if isinstance(value, str):
        _refuse_text(value, pointer)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            _refuse_faults(member, f"{pointer}/{index}")
    elif isinstance(value, dict):
        for key, member in value.items():
            place = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
            _refuse_text(key, place)
            _refuse_faults(member, place)


def _refuse_text(text: str, pointer: str) -> None:
    if "\0" in text:
        _refuse("The text holds a NUL character.", pointer)
    if _SURROGATE.search(text):
        _refuse("The text holds half a surrogate pair.", pointer)


def _refuse(message: str, pointer: str) -> NoReturn:
    # The pointer goes into answers and logs: printable, and no longer than a line.
    readable = pointer.encode("utf-8", "backslashreplace").decode().replace("\0", "\\u0000")
    raise BadJSON(message, readable[:200])


def _kind(value: JSONValue) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "null" if value is None else "a list"
