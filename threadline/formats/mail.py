"""A mail as it comes over the wire: who, when, what was said, and what lies with it.

Everything in a mail is a stranger's claim, its size and nesting included. So its head is cut
before it is read, its parts are counted before they are parsed, and addresses are read by our
own short rules: the library's own readers take minutes over lines made to hurt them.
"""

from __future__ import annotations

import binascii
import codecs
import email.parser
import email.utils
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.policy import Compat32
from typing import Any

from threadline.formats.mailtext import Forwarded, cut, forwarded_in, words_of_html
from threadline.formats.refusal import Unreadable

LARGEST = 25 * 1024 * 1024  # bytes of one mail
LONGEST = 200_000  # characters of its text that are read
MOST_FILES = 20
_LINE = 8_000  # characters of one line of the head that are read
_DESCRIBING = 1_500  # the same of a part's own head
_PARTS, _NESTED, _RULES = 300, 30, 3_000
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_CODED = re.compile(r"=\?([A-Za-z0-9_*-]{1,40})\?([BbQq])\?([^?\s]{0,2000})\?=")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"@]{1,64}@[A-Za-z0-9.-]{1,190}")
_IDENT = re.compile(r"<([^<>\s]{1,250})>")
# Codecs that are no writing of a mail, or take long over little.
_NO_WRITING = frozenset({"punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined"})
_BY_MACHINES = (
    ("auto-submitted", lambda v: v not in ("", "no"), "an automatic answer or notice"),
    ("x-auto-response-suppress", bool, "an automatic notice"),
    ("x-autoreply", bool, "an automatic answer"),
    ("x-autorespond", bool, "an automatic answer"),
    ("list-unsubscribe", bool, "sent to a list"),
    ("list-id", bool, "sent to a list"),
    ("precedence", lambda v: v in ("bulk", "junk", "list", "auto_reply"), "sent in bulk"),
)
_VERDICT = re.compile(r"\b(dmarc|dkim|spf)\s{0,3}=\s{0,3}([a-z]{1,20})")


@dataclass(frozen=True, slots=True)
class File:
    """Something that lies with a mail; the name is a claim like the rest."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail, read. ``text`` is what its writer added, ``whole`` all that was in it.

    ``machine`` says why it seems written by a program, ``forged`` why its sender is doubted;
    ``proved`` is True where the receiving server vouches for the sender.
    """

    ident: str
    answers: tuple[str, ...]  # the ids it answers, the nearest first
    name: str
    address: str
    subject: str
    sent_at: datetime | None
    text: str
    whole: str
    forwarded: Forwarded | None
    files: tuple[File, ...]
    left_out: tuple[str, ...]
    machine: str
    forged: str
    proved: bool

    @property
    def was_cut(self) -> bool:
        """Whether quoted mail or a signature was left out of the text."""
        return self.text != self.whole


class _Short(Compat32):
    """The library's plainest manners, with every line of a head cut to a length that is quick to read."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Name and value of a head's line."""
        name, value = super().header_source_parse(sourcelines)
        return name[:200], value[: _DESCRIBING if name[:8].lower() == "content-" else _LINE]


def read_mail(raw: bytes, *, vouching: str = "") -> Letter:
    """Read a mail; raises Unreadable for what is none, too large or nested without end.

    ``vouching`` names the server whose Authentication-Results count; blank: the uppermost, which
    the receiving server wrote last.
    """
    if len(raw) > LARGEST:
        raise Unreadable(f"The mail is too large: {LARGEST // 1024 // 1024} MB at most.")
    _count_parts(raw)
    try:
        message = email.parser.BytesParser(policy=_Short()).parsebytes(raw)
    except (ValueError, LookupError, RecursionError, IndexError, AttributeError) as error:
        raise Unreadable("This is not a mail that can be read.") from error
    return _letter(message, vouching)


def _count_parts(raw: bytes) -> None:
    low = raw.lower()
    nested = low.count(b"multipart/") + low.count(b"message/")
    if low.count(b"content-type") > _PARTS or nested > _NESTED or low.count(b"\n--") > _RULES:
        raise Unreadable("The mail has too many parts, or parts within parts.")


def _letter(message: Message, vouching: str) -> Letter:
    name, address = sender(_head(message, "From"))
    if not address and not _head(message, "Subject") and not _head(message, "Date"):
        raise Unreadable("This is not a mail: it names no sender, no subject and no date.")
    whole, files, left_out = _content(message)
    subject = _tidy(_head(message, "Subject"))[:300]
    forwarded = forwarded_in(whole, subject)
    forged, proved = _judged(message, address, vouching)
    return Letter(
        ident=next(iter(_idents(_head(message, "Message-ID"))), ""),
        answers=tuple(
            dict.fromkeys([*_idents(_head(message, "In-Reply-To"))[:5], *_idents(_head(message, "References"))[::-1]])
        )[:40],
        name=name,
        address=address,
        subject=subject,
        sent_at=_instant(_head(message, "Date")),
        text=cut(whole),
        whole=whole,
        forwarded=forwarded,
        files=files,
        left_out=left_out,
        machine=_machine(message, address),
        forged=forged,
        proved=proved,
    )


# ---- the head ---------------------------------------------------------------------------


def _head(message: Message, name: str) -> str:
    value = message.get(name, "")
    return _decoded(" ".join(str(value)[:_LINE].split()))


def _decoded(said: str) -> str:
    """Words in the coding of heads (RFC 2047) as they read; whatever cannot be read stays as it stands."""
    said = re.sub(r"(\?=) (?==\?)", r"\1", said)

    def plain(found: re.Match[str]) -> str:
        charset, way, coded = found[1].partition("*")[0], found[2].lower(), found[3]
        try:
            if way == "b":
                content = binascii.a2b_base64(coded + "=" * (-len(coded) % 4))
            else:
                content = binascii.a2b_qp(coded.replace("_", " "), header=False)
        except (binascii.Error, ValueError):
            return found[0]
        return _text(content, charset)

    return _CODED.sub(plain, said)


def _text(content: bytes, charset: str) -> str:
    try:
        known = codecs.lookup(charset or "utf-8").name
        if known in _NO_WRITING:
            raise LookupError(charset)
        return content.decode(known, "replace")
    except (LookupError, ValueError, UnicodeError):
        return content.decode("utf-8", "replace")


def _tidy(said: str) -> str:
    return " ".join(_CONTROL.sub("", said).split())


def sender(said: str) -> tuple[str, str]:
    """Name and address of a From line. Where it names several, the last one that a mail server would have used."""
    said = _tidy(said)[:1_000]
    inner = said.rpartition("<")[2].partition(">")[0] if "<" in said else said
    found = _ADDRESS.search(inner) or _ADDRESS.search(said)
    address = found[0].lower().rstrip(".") if found else ""
    name = said.rpartition("<")[0] if "<" in said else said.replace(address, "") if address else said
    return name.strip(" \"'()<>,")[:200], address[:254]


def _idents(said: str) -> list[str]:
    return [one.strip() for one in _IDENT.findall(said)][:60]


def _instant(said: str) -> datetime | None:
    try:
        found = email.utils.parsedate_to_datetime(said[:100])
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _machine(message: Message, address: str) -> str:
    for name, speaks, said in _BY_MACHINES:
        if speaks(_head(message, name).lower().partition(";")[0].strip()):
            return said
    if address.partition("@")[0] in ("mailer-daemon", "postmaster"):
        return "a report of a mail server"
    if message.get_content_type() == "multipart/report" or _head(message, "Return-Path") == "<>":
        return "a report of a mail server"
    return ""


def _judged(message: Message, address: str, vouching: str) -> tuple[str, bool]:
    """Why the sender is doubted, and whether somebody vouches for them."""
    if len(message.get_all("From", [])) > 1 or len(set(_ADDRESS.findall(_head(message, "From").lower()))) > 1:
        return "it names several senders", False
    if not address:
        return "it names no sender", False
    results = [" ".join(str(v)[:_LINE].split()).lower() for v in message.get_all("Authentication-Results", [])]
    if vouching:
        results = [r for r in results if r.partition(";")[0].split(" ")[0] == vouching.lower()]
    said: dict[str, set[str]] = {}
    for way, verdict in _VERDICT.findall(results[0] if results else ""):
        said.setdefault(way, set()).add(verdict)
    proved = "pass" in said.get("dmarc", set())
    if said.get("dmarc", set()) & {"fail", "permerror"}:
        return "the mail server says that its sender is forged (dmarc=fail)", False
    weak = said.get("spf", set()) & {"fail", "softfail"} and "pass" not in said.get("dkim", set())
    if weak and not proved:
        return "the mail server says that its sender may be forged (spf=fail)", False
    return "", proved


# ---- the parts --------------------------------------------------------------------------


def _content(message: Message) -> tuple[str, tuple[File, ...], tuple[str, ...]]:
    """All the words of a mail, its files, and the names of those left out."""
    plain: list[str] = []
    marked: list[str] = []
    files: list[File] = []
    left_out: list[str] = []
    for part in _leaves(message):
        kind, name = part.get_content_type(), _file_name(part)
        at_hand = "attachment" in str(part.get("Content-Disposition", ""))[:200].lower()
        if kind in ("text/plain", "text/html") and not at_hand:
            said = _text(_bytes(part), str(part.get_content_charset() or ""))[: 4 * LONGEST]
            (plain if kind == "text/plain" else marked).append(said)
        elif kind.startswith("image/") and not at_hand and part.get("Content-ID"):
            left_out.append(name)  # a logo in a signature, a picture that the text shows
        elif len(files) >= MOST_FILES:
            left_out.append(name)
        else:
            files.append(File(name, kind, _bytes(part)))
    said = _lines("\n\n".join(plain))
    if not said.strip():
        said = _lines("\n\n".join(words_of_html(m) for m in marked))
    return said[:LONGEST].strip(), tuple(f for f in files if f.content), tuple(left_out)


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that hold something; a mail within the mail is one of them, whole."""
    if message.get_content_maintype() == "message" or not message.is_multipart():
        yield message
        return
    for part in message.get_payload():
        if isinstance(part, Message):
            yield from _leaves(part)


def _bytes(part: Message) -> bytes:
    held: Any = part.get_payload()
    if isinstance(held, list):
        return held[0].as_bytes() if held and isinstance(held[0], Message) else b""
    try:
        found = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        return b""
    return found if isinstance(found, bytes) else b""


def _file_name(part: Message) -> str:
    try:
        found = part.get_filename() or ""
    except (ValueError, LookupError, TypeError, UnicodeError):
        found = ""
    if part.get_content_maintype() == "message":
        return _tidy(found) or "forwarded.eml"
    return _tidy(_decoded(str(found)))[:200] or "file"


def _lines(said: str) -> str:
    return _CONTROL.sub("", said.replace("\r\n", "\n").replace("\r", "\n")).replace("\u00a0", " ")
