"""What a named model made of notes and features: kept beside the shelf, used where it is there.

Notes for named people or teams are never sent, and neither is what consent withheld. While the
model is silent, or has not read a note yet, suggestions are what they are without it; what went
wrong stands on the page of what was learnt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings

from threadline.inbound.feedback.intelligence import embeddings
from threadline.inbound.feedback.intelligence.keeping import KINDS, since
from threadline.kernel import rows, search
from threadline.kernel.work import Progress
from threadline.later import np, npt
from threadline.reading.meaning import Vectors, digest_of

BATCH = 256  # texts looked at in one step
MOST = 20_000  # texts of one workspace read in one job
NEAREST = 40  # texts by meaning that join those found by words
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=2), timedelta(hours=6)
_CHANGED = (
    "SELECT c.id, c.kind, c.updated_at, c.archived_at, c.confidentiality FROM kernel_card c"
    " WHERE c.workspace_id = %s AND c.kind = %s"
    " AND (c.updated_at > %s OR (c.updated_at = %s AND c.id > %s)) ORDER BY c.updated_at, c.id LIMIT %s"
)
_BEGINNING = ["0001-01-01 00:00:00", "00000000000000000000000000000000"]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a workspace stands with the model: how many texts it has read, and what went wrong last."""

    model: str
    texts: int
    problem: str


@lru_cache(maxsize=64)
def _vectors(folder: str, workspace_id: UUID) -> Vectors:
    return Vectors(settings.DATA_DIR / folder / f"{workspace_id.hex}.meaning")


def vectors_of(workspace_id: UUID) -> Vectors:
    """The vectors of a workspace; there may be none."""
    return _vectors("reading", workspace_id)


def standing(workspace_id: UUID) -> Standing | None:
    """How a workspace stands with the model; None where no model is named."""
    model = embeddings.model()
    if model is None:
        return None
    kept = vectors_of(workspace_id)
    mine = kept.state().get("model") == model.known_as
    return Standing(model.name, kept.count() if mine else 0, str(kept.state().get("problem", "")))


def in_force(workspace_id: UUID) -> Vectors | None:
    """The vectors to compare by: those of the model that is named now, if it has read anything."""
    model = embeddings.model()
    if model is None:
        return None
    kept = vectors_of(workspace_id)
    return kept if kept.state().get("model") == model.known_as and kept.count() else None


def likeness(kept: Vectors, this: str, those: list[str]) -> npt.NDArray[np.float32] | None:
    """How near others are in meaning, -1 to 1, the unknown taken for middling; None when this one is not known."""
    found = kept.of([this, *those])
    if this not in found:
        return None
    near = {i: float(found[this] @ found[i]) for i in those if i in found}
    middle = float(np.median(list(near.values()))) if near else 0.0
    return np.array([near.get(i, middle) for i in those], np.float32)


def nearest(kept: Vectors, this: str, kind: str) -> list[str]:
    """The ids of a kind nearest in meaning to a text that the model has read."""
    own = kept.of([this])
    return [i for i in kept.near(own[this], kind, NEAREST + 1) if i != this] if this in own else []


# ---- reading ----------------------------------------------------------------------------


def catch_up(workspace_id: UUID, progress: Progress | None = None) -> int:
    """Let the model read what was written since the last time; how many texts it was asked about.

    A failure is noted and the next try waits, longer each time. Never raises for the model's sake.
    """
    model = embeddings.model()
    if model is None:
        return 0
    kept = vectors_of(workspace_id)
    if _waits(kept):
        return 0
    asked = 0
    try:
        if model.name == "":
            raise embeddings.NoVectors("EMBEDDINGS_MODEL is not set: name the model.")
        for kind in KINDS:
            while asked < MOST and (done := _step(workspace_id, model, kept, kind)) is not None:
                asked += done
                if progress is not None:
                    progress(asked, None, "letting the model read notes and features")
    except embeddings.NoVectors as error:
        failures = min(int(kept.state().get("failures", 0)) + 1, 20)
        again = rows.now() + min(_FIRST_WAIT * 2 ** (failures - 1), _LONGEST_WAIT)
        kept.note(problem=str(error)[:300], failures=failures, again=again.isoformat())
        return asked
    if kept.state().get("problem"):
        kept.note(problem="", failures=0, again="")
    return asked


def _waits(kept: Vectors) -> bool:
    again = kept.state().get("again")
    return again is not None and again != "" and datetime.fromisoformat(again) > rows.now()


def _step(workspace_id: UUID, model: embeddings.Model, kept: Vectors, kind: str) -> int | None:
    """The next texts of a kind; how many were asked about, or None when there are no more."""
    mine = kept.state().get("model") == model.known_as
    mark = kept.state().get(f"mark {kind}", _BEGINNING) if mine else _BEGINNING
    found = rows.fetch(_CHANGED, [workspace_id, kind, *since(mark), BATCH])
    if not found:
        return None
    ids = [rows.ident(r[0]) for r in found if r[3] is None and r[4] == 0]
    held = search.held(ids) if ids else {}
    texts = {str(i): _said(*held[i][:2]) for i in ids if i in held}
    texts = {i: text for i, text in texts.items() if text}
    asked, made = _made(model, kept, {digest_of(text): text for text in texts.values()}, mine=mine)
    if made:
        kept.begin(model.known_as, len(next(iter(made.values()))))
    known = kept.of([rows.hexed(r[0]) or "" for r in found])
    kept.write(
        [(i, kind, digest_of(text), made[digest_of(text)]) for i, text in texts.items()],
        [i for i in known if i not in texts],
    ) if made or known else None
    if made or mine:
        last = found[-1]
        at = last[2] if isinstance(last[2], str) else last[2].isoformat()
        kept.note(**{f"mark {kind}": [at, rows.hexed(last[0])]})
        return asked
    return None  # nothing here that could be sent, and no model's vectors to note it with


def _said(title: str, body: str) -> str:
    """The words of a record: what is indexed begins with its key, which means nothing."""
    title = title.partition(" ")[2].strip()
    return body.strip() if body.startswith(title.rstrip("…").strip()) else f"{title}\n{body}".strip()


def _made(
    model: embeddings.Model, kept: Vectors, wanted: dict[bytes, str], *, mine: bool
) -> tuple[int, dict[bytes, Any]]:
    """A vector for each text: those known already, the others asked for. How many were asked for."""
    made: dict[bytes, Any] = kept.digests(wanted) if mine else {}
    missing = [digest for digest in wanted if digest not in made]
    if missing:
        came = model.vectors([wanted[digest] for digest in missing])
        if mine and made and came.shape[1] != len(next(iter(made.values()))):
            raise embeddings.NoVectors("The model gives vectors of another length than before. Name it anew.")
        made |= dict(zip(missing, came, strict=True))
    return len(missing), made


def forget_the_gone(workspace_id: UUID) -> None:
    """Leave no vector of what was erased, and none at all where no model is named any more."""
    kept = vectors_of(workspace_id)
    if not kept.state():
        return
    if embeddings.model() is None:
        kept.clear()
        return
    living = rows.fetch(
        "SELECT c.id FROM kernel_card c WHERE c.workspace_id = %s AND c.archived_at IS NULL AND c.confidentiality = 0"
        f" AND c.kind IN ({rows.marks(len(KINDS))})",
        [workspace_id, *KINDS],
    )
    kept.forget_all_but(frozenset(rows.hexed(r[0]) or "" for r in living))
