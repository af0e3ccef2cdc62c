"""What the outbound client says: answers, refusals, failures; and how names become addresses."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from socket import SOCK_STREAM
from typing import Protocol

from forum.core.i18n import N_
from forum.errors import AftershowError


class EgressError(AftershowError):
    """A request to another server came to nothing."""

    status = 502
    code = "fetch_failed"
    title = N_("The other page could not be fetched")


class EgressRefused(EgressError):
    """Not allowed, now or later.

    Codes: bad_url, bad_scheme, has_credentials, port_not_allowed, address_not_allowed, too_many_redirects,
    too_large, bad_encoding.
    """


class EgressFailed(EgressError):
    """Did not work this time. Codes: unresolved, unreachable, bad_certificate, timed_out, broken_answer."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer of any status.

    `url` is where the redirects ended, header names are in lower case, `body` is unpacked, `charset` is what
    Content-Type names, unchecked.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    charset: str | None


class Resolver(Protocol):
    """Turns a host name into addresses, as text. Raises OSError when there are none."""

    async def __call__(self, host: str, port: int) -> Sequence[str]: ...


async def resolve_by_system(host: str, port: int) -> Sequence[str]:
    """What the operating system answers, without repetition, in its order of preference. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))
