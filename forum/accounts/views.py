"""What pages and programs receive of a person."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccountView:
    """Who is signed in, or whose page it is. `url` is their profile, `hue` (0 to 11) the colour of their avatar.

    `role` is what they are on the site at hand, `badges` names what deserves one ("owner", "moderator"), `kind` the
    session: "main" or "embed" ("" where nobody's session is meant).
    """

    id: str
    name: str
    url: str
    hue: int
    role: str = "reader"
    badges: tuple[str, ...] = ()
    kind: str = ""
