"""The secrets of sources: made from the server's own key, and checked in constant time.

A webhook's secret is needed in clear to check a signature, so no hash of it would do. It is not
kept either: it is derived from the server's key and a salt beside the source, so the tables alone
open nothing, and a new salt is a new secret. The password of a mailbox is somebody else's and
must be kept: it is sealed (AES-GCM) under the server's key and bound to the server it was given for,
so that a changed address cannot be sent it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import string
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings

from threadline.later import later

if TYPE_CHECKING:
    from cryptography import exceptions as cryptography_errors
    from cryptography.hazmat.primitives.ciphers import aead
else:  # of use to mailboxes alone
    aead = later("cryptography.hazmat.primitives.ciphers.aead")
    cryptography_errors = later("cryptography.exceptions")

TOLERANCE = 300  # seconds that a sender's clock, or a replay, may be off
KEY_LENGTH = 24
_LETTERS = string.ascii_lowercase + string.digits
_MOST_SIGNATURES = 10


def new_key() -> str:
    """A name for the address: public, but not to be guessed."""
    return "".join(secrets.choice(_LETTERS) for _ in range(KEY_LENGTH))


def new_salt() -> str:
    """What makes the next secret another one."""
    return secrets.token_hex(32)


def secret_of(key: str, salt: str) -> str:
    """The secret of a source as its sender is told it: ``whsec_`` and 32 bytes in base64."""
    made = hmac.digest(_derived(settings.SECRET_KEY, "webhook"), f"{key}:{salt}".encode(), "sha256")
    return "whsec_" + base64.b64encode(made).decode()


def signature(secret: str, delivery: str, timestamp: str, body: bytes) -> str:
    """``v1,`` and the HMAC-SHA256 of id, timestamp and body, as Standard Webhooks 1.0.0 lays down."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    signed = hmac.digest(key, f"{delivery}.{timestamp}.".encode("utf-8", "surrogatepass") + body, "sha256")
    return "v1," + base64.b64encode(signed).decode()


def is_signed(secret: str, delivery: str, timestamp: str, signatures: str, body: bytes, now: float) -> bool:
    """Whether one of the signatures is right and the time near enough. Takes as long for a wrong one as for a right.

    Several signatures stand apart by blanks, so that a sender can change secrets without a gap.
    """
    fits = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12
    near = fits and abs(now - int(timestamp)) <= TOLERANCE
    named = 1 <= len(delivery) <= 200 and delivery.isascii() and delivery.isprintable()
    wanted = signature(secret, delivery, timestamp, body).encode()
    right = False
    for given in signatures.split(" ")[:_MOST_SIGNATURES]:
        right |= hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted)
    return bool(secret) and named and near and right


def stamp(key: str, at: float) -> str:
    """When a form was opened, signed: ``seconds.nonce.check``."""
    said = f"{int(at)}.{secrets.token_hex(8)}"
    return f"{said}.{_check(key, said)}"


def opened_at(key: str, given: str) -> int | None:
    """When the form of a stamp was opened; None for a stamp that is not ours."""
    said, _, check = given.rpartition(".")
    seconds = said.partition(".")[0]
    if not (given.isascii() and seconds.isdigit() and len(given) <= 120):
        return None
    return int(seconds) if hmac.compare_digest(check, _check(key, said)) else None


def mark_of(said: str) -> str:
    """A hash of an id, an address of a sender: enough to know it again, and under the server's key."""
    return hmac.digest(_derived(settings.SECRET_KEY, "mark"), said.encode("utf-8", "replace"), "sha256").hex()


def seal(secret: str, bound: str) -> str:
    """A secret that must be known again, closed under the server's key and opened only for what it is bound to."""
    nonce = secrets.token_bytes(12)
    closed = aead.AESGCM(_derived(settings.SECRET_KEY, "seal")).encrypt(nonce, secret.encode(), bound.encode())
    return base64.b64encode(nonce + closed).decode()


def unseal(sealed: str, bound: str) -> str | None:
    """The secret; None where the key or what it was bound to is another."""
    try:
        raw = base64.b64decode(sealed, validate=True)
        opened: bytes = aead.AESGCM(_derived(settings.SECRET_KEY, "seal")).decrypt(raw[:12], raw[12:], bound.encode())
        return opened.decode()
    except (binascii.Error, ValueError, cryptography_errors.InvalidTag):
        return None


def _check(key: str, said: str) -> str:
    return hmac.digest(_derived(settings.SECRET_KEY, "form"), f"{key}:{said}".encode(), "sha256").hex()[:32]


@cache
def _derived(server_key: str, what: str) -> bytes:
    return hashlib.sha256(f"threadline.intake.{what}:{server_key}".encode()).digest()
