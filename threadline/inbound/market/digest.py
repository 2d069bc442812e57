"""The week's intelligence in a few lines, for the page and for the mail on Mondays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage

from threadline.inbound.market import queries
from threadline.inbound.market.models import DigestReader, Fact, Intel
from threadline.inbound.market.rules import today
from threadline.kernel import rows
from threadline.kernel.access import Actor, actor_of, reach
from threadline.kernel.changes import Change
from threadline.kernel.members import Member

DAYS = 7
MOST = 12


@dataclass(frozen=True, slots=True)
class Part:
    """Some lines under a heading: each has key, title and, where there is more to say, ``sub``."""

    title: str
    lines: list[dict[str, Any]] = field(default_factory=list)
    more: int = 0


@dataclass(frozen=True, slots=True)
class Digest:
    """What the last seven days brought, for one reader."""

    since: date
    parts: list[Part]

    @property
    def count(self) -> int:
        """How many things there are to say."""
        return sum(len(p.lines) + p.more for p in self.parts)


def of(actor: Actor, on: date | None = None) -> Digest:
    """What the week until ``on`` brought that this person may see; empty parts are left out."""
    until = on or today()
    since = until - timedelta(days=DAYS)
    parts = [_arrived(actor, since), _changed(actor, since), _old(actor, until), _troubled(actor)]
    return Digest(since, [p for p in parts if p.lines])


def _part(title: str, lines: Iterable[dict[str, Any]]) -> Part:
    every = list(lines)
    return Part(title, every[:MOST], max(len(every) - MOST, 0))


def _arrived(actor: Actor, since: date) -> Part:
    here = reach(actor, Intel).filter(archived_at=None, created_at__date__gte=since, state__in=("new", "used"))
    found = here.select_related("competitor").order_by("-importance", "-id")[: MOST * 20]
    names = dict(Intel.Importance.choices)
    return _part("Came in", ({"key": i.key, "title": i.title, "sub": names[i.importance]} for i in found))


def _changed(actor: Actor, since: date) -> Part:
    """Facts whose value became another one."""
    log = Change.objects.filter(
        workspace_id=actor.workspace_id, kind=Fact.kind, at__date__gte=since, version__gt=1, diff__has_key="value"
    )
    was: dict[Any, Any] = {}
    for card_id, diff in log.order_by("pk").values_list("card_id", "diff"):
        was.setdefault(card_id, diff["value"][0])
    found = reach(actor, Fact).filter(pk__in=list(was), archived_at=None).order_by("-updated_at")
    return _part("Facts that changed", ({"key": f.key, "title": f.title, "sub": f"was {was[f.pk]}"} for f in found))


def _day(day: date | None) -> str:
    return f"{day.day} {day:%b %Y}" if day else "then"


def _old(actor: Actor, until: date) -> Part:
    due = reach(actor, Fact).filter(archived_at=None, state="stands", good_until__lt=until).order_by("good_until")
    relied = {r.fact for r in queries.reliers(actor, [f.pk for f in due[: MOST * 20]])}
    ordered = sorted(due[: MOST * 20], key=lambda f: str(f.pk) not in relied)
    said = "cited, not checked since {}", "not checked since {}"
    lines = (
        {"key": f.key, "title": f.title, "sub": said[str(f.pk) not in relied].format(_day(f.checked_on))}
        for f in ordered
    )
    return _part("Facts to check again", lines)


def _troubled(actor: Actor) -> Part:
    bad = queries.health(actor, failing=True)
    return _part("Sources that cannot be read", ({"key": h.key, "title": h.title, "sub": h.problem} for h in bad))


# ---- by mail ----------------------------------------------------------------------------


def wants(actor: Actor) -> bool:
    """Whether this person has the digest by mail."""
    return DigestReader.objects.filter(member_id=actor.member_id).exists()


def subscribe(actor: Actor, on: bool) -> None:
    """Have it, or no longer. A choice of one's own, like a theme: no record, no log."""
    mine = DigestReader.objects.filter(member_id=actor.member_id)
    if not on:
        mine.delete()
    elif not mine.exists():
        rows.insert(DigestReader(member_id=actor.member_id, workspace_id=actor.workspace_id))


def due(on: date) -> list[Any]:
    """Members who want it and have not had that week's."""
    week = on - timedelta(days=on.weekday())
    waiting = DigestReader.objects.exclude(sent_on__gte=week).filter(member__left_at=None)
    return list(waiting.values_list("member_id", flat=True))


def send(member_id: Any, on: date) -> bool:
    """Send one person the week's digest, unless there is nothing to say; whether a mail went out."""
    member = Member.objects.select_related("user", "workspace").get(pk=member_id)
    actor = actor_of(member, face="job")
    made = of(actor, on)
    if not DigestReader.objects.filter(member_id=member_id).exclude(sent_on=on).update(sent_on=on):
        return False
    if not made.count:
        return False
    name = " ".join(member.workspace.name.split())
    mail = EmailMessage(f"{name}: the market this week", as_text(actor, made), to=[member.user.email])
    mail.extra_headers["Auto-Submitted"] = "auto-generated"
    mail.send()
    return True


def as_text(actor: Actor, made: Digest) -> str:
    """The mail: plain words and addresses on this server."""
    home = f"{settings.BASE_URL}/w/{actor.workspace.slug}"
    lines = [f"What the market did since {made.since:%Y-%m-%d}.", ""]
    for part in made.parts:
        lines += [part.title, "-" * len(part.title)]
        lines += [f"{one['title']} ({one['sub']})\n  {home}/{one['key']}" for one in part.lines]
        lines += [f"and {part.more} more"] if part.more else []
        lines += [""]
    return "\n".join([*lines, f"To have no more of these: {home}/intel/digest"])
