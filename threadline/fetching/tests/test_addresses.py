"""What must never be connected to, however it is written."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from threadline.fetching.addresses import Refused, is_public, target_of
from threadline.fetching.fetch import Failed, fetch
from threadline.fetching.tests.server import Stranger

INSIDE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.100.100.200", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::", "2002:c0a8:101::1", "2001:0:1::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1",
    "2001:db8::1", "fe80::1%eth0",
]  # fmt: skip
OUTSIDE = ["93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::1"]


@pytest.mark.parametrize("number", INSIDE)
def test_inside_addresses_are_known(number: str) -> None:
    """D1: every range that is not the open Internet."""
    assert not is_public(number)


@pytest.mark.parametrize("number", OUTSIDE)
def test_outside_addresses_are_known(number: str) -> None:
    assert is_public(number)


@pytest.mark.parametrize("number", INSIDE)
def test_d1_a_name_that_leads_inside_is_refused(number: str) -> None:
    """D1: one inside number among those of a name is enough."""
    with pytest.raises(Refused):
        target_of("http://rival.example/", lambda host, port: ["1.1.1.1", number])


@pytest.mark.parametrize(
    "host",
    [
        "2130706433", "0x7f.1", "0x7f000001", "127.1", "017700000001", "0177.0.0.1", "127.0.0.1.", "localhost.",
        "１２７.0.0.1", "①②⑦.0.0.1", "127。0。0。1", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
        "[fe80::1%25eth0]", "[fe80::1%eth0]", "[::]", "0", "0.0.0.0", "127.0.0.01", "a_b..c", "-x.example", "",
    ],
)  # fmt: skip
def test_d2_loopback_in_disguise_is_refused_without_a_packet(shut: Stranger, host: str, settings: Any) -> None:
    """D2: odd spellings of this machine; its listener hears nothing."""
    settings.FETCH_PORTS = (shut.port,)
    with pytest.raises(Refused):
        fetch(f"http://{host}:{shut.port}/")
    assert shut.seen == []


@pytest.mark.parametrize(
    "url",
    [
        "gopher://rival.example/", "file:///etc/passwd", "ftp://rival.example/", "javascript:alert(1)", "data:,x",
        "http://user:pass@rival.example/", "http://rival.example@127.0.0.1/", "http://127.0.0.1#@rival.example/",
        "http://rival.example:22/", "http://rival.example:25/", "http://rival.example:6379/", "http://rival.example:0/",
        "http://rival.example:99999/", "http://rival.example/\r\nX: y", "http://rival.example/ x", "http:///x",
        "http://rival.example\\@127.0.0.1/", "//rival.example/", "rival.example", "http://[::1/",
        "http://" + "a" * 3000,
    ],
)  # fmt: skip
def test_d5_odd_addresses_are_refused(url: str) -> None:
    """D5: names and passwords, ports, schemes and line breaks in addresses."""
    with pytest.raises(Refused):
        target_of(url, lambda host, port: ["1.1.1.1"])


def test_a_plain_address_is_pinned_and_asked_by_name() -> None:
    target = target_of("https://Rival.Example/prices?q=a b".replace(" ", "%20"), lambda host, port: ["1.1.1.1"])
    assert (target.host, target.port, target.address, target.path) == (
        "rival.example",
        443,
        "1.1.1.1",
        "/prices?q=a%20b",
    )
    assert target.authority == "rival.example"


def test_a_name_in_other_letters_is_asked_for_in_its_plain_form() -> None:
    assert target_of("http://bücher.example/é", lambda host, port: ["1.1.1.1"]).host == "xn--bcher-kva.example"


def test_d3_the_number_that_was_judged_is_the_one_that_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """D3: a name that answers differently the second time."""
    answers, called = [["1.1.1.1"], ["127.0.0.1"]], []

    def call(address: tuple[str, int], timeout: float) -> socket.socket:
        called.append(address)
        raise OSError("nobody there")

    monkeypatch.setattr(socket, "create_connection", call)
    with pytest.raises(Failed):
        fetch("http://rebinding.example/", resolver=lambda host, port: answers.pop(0))
    assert called == [("1.1.1.1", 80)]
    with pytest.raises(Refused):  # at the next visit it is judged again
        fetch("http://rebinding.example/", resolver=lambda host, port: answers.pop(0))
    assert len(called) == 1


def test_a_name_that_nobody_has_is_refused() -> None:
    def nobody(host: str, port: int) -> list[str]:
        raise socket.gaierror

    with pytest.raises(Refused, match="no host of this name"):
        target_of("http://nobody.example/", nobody)


def test_only_the_host_and_port_that_were_named_are_allowed(settings: Any) -> None:
    settings.FETCH_ALLOWED_HOSTS = frozenset({"10.0.0.5:8080", "wiki.example"})
    assert target_of("http://10.0.0.5:8080/").address == "10.0.0.5"
    assert target_of("http://wiki.example/", lambda host, port: ["10.0.0.9"]).address == "10.0.0.9"
    for url in ("http://10.0.0.5/", "http://10.0.0.6:8080/", "http://wiki.example:8080/", "http://x.wiki.example/"):
        with pytest.raises(Refused):
            target_of(url, lambda host, port: ["10.0.0.9"])
