"""Access to a mailbox that its provider gives instead of a password: a refresh token for an access token (RFC 6749, 6).

The refresh token and the client's secret are sealed like a password, bound to the mail server, the token server and
the client: changed, they must be given again. The access token is kept nowhere. A provider may hand out another
refresh token with it, which then takes the place of the one before.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import orjson

from threadline.fetching.addresses import Refused, Resolver, is_named_by_operator
from threadline.fetching.fetch import Failed, Limits, send_form
from threadline.fetching.mailboxes import Trouble
from threadline.inbound.intake import queries, sealing
from threadline.inbound.intake.models import FeedbackSource, Mailbox
from threadline.kernel import rows

SignIn = FeedbackSource.SignIn
TOKEN_URL = {
    SignIn.GOOGLE: "https://oauth2.googleapis.com/token",
    SignIn.MICROSOFT: "https://login.microsoftonline.com/common/oauth2/v2.0/token",
}
SCOPE = {SignIn.MICROSOFT: "https://outlook.office.com/IMAP.AccessAsUser.All offline_access"}
LONGEST = 8_000  # letters of a token
_LIMITS = Limits(seconds=20.0, sent=200_000, unpacked=200_000, hops=0)
_SAID = {
    "invalid_grant": "The access that was given to the mailbox has ended or was taken back. Give it again.",
    "invalid_client": "The token server does not know the client, or its secret is wrong.",
    "unauthorized_client": "The token server does not let this client ask for access to mails.",
    "invalid_scope": "The token server does not let this client ask for access to mails.",
}


def by_token(source: FeedbackSource) -> bool:
    """Whether a mailbox is opened with access that was given, and not with a password."""
    return source.sign_in not in ("", SignIn.PASSWORD)


def token_url(source: FeedbackSource) -> str:
    """Where access is asked for."""
    return source.token_url or TOKEN_URL.get(SignIn(source.sign_in), "")


def sealed_text(refresh: str, secret: str) -> str:
    """What is sealed: the refresh token, and the client's secret if it has one."""
    return orjson.dumps({"refresh": refresh, "secret": secret}).decode()


def access(source: FeedbackSource, mailbox: Mailbox, opened: str, resolver: Resolver | None = None) -> str:
    """An access token for the mailbox. Raises Trouble, in words that hold nothing the server said."""
    kept: dict[str, str] = orjson.loads(opened)
    status, answer = _asked(source, kept, resolver)
    token = answer.get("access_token")
    if status != 200 or not isinstance(token, str) or not 1 <= len(token) <= LONGEST or not token.isascii():
        raise Trouble(_SAID.get(str(answer.get("error")), f"The token server gave no access (it answered {status})."))
    fresh = answer.get("refresh_token")
    if isinstance(fresh, str) and fresh != kept["refresh"] and 1 <= len(fresh) <= LONGEST:
        mailbox.sealed = sealing.seal(sealed_text(fresh, kept["secret"]), queries.bound_to(source))
        rows.update(mailbox, ["sealed"])
    return token


def _asked(source: FeedbackSource, kept: dict[str, str], resolver: Resolver | None) -> tuple[int, dict[str, Any]]:
    url = token_url(source)
    parts = urlsplit(url)
    if parts.scheme != "https" and not is_named_by_operator(parts.hostname or "", parts.port or 80):
        raise Refused("A token server is asked by https alone.")
    fields = {"grant_type": "refresh_token", "refresh_token": kept["refresh"], "client_id": source.client_id}
    fields |= {"client_secret": kept["secret"]} if kept["secret"] else {}
    fields |= {"scope": SCOPE[SignIn(source.sign_in)]} if source.sign_in in SCOPE else {}
    try:
        status, body = send_form(url, fields, limits=_LIMITS, resolver=resolver)
        answer = orjson.loads(body) if body else {}
    except Failed as error:
        raise Trouble(f"The token server could not be asked. {error}") from None
    except ValueError as error:
        if isinstance(error, Refused):
            raise
        return status, {}
    return status, answer if isinstance(answer, dict) else {}
