"""A small mail server of the tests: one mailbox, spoken to by IMAP, that can misbehave on request."""

from __future__ import annotations

import base64
import re
import socket
import ssl
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass
class FakeIMAP:
    """Listens on this machine until closed. ``mails`` by UID; ``sizes`` are what it claims."""

    user: str = "desk@kittiwake.example"
    password: str = "pass wörd"
    mails: dict[int, bytes] = field(default_factory=dict)
    sizes: dict[int, int] = field(default_factory=dict)
    validity: int = 7
    folder: str = "INBOX"
    token: str = ""  # the access token that it takes, where it takes one
    tls: ssl.SSLContext | None = None
    floods: bool = False  # announces more than anybody asked for
    said: list[str] = field(default_factory=list)
    calls: int = 0

    def __post_init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.open = True
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self.open = False
        self.listener.close()

    def _serve(self) -> None:
        while self.open:
            try:
                taken, _ = self.listener.accept()
            except OSError:
                return
            self.calls += 1
            threading.Thread(target=self._talk, args=(taken,), daemon=True).start()

    def _talk(self, taken: socket.socket) -> None:
        try:
            if self.tls is not None:
                taken = self.tls.wrap_socket(taken, server_side=True)
            with taken, taken.makefile("rwb") as wire:
                wire.write(b"* OK ready\r\n")
                wire.flush()
                for line in wire:
                    self.said.append(line.decode("utf-8", "replace").rstrip())
                    tag, _, rest = line.decode("utf-8", "replace").rstrip().partition(" ")
                    if not self._answer(wire, tag, rest):
                        return
                    wire.flush()
        except (OSError, ValueError):
            return

    def _knows(self, wire: Any, verb: str) -> bool:
        """Whether the password or the access token is right; a wrong token is answered with a question first."""
        wire.write(b"+ \r\n")
        wire.flush()
        given = base64.b64decode(wire.readline()).decode()
        if "PLAIN" in verb:
            return given.split("\0") == ["", self.user, self.password]
        if given == f"user={self.user}\1auth=Bearer {self.token}\1\1":
            return True
        wire.write(b"+ eyJzdGF0dXMiOiJtYXJrZXItNDIifQ==\r\n")
        wire.flush()
        wire.readline()
        return False

    def _answer(self, wire: Any, tag: str, rest: str) -> bool:
        write = lambda said: wire.write(said.encode() if isinstance(said, str) else said)  # noqa: E731
        verb = rest.upper()
        if verb.startswith("CAPABILITY"):
            write("* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n")
        elif verb.startswith("AUTHENTICATE"):
            if not self._knows(wire, verb):
                write(f"{tag} NO who is this, the secret is marker-42\r\n")
                return True
        elif verb.startswith(("EXAMINE", "SELECT")):
            if f'"{self.folder}"' not in rest:
                write(f"{tag} NO none such\r\n")
                return True
            write(f"* {len(self.mails)} EXISTS\r\n* OK [UIDVALIDITY {self.validity}] fine\r\n")
        elif verb.startswith("UID SEARCH"):
            found = re.search(r"UID (\d+):\*", rest)
            least = int(found[1]) if found else 0
            uids = [u for u in self.mails if u >= least] or ([max(self.mails)] if self.mails else [])
            write(f"* SEARCH {' '.join(map(str, uids))}\r\n")
        elif verb.startswith("UID FETCH"):
            uid = int(rest.split()[2])
            mail = self.mails[uid]
            if "RFC822.SIZE" in verb:
                write(f"* 1 FETCH (UID {uid} RFC822.SIZE {self.sizes.get(uid, len(mail))})\r\n")
            else:
                mail = mail.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if "HEADER" in verb else mail
                size = 10**10 if self.floods else len(mail)
                write(f"* 1 FETCH (UID {uid} BODY[] {{{size}}}\r\n".encode() + mail + b")\r\n")
        elif verb.startswith("LOGOUT"):
            write(f"* BYE\r\n{tag} OK\r\n")
            return False
        write(f"{tag} OK done\r\n")
        return True


@dataclass
class FakeTokens:
    """A token server of OAuth 2 on this machine: what it was asked, and what it answers."""

    status: int = 200
    answer: bytes = b"{}"
    asked: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.asked.append(dict(parse_qsl(body.decode())) | {"to": self.path})
                self.send_response(outer.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(outer.answer)))
                self.end_headers()
                self.wfile.write(outer.answer)

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        self.http = HTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.http.server_port
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self) -> None:
        """Stop."""
        self.http.shutdown()
        self.http.server_close()


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A context for a server called localhost, and one for a client that trusts it alone."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "server.pem"
    file.write_bytes(pem + private)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    client = ssl.create_default_context(cadata=pem.decode())
    return server, client
