"""Cutting a stream of JSON into its values without parsing them, so that memory stays constant.

This is no library's work because ijson ends at the first bad object, takes a key given twice or
half a surrogate pair without a word, and bounds neither a value's length nor its depth.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from threadline.formats.sheets.sheet import SheetError

# A string, a bracket, or the quote of a string that the buffer does not hold to its end.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\]]|(")', re.DOTALL)
_SPACE = re.compile(rb"[ \t\r\n]*+")
_WORD = re.compile(rb'[^ \t\r\n,\]}"\[{]*+')
_MEND = "Check the file with a JSON tool, or export it again."


class JSONStream:
    """A reading position in JSON that arrives in chunks. `longest` bounds a value, in bytes."""

    def __init__(self, chunks: Iterator[bytes], longest: int) -> None:
        self._chunks = chunks
        self._longest = longest
        self._data = b""
        self._at = 0

    def peek(self) -> bytes:
        """The next byte that is not white space, b"" at the end."""
        while True:
            space = _SPACE.match(self._data, self._at)
            self._at = space.end() if space else self._at
            if self._at < len(self._data):
                return self._data[self._at : self._at + 1]
            if not self._more():
                return b""

    def list_members(self) -> Iterator[bytes]:
        """The members of the list that begins here. Nothing may follow but the end of the outer value."""
        self._take(b"[")
        count = 0
        while self.peek() != b"]":
            if count:
                self._take(b",", f"after object {count}")
            count += 1
            yield self.value(f"in object {count}")
        self._at += 1
        if self.peek() not in (b"", b",", b"}"):
            raise SheetError("Something follows the end of the list.", _MEND)

    def values(self) -> Iterator[bytes]:
        """All values to the end of the stream, one after the other."""
        count = 0
        while self.peek():
            count += 1
            yield self.value(f"in object {count}")

    def enter_member(self, names: tuple[str, ...]) -> bool:
        """Moves into the object that begins here, to the first list of objects under one of `names`."""
        self._take(b"{")
        while self.peek() == b'"':
            key = self.value()
            self._take(b":")
            if self.peek() == b"[" and key in [json.dumps(name).encode() for name in names]:
                return True
            self.value()
            if self.peek() != b",":
                return False
            self._at += 1
        return False

    def value(self, where: str = "") -> bytes:
        """The whole value that begins here, of any kind."""
        if self.peek() in (b"{", b"[", b'"'):
            return self._bracketed(where)
        return self._cut(self._end_of_word(where))

    def _end_of_word(self, where: str) -> int:
        """Where a number, a name or a stray mark that begins here ends."""
        while True:
            word = _WORD.match(self._data, self._at)
            end = max(word.end() if word else 0, self._at + 1)
            self._refuse_long(end, where)
            if end < len(self._data) or not self._more():
                return end

    def _bracketed(self, where: str) -> bytes:
        depth = scanned = 0
        while True:
            for token in _TOKEN.finditer(self._data, self._at + scanned):
                if token[1]:
                    scanned = token.start() - self._at
                    break
                depth += (token[0] in b"{[") - (token[0] in b"}]")
                scanned = token.end() - self._at
                if depth == 0:
                    self._refuse_long(token.end(), where)
                    return self._cut(token.end())
            else:
                scanned = len(self._data) - self._at
            self._refuse_long(self._at + scanned, where)
            if not self._more():
                raise SheetError(f"The file ends in the middle of a value, {where}.", _MEND)

    def _refuse_long(self, end: int, where: str) -> None:
        if end - self._at > self._longest:
            raise SheetError(f"The value {where} is longer than {self._longest:,} bytes.", _MEND)

    def _cut(self, end: int) -> bytes:
        found, self._at = self._data[self._at : end], end
        return found

    def _take(self, mark: bytes, where: str = "") -> None:
        if self.peek() != mark:
            raise SheetError(f"The JSON is broken {where}: “{mark.decode()}” is missing.", _MEND)
        self._at += 1

    def _more(self) -> bool:
        """Reads on, as much again as is held already, so that long values are not searched too often."""
        held = [self._data[self._at :]]
        size = wanted = len(held[0])
        while size <= wanted * 2:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            held.append(chunk)
            size += len(chunk)
        self._data, self._at = b"".join(held), 0
        return size > wanted
