"""Looking into a mailbox by IMAP: what came since the last time is taken in, nothing there is changed.

The server is a stranger: its number is judged as a page's is, its certificate must be good, and
what it sends is cut at every limit. Mails are read without marking them as read.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from threadline.fetching.addresses import Refused, Resolver, is_named_by_operator, number_of
from threadline.fetching.mailboxes import MailServer, Trouble
from threadline.formats.mail import LARGEST
from threadline.formats.refusal import Unreadable
from threadline.inbound.intake import granting, letters, queries, sealing, taking
from threadline.inbound.intake.models import FeedbackSource, Intake, Mailbox
from threadline.kernel import rows
from threadline.kernel.errors import Conflict, Forbidden, Invalid, NotFound

AT_ONCE = 50  # mails taken in one look; the rest soon after
USUALLY = timedelta(minutes=5)
LONGEST_WAIT = timedelta(days=1)
PORTS = (queries.IMAPS, queries.IMAP)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
Encryption = FeedbackSource.Encryption
Told = Callable[[int, int | None, str], None]


def look_into(source_id: UUID, told: Told | None = None, *, resolver: Resolver | None = None,
              tls: ssl.SSLContext | None = None) -> int:  # fmt: skip
    """Look into a mailbox once; what went wrong is written down. Returns how many mails were taken in."""
    source = FeedbackSource.objects.select_related("workspace").filter(
        pk=source_id, way=FeedbackSource.Way.MAILBOX, state="open", archived_at=None
    ).first()  # fmt: skip
    if source is None:
        return 0
    intake, mailbox = queries.intake_of(source), queries.mailbox_of(source)
    try:
        taking.as_source(source)  # whoever may take nothing in need not ask
        taken, more = _look(intake, mailbox, told or _nobody, resolver, tls)
    except (Trouble, Refused, Forbidden) as error:
        _failed(intake, mailbox, str(error))
        return 0
    mailbox.failures = 0
    _keep(mailbox, rows.now() + (timedelta(seconds=5) if more else USUALLY))
    return taken


def _nobody(done: int, total: int | None = None, note: str = "") -> None:
    """Told of progress when nobody waits."""


def _failed(intake: Intake, mailbox: Mailbox, said: str) -> None:
    """Wait twice as long after each failure: a name refused again and again would be locked out."""
    mailbox.failures = min(mailbox.failures + 1, 30)
    wait = min(USUALLY * 2 ** min(mailbox.failures, 10), LONGEST_WAIT)
    hours, minutes = divmod(round(wait.total_seconds() / 60), 60)
    again = f"{hours} h" if hours else f"{minutes} min"
    Intake.objects.filter(pk=intake.pk).update(
        problem=f"{said} It is tried again in {again}."[:300], problem_at=rows.now()
    )
    _keep(mailbox, rows.now() + wait)


def _keep(mailbox: Mailbox, next_at: datetime) -> None:
    mailbox.looked_at, mailbox.next_at = rows.now(), next_at
    rows.update(mailbox, ["bound", "validity", "last_uid", "failures", "looked_at", "next_at"])


def _look(intake: Intake, mailbox: Mailbox, told: Told, resolver: Resolver | None,
          tls: ssl.SSLContext | None) -> tuple[int, bool]:  # fmt: skip
    source, bound = intake.source, queries.bound_to(intake.source)
    opened = sealing.unseal(mailbox.sealed, bound) if mailbox.sealed else None
    if opened is None:
        what = "access" if granting.by_token(source) else "password"
        raise Trouble(f"The {what} is missing, or was given for another server or name. Give it again.")
    token = granting.access(source, mailbox, opened, resolver) if granting.by_token(source) else ""
    told(0, None, "asking the mail server")
    with _open(source, resolver, tls) as client:
        if token:
            client.enter_by_token(source.user_name, token)
        else:
            client.enter(source.user_name, opened)
        uids = _waiting(client, mailbox, f"{bound}|{source.folder}")
        Intake.objects.filter(pk=intake.pk).update(problem="")
        problems = []
        taken = 0
        for done, uid in enumerate(uids[:AT_ONCE]):
            if queries.is_flooding(intake):
                return taken, True
            told(done, len(uids), "taking in mails")
            try:
                _take(client, intake, uid)
                taken += 1
            except (Unreadable, Invalid, Conflict, NotFound) as error:
                problems.append(f"A mail could not be taken in: {error}")
            mailbox.last_uid = max(mailbox.last_uid, uid)
            rows.update(mailbox, ["last_uid"])
        if problems:
            taking.went_wrong(intake, problems[-1])
        return taken, len(uids) > AT_ONCE


def _waiting(client: MailServer, mailbox: Mailbox, bound: str) -> list[int]:
    """What came since the last time; at first what came since the source was made."""
    validity = client.choose(mailbox.source.folder or "INBOX")
    again = sealing.mark_of(bound)
    if mailbox.bound != again or mailbox.validity != validity:  # another folder, or one that was made anew
        mailbox.bound, mailbox.validity, mailbox.last_uid = again, validity, 0
    if mailbox.last_uid:
        found = client.search(f"UID {mailbox.last_uid + 1}:*")
    else:
        day = mailbox.source.created_at
        found = client.search(f"SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}")
    return sorted(uid for uid in found if uid > mailbox.last_uid)


def _take(client: MailServer, intake: Intake, uid: int) -> None:
    size = client.size(uid)
    held = ""
    if size > LARGEST:
        held = f"the mail has {size / 1024 / 1024:.0f} MB, of which only the head was read"
    raw = client.mail(uid, head=bool(held))
    letters.take_letter(intake, letters.read(intake, raw), held=held)


def _open(source: FeedbackSource, resolver: Resolver | None, tls: ssl.SSLContext | None) -> MailServer:
    way, port = source.encryption or Encryption.TLS, queries.port_of(source)
    host, number = number_of(source.host, port, PORTS, resolver)
    if way == Encryption.NONE and not is_named_by_operator(host, port):
        raise Refused(
            "Without encryption only a server that this server's operator named (FETCH_ALLOWED_HOSTS) is asked."
        )
    client = MailServer(host, number, port, tls or ssl.create_default_context())
    client.begin(str(way))
    return client
