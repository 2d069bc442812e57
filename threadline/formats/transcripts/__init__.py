"""Transcripts in files: WebVTT, SRT, text, DOCX and ODT, with the ways of Zoom and Teams.

    found = read_transcript("call.vtt", data)
    found.turns    # [{"s": speaker, "a": start in ms or None, "b": end or None, "t": what was said}]
    found.losses   # what could not be kept, in words for the person who sent the file

Raises :class:`~threadline.formats.refusal.Unreadable`.
"""

from __future__ import annotations

from threadline.formats.refusal import Unreadable
from threadline.formats.transcripts import documents, plain, timed
from threadline.formats.transcripts.turns import Found, decoded

__all__ = ["ENDINGS", "LARGEST", "Found", "read_text", "read_transcript"]

ENDINGS = (".vtt", ".srt", ".txt", ".md", ".docx", ".odt")
LARGEST = 20 * 1024 * 1024


def read_transcript(name: str, data: bytes) -> Found:
    """The turns of a transcript file, by its content first and its name second."""
    if len(data) > LARGEST:
        raise Unreadable(f"Too large for a transcript: {LARGEST // 1024 // 1024} MB at most.")
    if data[:4] == b"PK\x03\x04":
        return plain.read(documents.text_of(data), documents.kind_of(data), [])
    text, losses = decoded(data)
    head = text.lstrip()[:200]
    if head.startswith("WEBVTT") or "-->" in text[:4_000]:
        first = next((line for line in head.splitlines() if line.strip()), "")
        kind = "vtt" if head.startswith("WEBVTT") else "srt"
        # Teams once wrote its transcripts as text: a line of times, a line with the name, then the words.
        if kind == "srt" and "-->" in first and not timed.looks_like_srt(text):
            return plain.read(text, "txt", losses)
        return timed.read(text, kind, losses)
    return read_text(text, losses)


def read_text(text: str, losses: list[str] | None = None) -> Found:
    """The turns of a pasted text."""
    if text.lstrip().startswith("WEBVTT") or ("-->" in text[:4_000] and timed.looks_like_srt(text)):
        return timed.read(text, "vtt", losses or [])
    return plain.read(text, "txt", losses or [])
