"""Questions about sources: how they fare, what they brought, and who a sender is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from threadline.inbound.intake import sealing
from threadline.inbound.intake.models import Delivery, FeedbackSource, Intake, KeptMail, Mailbox
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach
from threadline.kernel.cards import Card
from threadline.kernel.errors import NotFound
from threadline.kernel.members import Member
from threadline.kernel.registry import SQL, type_of

IMAPS, IMAP = 993, 143
Encryption = FeedbackSource.Encryption
A_MINUTE = 120  # deliveries of one source that are taken in a minute


def intake_of(source: FeedbackSource) -> Intake:
    """How a source is reached; begun when it is first asked for."""
    found = Intake.objects.filter(source=source).first()
    if found is None:
        made = Intake(source=source, workspace_id=source.workspace_id, key=sealing.new_key(), salt=sealing.new_salt())
        Intake.objects.bulk_create([made], ignore_conflicts=True)  # another request may be first
        found = Intake.objects.get(source=source)
    found.source = source
    return found


def intake_at(key: str, *ways: str) -> Intake | None:
    """The source of an address, if it is one of these ways in. Past reach: the address is the key."""
    here = Intake.objects.select_related("source__workspace").filter(key=key)
    return here.filter(source__way__in=ways, source__archived_at=None).first()


def mailbox_of(source: FeedbackSource) -> Mailbox:
    """How far a mailbox was read; begun when it is first asked for."""
    found = Mailbox.objects.filter(source=source).first()
    if found is None:
        Mailbox.objects.bulk_create([Mailbox(source=source, workspace_id=source.workspace_id)], ignore_conflicts=True)
        found = Mailbox.objects.get(source=source)
    found.source = source
    return found


def port_of(source: FeedbackSource) -> int:
    """The port of a mailbox, said or usual."""
    usual = IMAPS if (source.encryption or Encryption.TLS) == Encryption.TLS else IMAP
    return source.port or usual


def bound_to(source: FeedbackSource) -> str:
    """What a mailbox's password or access is given for. Changed, it must be given again."""
    parts = [str(source.pk), source.host.lower(), str(port_of(source)), source.encryption or "tls", source.user_name]
    if source.sign_in not in ("", FeedbackSource.SignIn.PASSWORD):
        parts += [source.sign_in, source.token_url, source.client_id]
    return "|".join(parts)


def opens(source: FeedbackSource) -> bool:
    """Whether a password is kept that was given for the server and name as they are now."""
    sealed = Mailbox.objects.filter(source=source).values_list("sealed", flat=True).first()
    return bool(sealed) and sealing.unseal(sealed or "", bound_to(source)) is not None


def mails_of(actor: Actor, note: UUID) -> list[KeptMail]:
    """The mails that a note within reach came of, the oldest first, for whoever may read private things."""
    actor.need("read_private", type_of("feedback").group)
    if not reach(actor, Card).filter(pk=note).exists():
        raise NotFound
    here = KeptMail.objects.filter(workspace_id=actor.workspace_id, note_id=note).select_related("delivery")
    return list(here.order_by("at", "pk")[:200])


def has_mail(note: UUID) -> bool:
    """Whether a note came by mail."""
    return KeptMail.objects.filter(note_id=note).exists()


def colleague_at(workspace_id: UUID, address: str) -> Member | None:
    """The member of a workspace with this address."""
    here = Member.objects.filter(workspace_id=workspace_id, left_at=None)
    return here.filter(user__email__iexact=address).first() if address else None


def sources(actor: Actor) -> list[Intake]:
    """Every source within reach, by name, each with how it fares."""
    found = list(reach(actor, FeedbackSource).filter(archived_at=None).order_by("title", "pk")[:500])
    known = {i.source_id: i for i in Intake.objects.filter(workspace_id=actor.workspace_id, source__in=found)}
    for source in found:
        if source.pk in known:
            known[source.pk].source = source
    return [known.get(source.pk) or intake_of(source) for source in found]


def latest(source: FeedbackSource, most: int = 20) -> list[Delivery]:
    """What a source brought last, the newest first."""
    return list(Delivery.objects.filter(source=source).select_related("note").order_by("-at", "-pk")[:most])


def one(actor: Actor, ident: UUID) -> FeedbackSource:
    """A source within reach, by id; raises NotFound."""
    found = reach(actor, FeedbackSource).filter(pk=ident).first()
    if found is None:
        raise NotFound
    return found


def shown(actor: Actor, deliveries: list[Delivery]) -> list[tuple[Delivery, Card | None]]:
    """Each delivery with the note it made, where the actor may see it."""
    notes = [d.note_id for d in deliveries if d.note_id]
    seen = {card.pk: card for card in reach(actor, Card).filter(pk__in=notes)}
    return [(d, seen.get(d.note_id) if d.note_id else None) for d in deliveries]


def is_flooding(intake: Intake) -> bool:
    """Whether a source has brought as much in the last minute as is taken in one."""
    since = rows.now() - timedelta(minutes=1)
    return Delivery.objects.filter(source_id=intake.source_id, at__gt=since).count() >= A_MINUTE


def delivered(source: FeedbackSource, marks: Iterable[str]) -> list[Delivery]:
    """What came before under one of these names, the newest first."""
    wanted = list(marks)[:50]
    here = Delivery.objects.filter(source=source, mark__in=wanted).select_related("note")
    return list(here.order_by("-at", "-pk"))


def trouble_of(actor: Actor, alias: str) -> SQL:
    """What went wrong last and was not mended since, as a column."""
    return f"SELECT i.problem FROM inbound_intake i WHERE i.source_id = {alias}.id", []


def taken_by(actor: Actor, alias: str) -> SQL:
    """How many notes a source brought, as a column."""
    return f"SELECT i.taken FROM inbound_intake i WHERE i.source_id = {alias}.id", []


def sender_of(actor: Actor, address: str, company: str = "") -> tuple[UUID | None, UUID | None]:
    """The contact and the account an address belongs to, as far as the actor sees and only where it is plain.

    The address itself first; then the account of its domain, or of a domain that it is below; then
    the account of that name. Two that fit are none. A claim all the same: anybody can write an address.
    """
    near = address.strip().lower()
    contacts: Any = reach(actor, type_of("contact").model).filter(archived_at=None)
    people = list(contacts.filter(email__iexact=near).values_list("pk", "account_id")[:2]) if near else []
    contact, employer = people[0] if len(people) == 1 else (None, None)
    if employer is not None:
        return contact, employer
    open_ones: Any = reach(actor, type_of("account").model).filter(archived_at=None)
    parts = near.rpartition("@")[2].split(".")
    domains = [".".join(parts[n:]) for n in range(len(parts) - 1)][:6]
    found: list[UUID] = []
    for domain in domains:
        found = found or list(open_ones.filter(domain__iexact=domain).values_list("pk", flat=True)[:2])
    if not found and company.strip():
        found = list(open_ones.filter(title__iexact=company.strip()[:300]).values_list("pk", flat=True)[:2])
    return contact, found[0] if len(found) == 1 else None
