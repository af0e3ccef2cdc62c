"""Refuses every connection and name look-up that would leave this machine: no test reaches out unnoticed."""

import socket
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import pytest


class NetworkForbidden(RuntimeError):
    """A test tried to leave the machine. Not an `OSError`, so that no error handling takes it for a network failure."""


def is_local(host: object) -> bool:
    """Tell whether a host given to the socket layer stays here: loopback, the wildcard address, or no host at all."""
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return text.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def _check(host: object) -> None:
    if not is_local(host):
        raise NetworkForbidden(f"tests stay on loopback; this one wanted {host!r}")


@pytest.fixture(autouse=True, scope="session")
def loopback_only() -> Iterator[None]:
    """Guard this process for the whole session; programs it starts are not covered."""
    real_connect, real_connect_ex = socket.socket.connect, socket.socket.connect_ex
    real_look_up = socket.getaddrinfo

    def connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX:
            _check(address[0])
        real_connect(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        if self.family != socket.AF_UNIX:
            _check(address[0])
        return real_connect_ex(self, address)

    def look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        _check(host)
        return real_look_up(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        patch.setattr(socket.socket, "connect_ex", connect_ex)
        patch.setattr(socket, "getaddrinfo", look_up)
        yield
