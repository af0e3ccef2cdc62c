"""Who is asking, as far as a request shows it. Never taken from a body."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Visitor:
    """Someone at the door.

    `token` is the capability their browser sent, checked to be one of ours (whose it is, the database knows), or None.
    `network` is the truncated address that rate limits count by (IPv4 address, IPv6 /64); it is never stored.
    """

    network: str
    token: str | None = None
