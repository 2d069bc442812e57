"""Figures of themes that are kept, so that a page of a large backlog need not count it: made by the worker.

What is kept is of notes that everybody here may see and that the machine put where they are: the same for every
reader. What differs between readers is counted when asked and added: the notes that only some may see, those that
people put into a theme, and every theme that people shaped since.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

from django.conf import settings

from threadline.inbound.asking import ACCOUNT, CUSTOMER
from threadline.inbound.feedback.models import Theme
from threadline.inbound.feedback.themes import figures
from threadline.inbound.feedback.themes.figures import DAY, MONTHS, Size
from threadline.inbound.feedback.themes.membership import HOLDS, LEAVES_OUT
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach_sql
from threadline.later import np, npt

MANY = 20_000  # notes in themes, from which on figures are kept
FRESH = 1_200  # seconds; the worker makes them anew every five minutes
FEW = 8  # themes that people shaped since, of which each is counted by itself
_CONTACT = " LEFT JOIN inbound_contact dc ON dc.id = df.contact_id AND dc.confidentiality = 0"
_PERSON = f"CASE WHEN {ACCOUNT} IS NULL THEN {CUSTOMER} END"
_LIVE = "df.archived_at IS NULL AND df.state <> 'held'"
Ints: TypeAlias = "npt.NDArray[np.int64]"
Reals: TypeAlias = "npt.NDArray[np.float64]"


@dataclass(frozen=True, slots=True)
class Kept:
    """Columns of what is kept; themes and accounts by their place in the lists, people by a hash."""

    at: float
    themes: list[str]
    marks: list[str]  # what each theme was when it was counted
    accounts: list[str]
    days: Ints  # theme, day, notes, rated, new
    stars: Reals  # the sum of ratings beside each row of ``days``
    by_account: Ints  # theme, account
    by_person: Ints  # theme, person


def file_of(workspace_id: UUID) -> Path:
    """Where the figures of a workspace's themes are kept; derived, made again when gone."""
    folder: Path = settings.DATA_DIR / "reading"
    return folder / f"{workspace_id.hex}.figures.npz"


def marks_of(workspace_id: UUID) -> dict[UUID, tuple[UUID, str]]:
    """For each theme the one that speaks for it, and a mark that changes whenever people shape it."""
    said = rows.fetch(
        "SELECT t.id, t.merged_into_id, t.version, COUNT(l.id), MAX(CAST(l.id AS text)) FROM inbound_theme t"
        " LEFT JOIN kernel_link l ON l.workspace_id = t.workspace_id AND l.source_id = t.id"
        f" AND l.kind IN ('{HOLDS}', '{LEAVES_OUT}') WHERE t.workspace_id = %s AND t.archived_at IS NULL"
        " GROUP BY t.id, t.merged_into_id, t.version",
        [workspace_id],
    )
    found = {}
    for ident, whole, version, links, last in said:
        theme = rows.ident(ident)
        found[theme] = (rows.ident(whole) if whole else theme, f"{version} {links} {last or ''}")
    return found


# ---- the worker's part ------------------------------------------------------------------


def keep(workspace_id: UUID) -> bool:
    """Count the themes of a workspace and keep it; whether there was enough to keep."""
    placed = rows.fetch_one("SELECT COUNT(*) FROM inbound_themenote WHERE workspace_id = %s", [workspace_id])
    if not placed or placed[0] < MANY:
        file_of(workspace_id).unlink(missing_ok=True)
        return False
    marks = marks_of(workspace_id)
    at = {theme: n for n, theme in enumerate(marks)}
    said = (
        f" FROM inbound_themenote p JOIN inbound_feedback df ON df.id = p.note_id{_CONTACT}"
        f" WHERE p.workspace_id = %s AND df.confidentiality = 0 AND {_LIVE}"
    )
    by_day = rows.fetch(
        f"SELECT p.theme_id, {DAY} AS day, COUNT(*), COUNT(df.rating), SUM(CASE WHEN df.state = 'new' THEN 1 ELSE 0"
        f" END), COALESCE(SUM(df.rating), 0){said} GROUP BY p.theme_id, day",
        [workspace_id],
    )
    who = rows.fetch(f"SELECT DISTINCT p.theme_id, {ACCOUNT} AS account, {_PERSON} AS person{said}", [workspace_id])
    by_day = [r for r in by_day if rows.ident(r[0]) in at]
    who = [r for r in who if rows.ident(r[0]) in at]
    accounts = {a: n for n, a in enumerate(dict.fromkeys(str(rows.ident(r[1])) for r in who if r[1] is not None))}
    _save(
        file_of(workspace_id),
        Kept(
            rows.now().timestamp(),
            [str(theme) for theme in marks],
            [mark for _, mark in marks.values()],
            list(accounts),
            _table([(at[rows.ident(r[0])], _day(r[1]), r[2], r[3], int(r[4])) for r in by_day], 5),
            np.array([float(r[5]) for r in by_day]),
            _table([(at[rows.ident(r[0])], accounts[str(rows.ident(r[1]))]) for r in who if r[1] is not None], 2),
            _table([(at[rows.ident(r[0])], _hashed(r[2])) for r in who if r[1] is None], 2),
        ),
    )
    return True


def _table(found: list[Any], width: int) -> Ints:
    return np.array(found, np.int64).reshape(-1, width)


def _day(value: Any) -> int:
    return (value if isinstance(value, date) else date.fromisoformat(str(value)[:10])).toordinal()


def _hashed(person: str) -> int:
    return int.from_bytes(hashlib.blake2b(person.encode(), digest_size=8).digest(), "little", signed=True)


def _save(file: Path, kept: Kept) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_suffix(".new.npz")
    columns: dict[str, Any] = {name: np.array(value) for name, value in asdict(kept).items()}
    np.savez(aside, **columns)
    aside.replace(file)


@lru_cache(maxsize=8)
def _loaded(file: Path, made: int) -> Kept:
    with np.load(file, allow_pickle=False) as kept:
        lists = [kept[name].tolist() for name in ("themes", "marks", "accounts")]
        return Kept(float(kept["at"]), *lists, *(kept[name] for name in ("days", "stars", "by_account", "by_person")))


def kept_of(workspace_id: UUID) -> Kept | None:
    """What is kept, unless it is old."""
    file = file_of(workspace_id)
    try:
        found = _loaded(file, file.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError):
        return None
    return found if rows.now().timestamp() - found.at < FRESH else None


# ---- the reader's part ------------------------------------------------------------------


def sizes(actor: Actor, today: date, themes: Iterable[Theme]) -> dict[UUID, Size]:
    """The figures of these themes: from what is kept where that is enough, else counted."""
    kept = kept_of(actor.workspace_id)
    if kept is None or not actor.may("read"):
        return figures.sizes(actor, today)
    marks = marks_of(actor.workspace_id)
    place = {UUID(theme): n for n, theme in enumerate(kept.themes)}
    stale = {whole for theme, (whole, mark) in marks.items() if theme not in place or kept.marks[place[theme]] != mark}
    wanted = [theme.pk for theme in themes]
    anew = [theme for theme in wanted if theme in stale]
    if len(anew) > FEW:
        return figures.sizes(actor, today)
    found = _added_up(actor, today, kept, {theme: whole for theme, (whole, _) in marks.items()}, place)
    found = {theme: found[theme] for theme in wanted if theme in found and theme not in stale}
    for theme in anew:
        found |= figures.sizes(actor, today, theme)
    return found


def _added_up(
    actor: Actor, today: date, kept: Kept, whole_of: dict[UUID, UUID], place: dict[UUID, int]
) -> dict[UUID, Size]:
    wholes = {whole: n for n, whole in enumerate(dict.fromkeys(whole_of.values()))}
    lost = len(wholes)  # what stood in a theme that is in the trash by now
    of = np.array([wholes.get(whole_of.get(UUID(t), UUID(int=0)), lost) for t in kept.themes] or [lost], np.int64)
    days, by_account, by_person = kept.days.copy(), kept.by_account.copy(), kept.by_person.copy()
    for table in (days, by_account, by_person):
        table[:, 0] = of[table[:, 0]]
    extra = _only_for(actor, whole_of, wholes)
    accounts = {a: n for n, a in enumerate(kept.accounts)}
    for one in extra:
        if one[4] is not None:
            accounts.setdefault(str(rows.ident(one[4])), len(accounts))
    each = [(whole, _day(day), 1, rating is not None, state == "new") for whole, day, rating, state, *_ in extra]
    days = np.concatenate([days, _table(each, 5)])
    stars = np.concatenate([kept.stars, np.array([float(one[2] or 0) for one in extra])])
    more = [(one[0], accounts[str(rows.ident(one[4]))]) for one in extra if one[4] is not None]
    by_account = np.unique(np.concatenate([by_account, _table(more, 2)]), axis=0)
    more = [(one[0], _hashed(one[5])) for one in extra if one[4] is None]
    by_person = np.unique(np.concatenate([by_person, _table(more, 2)]), axis=0)
    return _sized(actor, today, wholes, days, stars, by_account, by_person, list(accounts))


def _only_for(actor: Actor, whole_of: dict[UUID, UUID], wholes: dict[UUID, int]) -> list[Any]:
    """(theme, day, rating, state, account, person) of what is not kept: what only some may see, or people put in."""
    near, params = reach_sql(actor, "df")
    columns = f"df.id, {DAY}, df.rating, df.state, {ACCOUNT}, {_PERSON}"
    said = rows.fetch(
        f"SELECT p.theme_id, {columns} FROM inbound_feedback df JOIN inbound_themenote p ON p.note_id = df.id{_CONTACT}"
        f" WHERE df.workspace_id = %s AND df.confidentiality > 0 AND {_LIVE} AND {near}"
        f" UNION ALL SELECT l.source_id, {columns} FROM inbound_theme t JOIN kernel_link l ON l.source_id = t.id"
        f" JOIN inbound_feedback df ON df.id = l.target_id{_CONTACT} WHERE t.workspace_id = %s"
        f" AND l.workspace_id = t.workspace_id AND l.kind = '{HOLDS}' AND {_LIVE} AND {near}",
        [actor.workspace_id, *params, actor.workspace_id, *params],
    )
    once = {}
    for theme, note, *rest in said:
        whole = whole_of.get(rows.ident(theme))
        if whole is not None:
            once[whole, note] = [wholes[whole], *rest]
    return list(once.values())


def _sized(
    actor: Actor, today: date, wholes: dict[UUID, int], days: Ints, stars: Reals, by_account: Ints, by_person: Ints,
    accounts: list[str],
) -> dict[UUID, Size]:  # fmt: skip
    many = len(wholes) + 1
    marks = np.array([(today - timedelta(days=30 * n)).toordinal() for n in range(MONTHS + 1)])
    month = (days[:, 1][:, None] <= marks[None]).sum(1)  # 0 is to come, 1 the last thirty days
    inside = (month >= 1) & (month <= MONTHS)
    at = days[inside, 0] * MONTHS + MONTHS - month[inside]
    months = np.bincount(at, weights=days[inside, 2], minlength=many * MONTHS).astype(int)
    notes, rated, new = (np.bincount(days[:, 0], weights=days[:, n], minlength=many).astype(int) for n in (2, 3, 4))
    summed = np.bincount(days[:, 0], weights=stars, minlength=many)
    customers = np.bincount(np.concatenate([by_account[:, 0], by_person[:, 0]]), minlength=many)
    known = [rows.key_of(UUID(a)) for a in accounts]
    pays = figures.paid(actor, known)
    revenue = None
    if pays is not None:
        each = np.array([pays.get(a, 0) for a in known] or [0])
        revenue = np.bincount(by_account[:, 0], weights=each[by_account[:, 1]], minlength=many).astype(np.int64)
    made = {}
    for theme, n in wholes.items():
        line = months[n * MONTHS : (n + 1) * MONTHS].tolist()
        made[theme] = Size(
            int(notes[n]), int(customers[n]), line[-1], line[-2], sum(line[-3:]), sum(line[-6:-3]), line,
            None if revenue is None else int(revenue[n]), int(rated[n]),
            float(summed[n] / rated[n]) if rated[n] else None, int(new[n]),
        )  # fmt: skip
    return {theme: size for theme, size in made.items() if size.notes}
