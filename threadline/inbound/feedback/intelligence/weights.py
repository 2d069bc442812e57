"""The weights by which likeness is judged: ours at first, a team's own when its merges taught better ones.

Nothing gets worse silently: weights learnt are kept only when they find the right note sooner
than those before them, on merges they were not learnt from, and what was learnt is kept to be
shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from uuid import UUID

import orjson
from django.conf import settings

from threadline.inbound.feedback.intelligence.keeping import shelf_of
from threadline.inbound.feedback.models import Feedback
from threadline.kernel import rows
from threadline.kernel.work import Progress
from threadline.later import np, npt
from threadline.reading import choosing, likeness
from threadline.reading.choosing import Question

FEWEST = 30  # merges, below which nothing is learnt
MOST = 1_500  # merges, the latest, that are learnt from
REPEATS = "learnt"  # which notes repeat others; what teaches where a note belongs stands in belonging.py
_HELD_OUT = 4  # one group of merges in so many is kept to judge by


@dataclass(frozen=True, slots=True)
class Learnt:
    """What the last learning found. Places are mean reciprocal places, 0 to 1, on merges not learnt from."""

    merges: int  # or linked notes
    judged_by: int
    before: float
    after: float
    kept: bool
    at: str
    weights: list[float] = field(default_factory=list)


def _file(workspace_id: UUID, what: str) -> Path:
    folder: Path = settings.DATA_DIR / "reading"
    return folder / f"{workspace_id.hex}.{what}.json"


def learnt(workspace_id: UUID, what: str = REPEATS) -> Learnt | None:
    """What the last learning found; None when there was none."""
    try:
        return Learnt(**orjson.loads(_file(workspace_id, what).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def of(workspace_id: UUID, what: str = REPEATS, ours: Sequence[float] = choosing.OURS) -> npt.NDArray[np.float64]:
    """The weights in force."""
    found = learnt(workspace_id, what)
    good = found is not None and len(found.weights) == len(ours)
    return np.array(found.weights if found and good else ours)


def keep(workspace_id: UUID, what: str, found: Learnt) -> None:
    """Keep what a learning found, replaced as a whole."""
    file = _file(workspace_id, what)
    aside = file.with_suffix(".new")
    aside.write_bytes(orjson.dumps(asdict(found)))
    aside.replace(file)


def learn(workspace_id: UUID, progress: Progress | None = None) -> Learnt | None:
    """Learn from the team's merges; None when there are too few."""
    asked = _questions(workspace_id, progress)
    if len(asked) < FEWEST:
        return None
    turn = {group: n % _HELD_OUT for n, group in enumerate(sorted({group for group, _ in asked}))}
    judged = [q for group, q in asked if turn[group] == 0]
    taught = [q for group, q in asked if turn[group] != 0]
    standing, ours = of(workspace_id), np.array(choosing.OURS)
    tried = choosing.learned(taught, ours)
    before, after = choosing.mean_reciprocal(judged, standing), choosing.mean_reciprocal(judged, tried)
    kept = after > before
    chosen = choosing.learned([q for _, q in asked], ours) if kept else standing
    found = Learnt(len(asked), len(judged), before, after, kept, rows.now().isoformat(), [float(w) for w in chosen])
    keep(workspace_id, REPEATS, found)
    return found


def _questions(workspace_id: UUID, progress: Progress | None) -> list[tuple[int, Question]]:
    """A question for each merged note: which of the notes near it did people say it repeats?"""
    shelf = shelf_of(workspace_id)
    merged = Feedback.objects.filter(workspace_id=workspace_id, archived_at=None, merged_into__isnull=False)
    found = list(merged.order_by("-updated_at").values_list("pk", "title", "body", "merged_into_id")[:MOST])
    heads = {str(pk): str(head) for pk, _, _, head in found}
    tally, asked = shelf.tally(), []
    for done, (pk, title, body, head) in enumerate(found):
        near = [n for n in shelf.near(title, body, Feedback.kind, 161) if n.id != str(pk)]
        right = np.array([n.id == str(head) or heads.get(n.id) == str(head) for n in near], bool)
        if near and right.any():
            measures = likeness.compare(likeness.read(title, body), [n.read for n in near], tally)
            asked.append((head.int, Question(measures, right)))
        if progress is not None:
            progress(done, len(found), "learning from merges")
    return asked
