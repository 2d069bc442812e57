"""What people do with themes: name, keep, merge, split, put a note in or leave it out. None of it is undone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from threadline.inbound.feedback.models import Feedback, Theme
from threadline.inbound.feedback.themes.membership import HOLDS, LEAVES_OUT, LIVE, forget_placed, notes_of
from threadline.kernel import rows, verbs
from threadline.kernel.actions import Ask, action
from threadline.kernel.door import Door
from threadline.kernel.errors import Conflict, Invalid
from threadline.kernel.links import Link

MOST_LINKED = 200  # notes that one press links to a feature
BY_MACHINE = "job"


def settle_theme(theme: Theme, before: dict[str, Any] | None, face: str) -> None:
    """Whoever writes a name or a description keeps the theme; merging and splitting have verbs of their own."""
    if (theme.state == "merged") != (theme.merged_into_id is not None):
        raise Invalid(("state", "A theme is merged, or stands again, by its own verbs: merge and stand again."))
    by_person = face != BY_MACHINE and before is not None and bool({"title", "body"} & before.keys())
    if by_person and theme.state == "found":
        theme.state = "kept"


def follow_people(door: Door, ids: Sequence[UUID], kind: str, link: Link | None) -> None:
    """What a person says of a note takes the place of what the machine thought, in the same transaction."""
    if link is None or kind not in (HOLDS, LEAVES_OUT):
        return
    here: list[UUID] = []
    if kind == LEAVES_OUT:
        parts = Theme.objects.filter(workspace_id=door.actor.workspace_id, merged_into_id=link.source_id)
        here = [link.source_id, *parts.values_list("pk", flat=True)]
    forget_placed(door.actor.workspace_id, ids, here)


@action(Theme, verb="update", label="Keep", to="kept", states=("found", "dismissed"), bulk=True)
def keep_theme(door: Door, *, theme: Theme) -> Theme:
    """Say that this is a theme of ours: no later look at the notes takes any out of it or moves it."""
    return door.change(theme, {"state": "kept"})


@action(Theme, verb="update", label="No theme", to="dismissed", states=LIVE, bulk=True)
def dismiss_theme(door: Door, *, theme: Theme) -> Theme:
    """Say that these notes have nothing in common that matters; they are not proposed as a theme again."""
    return door.change(theme, {"state": "dismissed"})


@action(Theme, verb="update", label="Merge into", states=LIVE, bulk=True)
def merge_theme(
    door: Door, *, theme: Theme, into: Annotated[str, Ask("The theme it is part of", "Its key or title.", to="theme")]
) -> Theme:
    """Let another theme speak for this one: its notes count there, now and when new ones come."""
    whole = door.get(Theme, into)
    if whole.merged_into_id is not None:
        whole = door.get(Theme, whole.merged_into_id)
    if whole.pk == theme.pk:
        raise Invalid(("into", "A theme cannot be part of itself."))
    if whole.state == "found":
        door.change(whole, {"state": "kept"})
    parts = Theme.objects.filter(workspace_id=theme.workspace_id, merged_into_id=theme.pk).values_list("pk", flat=True)
    for part in door.whoever_may_see(Theme, list(parts)):
        door.change(part, {"merged_into": whole.pk})
    return door.change(theme, {"state": "merged", "merged_into": whole.pk})


@action(Theme, verb="update", label="Stand again", to="kept", states=("merged",))
def unmerge_theme(door: Door, *, theme: Theme) -> Theme:
    """Let the theme stand for itself again, with the notes that were its own."""
    return door.change(theme, {"state": "kept", "merged_into": None})


@action(Theme, verb="update", label="Split off", states=LIVE)
def split_theme(
    door: Door,
    *,
    theme: Theme,
    phrase: Annotated[str, Ask("Notes that say", "A word or phrase, as customers write it.")],
    title: Annotated[str, Ask("Name of the new theme", "Blank means the phrase itself.")] = "",
) -> Theme:
    """Make a theme of its own of those notes here that say a phrase; both themes are kept as they then are."""
    said, values = notes_of(door.actor, theme.pk)
    wanted = " ".join(phrase.lower().split())
    like = "%" + wanted.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    found = rows.fetch(
        f"SELECT DISTINCT df.id{said} AND (lower(df.title) LIKE %s ESCAPE '\\' OR lower(df.body) LIKE %s ESCAPE '\\')",
        [*values, like, like],
    )
    whole = rows.fetch(f"SELECT COUNT(DISTINCT df.id){said}", values)[0][0]
    if not found:
        raise Invalid(("phrase", "No note of this theme says that. Use words as they stand in the notes."))
    if len(found) >= whole:
        raise Invalid(("phrase", "Every note here says that, so nothing would stay. Choose something fewer say."))
    made = door.create(
        Theme,
        {"title": (title or phrase)[:300], "product": theme.product_id, "confidentiality": theme.confidentiality},
        readers=None,
    )
    ids = [rows.ident(r[0]) for r in found]
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        rows.execute(
            "UPDATE inbound_themenote SET theme_id = %s WHERE workspace_id = %s"
            f" AND note_id IN ({rows.marks(len(part))})",
            [made.pk, theme.workspace_id, *part],
        )
    _take_along(door, theme, made, set(ids))
    if theme.state == "found":
        door.change(theme, {"state": "kept"})
    return made


def _take_along(door: Door, theme: Theme, made: Theme, notes: set[Any]) -> None:
    """What people had put into the whole goes with the part."""
    for link in Link.objects.filter(workspace_id=theme.workspace_id, source_id=theme.pk, kind=HOLDS):
        if link.target_id in notes:
            verbs.unlink(door, link.pk)
            verbs.link(door, made, link.target_id, HOLDS)


@action(Theme, verb="update", label="Put a note in", states=LIVE)
def put_into_theme(
    door: Door, *, theme: Theme, note: Annotated[str, Ask("Note", "Its key or title.", to="feedback")]
) -> Theme:
    """Say that a note belongs here; it stays whatever the next look at the notes finds."""
    found = door.find(Feedback, note)
    _unsay(door, theme, found, LEAVES_OUT)
    verbs.link(door, theme, found, HOLDS)
    return _kept(door, theme)


@action(Theme, verb="update", label="Leave a note out", states=LIVE)
def leave_out_of_theme(
    door: Door, *, theme: Theme, note: Annotated[str, Ask("Note", "Its key or title.", to="feedback")]
) -> Theme:
    """Say that a note does not belong here; it is never put here again."""
    found = door.find(Feedback, note)
    _unsay(door, theme, found, HOLDS)
    verbs.link(door, theme, found, LEAVES_OUT)
    return _kept(door, theme)


def _kept(door: Door, theme: Theme) -> Theme:
    theme = door.find(Theme, theme)
    return door.change(theme, {"state": "kept"}) if theme.state == "found" else theme


def _unsay(door: Door, theme: Theme, note: Feedback, kind: str) -> None:
    here = Theme.objects.filter(workspace_id=theme.workspace_id, merged_into_id=theme.pk).values_list("pk", flat=True)
    mine = Link.objects.filter(
        workspace_id=theme.workspace_id, source_id__in=[theme.pk, *here], target_id=note.pk, kind=kind
    )
    for link in mine:
        verbs.unlink(door, link.pk)


@action(Theme, verb="update", label="Link to a feature", states=LIVE)
def link_theme(
    door: Door, *, theme: Theme, feature: Annotated[str, Ask("Feature", "Its key or title.", to="feature")]
) -> Theme:
    """Let a feature rest on the notes here that no feature rests on yet, 200 at most at a time."""
    said, values = notes_of(door.actor, theme.pk)
    found = rows.fetch(
        f"SELECT DISTINCT df.id, df.number{said} AND df.state = 'new' ORDER BY df.number LIMIT %s",
        [*values, MOST_LINKED],
    )
    if not found:
        raise Conflict("Every note of this theme is linked or answered already.", theme.version)
    for ident, _ in found:
        verbs.link(door, feature, rows.ident(ident), "evidence")
    return _kept(door, theme)
