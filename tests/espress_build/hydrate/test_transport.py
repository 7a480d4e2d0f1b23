"""Which IP addresses count as public, and which web addresses may be requested."""

from __future__ import annotations

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from espress_build.hydrate.client import parse_address
from espress_build.hydrate.responses import Refused
from espress_build.hydrate.transport import is_public, resolve_host

INNER = [
    str(ipaddress.IPv4Address(0)),
    "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "192.0.2.1", "198.18.0.1", "198.51.100.9", "203.0.113.9", "224.0.0.1", "233.252.0.1", "240.0.0.1",
    "255.255.255.255", "192.0.0.9", "192.88.99.1", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.1.2.3", "::127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::808:808",
    "2002:7f00:1::", "2002:c0a8:101::1", "fe80::1", "fe80::1%eth0", "fc00::1",
    "fd12::1", "fec0::1", "ff02::1", "2001::1", "2001:db8::1", "100::1", "5f00::1", "3fff::1", "no address", "",
]  # fmt: skip
OUTER = ["8.8.8.8", "93.184.215.14", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]


@pytest.mark.parametrize("text", INNER)
def test_addresses_that_are_not_public(text: str) -> None:
    assert not is_public(text)


@pytest.mark.parametrize("text", OUTER)
def test_addresses_that_are_public(text: str) -> None:
    assert is_public(text)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_equally_public_in_every_ipv6_form(plain: ipaddress.IPv4Address) -> None:
    number = int(plain)
    dressed = [
        ipaddress.IPv6Address((0xFFFF << 32) | number),
        ipaddress.IPv6Address((0x64FF9B << 96) | number),
        ipaddress.IPv6Address((0x2002 << 112) | (number << 80)),
    ]
    assert {is_public(str(one)) for one in dressed} == {is_public(str(plain))}


@given(st.ip_addresses())
def test_nothing_that_the_standard_library_calls_private_is_public(
    one: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if one.is_private or one.is_loopback or one.is_link_local or one.is_multicast or one.is_unspecified:
        carried = isinstance(one, ipaddress.IPv6Address) and one.ipv4_mapped
        assert carried or not is_public(str(one))


@pytest.mark.parametrize("name", ["2130706433", "0x7f.1", "127.1", "0177.0.0.1", "localhost"])
def test_other_spellings_of_loopback_are_not_public(name: str) -> None:
    assert not any(map(is_public, resolve_host(name, 80)))


def test_a_failing_resolver_does_not_mean_that_the_host_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for number, reason in ((socket.EAI_AGAIN, "no_connection"), (socket.EAI_NONAME, "host_not_found")):

        def fail(*_: object, said: int = number, **__: object) -> None:
            raise socket.gaierror(said, "no")

        monkeypatch.setattr(socket, "getaddrinfo", fail)
        with pytest.raises(Refused) as error:
            resolve_host("news.example", 80)
        assert error.value.reason == reason


@pytest.mark.parametrize(
    "url",
    ["", "news.example/story", "//news.example/", "ftp://news.example/", "file:///etc/passwd", "javascript:alert(1)",
     "http://", "http:///story", "http://me:word@news.example/", "http://me@news.example/", "http://news.example:22/",
     "http://news.example:99999/", "http://[::1", "http://news.example/\x00", "http://" + "a" * 9000 + ".example/",
     "http://xn--/", "http://xn--a.example/"],
)  # fmt: skip
def test_addresses_of_other_kinds_are_refused(url: str) -> None:
    with pytest.raises(Refused) as error:
        parse_address(url)
    assert error.value.reason == "bad_address"


def test_an_address_is_asked_for_as_it_is_written() -> None:
    for url in ("http://news.example:80/a%2Fb//c?x=1&y=%C3%A1&z", "https://news.example/a;b=c/~d"):
        assert str(parse_address(url)).replace(":80", "") == url.replace(":80", "")
    assert str(parse_address("http://news.example/á 記#part")) == "http://news.example/%C3%A1%20%E8%A8%98"
    assert parse_address("http://zprávy.example/").raw_host == "zprávy.example".encode("idna")
    assert parse_address("http://news.example:8080/", frozenset({8080})).port == 8080
