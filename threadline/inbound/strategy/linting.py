"""What is often wrong with an opportunity tree or a strategy, found by reading. Pure; words in, findings out.

After T. Torres ("Continuous Discovery Habits", 2021) for trees: one outcome at the root, opportunities in the
words of customers, three solutions to compare before one is chosen, and a test for what each rests on. After
R. Rumelt (2011) for strategies: goals are no strategy. After J. Doerr ("Measure What Matters", 2018) for objectives:
three to five key results, each a change and not a thing to be delivered.
"""

from __future__ import annotations

import re

# Whoever has a need does not say "add" or "dashboard"; whoever has a solution in mind does.
_DOING = frozenset({
    "add", "allow", "automate", "build", "bundle", "create", "deliver", "deploy", "design", "develop", "display",
    "embed", "enable", "enhance", "expand", "export", "extend", "generate", "implement", "import", "improve",
    "integrate", "introduce", "launch", "make", "migrate", "offer", "optimise", "optimize", "provide", "rebuild",
    "redesign", "refactor", "release", "replace", "rework", "ship", "show", "support", "sync", "upgrade"
})  # fmt: skip
_THINGS = frozenset({
    "api", "app", "button", "chatbot", "checkbox", "csv", "dashboard", "dropdown", "feature", "filter",
    "integration", "modal", "module", "page", "plugin", "popup", "screen", "setting", "settings", "sidebar",
    "toggle", "ui", "webhook", "widget", "wizard"
})  # fmt: skip
_OWN = frozenset({
    "i", "i'm", "i've", "my", "me", "we", "we're", "our", "us", "they", "their", "them", "she", "he", "nobody",
    "somebody", "people"
})  # fmt: skip
_WORD = re.compile(r"[a-z']+")
_NUMBER = re.compile(r"\d+([.,]\d+)?\s*(%|percent|per cent|k\b|m\b|million|x\b)?", re.IGNORECASE)
_AIM = frozenset({
    "grow", "increase", "raise", "reach", "achieve", "double", "triple", "reduce", "cut", "hit", "win", "more"
})  # fmt: skip
ENOUGH_SOLUTIONS = 3
MOST_RESULTS = 5
# Whoever begins with one of these has a thing to deliver in mind, not what should be different after it.
_OUTPUT = frozenset({
    "build", "complete", "create", "deliver", "deploy", "design", "develop", "finish", "hire", "hold", "implement",
    "introduce", "launch", "migrate", "publish", "release", "roll", "run", "ship", "start", "write"
})  # fmt: skip


def phrased_as_feature(title: str) -> str:
    """The word by which an opportunity gives itself away as a feature; blank when it reads like a need."""
    words = _WORD.findall(title.lower().replace("\u2019", "'"))
    if not words:
        return ""
    if words[0] in _DOING:
        return words[0]
    if _OWN & set(words):
        return ""
    return next((word for word in words if word in _THINGS), "")


def of_objective(results: int) -> list[str]:
    """What is wrong with an objective beside its words."""
    if results > MOST_RESULTS:
        return [f"{results} key results: more than {MOST_RESULTS} are a list of everything. Which of them decide?"]
    return []


def of_key_result(title: str) -> list[str]:
    """What is wrong with the words of a key result."""
    word = next(iter(_WORD.findall(title.lower())), "")
    if word in _OUTPUT:
        return [f"Says what is done (\u201c{word}\u201d): say what is different when it is."]
    return []


def of_phrasing(title: str) -> list[str]:
    """What is wrong with the words of an opportunity."""
    word = phrased_as_feature(title)
    return [f"Phrased as a feature (\u201c{word}\u201d): say what hurts, in their words."] if word else []


def of_opportunity(title: str, *, evidence: int, solutions: int, outcomes: int, parents: int) -> list[str]:
    """What is wrong with one opportunity of a tree."""
    found = of_phrasing(title)
    if not evidence:
        found.append("No evidence: nobody is cited who said so.")
    if outcomes > 1:
        found.append("More than one outcome: a tree grows towards one.")
    if parents > 1 or (parents and outcomes):
        found.append("Stands in two places: move it to one.")
    if 0 < solutions < ENOUGH_SOLUTIONS:
        found.append(f"{solutions} of {ENOUGH_SOLUTIONS} solutions: compare a few before one is chosen.")
    return found


def of_solution(*, assumptions: int, tested: int) -> list[str]:
    """What is wrong with one solution of a tree; ``tested`` of its assumptions have a test that was registered."""
    if not assumptions:
        return ["Untested: nothing says yet what must be true for it."]
    return [] if tested else ["Untested: no assumption under it has a test yet."]


def of_strategy(*, approach: str, diagnosis: str, policy: str, actions: str, playing: tuple[str, str]) -> list[str]:
    """What is wrong with a strategy; ``playing`` are where to play and how to win."""
    if approach == "playing":
        named = zip(("where we play", "how we win"), playing, strict=True)
        return [f"It does not say {what}." for what, said in named if not said.strip()]
    found = []
    if not diagnosis.strip():
        found.append("No diagnosis: a policy answers what is in the way, and nothing is said to be.")
    if not policy.strip():
        found.append("No guiding policy: without one, actions are a list of wishes.")
    elif goals_only(policy):
        found.append("The policy is a list of goals: say how they are reached, and what is not done.")
    if not actions.strip():
        found.append("No coherent action: nothing is done differently because of it.")
    return found


def goals_only(policy: str) -> bool:
    """Whether every line of a policy is an aim with a number, which says what is wanted and not how."""
    lines = [line.strip("-*\u2022 \t") for line in policy.splitlines() if line.strip("-*\u2022 \t")]
    return bool(lines) and all(_NUMBER.search(line) and _AIM & set(_WORD.findall(line.lower())) for line in lines)
