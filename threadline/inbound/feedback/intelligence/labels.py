"""Labels of notes, proposed by what the team's own labels taught: surely enough, or not at all.

A label is a tag of a group in which a note has one at most. Until a team has labelled
:data:`FEWEST` notes of two labels of a group, how soon and whether they will stay are told by plain
rules (:mod:`signs`), always with the words that made them so; what it is, is not guessed at. Once labels
have taught, the rules of that group are silent, and so is everything that is not sure enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from django.conf import settings

from threadline.inbound.feedback.intelligence.keeping import shelf_of
from threadline.inbound.feedback.models import Feedback
from threadline.kernel import rows
from threadline.kernel.work import Progress
from threadline.reading import likeness, signs, sorting

FEWEST = 20  # notes of a label, below which it is not learnt
MOST = 6_000  # notes of a group, the latest, that are learnt from


@dataclass(frozen=True, slots=True)
class Group:
    """Labels of which a note has one at most."""

    name: str
    title: str
    labels: tuple[str, ...]


GROUPS = (
    Group("sort", "What it is", ("bug", "request", "praise", "question")),
    Group("urgency", "How soon", ("urgent", "can wait")),
    Group("churn", "Will they stay", ("churn risk", "staying")),
)
RULED = frozenset(group.name for group in GROUPS if set(group.labels) & signs.RULES.keys())  # told by rules at first
ALL = tuple(label for group in GROUPS for label in group.labels)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a note seems to be in one group: ``label`` None means not sure enough to say.

    ``given`` is what people said. ``signs`` are words by which rules said so while no label had taught; then ``sure``
    is 0. ``learnt_from`` counts the notes that taught, ``right`` is the
    share of answers that were right on notes not learnt from; 0 and 0 while nothing was learnt.
    """

    group: str
    title: str
    given: str | None
    label: str | None
    sure: float
    learnt_from: int
    right: float
    labels: tuple[str, ...]
    signs: tuple[str, ...] = ()


def group_of(label: str) -> Group:
    """The group of a label; KeyError for a word that is none."""
    for group in GROUPS:
        if label in group.labels:
            return group
    raise KeyError(label)


def _file(workspace_id: UUID, group: Group) -> Path:
    folder: Path = settings.DATA_DIR / "reading"
    return folder / f"{workspace_id.hex}.{group.name}.npz"


@lru_cache(maxsize=64)
def _loaded(file: Path, made: int) -> sorting.Sorter:
    return sorting.load(file)


def sorter_of(workspace_id: UUID, group: Group) -> sorting.Sorter | None:
    """What was learnt for a group; None while nothing was."""
    file = _file(workspace_id, group)
    try:
        return _loaded(file, file.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError):
        return None


def proposals(note: Feedback) -> list[Proposal]:
    """For each group what people said of a note within reach, or what it seems to be."""
    given = _given([note.pk]).get(note.pk, {})
    text = likeness.read(note.title, note.body)
    stars = float(note.rating) if note.rating is not None else None
    made = []
    for group in GROUPS:
        sorter = sorter_of(note.workspace_id, group)
        said = given.get(group.name)
        answer = sorter.answer(text) if sorter is not None and said is None else None
        learnt, right = (sorter.told.texts, sorter.told.right) if sorter is not None else (0, 0.0)
        label, sure = answer or (None, 0.0)
        ruled = (
            signs.seen(note.title, note.body, group.labels, stars=stars) if sorter is None and said is None else None
        )
        if ruled is not None:
            label = ruled.label
        words = ruled.words if ruled is not None else ()
        made.append(Proposal(group.name, group.title, said, label, sure, learnt, right, group.labels, words))
    return made


def _given(notes: list[UUID]) -> dict[UUID, dict[str, str]]:
    """The labels that people gave, by note and group."""
    found = rows.fetch(
        "SELECT ct.card_id, t.name FROM kernel_cardtag ct JOIN kernel_tag t ON t.id = ct.tag_id"
        f" WHERE ct.card_id IN ({rows.marks(len(notes))}) AND t.name IN ({rows.marks(len(ALL))})",
        [*(rows.key_of(n) for n in notes), *ALL],
    )
    by: dict[UUID, dict[str, str]] = {}
    for card, name in found:
        by.setdefault(rows.ident(card), {})[group_of(name).name] = name
    return by


def learn(workspace_id: UUID, progress: Progress | None = None) -> dict[str, int]:
    """Learn every group anew from the team's labels; how many notes taught each."""
    taught = {}
    for done, group in enumerate(GROUPS):
        if progress is not None:
            progress(done, len(GROUPS), f"learning from labels: {group.title.lower()}")
        taught[group.name] = _learn_group(workspace_id, group)
    return taught


def _learn_group(workspace_id: UUID, group: Group) -> int:
    found = rows.fetch(
        "SELECT c.id, t.name FROM kernel_tag t JOIN kernel_cardtag ct ON ct.tag_id = t.id"
        " JOIN kernel_card c ON c.id = ct.card_id WHERE t.workspace_id = %s AND c.kind = %s AND c.archived_at IS NULL"
        f" AND t.name IN ({rows.marks(len(group.labels))}) ORDER BY ct.id DESC LIMIT {MOST}",
        [rows.key_of(workspace_id), Feedback.kind, *group.labels],
    )
    by_note: dict[str, list[str]] = {}
    for card, name in found:
        by_note.setdefault(rows.hexed(card) or "", []).append(name)
    kept = shelf_of(workspace_id).kept(list(by_note))
    taught = [(kept[note], names[0]) for note, names in by_note.items() if len(names) == 1 and note in kept]
    counts = {label: sum(name == label for _, name in taught) for label in group.labels}
    enough = {label for label, count in counts.items() if count >= FEWEST}
    taught = [(text, name) for text, name in taught if name in enough]
    if len(enough) < 2:
        _file(workspace_id, group).unlink(missing_ok=True)  # what taught it is gone
        return 0
    sorting.trained([text for text, _ in taught], [name for _, name in taught]).save(_file(workspace_id, group))
    return len(taught)
