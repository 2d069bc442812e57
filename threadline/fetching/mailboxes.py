"""Reading a mailbox of a stranger's server by IMAP: to a judged number, encrypted, cut at every limit.

Nothing is changed there: a folder is opened for reading, and mails are read without marking them.
"""

from __future__ import annotations

import base64
import contextlib
import imaplib
import re
import socket
import ssl
import threading
import time
from typing import Any

from threadline.formats.mail import LARGEST
from threadline.formats.refusal import Unreadable

SECONDS = 240  # of one conversation
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,12})")
_BEYOND_ASCII = re.compile(r"[^\x20-\x7e]+")


class Trouble(Exception):
    """Why a mailbox could not be read; the text is shown to the person."""


class MailServer:
    """A conversation with a mail server that ends when its time or its measure is up."""

    def __init__(self, host: str, number: str, port: int, tls: ssl.SSLContext) -> None:
        self.host, self.number, self.port, self.tls = host, number, port, tls
        self.imap: _Wire | None = None
        self.late = False
        self.timer = threading.Timer(SECONDS, self._cut)
        self.timer.daemon = True

    def __enter__(self) -> MailServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def begin(self, way: str) -> None:
        """Connect, encrypted as asked."""
        self.timer.start()
        try:
            with self._plainly():
                self.imap = _Wire(self.host, self.number, self.port, self.tls if way == "tls" else None)
                if way == "starttls":
                    self.imap.starttls(self.tls)
        except BaseException:
            self.close()
            raise

    def enter(self, name: str, password: str) -> None:
        """Sign in."""
        imap = self._wire()
        with self._plainly("The mail server refuses the name or the password."):
            if "AUTH=PLAIN" in imap.capabilities:
                imap.authenticate("PLAIN", lambda _: f"\0{name}\0{password}".encode())
            else:
                imap.login(name, password)

    def enter_by_token(self, name: str, token: str) -> None:
        """Sign in with an access token, as Google and Microsoft lay down (SASL XOAUTH2)."""
        imap, said = self._wire(), [f"user={name}\1auth=Bearer {token}\1\1".encode()]
        with self._plainly("The mail server refuses the access that was given for this name."):
            # Why it refuses comes as a question, which is answered with nothing.
            imap.authenticate("XOAUTH2", lambda _: said.pop() if said else b"")

    def choose(self, folder: str) -> int:
        """Open a folder for reading alone; its validity."""
        imap = self._wire()
        with self._plainly():
            quoted = _coded(folder).replace("\\", "\\\\").replace('"', '\\"')
            said, _ = imap.select(f'"{quoted}"', readonly=True)
            if said != "OK":
                raise Trouble(f"There is no folder called {folder[:60]} in the mailbox.")
            _, found = imap.response("UIDVALIDITY")
            number = found[0] if found else None
            return int(number) if isinstance(number, bytes) and number.isdigit() and len(number) < 12 else 0

    def search(self, asked: str) -> list[int]:
        """The numbers of mails."""
        imap = self._wire()
        with self._plainly():
            _, found = imap.uid("SEARCH", asked)
            return [int(n) for n in (found[0] or b"").split() if n.isdigit() and len(n) < 12]

    def size(self, uid: int) -> int:
        """How large a mail says it is."""
        imap = self._wire()
        with self._plainly():
            _, found = imap.uid("FETCH", str(uid), "(RFC822.SIZE)")
            said = _SIZE.search(b" ".join(_flat(found)))
            if said is None:
                raise Trouble("The mail server did not say how large a mail is.")
            return int(said[1])

    def mail(self, uid: int, *, head: bool) -> bytes:
        """A mail, or its head alone, without marking it as read."""
        imap = self._wire()
        with self._plainly():
            _, found = imap.uid("FETCH", str(uid), f"(BODY.PEEK[{'HEADER' if head else ''}])")
            for one in found or ():
                if isinstance(one, tuple) and len(one) == 2:
                    return bytes(one[1])
            raise Unreadable("The mail server did not give it.")

    def close(self) -> None:
        """Hang up."""
        self.timer.cancel()
        if self.imap is not None:
            with contextlib.suppress(Exception):
                self.imap.logout()
            with contextlib.suppress(OSError):
                self.imap.shutdown()

    def _wire(self) -> _Wire:
        assert self.imap is not None
        return self.imap

    def _cut(self) -> None:
        self.late = True
        if self.imap is not None:
            with contextlib.suppress(OSError):
                self.imap.sock.shutdown(socket.SHUT_RDWR)

    @contextlib.contextmanager
    def _plainly(self, refused: str = "The mail server broke off, or did not do as it was asked.") -> Any:
        """Whatever goes wrong on the wire, in words that hold nothing the server said."""
        try:
            yield
        except _TooMuch as error:
            raise Trouble("The mail server sent more than was asked for.") from error
        except ssl.SSLError as error:
            raise Trouble(
                "The encrypted connection could not be made: the certificate or the protocol is not in order."
            ) from error
        except imaplib.IMAP4.abort as error:
            raise Trouble(self._lost()) from error
        except imaplib.IMAP4.error as error:
            raise Trouble(refused) from error
        except (OSError, EOFError, ValueError) as error:
            if isinstance(error, Unreadable):
                raise
            raise Trouble(self._lost()) from error

    def _lost(self) -> str:
        return "The mail server took too long." if self.late else "The mail server did not answer, or broke off."


class _TooMuch(Exception):
    """More came than a mailbox may send."""


class _Wire(imaplib.IMAP4):
    """The protocol over a connection to the judged number; nothing is read without measure."""

    def __init__(self, host: str, number: str, port: int, tls: ssl.SSLContext | None) -> None:
        self._number, self._tls, self._left = number, tls, 6 * LARGEST
        self._began = time.monotonic()
        super().__init__(host, port, timeout=30)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        made = socket.create_connection((self._number, self.port), timeout)
        try:
            return self._tls.wrap_socket(made, server_hostname=self.host) if self._tls else made
        except BaseException:
            made.close()
            raise

    def read(self, size: int) -> bytes:
        """So many bytes, as the server announced them."""
        if size > LARGEST + 4_096:
            raise _TooMuch
        return self._counted(super().read(size))

    def readline(self) -> bytes:
        """One line, which is never long."""
        return self._counted(super().readline())

    def _counted(self, came: bytes) -> bytes:
        self._left -= len(came) + 32
        if self._left < 0 or time.monotonic() - self._began > SECONDS:
            raise _TooMuch
        return came


def _flat(found: Any) -> list[bytes]:
    return [p for one in found or () for p in (one if isinstance(one, tuple) else (one,)) if isinstance(p, bytes)]


def _coded(folder: str) -> str:
    """The name of a folder as the protocol writes it (RFC 3501, 5.1.3)."""

    def far(found: re.Match[str]) -> str:
        coded = base64.b64encode(found[0].encode("utf-16-be", "replace")).decode().rstrip("=")
        return f"&{coded.replace('/', ',')}-"

    return _BEYOND_ASCII.sub(far, folder.replace("&", "&-"))
