"""What to call a group of texts: a phrase its writers use, and hardly anybody else.

A phrase is two or three words that stand next to each other. It is worth the share of the group's
texts that say it, times how much oftener than all others they do (class-based TF-IDF,
Grootendorst 2022), and what its words are worth by themselves. Words that judge ("bad", "love")
and words that fit any backlog ("app", "problem") name nothing: the first stand in no phrase, the
second only beside a word that tells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from threadline.later import later, np, npt
from threadline.reading.stems import stems
from threadline.reading.themes import Gathered

if TYPE_CHECKING:
    from scipy import sparse
else:
    sparse = later("scipy.sparse")

Ints: TypeAlias = "npt.NDArray[np.signedinteger[Any]]"
Phrase: TypeAlias = tuple[int, ...]
MOST = 8  # phrases of a group
TELLING = 60  # words of a group that its phrases are made of
EVERYWHERE = 0.12  # a word in more of all texts than this fits any group: it names none by itself
FEW = 12  # texts, of which one that says a phrase is enough
PLENTY = 0.4  # of the group: a phrase that so many say needs no second one beside it
# What judges, what weighs, and what only leads on.
_OPINION = (
    "absolutely amaze amazing annoy annoying anymore anyone anyway awesome awful bad badly basically beautiful "
    "besides best better boring brilliant certain certainly completely constantly cool crap currently cute "
    "definitely disappoint disappointed disappointing easily easy enjoy enjoyable enjoying especially etc even "
    "eventually everytime exactly excellent fabulous fantastic favorite favourite finally fine frustrate "
    "frustrated frustrating fun furthermore garbage glad great happy hard hate hated helpful hence horrible "
    "however immediately impressed impressive incredible indeed joke lame like liked likewise literally lousy "
    "love loved lovely moreover mostly neither nice nicely none obviously otherwise outstanding pathetic perfect "
    "perfectly perhaps pleasant pleased pls plus plz poor poorly pretty probably quite rather recommend "
    "recommended ridiculous rubbish sad satisfied simple simply somehow sometimes somewhere soo soon sooo sorry "
    "stupid suck sucks suddenly super superb terrible thank thankful thanks therefore totally trash truly ugly "
    "unfortunately unhappy unhelpful useful useless usually well whatever whenever wonderful worse worst worth "
    "worthless wow yay yesterday"
)
_ANYWHERE = (
    "able action activity actual add added additional agree allow always app application apps best bit bug bugs "
    "change changed company crash customer customers date day days device different error errors everybody "
    "everyone example expectation expected experience feature features file fix fixed force free game games "
    "happen help hope hour hours idea information install issue issues item job kind line list lots mean minute "
    "minutes month months number option options page part phone place play please point possible problem problems "
    "product program question questions rating reason report request review reviews screen second seconds service "
    "show software star stars start steps stop stuff support system team test tested thing things tool tried "
    "tries try trying update updated updates user users version versions week weeks wish word work working world "
    "year years"
)
# Little words that may stand inside a phrase: "terms of use", "export to csv".
_JOINS = frozenset(("of", "to", "in", "on", "for", "with", "from", "at", "by", "into", "as", "without"))


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
    text_of = texts.text_of()
    mine = (texts.said >= 0) & ~texts.by_form
    there = np.flatnonzero(mine)
    stem_at = np.full(len(texts.said), -1, np.int32)
    stem_at[there] = texts.stem_of[texts.said[there]]
    single = _scores(stem_at[there], text_of[there], group, count, TELLING)
    words = _judged(texts, [{at: score for at, score, _ in row} for row in single], stem_at[there], text_of[there])
    kinds, where, long = _candidates(texts, stem_at, text_of, words)
    found = _scores(where[1], text_of[where[0]], group, count, 4 * TELLING)
    forms = _forms(texts, there)
    shown = _written(texts, where, long, found)
    made, titles = [], set[str]()
    for number in range(count):
        phrases = _ranked(found[number], kinds, words, number)
        named = _one(phrases, single[number], words, forms, shown, kinds, most, titles)
        if not named.title:
            title = _beside(texts, np.flatnonzero(group == number), single[number], words, stem_at, forms)
            named = Named(title, named.phrases)
        titles.add(named.title)
        made.append(named)
    return made


def telling(texts: Gathered, group: Ints, count: int, most: int) -> list[list[int]]:
    """The stems that each group says far more often than all others, the most telling first."""
    there = np.flatnonzero(texts.said >= 0)
    found = _scores(texts.stem_of[texts.said[there]], texts.text_of()[there], group, count, most)
    return [[at for at, _, _ in row] for row in found]


def _judged(texts: Gathered, worth: list[dict[int, float]], at: Ints, text_of: Ints) -> _Words:
    """Mark the stems that judge and those that fit anywhere, by our lists and by how many say them."""
    size = len(texts.stems)
    place = {stem: n for n, stem in enumerate(texts.stems)}

    def marked(said: str) -> npt.NDArray[np.bool_]:
        found = np.zeros(size, bool)
        listed = said.split()
        both = {*listed, *stems(["the", "and", "is", *listed])}  # English, and taken for it
        found[[place[w] for w in both if w in place]] = True
        return found

    once = np.unique(text_of.astype(np.int64) * max(size, 1) + at)
    often = np.bincount(once % max(size, 1), minlength=size) > max(EVERYWHERE * len(texts), 20)
    return _Words(marked(_OPINION), marked(_ANYWHERE) | often, worth)


def _candidates(texts: Gathered, stem_at: Ints, text_of: Ints, words: _Words) -> tuple[list[Phrase], Any, Ints]:
    """Phrases with a telling word: the stems of each kind, where they stand (place, kind), how many places long."""
    telling = np.zeros(len(texts.stems) + 1, bool)  # the last stands for -1
    for row in words.worth:
        telling[list(row)] = True
    telling[:-1] &= ~(words.opinion | words.anywhere)
    good = np.append(~words.opinion, False)
    joins = np.array([word in _JOINS for word in texts.little] + [False], bool)
    joining = (texts.said <= -2) & joins[np.where(texts.said <= -2, -2 - texts.said, -1)]
    width = len(texts.stems) + 1
    keys, places, longs = [], [], []
    for long, inside in ((2, ()), (3, (1,)), (3, ())):
        if len(stem_at) < long:
            continue
        parts = [stem_at[n : len(stem_at) - long + 1 + n] for n in range(long)]
        ends = [parts[0], parts[-1]] if inside or long == 2 else parts
        mine = np.logical_and.reduce([good[p] for p in ends]) & np.logical_or.reduce([telling[p] for p in ends])
        if inside:
            mine &= joining[1 : len(stem_at) - 1]
        mine &= text_of[: len(stem_at) - long + 1] == text_of[long - 1 :]
        at = np.flatnonzero(mine)
        key = [p[at].astype(np.int64) + 1 for p in ends]
        keys.append(_numbered(key, width))
        places.append(at)
        longs.append(np.full(len(at), long))
    if not keys:
        return [], (np.zeros(0, np.int64), np.zeros(0, np.int64)), np.zeros(0, np.int64)
    at = np.concatenate(places)
    kinds: list[Phrase] = []
    compact = np.zeros(len(at), np.int64)
    start = 0
    for stem_rows, which in keys:
        compact[start : start + len(which)] = which + len(kinds)
        kinds += [tuple(int(s) - 1 for s in row) for row in stem_rows]
        start += len(which)
    return kinds, (at, compact), np.concatenate(longs)


def _numbered(key: list[Ints], width: int) -> tuple[Any, Ints]:
    """The different rows of stems, and which of them each is; pairs first, as three words need more than 64 bits."""
    number = key[0] * width + key[-1]
    pairs, which = np.unique(number, return_inverse=True)
    rows = [pairs // width, pairs % width]
    if len(key) == 3:
        trios, again = np.unique(which * width + key[1], return_inverse=True)
        rows, which = [pairs[trios // width] // width, trios % width, pairs[trios // width] % width], again
    return np.stack(rows, 1) if len(number) else np.zeros((0, len(key)), np.int64), which.reshape(-1)


def _scores(at: Ints, text_of: Ints, group: Ints, count: int, most: int) -> list[list[tuple[int, float, float]]]:
    """For each group its most telling features: (feature, worth, the share of the group's texts that say it)."""
    if not len(at):
        return [[] for _ in range(count)]
    size = int(at.max()) + 1
    once = np.unique(text_of.astype(np.int64) * size + at)  # a text says a thing once, however often
    mine, what = group[once // size], once % size
    whole = np.bincount(what, minlength=size)
    what, mine = what[mine >= 0], mine[mine >= 0]
    table = sparse.coo_matrix((np.ones(len(what), np.float32), (mine, what)), (count, size)).tocsr()
    sizes = np.bincount(group[group >= 0], minlength=count)
    found = []
    for number in range(count):
        row = table[number]
        enough = row.data >= max(min(3 if sizes[number] > 40 else 2, sizes[number]), 0.015 * sizes[number])
        here, times = row.indices[enough], row.data[enough]
        share = times / max(sizes[number], 1)
        others = (whole[here] - times + 0.5) / max(len(group) - sizes[number], 1)
        score = share * np.log(np.maximum(share / others, 1e-9))
        best = np.argsort(-score, kind="stable")[:most]
        found.append([(int(here[i]), float(score[i]), float(share[i])) for i in best if score[i] > 0])
    return found


def _ranked(
    found: Sequence[tuple[int, float, float]], kinds: list[Phrase], words: _Words, number: int
) -> list[tuple[float, int, float]]:
    """(worth, phrase, share), the best first: what the phrase is worth, and what its words are."""
    worth = words.worth[number]
    made = []
    for at, score, share in found:
        parts = [0.0 if words.anywhere[s] else worth.get(s, 0.0) for s in kinds[at]]
        made.append((2 * score + sum(parts) / len(parts), at, share))
    return sorted(made, key=lambda one: (-one[0], kinds[one[1]]))


def _one(
    ranked: list[tuple[float, int, float]], single: list[tuple[int, float, float]], words: _Words,
    forms: list[str], shown: dict[int, str], kinds: list[Phrase], most: int, taken: set[str],
) -> Named:  # fmt: skip
    """The best phrase as the name, a second beside it where few say the first; then words that say more."""
    said: set[int] = set()
    picked: list[tuple[float, str, float]] = []
    for score, at, share in ranked:
        if len(picked) < most // 2 and not said & {s for s in kinds[at] if not words.anywhere[s]}:
            picked.append((score, shown[at], share))
            said |= set(kinds[at])
    title = ""
    if picked:
        title = picked[0][1]
        beside = [p for p in picked[1:] if p[0] >= 0.5 * picked[0][0]]
        if beside and (picked[0][2] < PLENTY or title in taken):
            title = f"{title}, {beside[0][1]}"
    more = [forms[at] for at, _, _ in single if at not in said and not words.opinion[at] and not words.anywhere[at]]
    return Named(title, tuple([*(text for _, text, _ in picked), *more][:most]))


def _beside(
    texts: Gathered, mine: Ints, single: list[tuple[int, float, float]], words: _Words, stem_at: Ints, forms: list[str]
) -> str:
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
    if best and (beside[best] > 1 or len(mine) <= FEW):
        return best
    word = alone.most_common(1)[0][0] if alone else forms[top]
    second = [forms[at] for at, score in worth.items() if at != top and score >= worth[top] / 3]
    return f"{word}, {second[0]}" if second else word


def _forms(texts: Gathered, there: Ints) -> list[str]:
    """Each stem as it was written most often."""
    times = np.bincount(texts.said[there], minlength=len(texts.words))
    best: dict[int, int] = {}
    for word, stem in enumerate(texts.stem_of.tolist()):
        if stem not in best or times[word] > times[best[stem]]:
            best[stem] = word
    return [texts.words[best[stem]] for stem in range(len(texts.stems))]


def _written(texts: Gathered, where: Any, long: Ints, wanted: list[list[tuple[int, float, float]]]) -> dict[int, str]:
    """The phrases that may be shown, each as it was written most often."""
    sought = np.array(sorted({at for row in wanted for at, _, _ in row}), np.int64)
    mine = np.flatnonzero(np.isin(where[1], sought))
    met: dict[int, Counter[Phrase]] = {}
    for place, kind, size in zip(where[0][mine].tolist(), where[1][mine].tolist(), long[mine].tolist(), strict=True):
        met.setdefault(kind, Counter())[tuple(texts.said[place : place + size].tolist())] += 1
    return {kind: _joined(texts, c.most_common(1)[0][0]) for kind, c in met.items()}


def _joined(texts: Gathered, said: Phrase) -> str:
    """Words as one phrase; those of a writing without spaces come in overlapping pairs and are laid over each other."""
    words = [texts.words[w] if w >= 0 else texts.little[-2 - w] for w in said]
    made = words[0]
    for word in words[1:]:
        overlaps = len(word) == 2 and not word.isascii() and made[-1] == word[0]
        made += word[1:] if overlaps else f" {word}"
    return made
