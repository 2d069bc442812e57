"""The words of a mail: markup to text, quoted mail and signatures left out, a forwarded mail taken apart.

All by lines and with rules that look at each line once, so that no text takes long.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_BLOCKS = frozenset(
    {"p", "br", "div", "section", "article", "li", "ul", "ol", "tr", "table", "blockquote", "pre", "dd", "dt", "hr"}
    | {f"h{n}" for n in range(1, 7)}
)
_DROPPED = frozenset(
    {"script", "style", "noscript", "template", "svg", "math", "iframe", "object", "head", "title", "form", "select"}
)
_NAME = re.compile(r"<(/?)([a-z][a-z0-9]{0,15}|!doctype|\?xml)")
_CELLS = frozenset({"td", "th"})

# A line that introduces what is quoted below it: "On 3 May, Ana wrote:" as mail programs write it.
_WROTE = re.compile(
    r"^(?:on|am|le|el|il|op|em|den|dne|w dniu)\b.{4,300}"
    r"(?:wrote|schrieb.{0,120}|a écrit|escribió|ha scritto|schreef.{0,120}|escreveu|skrev.{0,120}|napsal.{0,120}|"
    r"napisał.{0,60})"
    r"\s?:$",
    re.IGNORECASE,
)
_OPENS = re.compile(r"^(?:on|am|le|el|il|op|em|den|dne|w dniu)\b.{4,300}$", re.IGNORECASE)
_RULE = re.compile(r"^(?:-{2,}|_{5,}|\*{5,})$")
_ORIGINAL = re.compile(
    r"^-{2,}\s?(?:original message|ursprüngliche nachricht|message d'origine|mensaje original|"
    r"messaggio originale|oorspronkelijk bericht)\s?-{2,}$",
    re.IGNORECASE,
)
_FORWARD = re.compile(
    r"^(?:-{2,}\s?(?:forwarded message|weitergeleitete nachricht|message transféré|mensaje reenviado|"
    r"messaggio inoltrato|doorgestuurd bericht)\s?-{2,}|begin forwarded message:)$",
    re.IGNORECASE,
)
_FROM = re.compile(r"^\*?(?:from|von|de|da|van)\s?:\*?\s(.{1,400})$", re.IGNORECASE)
_FIELD = re.compile(
    r"^\*?(from|von|de|da|van|sent|gesendet|envoyé|enviado|inviato|verzonden|date|datum|fecha|data|to|an|à|para|a|aan|"
    r"cc|kopie|subject|betreff|objet|asunto|oggetto|onderwerp|reply-to)\s?:\*?\s?(.{0,600})$",
    re.IGNORECASE,
)
_SUBJECTS = frozenset({"subject", "betreff", "objet", "asunto", "oggetto", "onderwerp"})
_DATES = frozenset(["sent", "gesendet", "envoyé", "enviado", "inviato", "verzonden", "date", "datum", "fecha", "data"])
_FW = re.compile(r"^(?:fwd?|wg|tr|rv|i|doorst)\s?:\s?", re.IGNORECASE)
_RE = re.compile(r"^(?:(?:re|aw|sv|antw|fwd?|wg|tr|rv)\s?(?:\[\d{1,3}\])?\s?:\s?)+", re.IGNORECASE)
_DEVICE = re.compile(
    r"^(?:sent from my\b|sent from (?:outlook|mail|yahoo)|get outlook for\b|von meinem \w{1,20} gesendet|"
    r"envoyé de mon\b|enviado desde mi\b).{0,80}$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A mail that was passed on: what it was, and what was said above it."""

    sender: str
    date: str
    subject: str
    text: str
    said_above: str


def subject_of(said: str) -> str:
    """A subject without the signs of answering and passing on."""
    return _RE.sub("", said).strip()


def words_of_html(markup: str) -> str:
    """The words of a mail in HTML, never shown as such; what it quotes begins with a sign, as in plain mail."""
    lines: list[str] = []
    depth, line = 0, ""

    def end() -> None:
        nonlocal line
        said = " ".join(html.unescape(line).split())
        lines.append(f"{'> ' * min(depth, 5)}{said}" if said else "")
        line = ""

    for said, closes, tag in _tags(markup):
        line += said
        if tag in _CELLS:
            line += " "
        elif tag in _BLOCKS:
            end()
            if tag == "blockquote":
                depth = max(0, depth + (-1 if closes else 1))
    end()
    return _few_blanks(lines)


def _tags(markup: str) -> Iterator[tuple[str, bool, str]]:
    """The text before each tag, whether it closes, and its name; comments and what is never shown are passed over."""
    low, at = markup.lower(), 0
    while (begin := markup.find("<", at)) >= 0:
        if low.startswith("<!--", begin):
            done = markup.find("-->", begin)
            yield markup[at:begin], False, ""
            at = done + 3 if done >= 0 else len(markup)
            continue
        done = markup.find(">", begin)
        if done < 0:
            break
        name = _NAME.match(low, begin)
        if name is None:  # a sign of its own, such as 3 < 4
            yield markup[at : begin + 1], False, ""
            at = begin + 1
            continue
        yield markup[at:begin], bool(name[1]), name[2]
        at = done + 1
        if name[2] in _DROPPED and not name[1]:
            done = low.find(f"</{name[2]}", at)
            at = done if done >= 0 else len(markup)
    yield markup[at:], False, ""


def _few_blanks(lines: Sequence[str]) -> str:
    kept: list[str] = []
    for line in lines:
        if line.strip() or (kept and kept[-1].strip()):
            kept.append(line)
    return "\n".join(kept).strip()


def cut(whole: str) -> str:
    """What the writer of a mail added: without quoted mail and signature. All of it where nothing else is left."""
    lines = [line.rstrip() for line in whole.split("\n")]
    lines = lines[: _original_at(lines)]
    lines = _unquoted(lines)
    lines = lines[: _signature_at(lines)]
    return _few_blanks(lines) or whole.strip()


def _original_at(lines: Sequence[str]) -> int:
    """Where the mail below begins that is answered, as programs that do not mark each line put it."""
    for n, line in enumerate(lines):
        said = line.strip()
        if _ORIGINAL.match(said) or _FORWARD.match(said):
            return n
        if _FROM.match(said) and _heads(lines, n)[0] >= 3:
            before = n - 1
            while before >= 0 and not lines[before].strip():
                before -= 1
            return before if before >= 0 and _RULE.match(lines[before].strip()) else n
    return len(lines)


def _heads(lines: Sequence[str], at: int) -> tuple[int, int]:
    """How many lines of a mail's head stand from here on, and where they end."""
    count, n = 0, at
    while n < len(lines) and n < at + 16:
        said = lines[n].strip()
        if _FIELD.match(said):
            count += 1
        elif said or not count or (n + 1 < len(lines) and not _FIELD.match(lines[n + 1].strip())):
            break
        n += 1
    return count, n


def _unquoted(lines: Sequence[str]) -> list[str]:
    quoted = [line.lstrip().startswith(">") for line in lines]
    follows = [False] * (len(lines) + 1)  # whether the next line that is not blank is quoted, or there is none
    follows[-1] = True
    for n in range(len(lines) - 1, -1, -1):
        follows[n] = quoted[n] if lines[n].strip() else follows[n + 1]
    kept, skip = [], False
    for n, line in enumerate(lines):
        said = line.strip()
        if skip:
            skip = False
            continue
        if quoted[n] or (_WROTE.match(said) and follows[n + 1]):
            continue
        broken = n + 2 < len(lines) and follows[n + 2] and _OPENS.match(said)
        skip = bool(broken and _WROTE.match(f"{said} {lines[n + 1].strip()}"))  # the line was broken in two
        if not skip:
            kept.append(line)
    return kept


def _signature_at(lines: Sequence[str]) -> int:
    """Where the signature begins: two hyphens and a blank (RFC 3676), or a device speaking for itself at the end."""
    spoken = False
    for n, line in enumerate(lines):
        if spoken and line.strip() == "--":
            return n
        spoken = spoken or bool(line.strip())
    last = len(lines) - 1
    while last > 0 and not lines[last].strip():
        last -= 1
    return last if last > 0 and _DEVICE.match(lines[last].strip()) else len(lines)


def forwarded_in(whole: str, subject: str) -> Forwarded | None:
    """The mail that another one passes on, if it does."""
    lines = [line.rstrip() for line in whole.split("\n")]
    by_subject = bool(_FW.match(subject))
    for n, line in enumerate(lines):
        said = line.strip()
        if _FORWARD.match(said) or (by_subject and (_ORIGINAL.match(said) or _FROM.match(said))):
            head = n
            while head < len(lines) and head < n + 4 and not _FROM.match(lines[head].strip()):
                head += 1
            count, end = _heads(lines, head) if head < len(lines) else (0, 0)
            if count >= 2:
                return _taken_apart(lines, n, head, end)
    return None


def _taken_apart(lines: Sequence[str], begin: int, head: int, end: int) -> Forwarded:
    fields: dict[str, str] = {}
    for line in lines[head:end]:
        found = _FIELD.match(line.strip())
        if found:
            fields.setdefault(found[1].lower(), found[2].strip())
    first = _FROM.match(lines[head].strip())
    above = _few_blanks(lines[: begin - 1 if begin and _RULE.match(lines[begin - 1].strip()) else begin])
    return Forwarded(
        sender=first[1].strip() if first else "",
        date=next((v for k, v in fields.items() if k in _DATES), ""),
        subject=next((v for k, v in fields.items() if k in _SUBJECTS), ""),
        text=cut(_few_blanks(lines[end:])),
        said_above=cut(above) if above else "",
    )
