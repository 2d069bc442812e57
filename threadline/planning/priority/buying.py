"""Buy a feature (L. Hohmann, "Innovation Games", 2006): what a group pays for together, out of too little."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

Bids = Sequence[Mapping[str, float]]  # what each player puts on each item


def funded(prices: Mapping[str, float], bids: Bids) -> list[str]:
    """The items whose bids reach their price, in the order of the prices."""
    return [item for item, price in prices.items() if sum(player.get(item, 0.0) for player in bids) >= price]


def overspent(bids: Bids, budget: float) -> list[int]:
    """Which players, by number, put down more than they have, or less than nothing."""
    return [at for at, bid in enumerate(bids) if sum(bid.values()) > budget or min(bid.values(), default=0) < 0]


def budget_each(prices: Mapping[str, float], players: int, share: float = 0.4) -> float:
    """What to give each player, so that together they can buy that share of everything; a third to a half is usual."""
    return sum(prices.values()) * share / players


def affordable(prices: Mapping[str, float], purse: float) -> list[frozenset[str]]:
    """Every set that the purse can buy and nothing can be added to: what the game can end in. At most 15 items."""
    if len(prices) > 15:
        raise ValueError("at most 15 items: nobody can weigh more of them in a game")
    sets = [frozenset(c) for n in range(1, len(prices) + 1) for c in combinations(prices, n)]
    bought = [s for s in sets if sum(prices[item] for item in s) <= purse]
    return [s for s in bought if not any(s < other for other in bought)]
