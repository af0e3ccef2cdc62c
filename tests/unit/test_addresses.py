"""Which network addresses the outbound client may connect to."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.web.addresses import is_local, is_public


@pytest.mark.parametrize("text", ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "64:ff9b::808:808"])
def test_ordinary_addresses_are_public(text: str) -> None:
    assert is_public(ip_address(text))
    assert not is_local(ip_address(text))


@pytest.mark.parametrize("text", ["127.0.0.1", "10.0.0.1", "192.168.7.7", "::1", "fd12::1"])
def test_the_development_setting_opens_loopback_and_private_networks(text: str) -> None:
    assert is_local(ip_address(text))
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", ["169.254.169.254", "fe80::1", "100.64.0.1", "0.0.0.0", "ff02::1", "::ffff:127.0.0.1"])  # noqa: S104
def test_some_addresses_are_never_contacted(text: str) -> None:
    assert not is_local(ip_address(text))
    assert not is_public(ip_address(text))


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_no_way_around(inner: IPv4Address) -> None:
    for carrier in (0xFFFF << 32, 0x64FF9B << 96, 0x2600 << 112 | 0x5EFE << 32):
        assert is_public(IPv6Address(carrier | int(inner))) is is_public(inner)
    assert is_public(IPv6Address(0x2002 << 112 | int(inner) << 80)) is is_public(inner)


@given(st.ip_addresses())
def test_what_the_library_calls_inside_is_never_public(address: IPv4Address | IPv6Address) -> None:
    inside = (address.is_private, address.is_loopback, address.is_link_local, address.is_multicast)
    assert not (any(inside) and is_public(address))
