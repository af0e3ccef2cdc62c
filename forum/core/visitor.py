"""Who is asking, as far as a request shows it. Never taken from a body."""

from __future__ import annotations

from dataclasses import dataclass

from forum.core.capability import account_named


@dataclass(frozen=True, slots=True)
class Visitor:
    """Someone at the door.

    `token` is the capability of a guest, `main` the first-party session and `embed` the session of a frame that their
    browser sent: each checked to be one of ours (whose it is, and whether it still counts, the database knows), or
    None. `network` is the truncated address that rate limits count by (IPv4 address, IPv6 /64); it is never stored.
    """

    network: str
    token: str | None = None
    main: str | None = None
    embed: str | None = None

    @property
    def signed_in(self) -> bool:
        """Whether they sent a session, which may have ended."""
        return self.main is not None or self.embed is not None

    @property
    def counts_as(self) -> str | None:
        """What tells this person from others of their network: their account, however many sessions it has, or the
        capability of a guest."""
        held = self.embed or self.main or self.token
        if held is None:
            return None
        account = account_named(held)
        return f"token:{held[:32]}" if account is None else f"account:{account}"
