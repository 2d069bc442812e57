"""What may be done with a source, and what must hold of it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from threadline.inbound.intake import granting, queries, sealing
from threadline.inbound.intake.models import FeedbackSource, Intake, Mailbox
from threadline.kernel import rows, work
from threadline.kernel.access import Actor
from threadline.kernel.actions import action, through_door
from threadline.kernel.door import Door
from threadline.kernel.errors import Invalid

LOOK = "intake.look_into"  # the job that looks into one mailbox
MOST_SITES = 20
_HOST = re.compile(r"(?:\*\.)?[a-z0-9](?:[a-z0-9-]{0,62})(?:\.[a-z0-9](?:[a-z0-9-]{0,62}))*")


def framing(source: FeedbackSource) -> tuple[list[str], list[str]]:
    """The sites that may show a form, fit to stand in a header, and what was written that is none."""
    return origins(source.sites)


def origins(written: str) -> tuple[list[str], list[str]]:
    """Sites, one a line or word, as origins fit to stand in a header; and what was written that is none."""
    lines = written.split()
    fit = dict.fromkeys(site for site in map(_parts, lines) if site)
    return list(fit)[:MOST_SITES], [line for line in lines if not _parts(line)]


def _parts(line: str) -> str | None:
    """A site as an origin; it stands in a header, so nothing else may be in it."""
    try:
        parts = urlsplit(line.lower().rstrip("/"))
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    host = parts.netloc.removesuffix(port)
    fine = parts.scheme in ("http", "https") and _HOST.fullmatch(host) and not (parts.path or parts.query)
    return f"{parts.scheme}://{host}{port}" if fine and not parts.fragment else None


def settle_source(source: FeedbackSource) -> None:
    """What a mailbox needs, and nothing in it that could end a line of its protocol."""
    problems = []
    for name in ("host", "user_name", "folder", "vouching", "token_url", "client_id"):
        if any(ord(sign) < 32 or ord(sign) == 127 for sign in getattr(source, name)):
            problems.append((name, "A line break or another sign that cannot be meant stands in it."))
    if source.way == FeedbackSource.Way.MAILBOX:
        if not source.host:
            problems.append(("host", "Say which server has the mailbox, like imap.example.com."))
        if not source.user_name:
            problems.append(("user_name", "Say the name that the mailbox is opened with."))
        if granting.by_token(source):
            problems += _problems_of_access(source)
    if problems:
        raise Invalid(*problems)


def _problems_of_access(source: FeedbackSource) -> list[tuple[str, str]]:
    problems = []
    if source.encryption == FeedbackSource.Encryption.NONE and not source.token_url:
        problems.append(("encryption", "A provider's access is never sent without encryption."))
    if not source.client_id:
        problems.append(("client_id", "Say the client that the access was given to, as its provider names it."))
    url = granting.token_url(source)
    if urlsplit(url).scheme not in ("https", "http") or not urlsplit(url).hostname:
        problems.append(("token_url", "Say where access is asked for, like https://login.example.com/token."))
    return problems


@action(FeedbackSource, verb="update", label="Look now", states=("open",))
def look_into_mailbox(door: Door, *, feedback_source: FeedbackSource) -> FeedbackSource:
    """Look into the mailbox now instead of when its time comes."""
    if feedback_source.way != FeedbackSource.Way.MAILBOX:
        raise Invalid(("", "Only a mailbox is looked into. What comes otherwise comes by itself."))
    ident = str(feedback_source.pk)
    work.enqueue(LOOK, {"source": ident}, workspace_id=feedback_source.workspace_id, unique_key=f"{LOOK}:{ident}")
    return feedback_source


@action(FeedbackSource, verb="update", label="Pause", to="paused", states=("open",), bulk=True)
def pause_feedback_source(door: Door, *, feedback_source: FeedbackSource) -> FeedbackSource:
    """Take nothing more from it until it is resumed. Senders are told to try again later."""
    return door.change(feedback_source, {"state": "paused"})


@action(FeedbackSource, verb="update", label="Resume", to="open", states=("paused",), bulk=True)
def resume_feedback_source(door: Door, *, feedback_source: FeedbackSource) -> FeedbackSource:
    """Take in again what it brings."""
    Intake.objects.filter(source=feedback_source).update(problem="")
    Mailbox.objects.filter(source=feedback_source).update(failures=0, next_at=None)
    return door.change(feedback_source, {"state": "open"})


def rotate(actor: Actor, ref: Any) -> tuple[FeedbackSource, str]:
    """A new secret, which ends the one before at once; and its text, which is not shown again."""

    def run(door: Door) -> tuple[FeedbackSource, str]:
        source = door.get(FeedbackSource, ref)
        if source.way not in FeedbackSource.SIGNED:
            raise Invalid(("", "Only a webhook has a secret of ours."))
        intake = queries.intake_of(source)
        intake.salt = sealing.new_salt()
        rows.update(intake, ["salt"])
        door.change(source, {"secret_made_at": rows.now()})
        return source, sealing.secret_of(intake.key, intake.salt)

    return through_door(actor, "rotate_secret", run)


def keep_password(actor: Actor, ref: Any, password: str) -> FeedbackSource:
    """Seal the password of a mailbox. It opens no other server than the one named now."""
    if not 1 <= len(password) <= 1_000 or any(ord(sign) < 32 or ord(sign) == 127 for sign in password):
        raise Invalid(("password", "Give the password of the mailbox, on one line."))

    def run(door: Door) -> FeedbackSource:
        source = door.get(FeedbackSource, ref)
        if source.way != FeedbackSource.Way.MAILBOX or granting.by_token(source):
            raise Invalid(("", "Only a mailbox that opens with one has a password."))
        return _sealed(door, source, password)

    return through_door(actor, "keep_password", run)


def keep_access(actor: Actor, ref: Any, refresh: str, secret: str = "") -> FeedbackSource:
    """Seal the access that a provider gave to a mailbox: its refresh token, and the client's secret if it has one."""
    for name, text, least in (("refresh", refresh, 1), ("secret", secret, 0)):
        plain = text.isascii() and text.isprintable() and " " not in text
        if not least <= len(text) <= granting.LONGEST or not plain:
            raise Invalid((name, "Give it as the provider shows it, on one line."))

    def run(door: Door) -> FeedbackSource:
        source = door.get(FeedbackSource, ref)
        if source.way != FeedbackSource.Way.MAILBOX or not granting.by_token(source):
            raise Invalid(("", "Only a mailbox that opens with a provider's access takes it."))
        return _sealed(door, source, granting.sealed_text(refresh, secret))

    return through_door(actor, "keep_access", run)


def _sealed(door: Door, source: FeedbackSource, text: str) -> FeedbackSource:
    mailbox = queries.mailbox_of(source)
    mailbox.sealed = sealing.seal(text, queries.bound_to(source))
    mailbox.failures, mailbox.next_at = 0, None
    rows.update(mailbox, ["sealed", "failures", "next_at"])
    Intake.objects.filter(source=source).update(problem="")
    door.change(source, {"secret_made_at": rows.now()})
    return source
