"""What to call a group of texts: a phrase its writers use, and hardly anybody else.

A phrase is two or three words that stand next to each other. It is worth the share of the group's
texts that say it, times how much oftener than all others they do (class-based TF-IDF,
Grootendorst 2022), and what its words are worth by themselves. Words that judge ("bad", "love")
and words that fit any backlog ("app", "problem") name nothing: the first stand in no phrase, the
second only beside a word that tells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from threadline.later import np, npt
from threadline.reading.dull import ANYWHERE, JOINS, OPINION
from threadline.reading.stems import stems
from threadline.reading.themes import AT_ONCE, Gathered, Places

Ints: TypeAlias = "npt.NDArray[np.signedinteger[Any]]"
Phrase: TypeAlias = tuple[int, ...]
Scored: TypeAlias = tuple[int, float, float]
MOST = 8  # phrases of a group
TELLING = 60  # words of a group that its phrases are made of
EVERYWHERE = 0.12  # a word in more of all texts than this fits any group: it names none by itself
FEW = 12  # texts, of which one that says a phrase is enough
SEEN = 40  # places at which it is looked how a phrase is written
SAID_BY = 0.05  # of a group's texts must say a word that is shown for it: rarer ones stand beside each other in none
PLENTY = 0.4  # of the group: a phrase that so many say needs no second one beside it


@dataclass(frozen=True, slots=True)
class Named:
    """A name for a group in the writers' words ("" when they share none), and what else tells it from the others."""

    title: str
    phrases: tuple[str, ...]


@dataclass(slots=True)
class _Words:
    """What is known of the words of a collection: which name nothing, and what each is worth in each group."""

    opinion: npt.NDArray[np.bool_]
    anywhere: npt.NDArray[np.bool_]
    worth: list[dict[int, float]]


def names(texts: Gathered, group: Ints, count: int, most: int = MOST) -> list[Named]:
    """A name and the telling phrases of each group; -1 in ``group`` is a text of none."""
    mine = (texts.said >= 0) & ~texts.by_form
    stem_at = np.full(len(texts.said), -1, np.int32)
    stem_at[mine] = texts.stem_of[texts.said[mine]]
    met = texts.counts(~texts.by_form)
    single = _single(met, group, count, TELLING)
    words = _judged(texts, [{at: score for at, score, _ in row} for row in single], met)
    forms = _forms(texts, np.flatnonzero(mine))
    del met, mine
    found = _Phrases(texts, stem_at, words).of_groups(group, count)
    made, titles = [], set[str]()
    for number in range(count):
        ranked = _ranked(found[number], words, number)
        named = _one(ranked, single[number], words, forms, most, titles)
        if not named.title:
            title = _beside(texts, np.flatnonzero(group == number), single[number], words, stem_at, forms)
            named = Named(title, named.phrases)
        titles.add(named.title)
        made.append(named)
    return made


def telling(texts: Gathered, group: Ints, count: int, most: int) -> list[list[int]]:
    """The stems that each group says far more often than all others, the most telling first."""
    single = _single(texts.counts(), group, count, TELLING)
    return [[at for at, _, share in row if share >= SAID_BY][:most] for row in single]


def _judged(texts: Gathered, worth: list[dict[int, float]], met: Any) -> _Words:
    """Mark the stems that judge and those that fit anywhere, by our lists and by how many say them."""
    place = {stem: n for n, stem in enumerate(texts.stems)}

    def marked(said: str) -> npt.NDArray[np.bool_]:
        found = np.zeros(len(texts.stems), bool)
        listed = said.split()
        both = {*listed, *stems(["the", "and", "is", *listed])}  # English, and taken for it
        found[[place[w] for w in both if w in place]] = True
        return found

    often = np.bincount(met.indices, minlength=len(texts.stems)) > max(EVERYWHERE * len(texts), 20)
    return _Words(marked(OPINION), marked(ANYWHERE) | often, worth)


def _single(met: Any, group: Ints, count: int, most: int) -> list[list[Scored]]:
    """For each group its most telling stems."""
    said_in = np.bincount(met.indices, minlength=met.shape[1])
    found = []
    for number in range(count):
        mine = np.flatnonzero(group == number)
        times = np.bincount(met[mine].indices, minlength=met.shape[1])
        here = np.flatnonzero(times)
        found.append(_scored(here, times[here], said_in[here], len(mine), len(group), most))
    return found


def _scored(here: Ints, times: Ints, everywhere: Ints, size: int, whole: int, most: int) -> list[Scored]:
    """(feature, worth, share of the group's texts that say it), the best first: the share, against all others'."""
    enough = times >= max(min(3 if size > 40 else 2, size), 0.015 * size)
    here, times, everywhere = here[enough], times[enough], everywhere[enough]
    share = times / max(size, 1)
    others = (everywhere - times + 0.5) / max(whole - size, 1)
    score = share * np.log(np.maximum(share / others, 1e-9))
    best = np.argsort(-score, kind="stable")[:most]
    return [(int(here[i]), float(score[i]), float(share[i])) for i in best if score[i] > 0]


class _Phrases:
    """Two or three words that stand next to each other, the outer ones fit to be in a name; a part at a time."""

    def __init__(self, texts: Gathered, stem_at: Places, words: _Words) -> None:
        self.texts, self.stem_at, self.words = texts, stem_at, words
        self.good = np.append(~words.opinion, False)  # the last stands for -1
        joins = np.array([word in JOINS for word in texts.little] + [False], bool)
        self.joining = (texts.said <= -2) & joins[np.where(texts.said <= -2, -2 - texts.said, -1)]
        self.ends = texts.ends

    def of_groups(self, group: Ints, count: int) -> list[list[tuple[Phrase, str, float, float]]]:
        """For each group its telling phrases: stems, as written, worth, and the share of its texts."""
        chosen = [self._of_group(np.flatnonzero(group == n), n) for n in range(count)]
        known = np.unique(np.concatenate([keys for keys, _, _ in chosen]))
        everywhere = self._times(known)
        found = []
        for number, (keys, times, at) in enumerate(chosen):
            size = int((group == number).sum())
            scored = _scored(
                np.arange(len(keys)), times, everywhere[np.searchsorted(known, keys)], size, len(group), TELLING
            )
            found.append([(*self._written(at[n]), score, share) for n, score, share in scored])
        return found

    def _of_group(self, mine: Ints, number: int) -> tuple[Any, Ints, list[list[tuple[int, int]]]]:
        """The phrases of a group with a word that tells: keys, how many texts say each, and where some of them do."""
        worth = np.zeros(len(self.good), bool)
        worth[list(self.words.worth[number])] = True
        worth[:-1] &= ~(self.words.opinion | self.words.anywhere)
        starts = np.where(mine > 0, self.ends[mine - 1], 0)
        ranges = [np.arange(a, b) for a, b in zip(starts, self.ends[mine], strict=True)]
        at = np.concatenate([np.zeros(0, np.int64), *ranges])
        text_of = np.repeat(np.arange(len(mine)), self.ends[mine] - starts)
        keys, places, longs, said_by = list[Any](), list[Any](), list[Any](), list[Any]()
        for size, found, inside, stems_there in self._at(at):
            tells = np.logical_or.reduce([worth[s] for s in stems_there])
            keys.append(found[tells])
            places.append(at[inside][tells])
            longs.append(np.full(int(tells.sum()), size))
            said_by.append(text_of[inside][tells])
        key, place, long, text = (np.concatenate(part) for part in (keys, places, longs, said_by))
        order = np.lexsort((text, key))
        key, place, long, text = key[order], place[order], long[order], text[order]
        fresh = np.append(True, (key[1:] != key[:-1]) | (text[1:] != text[:-1])) if len(key) else np.zeros(0, bool)
        kinds, times = np.unique(key[fresh], return_counts=True)
        best = np.sort(np.argsort(-times, kind="stable")[: 4 * TELLING])
        best = best[times[best] > 1]
        whole = np.searchsorted(key, kinds[best])
        until = np.searchsorted(key, kinds[best], side="right")
        where = [
            list(zip(place[a : min(b, a + SEEN)].tolist(), long[a : min(b, a + SEEN)].tolist(), strict=True))
            for a, b in zip(whole.tolist(), until.tolist(), strict=True)
        ]
        return kinds[best], times[best], where

    def _at(self, at: Ints) -> Iterator[tuple[int, Any, npt.NDArray[np.bool_], list[Any]]]:
        """The phrases that begin at these places, sort by sort: length, keys, which of the places, stems."""
        last = len(self.stem_at)
        for long, outer in ((2, (0, 1)), (3, (0, 2)), (3, (0, 1, 2))):
            fits = at + long <= last
            parts = [self.stem_at[np.where(fits, at + n, 0)] for n in outer]
            inside = fits & np.logical_and.reduce([self.good[p] for p in parts])
            if long == 3 and len(outer) == 2:
                inside &= self.joining[np.where(fits, at + 1, 0)]
            parts = [p[inside] for p in parts]
            key = np.full(len(parts[0]), long * 4 + len(outer), np.uint64)
            for part in parts:  # mixed into 64 bits, in which two phrases never meet
                key = (key ^ part.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
                key ^= key >> np.uint64(29)
            yield long, key, inside, parts

    def _times(self, known: Any) -> Ints:
        """How many texts of all say each of these phrases."""
        found = np.zeros(len(known), np.int64)
        if not len(known):
            return found
        text = 0
        while text < len(self.ends):
            until = min(text + AT_ONCE, len(self.ends))
            start = int(self.ends[text - 1]) if text else 0
            at = np.arange(start, int(self.ends[until - 1]))
            text_of = np.repeat(np.arange(until - text), np.diff(self.ends[text:until], prepend=start))
            for _, key, inside, _ in self._at(at):
                place = np.minimum(np.searchsorted(known, key), len(known) - 1)
                hit = known[place] == key
                once = np.unique(place[hit] * (until - text) + text_of[inside][hit])
                found += np.bincount(once // (until - text), minlength=len(known))
            text = until
        return found

    def _written(self, where: list[tuple[int, int]]) -> tuple[Phrase, str]:
        """The stems of a phrase, and the phrase as it was written most often."""
        said = Counter(tuple(self.texts.said[place : place + long].tolist()) for place, long in where)
        best = max(said, key=lambda one: (said[one], one))
        return tuple(int(self.texts.stem_of[w]) for w in best if w >= 0), _joined(self.texts, best)


def _ranked(
    found: Sequence[tuple[Phrase, str, float, float]], words: _Words, number: int
) -> list[tuple[float, Phrase, str, float]]:
    """(worth, stems, as written, share), the best first: what the phrase is worth, and what its words are."""
    worth = words.worth[number]
    made = []
    for parts, text, score, share in found:
        if len(set(parts)) < len(parts):  # the same word again and again
            continue
        own = [0.0 if words.anywhere[s] else worth.get(s, 0.0) for s in parts]
        made.append((2 * score + sum(own) / len(own), parts, text, share))
    return sorted(made, key=lambda one: (-one[0], one[1]))


def _one(
    ranked: list[tuple[float, Phrase, str, float]], single: list[Scored], words: _Words, forms: list[str],
    most: int, taken: set[str],
) -> Named:  # fmt: skip
    """The best phrase as the name, a second beside it where few say the first; then words that say more."""
    said: set[int] = set()
    picked: list[tuple[float, str, float]] = []
    for score, parts, text, share in ranked:
        if len(picked) < most // 2 and not said & {s for s in parts if not words.anywhere[s]}:
            picked.append((score, text, share))
            said |= set(parts)
    title = ""
    if picked:
        title = picked[0][1]
        beside = [p for p in picked[1:] if p[0] >= 0.5 * picked[0][0]]
        if beside and picked[0][2] < PLENTY:
            title = f"{title}, {beside[0][1]}"
    common = [at for at, _, share in single if share >= SAID_BY and at not in said]
    more = [forms[at] for at in common if not words.opinion[at] and not words.anywhere[at]]
    phrases = [*(text for _, text, _ in picked), *more]
    if title in taken:  # another group says the same most: what else this one says
        title = ", ".join([title, *[p for p in phrases if p not in title][:1]])
    return Named(title, tuple(phrases[:most]))


def _beside(texts: Gathered, mine: Ints, single: list[Scored], words: _Words, stem_at: Ints, forms: list[str]) -> str:
    """Where nobody says the same phrase: the most telling word with what stands next to it; the word, if nothing."""
    worth = {at: score for at, score, _ in single if not words.opinion[at] and not words.anywhere[at]}
    if not worth:
        return ""
    top = max(worth, key=lambda at: worth[at])
    alone, beside, weight = Counter[str](), Counter[str](), dict[str, float]()
    for text in mine.tolist():
        start, here = int(texts.ends[text - 1]) if text else 0, set[str]()
        for at in range(start, int(texts.ends[text]) - 1):
            pair = int(stem_at[at]), int(stem_at[at + 1])
            if top not in pair:
                continue
            alone[texts.words[texts.said[at if pair[0] == top else at + 1]]] += 1
            other = pair[1] if pair[0] == top else pair[0]
            if other >= 0 and other != top and not words.opinion[other]:
                phrase = f"{texts.words[texts.said[at]]} {texts.words[texts.said[at + 1]]}"
                here.add(phrase)
                weight[phrase] = 0.0 if words.anywhere[other] else worth.get(other, 0.0)
        beside.update(here)
    best = max(beside, key=lambda p: (beside[p], weight[p], p), default="")
    few = bool(best) and len(mine) <= FEW  # then one text that says it is enough
    if best and (beside[best] > 1 or (few and weight[best] > 0)):
        return best
    word = alone.most_common(1)[0][0] if alone else forms[top]
    second = [forms[at] for at, score in worth.items() if at != top and score >= worth[top] / 4]
    # What many say beside what one text has next to it: "tablet, message", not "tablet nur".
    return f"{word}, {second[0]}" if second else best if few else word


def _forms(texts: Gathered, there: Ints) -> list[str]:
    """Each stem as it was written most often."""
    times = np.bincount(texts.said[there], minlength=len(texts.words))
    best: dict[int, int] = {}
    for word, stem in enumerate(texts.stem_of.tolist()):
        if stem not in best or times[word] > times[best[stem]]:
            best[stem] = word
    return [texts.words[best[stem]] for stem in range(len(texts.stems))]


def _joined(texts: Gathered, said: Phrase) -> str:
    """Words as one phrase; those of a writing without spaces come in overlapping pairs and are laid over each other."""
    words = [texts.words[w] if w >= 0 else texts.little[-2 - w] for w in said]
    made = words[0]
    for word in words[1:]:
        overlaps = len(word) == 2 and not word.isascii() and made[-1] == word[0]
        made += word[1:] if overlaps else f" {word}"
    return made
