"""Questions that ask about all things at once: money put on what is worth it, and everything in order. Plain values.

Buying follows L. Hohmann's game ("Innovation Games", 2006): prices are for a group, each person has a purse, and a
thing is had when the group together pays its price. Here people play alone; groups are drawn from them afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil

from threadline.inbound.surveys.asked import Item
from threadline.planning.priority.buying import budget_each

METHODS = ("buying", "ranking")
FEWEST = {"buying": 2, "ranking": 3}
MOST = {"buying": 15, "ranking": 12}
USUAL_PLAYERS, MOST_PLAYERS, LARGEST_PURSE = 5, 20, 1_000_000
Read = tuple[list[int] | None, str]  # what was said of each item, or what is wrong with it


def purse_of(items: Sequence[Item], players: int | None, purse: int | None) -> int:
    """What each person has; where nobody said, so much that a group can buy two fifths of everything."""
    prices = {one.words: float(one.price) for one in items}
    return purse or max(1, ceil(budget_each(prices, players or USUAL_PLAYERS)))


def read(method: str, items: Sequence[Item], purse: int, sent: Mapping[str, str]) -> Read:
    """What was sent for each item, by ``i0``, ``i1`` and on."""
    said = [sent.get(f"i{at}", "").strip()[:9] for at in range(len(items))]
    return _amounts(items, purse, said) if method == "buying" else _places(len(items), said)


def _amounts(items: Sequence[Item], purse: int, said: Sequence[str]) -> Read:
    if any(one and not (one.isascii() and one.isdigit()) for one in said):
        return None, "Amounts are whole numbers, such as 20."
    amounts = [int(one or 0) for one in said]
    dear = next((i for i, amount in zip(items, amounts, strict=True) if amount > i.price), None)
    if dear is not None:
        return None, f"{dear.words} costs {dear.price:,}: nobody pays more than that."
    spent = sum(amounts)
    if spent > purse:
        return None, f"You put down {spent:,} and have {purse:,}: take {spent - purse:,} away."
    if not spent:
        return None, "Put something on at least one of them."
    return amounts, ""


def _places(count: int, said: Sequence[str]) -> Read:
    places = [int(one) if one.isascii() and one.isdigit() else 0 for one in said]
    if sorted(places) != list(range(1, count + 1)):
        lacking = [str(n) for n in range(1, count + 1) if n not in places]
        return None, f"Give each of them a place of its own; nobody has {', '.join(lacking)} yet."
    return places, ""


def doubt(method: str, said: Sequence[int], shown: Sequence[int]) -> str:
    """Why an answer may not be meant; ``shown`` is the order in which this person saw the items."""
    if method == "ranking" and len(said) > FEWEST["ranking"]:
        seen = [said[item] for item in shown]
        if seen in (sorted(seen), sorted(seen, reverse=True)):
            return "Ranked them in the order in which they were shown."
    return ""
