"""What every reader of transcripts gives back, and how cues become turns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from threadline.formats.refusal import Unreadable

Turn = dict[str, Any]
LONGEST_SPEAKER = 80
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\ufeff\ud800-\udfff]")
_END = re.compile(r"[.!?…。？！][\"'”’)]*$")
_LONG = 600  # characters after which a turn ends with its sentence
_LONG_UNKNOWN = 160  # the same where nobody says who speaks


@dataclass
class Found:
    """Turns, the format they came in, and what was lost on the way."""

    turns: list[Turn]
    format: str
    losses: list[str] = field(default_factory=list)

    @property
    def speakers(self) -> list[str]:
        """Who speaks, in the order of first words."""
        return list(dict.fromkeys(t["s"] for t in self.turns if t["s"]))


def decoded(data: bytes) -> tuple[str, list[str]]:
    """Bytes as text: UTF-8 or UTF-16, else as Windows wrote it; with LF for every end of line."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _unix(data.decode(encoding, "replace")), []
    try:
        return _unix(data.decode("utf-8")), []
    except UnicodeDecodeError:
        pass
    if b"\x00" in data[:4_000]:
        raise Unreadable("This is not a text. Send the transcript as .vtt, .srt, .txt, .docx or .odt.")
    return _unix(data.decode("cp1252", "replace")), ["The file is not in UTF-8; it was read as Windows text."]


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def clean(text: str) -> str:
    """Words as they are kept: composed characters, single spaces, no control characters."""
    text = _CONTROL.sub("", unicodedata.normalize("NFC", text))
    return "\n".join(line for line in (" ".join(part.split()) for part in text.split("\n")) if line)


def joined(cues: Iterable[Turn]) -> list[Turn]:
    """Cues as turns: what one person says in a row, broken at the end of a sentence when it grows long."""
    turns: list[Turn] = []
    for cue in cues:
        text = clean(cue["t"]).replace("\n", " ")
        if not text:
            continue
        speaker = clean(cue["s"]).replace("\n", " ")[:LONGEST_SPEAKER]
        last = turns[-1] if turns else None
        full = last is not None and len(last["t"]) > (_LONG if speaker else _LONG_UNKNOWN) and _END.search(last["t"])
        if last is not None and last["s"] == speaker and not full and len(last["t"]) < 20_000:
            last["t"] = f"{last['t']} {text}"
            last["b"] = cue["b"] if cue["b"] is not None else last["b"]
        else:
            turns.append({"s": speaker, "a": cue["a"], "b": cue["b"], "t": text})
    return turns
