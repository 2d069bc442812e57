"""Which addresses may be fetched: the text of a URL, and the numbers that its name leads to.

A name is looked up once, every number it gives is judged, and the connection is made to the
number that was judged. So a name that answers differently the second time changes nothing.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from django.conf import settings

Resolver = Callable[[str, int], Sequence[str]]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

LONGEST = 2_000
USUAL_PORTS = (80, 443)
# 127.1, 0x7f.1, 2130706433: what inet_aton takes for a number, whatever a person takes it for.
_NUMERIC = re.compile(r"(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+)){0,3}")
_QUAD = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)")
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_][a-z0-9_-]{0,62})*")
_UNFIT = re.compile(r"[\x00-\x20\x7f\\\ud800-\udfff]")
_KEPT = "/%:@!$&'()*+,;=~-._?[]"  # characters of a path that stand as they are
# Prefixes under which an IPv6 address carries an IPv4 one: whoever routes them goes where that one leads.
_CARRIERS = (
    (ipaddress.IPv6Network("64:ff9b::/96"), 0),
    (ipaddress.IPv6Network("64:ff9b:1::/48"), 0),
    (ipaddress.IPv6Network("2002::/16"), 80),
    (ipaddress.IPv6Network("::/96"), 0),
)


class Refused(ValueError):
    """An address that is not fetched; the text says why and is shown to the person."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where one request goes: ``address`` is the number that was judged, ``host`` the name it is asked by."""

    scheme: str
    host: str
    port: int
    path: str
    address: str

    @property
    def authority(self) -> str:
        """What the Host header says."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == {"http": 80, "https": 443}[self.scheme] else f"{name}:{self.port}"

    @property
    def url(self) -> str:
        """The whole address."""
        return f"{self.scheme}://{self.authority}{self.path}"


def look_up(host: str, port: int) -> list[str]:
    """The numbers of a name, as the system's resolver gives them. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


def target_of(url: str, resolver: Resolver | None = None) -> Target:
    """Judge an address and pin its number. Raises :class:`Refused` for one that must not be fetched."""
    scheme, host, port, path = _parts(url)
    if _is_allowed(host, port):
        return Target(scheme, host, port, path, _numbers(host, port, resolver or look_up)[0])
    if port not in (*USUAL_PORTS, *settings.FETCH_PORTS):
        raise Refused(f"Port {port} is not one that pages are fetched from.")
    numbers = _numbers(host, port, resolver or look_up)
    for number in numbers:
        if not is_public(number):
            raise Refused("This address leads into a private network and is not fetched.")
    return Target(scheme, host, port, path, numbers[0])


def number_of(host: str, port: int, usual: tuple[int, ...], resolver: Resolver | None = None) -> tuple[str, str]:
    """Judge a host that is asked for something else than pages: its name as it is asked by, and the pinned number."""
    name = _host(host.strip())
    if f"{name}:{port}" not in settings.FETCH_ALLOWED_HOSTS:
        if port not in usual:
            raise Refused(f"Port {port} is not one that this is asked at.")
        numbers = _numbers(name, port, resolver or look_up)
        if not all(is_public(number) for number in numbers) and name not in settings.FETCH_ALLOWED_HOSTS:
            raise Refused("This address leads into a private network and is not asked.")
        return name, numbers[0]
    return name, _numbers(name, port, resolver or look_up)[0]


def is_named_by_operator(host: str, port: int) -> bool:
    """Whether the server's operator named a host in FETCH_ALLOWED_HOSTS."""
    return f"{host}:{port}" in settings.FETCH_ALLOWED_HOSTS or host in settings.FETCH_ALLOWED_HOSTS


def _parts(url: str) -> tuple[str, str, int, str]:
    if len(url) > LONGEST or _UNFIT.search(url):
        raise Refused("The address is too long or holds characters that no address has.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Refused("This is not an address of a page.") from None
    if parts.scheme not in ("http", "https"):
        raise Refused("Only addresses that begin with http:// or https:// are fetched.")
    if "@" in parts.netloc or not host:
        raise Refused("The address names no host, or carries a name and password.")
    path = quote(parts.path or "/", safe=_KEPT)
    query = f"?{quote(parts.query, safe=_KEPT)}" if parts.query else ""
    usual = {"http": 80, "https": 443}[parts.scheme]
    return parts.scheme, _host(host), usual if port is None else port, path + query


def _host(host: str) -> str:
    """The name in the letters of the Internet; raises for what only looks like one."""
    if ":" in host:
        try:
            return str(ipaddress.IPv6Address(host))  # a scope (%eth0) is kept by urlsplit, and refused below
        except ValueError:
            raise Refused("This is not an address of a page.") from None
    try:
        plain = host.encode("idna").decode("ascii").lower() if not host.isascii() else host.lower()
    except UnicodeError:
        raise Refused("The name of the host cannot be read.") from None
    odd = _NUMERIC.fullmatch(plain) and not _QUAD.fullmatch(plain)
    if odd or not _NAME.fullmatch(plain) or (_QUAD.fullmatch(plain) and plain != host):
        raise Refused("The name of the host is written in a way that is not fetched.")
    return plain


def _is_allowed(host: str, port: int) -> bool:
    """Whether the operator named the host in FETCH_ALLOWED_HOSTS: for a page inside the own network."""
    return f"{host}:{port}" in settings.FETCH_ALLOWED_HOSTS or (
        host in settings.FETCH_ALLOWED_HOSTS and port in (*USUAL_PORTS, *settings.FETCH_PORTS)
    )


def _numbers(host: str, port: int, resolver: Resolver) -> Sequence[str]:
    if ":" in host or _QUAD.fullmatch(host):
        return [host]
    try:
        found = resolver(host, port)
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise Refused("There is no host of this name.")
    return found


def is_public(number: str) -> bool:
    """Whether a number is one of the open Internet, not of this machine, this network or a provider's inside."""
    try:
        address: Address = ipaddress.ip_address(number)
    except ValueError:
        return False  # a scope, or nothing that is a number
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            return False
        inner = _carried(address)
        if inner is not None:
            return inner.is_global and not inner.is_multicast
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.teredo is not None:
        return ipaddress.IPv4Address("0.0.0.0")  # noqa: S104 - tunnels to wherever: never
    for network, shift in _CARRIERS:
        if address in network:
            return ipaddress.IPv4Address((int(address) >> shift) & 0xFFFFFFFF)
    return None
