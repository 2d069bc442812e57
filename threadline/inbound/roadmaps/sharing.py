"""The keys of share links: made from the server's own key, so that the tables alone open nothing."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string
from datetime import date

from django.conf import settings

from threadline.inbound.roadmaps import audiences
from threadline.inbound.roadmaps.models import Roadmap, ShareLink, Sharing
from threadline.kernel import rows
from threadline.kernel.access import Actor, actor_of, reach
from threadline.kernel.errors import Forbidden

LENGTH = 24
_LETTERS = string.ascii_lowercase + string.digits


def key_of(salt: str) -> str:
    """The key in the address: 24 letters and digits, about 124 bits, from the server's key and the salt."""
    root = hashlib.sha256(f"threadline.roadmaps.share:{settings.SECRET_KEY}".encode()).digest()
    number = int.from_bytes(hmac.digest(root, salt.encode(), "sha256"))
    made = []
    for _ in range(LENGTH):
        number, at = divmod(number, len(_LETTERS))
        made.append(_LETTERS[at])
    return "".join(made)


def hash_of(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def begin(link: ShareLink, member_id: object) -> Sharing:
    """Make the key of a link that has none yet."""
    salt = secrets.token_hex(32)
    made = rows.blank(
        Sharing, workspace_id=link.workspace_id, link_id=link.pk, member_id=member_id, salt=salt,
        key_hash=hash_of(key_of(salt)),
    )  # fmt: skip
    rows.insert(made)
    return made


def address_of(actor: Actor, link: ShareLink) -> str:
    """Where a link leads, for somebody who has it within reach; blank for one that came without a key."""
    found = Sharing.objects.filter(workspace_id=actor.workspace_id, link_id=link.pk).first()
    return f"{settings.BASE_URL}/roadmap/{key_of(found.salt)}" if found is not None else ""


def opened(key: str, today: date) -> tuple[Actor, ShareLink, Roadmap] | None:
    """Whose eyes a key lends, its link and its roadmap; None for an unknown, ended, revoked or unpublished one.

    Past reach: the key is the permission. It opens only while whoever made the link is a member and may see
    the roadmap; what is shown then is read with an outsider's eyes, never with theirs.
    """
    here = Sharing.objects.select_related("link__workspace", "member__workspace", "member__user")
    found = here.filter(key_hash=hash_of(key)).first()
    if found is None:
        return None
    link = found.link
    if link.archived_at is not None or link.state != "open" or link.expires_on is None or link.expires_on < today:
        return None
    try:
        actor = actor_of(found.member, "web", frozenset({"read"}))
    except Forbidden:
        return None
    roadmap = reach(actor, Roadmap).filter(pk=link.roadmap_id, archived_at=None, state="published").first()
    return (audiences.outsider(actor), link, roadmap) if roadmap is not None else None
