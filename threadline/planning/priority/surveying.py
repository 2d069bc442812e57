"""What a survey shows to whom, and whose answers contradict themselves; the same for the same seed.

Best and worst: each item is shown as often as every other, give or take one, and as evenly beside the others as a
greedy choice makes it. The first set comes once more at the end, and is not counted twice: it tells who was reading.
"""

from __future__ import annotations

from collections.abc import Sequence

from threadline.later import np
from threadline.planning.priority import kano
from threadline.planning.priority.bestworst import Task

SHOWN = 3  # times that each person sees each item, at least
MOST_SETS = 15
FEWEST = 4  # items of a survey of best and worst
ALIKE = 4  # answers that are all the same before that is odd


def size_of(items: int) -> int:
    """How many are shown at a time: three of four, four of up to twelve, else five."""
    return 3 if items <= FEWEST else 4 if items <= 12 else 5


def order(items: int, seed: int) -> list[int]:
    """The items in this person's order, so that no item is always asked about first."""
    return [int(i) for i in np.random.default_rng(seed).permutation(items)]


def sets(items: int, seed: int) -> list[list[int]]:
    """The sets of one person, the last of them the first one over again in another order; four items or more."""
    size, source = size_of(items), np.random.default_rng(seed)
    shown, beside = np.zeros(items), np.zeros((items, items))
    found: list[list[int]] = []
    for _ in range(min(MOST_SETS, -(-SHOWN * items // size))):
        chosen: list[int] = []
        while len(chosen) < size:
            left = [i for i in range(items) if i not in chosen]
            near = beside[:, chosen].sum(axis=1)
            luck = source.random(items)
            chosen.append(min((shown[i], near[i], luck[i], i) for i in left)[3])
        shown[chosen] += 1
        beside[np.ix_(chosen, chosen)] += 1
        found.append([int(i) for i in source.permutation(chosen)])
    return [*found, found[0][1:] + found[0][:1]]


def kano_doubt(pairs: Sequence[tuple[str, str]]) -> str:
    """Why these answers to Kano's questions may not be meant; blank when nothing speaks against them."""
    odd = sum(kano.category(*pair) == "Q" for pair in pairs)
    if len(pairs) >= 2 and 2 * odd >= len(pairs):
        return "Likes, or dislikes, both having and lacking the same thing, for half of it or more."
    return _alike(pairs)


def rating_doubt(pairs: Sequence[tuple[int, int]]) -> str:
    """Why these ratings may not be meant."""
    return _alike(pairs)


def choice_doubt(tasks: Sequence[Task]) -> str:
    """Why somebody's choices may not be meant; the last set is the first one again.

    One of the two turned round happens to people who read and find things close; both do not.
    """
    first, again = tasks[0], tasks[-1]
    if (first.best, first.worst) == (again.worst, again.best):
        return "Turned best and worst round when the same was asked twice."
    places = {(one.shown.index(one.best), one.shown.index(one.worst)) for one in tasks}
    return "Chose by the place on the page." if len(tasks) > ALIKE and len(places) == 1 else ""


def _alike(pairs: Sequence[tuple[object, object]]) -> str:
    return "Gave the same answer to everything." if len(pairs) >= ALIKE and len(set(pairs)) == 1 else ""
