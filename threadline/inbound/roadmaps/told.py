"""What was told to whom, whether the plan still holds it, and the note to write when it does not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from threadline.inbound.releases import queries as releasing
from threadline.inbound.releases import ripple
from threadline.inbound.roadmaps import audiences
from threadline.inbound.roadmaps.items import day_of
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach_sql
from threadline.planning import ranges

MOST = 500
_GONE = ("declined", "cancelled")


@dataclass(frozen=True, slots=True)
class Told:
    """An open commitment beside the plan as it is now."""

    id: UUID
    key: str
    title: str
    who: str
    words: str
    told_on: date | None
    promised_on: date | None
    about: tuple[str, str] | None  # key and title of the feature or release, where there is one in reach
    about_id: UUID | None
    state: str
    likely_on: date | None
    sure_on: date | None

    @property
    def without_plan(self) -> bool:
        """Whether nothing in the plan stands behind it."""
        return self.about is None or self.state in _GONE

    @property
    def late(self) -> int:
        """Days by which the plan's likely day lies behind the day they were told."""
        if self.promised_on is None or self.likely_on is None or self.state == "shipped":
            return 0
        return max((self.likely_on - self.promised_on).days, 0)

    @property
    def unsure(self) -> bool:
        """Whether it is likely in time, but not sure to be."""
        open_ = self.promised_on is not None and self.sure_on is not None and self.state != "shipped"
        return open_ and not self.late and self.sure_on > self.promised_on  # type: ignore[operator]

    @property
    def alarm(self) -> str:
        """What is wrong with it, in words; blank when the plan holds it."""
        if self.about is None:
            return "nothing in the plan stands behind it"
        if self.state in _GONE:
            return f"{self.about[0]} was {self.state}"
        if self.late:
            return f"likely {self.late} {'day' if self.late == 1 else 'days'} later than they were told"
        return "likely in time, but not sure" if self.unsure else ""


def open_commitments(
    actor: Actor, *, about: UUID | None = None, product: tuple[str, ...] = (), mine: bool = False
) -> list[Told]:
    """Open commitments within reach, each with the dates of what it is about; of one feature or release, if named.

    Those about a release that has the feature in its scope count as about the feature's, and the other way.
    """
    near, params = reach_sql(actor, "c")
    near_f, params_f = reach_sql(actor, "f")
    near_r, params_r = reach_sql(actor, "r")
    near_s, params_s = reach_sql(actor, "s")
    in_release = (
        "(SELECT l.source_id FROM kernel_link l JOIN inbound_release s ON s.id = l.source_id AND s.archived_at IS NULL"
        f" AND s.state <> 'cancelled' AND {near_s} WHERE l.target_id = f.id AND l.kind = 'scope'"
        " ORDER BY l.id DESC LIMIT 1)"
    )
    more = ""
    given: list[Any] = []
    if about is not None:
        more, given = " AND (c.feature_id = %s OR c.release_id = %s OR g.id = %s)", [about] * 3
    if mine:
        more, given = more + " AND c.owner_id = %s", [*given, actor.member_id]
    if product:
        named = f"workspace_id = %s AND name IN ({rows.marks(len(product))})"
        more += f" AND c.product_id IN (SELECT id FROM kernel_product WHERE {named})"
        given = [*given, actor.workspace_id, *product]
    found = rows.fetch(
        "SELECT c.id, c.number, c.title, c.told_to, c.words, c.told_on, c.promised_on,"
        " f.id, f.number, f.title, f.state, f.due_on, f.late_on, g.due_on,"
        " r.id, r.number, r.title, r.state, r.due_on, f.starts_on, g.starts_on"
        " FROM inbound_commitment c"
        f" LEFT JOIN inbound_feature f ON f.id = c.feature_id AND f.archived_at IS NULL AND {near_f}"
        f" LEFT JOIN inbound_release r ON r.id = c.release_id AND r.archived_at IS NULL AND {near_r}"
        f" LEFT JOIN inbound_release g ON g.id = {in_release}"
        f" WHERE {near} AND c.archived_at IS NULL AND c.state = 'open'{more}"
        f" ORDER BY c.promised_on, c.number LIMIT {MOST}",
        [*params_f, *params_r, *params_s, *params, *given],
    )
    told = [_told(row) for row in found]
    return _stretched(actor, told, found)


@ripple.touched_by
def commitments_touched(actor: Actor, feature: UUID) -> list[ripple.Touched]:
    """Open commitments that a feature leaves without ground when it is dropped."""
    about = [one for one in open_commitments(actor, about=feature) if one.state != "shipped"]
    return [ripple.Touched(one.key, one.title, "commitment", f"{one.who} was told") for one in about]


def _stretched(actor: Actor, told: list[Told], found: list[Any]) -> list[Told]:
    """Where nobody said by when it is sure, the estimates say it."""
    of: dict[str, list[tuple[float, float, float]]] = {}
    asked = list({t.about_id for t in told if t.about_id and t.likely_on and not t.sure_on})
    for (feature, _), points in releasing.features_estimated(actor, asked).items():
        of.setdefault(feature, []).append(points)
    made = []
    for one, row in zip(told, found, strict=True):
        starts, ratio = day_of(row[19]) or day_of(row[20]), ranges.stretch(of.get(str(one.about_id), ()))
        if ratio and starts and one.likely_on and starts <= one.likely_on and not one.sure_on:
            one = replace(one, sure_on=ranges.sure_by(starts, one.likely_on, ratio))
        made.append(one)
    return made


def _told(r: Any) -> Told:
    feature, release = r[7] is not None, r[14] is not None
    about = (f"F-{r[8]}", r[9]) if feature else (f"R-{r[15]}", r[16]) if release else None
    ident = rows.ident(r[7]) if feature else rows.ident(r[14]) if release else None
    likely = day_of(r[11]) or day_of(r[13]) if feature else None
    return Told(
        rows.ident(r[0]), f"CO-{r[1]}", r[2], r[3], r[4], day_of(r[5]), day_of(r[6]), about, ident,
        (r[10] if feature else r[17]) or "", likely or day_of(r[18]), day_of(r[12]) if feature else None,
    )  # fmt: skip


def note(told: Told, why: str = "") -> str:
    """The note to somebody who was told, drafted: their words first, then what holds now, in quarters or days.

    It names no reason of its own: what was said inside is for the writer to look at, not for the reader.
    """
    lines = [f"Hello {told.who},", ""]
    when = f"On {_said(told.told_on)} we told you" if told.told_on else "We told you"
    quoted = " ".join(told.words.split())
    lines += [f"{when}: “{quoted}”" if quoted else f"{when} of {told.title}."]
    if told.about is None or told.state in _GONE:
        lines += ["", "That has changed: it is not in our plan at present."]
    elif told.late and told.likely_on is not None:
        sure = told.sure_on or told.likely_on
        until = (
            audiences.quarter(sure)[0] if told.sure_on is None else f"between {_said(told.likely_on)} and {_said(sure)}"
        )
        lines += ["", f"That has moved. We now expect it {until if told.sure_on else f'in {until}'}."]
    elif told.unsure:
        lines += ["", "We still expect it then, but cannot be sure of the day. We write again as soon as we are."]
    else:
        lines += ["", "That still holds."]
    return "\n".join([*lines, "", "If this upsets your own plans, please tell us how.", ""])


def _said(day: date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else ""
