"""How clearly a requirement is written: its pattern, and the words that leave it open.

The classes follow ISO/IEC/IEEE 29148:2018, 5.2.5 to 5.2.7 (characteristics of requirements and of
their language); the words are our own choice. The patterns are those of EARS (Mavin and others,
"Easy Approach to Requirements Syntax", 2009), beside the user story. What is quoted or marked as
code is taken as given and not judged.

    for finding in findings("The system should be fast."): ...
    read("When the card is refused, the shop shall say why.").pattern   # "event"
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

ERROR, WARN, INFO = "error", "warn", "info"
LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Finding:
    """A word that leaves a requirement open: where it stands, its class, and what to do about it."""

    start: int
    end: int
    words: str
    kind: str
    severity: str
    advice: str


@dataclass(frozen=True, slots=True)
class Words:
    """A class of words: all of one severity, all with one advice."""

    kind: str
    severity: str
    advice: str
    words: tuple[str, ...]


CLASSES = (
    Words("open point", ERROR, "Settle it, or write down who will and by when.",
          ("tbd", "tbc", "tbs", "to be determined", "to be confirmed", "to be defined", "to be decided", "???")),
    Words("loophole", ERROR, "Say in which cases it holds, or leave it out.",
          ("if possible", "where possible", "when possible", "if necessary", "if needed", "as appropriate",
           "if appropriate", "where applicable", "if applicable", "as applicable", "as far as practicable",
           "as far as possible", "as required", "as needed", "to the extent possible", "normally", "typically")),
    Words("open end", WARN, "Name everything that is meant.",
          ("including but not limited to", "etc", "and so on", "and so forth", "such as", "for example", "e.g.",
           "support", "supports", "supporting", "handle", "handles", "handling", "deal with", "deals with")),
    Words("weak verb", WARN, "Write shall or must where it binds; leave it out where it does not.",
          ("should", "may", "could", "might", "would", "ought to")),
    Words("subjective", WARN, "Say by which measure, and by how much.",
          ("easy", "easily", "simple", "simply", "user friendly", "user-friendly", "intuitive", "intuitively", "robust",
           "robustly", "seamless", "seamlessly", "flexible", "flexibly", "efficient", "efficiently", "effective",
           "effectively", "fast", "quick", "quickly", "rapid", "rapidly", "slow", "smooth", "smoothly", "modern",
           "adequate", "adequately", "sufficient", "sufficiently", "reasonable", "reasonably", "acceptable",
           "appropriate", "appropriately", "suitable", "state of the art", "high quality", "real-time", "real time")),
    Words("superlative", WARN, "Say against what it is compared, and how it is measured.",
          ("best", "most", "worst", "least", "optimal", "optimally", "fastest", "easiest", "highest", "lowest",
           "maximal", "minimal", "minimum possible")),
    Words("comparison", WARN, "Say than what, and by how much.",
          ("better", "worse", "faster", "slower", "easier", "harder", "quicker", "higher", "lower", "more", "less",
           "improved", "enhanced")),
    Words("vague quantity", WARN, "Give the number, with its unit.",
          ("some", "several", "many", "few", "a few", "a lot of", "lots of", "numerous", "various", "almost",
           "approximately", "roughly", "nearly", "significant", "significantly", "substantial", "about")),
    Words("totality", WARN, "Nobody can test all of it: say which, or make sure that it can be shown.",
          ("all", "always", "never", "every", "none", "completely", "entirely", "100%", "100 %")),
    Words("choice", INFO, "Does the reader know which of the two holds when? Split it if not.", ("and/or", "or")),
    Words("pronoun", INFO, "Name the thing: whoever reads this line alone cannot know what is meant.",
          ("it", "they", "them", "this", "that", "these", "those")),
)  # fmt: skip

KINDS = (*(c.kind for c in CLASSES), "negative", "passive", "several in one", "number without unit", "no obligation",
         "no benefit")  # fmt: skip

_BY_WORD = {word: group for group in CLASSES for word in group.words}
_ANY = re.compile(
    r"(?<![\w-])(?:" + "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in sorted(_BY_WORD, key=len, reverse=True))
    + r")(?![\w-]|(?<=%)\w)",
    re.IGNORECASE,
)  # fmt: skip
_GIVEN = re.compile(
    r"```.*?```|`[^`\n]*`|\"[^\"\n]*\"|“[^”\n]*”|‘[^’\n]*’|«[^»\n]*»|\[\[[^\]\n]*\]\]|https?://\S+", re.DOTALL
)
_POINTS_ON = re.compile(
    r"\s+(?:is|are|was|were|shall|must|will|can|should|may|has|have|does|do|means)\b|\s*(?:[.,;:]|$)", re.IGNORECASE
)
_THAN_NUMBER = re.compile(r"\s+(?:\w+\s+){0,2}than\s+(?:the\s+)?\S*\d", re.IGNORECASE)
_BOUND_BEFORE = re.compile(r"\b(?:at|no|not)\s+$", re.IGNORECASE)
_NUMBER_NEXT = re.compile(r"\s+\S{0,2}\d")
_PASSIVE = re.compile(
    r"\b(?:be|been|being|is|are|was|were)\s+(?:\w+ly\s+)?(\w+(?:ed|own|ept|ent|ade|ept|oken|iven|ritten|een|one|old|ound))\b",
    re.IGNORECASE,
)
_BY = re.compile(r"^(?:\s+[\w'-]+){0,6}?\s+by\s+(?!\d)", re.IGNORECASE)
_NOT_PASSIVE = frozenset(
    {"need", "indeed", "speed", "one", "unique", "open", "none", "present", "different", "frequent", "current"}
)
_NEGATIVE = re.compile(r"\b(?:shall|must|will)\s+not\b", re.IGNORECASE)
_BINDS = re.compile(r"\b(?:shall|must)\b", re.IGNORECASE)
_MODAL = re.compile(r"\b(?:shall|must|will|should|may|could|might|would|can)\b", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.,:/-])\d+(?:[.,]\d+)*(?![.,]?\d)(?=\s*(?:[.,;)]|$|(?:or|and|shall|must|then|to)\b))")
_NAMED_BEFORE = re.compile(
    r"(?:\b[A-Z][A-Z0-9/]+|\b(?i:level|version|step|chapter|section|part|phase|page|type|class)|[€$£#])\s*$"
)
_UNIT_AFTER = re.compile(r"\s*(?:to|and|or)\s+\d+(?:[.,]\d+)*\s*[A-Za-z%°€$£]")


def findings(text: str, *, allowed: Iterable[str] = (), statement: bool = True) -> list[Finding]:
    """Everything that leaves the text open, by place. ``allowed`` are words that this house has agreed on.

    ``statement`` says that the text is one requirement and not an explanation of it: then it
    should bind somebody, once.
    """
    text = text[:LONGEST]
    bare = _GIVEN.sub(lambda m: re.sub(r"\S", "\x00", m.group()), text)
    fine = {" ".join(word.lower().split()) for word in allowed}
    found = [*_of_words(bare), *_of_grammar(bare), *_of_numbers(bare)]
    if statement and bare.strip():
        found += _of_the_whole(bare)
    kept = [f for f in found if " ".join(f.words.lower().split()) not in fine and f.kind not in fine]
    return sorted(kept, key=lambda f: (f.start, f.end))


def _of_words(bare: str) -> list[Finding]:
    found = []
    for match in _ANY.finditer(bare):
        word = " ".join(match.group().lower().split())
        group = _BY_WORD[word]
        after, before = bare[match.end() :], bare[max(0, match.start() - 12) : match.start()]
        if group.kind == "pronoun" and not (word in ("it", "they", "them") or _POINTS_ON.match(after)):
            continue  # "this file" points at nothing but the file
        if group.kind == "pronoun" and word == "that" and re.search(r"\b(?:so|such|in)\s*$", before, re.IGNORECASE):
            continue
        if word in ("most", "least", "more", "less", "later") and (
            _BOUND_BEFORE.search(before) or _THAN_NUMBER.match(after)
        ):
            continue  # "at most 3 s", "no more than 5 files": a bound, not a comparison
        if group.kind == "comparison" and _THAN_NUMBER.match(after):
            continue
        if word == "about" and not _NUMBER_NEXT.match(after):
            continue  # "a note about the order"
        if word == "may" and re.match(r"\s+\d", after):
            continue  # the month
        found.append(_finding(bare, match.start(), match.end(), group.kind, group.severity, group.advice))
    return found


def _of_grammar(bare: str) -> list[Finding]:
    found = []
    for match in _PASSIVE.finditer(bare):
        if match.group(1).lower() not in _NOT_PASSIVE and not _BY.match(bare[match.end() :]):
            found.append(_finding(bare, match.start(), match.end(), "passive", INFO, "Say who or what does it."))
    for match in _NEGATIVE.finditer(bare):
        advice = "Say what happens instead, where that can be said: absence is hard to test."
        found.append(_finding(bare, match.start(), match.end(), "negative", INFO, advice))
    return found


def _of_numbers(bare: str) -> list[Finding]:
    found = []
    for match in _NUMBER.finditer(bare):
        if _NAMED_BEFORE.search(bare[max(0, match.start() - 14) : match.start()]) or _UNIT_AFTER.match(
            bare[match.end() :]
        ):
            continue
        found.append(
            _finding(bare, match.start(), match.end(), "number without unit", WARN, "Say of what: 5 s, 5 files, 5 %.")
        )
    return found


def _of_the_whole(bare: str) -> list[Finding]:
    found = []
    shalls = list(_BINDS.finditer(bare))
    if len(shalls) > 1:
        second = shalls[1]
        advice = "Two obligations are two requirements: each is then agreed, built and tested alone."
        found.append(_finding(bare, second.start(), second.end(), "several in one", WARN, advice))
    story = _STORY.match(bare.strip())
    if story is not None and not story.group("benefit"):
        found.append(Finding(0, 0, "", "no benefit", INFO, "Say what it is good for: … so that …"))
    if story is None and not _MODAL.search(bare):
        found.append(Finding(0, 0, "", "no obligation", INFO, "Say who must do what: The … shall …"))
    return found


def _finding(bare: str, start: int, end: int, kind: str, severity: str, advice: str) -> Finding:
    return Finding(start, end, bare[start:end], kind, severity, advice)


# ---- patterns ---------------------------------------------------------------------------

PATTERNS = (
    ("story", "User story"),
    ("ubiquitous", "Always (EARS)"),
    ("event", "When, event (EARS)"),
    ("state", "While, state (EARS)"),
    ("option", "Where, option (EARS)"),
    ("unwanted", "If, then (EARS)"),
    ("complex", "Combined (EARS)"),
    ("free", "Free text"),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """The pattern that a sentence follows, and its parts by name, in order."""

    pattern: str
    parts: tuple[tuple[str, str], ...] = ()


_STORY = re.compile(
    r"as\s+an?\s+(?P<role>[^,]{1,200}?),?\s+I\s+(?:want|need|can|would like|wish)\b\s*(?:to\s+)?(?P<goal>.+?)"
    r"(?:,?\s+so\s+(?:that\s+)?(?P<benefit>.+?))?[.\s]*$",
    re.IGNORECASE | re.DOTALL,
)
_MAIN = re.compile(
    r"(?:then\s+)?(?P<system>[^,]{1,200}?)\s+(?:shall|must)\s+(?P<response>.+?)[.\s]*$", re.IGNORECASE | re.DOTALL
)
_CLAUSE = re.compile(r"(?P<word>while|when|where|if|whenever)\s+(?P<said>.{1,600}?)\s*,\s*", re.IGNORECASE | re.DOTALL)
_OF_WORD = {"while": "state", "when": "event", "whenever": "event", "where": "option", "if": "unwanted"}
_PART = {"state": "while", "event": "when", "option": "where", "unwanted": "if"}


def read(text: str) -> Reading:
    """The pattern of a requirement."""
    text = text[:LONGEST].strip()
    story = _STORY.match(text)
    if story is not None:
        said = (("role", story["role"]), ("goal", story["goal"]), ("benefit", story["benefit"] or ""))
        return Reading("story", tuple((n, " ".join(t.split())) for n, t in said if t))
    patterns: list[str] = []
    parts: list[tuple[str, str]] = []
    at = 0
    while (clause := _CLAUSE.match(text, at)) is not None and len(patterns) < 6:
        pattern = _OF_WORD[clause["word"].lower()]
        patterns.append(pattern)
        parts.append((_PART[pattern], " ".join(clause["said"].split())))
        at = clause.end()
    main = _MAIN.match(text, at)
    if main is None:
        return Reading("free")
    parts += [("system", main["system"]), ("response", " ".join(main["response"].split()))]
    return Reading(patterns[0] if len(patterns) == 1 else "complex" if patterns else "ubiquitous", tuple(parts))
