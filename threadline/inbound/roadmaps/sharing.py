"""The keys of share links: made from the server's own key, so that the tables alone open nothing."""

from __future__ import annotations

import secrets
from datetime import date

from django.conf import settings

from threadline.inbound import keys
from threadline.inbound.roadmaps import audiences
from threadline.inbound.roadmaps.models import Roadmap, ShareLink, Sharing
from threadline.kernel import rows
from threadline.kernel.access import Actor, actor_of, reach
from threadline.kernel.errors import Forbidden

_FOR = "roadmaps.share"


def key_of(salt: str) -> str:
    """The key in the address of a link."""
    return keys.key_of(_FOR, salt)


def begin(link: ShareLink, member_id: object) -> Sharing:
    """Make the key of a link that has none yet."""
    salt = secrets.token_hex(32)
    made = rows.blank(
        Sharing, workspace_id=link.workspace_id, link_id=link.pk, member_id=member_id, salt=salt,
        key_hash=keys.hash_of(key_of(salt)),
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
    found = here.filter(key_hash=keys.hash_of(key)).first()
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
