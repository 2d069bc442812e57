"""Urgency and the risk of losing a customer by plain rules, until a team's own labels teach better.

A sign is a group of words with points. A label is spoken of from :data:`ENOUGH` points on, and the words that made
them are shown: whoever disagrees sees why, and says so by labelling. English only; other languages stay unspoken of.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ENOUGH = 2
LONGEST = 8_000  # characters of a text that are looked through
_STAR = "one star"


@dataclass(frozen=True, slots=True)
class Sign:
    """Words that say the same, and how much they count. ``what`` is said of them on a page; ``*`` ends any word."""

    what: str
    points: int
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the rules make of a text: a label, its points, and the words that made them, as they stand there."""

    label: str
    points: int
    words: tuple[str, ...]


RULES: dict[str, tuple[Sign, ...]] = {
    "urgent": (
        Sign("says so", 2, ("urgent", "urgently", "asap", "as soon as possible", "emergency", "right away",
                            "need* this today", "need* it today", "by tomorrow", "time critical")),
        Sign("all of it stands still", 2, ("outage", "is down", "went down", "completely down", "site down",
                                           "server down", "can't log in", "cannot log in", "cant log in",
                                           "can't login", "cannot login", "locked out", "nobody can", "no one can",
                                           "none of us can", "can't work", "cannot work", "unable to work",
                                           "in production", "dead in the water")),
        Sign("something is lost", 2, ("data loss", "lost all", "lost my", "lost our", "lost everything", "wiped",
                                      "all gone", "is gone", "disappeared", "deleted everything", "corrupted")),
        Sign("money is wrong", 2, ("charged twice", "charged me twice", "double charged", "charged again",
                                   "overcharged", "wrong amount", "unauthorised charge", "unauthorized charge",
                                   "took my money", "billed twice")),
        Sign("safety and law", 2, ("data breach", "breach", "hacked", "leaked", "someone else's", "security hole",
                                   "vulnerability", "lawyer", "legal action", "gdpr", "data protection")),
        Sign("holds them up", 1, ("blocked", "blocker", "blocking", "stuck", "immediately", "deadline",
                                  "still waiting", "go live",
                                  "launch", "unusable", "crashes every time", "every single time", "broken",
                                  "doesn't work at all", "not working at all")),
    ),
    "can wait": (
        Sign("says so", 2, ("no rush", "not urgent", "no hurry", "can wait", "whenever you", "low priority",
                            "nice to have", "someday", "some day", "minor thing", "small thing", "not a big deal",
                            "no big deal", "just a thought", "just an idea")),
    ),
    "churn risk": (
        Sign("ends it", 2, ("cancel my", "cancel our", "cancel the subscription", "cancelled my", "canceled my",
                            "cancelling my", "canceling my", "cancelling our", "canceling our", "unsubscribe",
                            "unsubscribed", "uninstall", "uninstalled", "uninstalling", "delet* the app",
                            "delet* my account", "close my account", "close our account", "done with this",
                            "quit playing", "stopped using", "stop using", "i'm out", "we're out", "i quit")),
        Sign("goes elsewhere", 2, ("switched to", "moved to a", "look* elsewhere", "looking for an alternative",
                                   "looking at alternatives", "evaluating alternatives", "another vendor",
                                   "another provider", "other tool", "your competitor", "leaving for")),
        Sign("will not go on", 2, ("won't renew", "will not renew", "not renew", "not renewing", "not be renewing",
                                   "never again", "won't use", "will not use", "won't pay", "will not pay",
                                   "won't buy", "last chance", "last straw", "had enough", "fed up", "give up on",
                                   "giving up on", "we leave", "we will leave", "going to leave",
                                   "thinking of leaving")),
        Sign("wants money back", 2, ("refund", "refunded", "money back", "chargeback", "waste of money",
                                     "rip off", "ripoff", "scam")),
        Sign("wavers", 1, ("switching to", "switch to", "moving to", "going back to", "renewal", "contract ends",
                           "downgrade", "cancel", "alternative", "alternatives",
                           "competitor", "disappointed", "frustrated", "frustrating", "too expensive",
                           "not worth", "useless", "worst", "terrible", "unacceptable", _STAR)),
    ),
    "staying": (
        Sign("says so", 2, ("renewed", "we will renew", "we'll renew", "happy to renew", "here to stay", "won't leave",
                            "would never switch", "never going back", "recommend* it to", "worth every",
                            "can't live without", "cannot live without", "could not do without")),
    ),
}  # fmt: skip

# Whoever takes it off to put it on again means to stay.
_UNLESS = {"churn risk": re.compile(r"\b(?:re-?install|install\w* (?:it )?again)", re.IGNORECASE)}
_OFF = re.compile(r"uninstall", re.IGNORECASE)
_DENIED = re.compile(r"(?:\b(?:not|never|no need to|don't|do not|didn't|did not|won't|without)\s+(?:\w+\s+)?)$")


def _pattern(word: str) -> str:
    return r"\s+".join(re.escape(part).replace(r"\*", r"\w*") for part in word.split())


_LOOKED_FOR = {
    label: tuple(
        (sign.points, re.compile(rf"(?<![\w'-])(?:{'|'.join(map(_pattern, sign.words))})(?![\w'-])", re.IGNORECASE))
        for sign in signs
    )
    for label, signs in RULES.items()
}


def seen(title: str, body: str, labels: tuple[str, ...], *, stars: float | None = None) -> Seen | None:
    """The label that the rules speak of, of these; None when none has enough points, or two have as many.

    ``stars`` is a rating; one of 1 or less counts as wavering.
    """
    text = f"{title}\n{body}"[:LONGEST].replace("’", "'")
    found = sorted((_counted(label, text, stars) for label in labels), key=lambda one: -one.points)
    best = found[0]
    if best.points < ENOUGH or (len(found) > 1 and found[1].points == best.points):
        return None
    return best


def _counted(label: str, text: str, stars: float | None) -> Seen:
    """Each sign counts once, however often its words stand there, and not where they are denied."""
    points, words = 0, []
    for worth, looked_for in _LOOKED_FOR.get(label, ()):
        said = [m.group() for m in looked_for.finditer(text) if not _DENIED.search(text[: m.start()].lower()[-40:])]
        if label in _UNLESS and _UNLESS[label].search(text):
            said = [one for one in said if not _OFF.match(one)]
        if said:
            points += worth
            words += list(dict.fromkeys(" ".join(one.lower().split()) for one in said))
    if label == "churn risk" and stars is not None and stars <= 1:
        points += 1
        words.append(_STAR)
    # "cancel" within "cancel my" is no further reason to show.
    return Seen(label, points, tuple(w for w in words if not any(w != other and w in other for other in words)))
