"""Who is at the door: networks behind proxies, truncated addresses."""

import pytest
from starlette.requests import HTTPConnection

from forum.settings import load_settings
from forum.web.visitors import network_of, truncate


def connection(peer: str, *forwarded: str) -> HTTPConnection:
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    return HTTPConnection({"type": "http", "headers": headers, "client": (peer, 1)})


@pytest.mark.parametrize(
    ("peer", "forwarded", "network"),
    [
        ("203.0.113.9", (), "203.0.113.9"),
        ("203.0.113.9", ("192.0.2.1",), "203.0.113.9"),  # nobody trusted said so
        ("10.0.0.1", ("192.0.2.1",), "192.0.2.1"),
        ("10.0.0.1", ("1.1.1.1, 192.0.2.1",), "192.0.2.1"),
        ("10.0.0.1", ("1.1.1.1", "192.0.2.1"), "192.0.2.1"),  # the proxy added a line below the client's own
        ("10.0.0.1", ("192.0.2.1, 10.0.0.2",), "192.0.2.1"),
        ("10.0.0.1", ("nonsense",), "unknown"),
    ],
)
def test_only_trusted_proxies_name_the_visitor(peer: str, forwarded: tuple[str, ...], network: str) -> None:
    environ = {"AFTERSHOW_SECRET_KEY": "k" * 40, "AFTERSHOW_TRUSTED_PROXIES": "10.0.0.0/8"}
    assert network_of(connection(peer, *forwarded), load_settings(environ)) == network


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", "unknown"),
    ],
)
def test_addresses_are_truncated(address: str, kept: str) -> None:
    assert truncate(address) == kept
