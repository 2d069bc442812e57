"""Keys in addresses that open one thing to whoever has them, made so that the tables alone open nothing."""

from __future__ import annotations

import hashlib
import hmac
import string

from django.conf import settings

LENGTH = 24
_LETTERS = string.ascii_lowercase + string.digits


def key_of(purpose: str, salt: str) -> str:
    """The key in an address: 24 letters and digits, about 124 bits, from the server's key, its use and the salt."""
    root = hashlib.sha256(f"threadline.{purpose}:{settings.SECRET_KEY}".encode()).digest()
    number = int.from_bytes(hmac.digest(root, salt.encode(), "sha256"))
    made = []
    for _ in range(LENGTH):
        number, at = divmod(number, len(_LETTERS))
        made.append(_LETTERS[at])
    return "".join(made)


def hash_of(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()
