"""People: guests known by what one browser holds, accounts that sign in, their sessions and their roles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

GUEST = "guest"
ACCOUNT = "account"
# Who wrote a text whose account is gone.
GONE = "gone"

# How long a session lives without being used, and at most (see `Kind`).
MAIN_SLIDING, MAIN_ABSOLUTE = timedelta(days=30), timedelta(days=90)
EMBED_SLIDING, EMBED_ABSOLUTE = timedelta(hours=24), timedelta(days=14)
# Use of a session is written down this often, not at every request.
SEEN_EVERY = timedelta(hours=1)
# Deleting an account, a new address, a new passkey and the like ask for a sign-in not older than this.
FRESH = timedelta(minutes=15)


class Kind(StrEnum):
    """What a session may do: a first-party one everything its person may, one of a frame only what readers do, on one
    site."""

    MAIN = "main"
    EMBED = "embed"


class Role(StrEnum):
    """What somebody is on a site. Each may do what those before it may."""

    READER = "reader"
    TRUSTED = "trusted"
    MODERATOR = "moderator"
    EDITOR = "editor"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """0 for readers, rising."""
        return list(Role).index(self)


class State(StrEnum):
    """Where an account stands: signed in with, switched off by an operator, or on its way out (see `erase`)."""

    ACTIVE = "active"
    DISABLED = "disabled"
    ERASING = "erasing"


@dataclass(frozen=True, slots=True)
class Guest:
    """A guest of one site. Their name belongs to each comment, not to them. `is_new`: nobody has met them before."""

    site_id: int
    id: int
    is_new: bool = False


class Account(NamedTuple):
    """A person of this server, with fields in the order of the columns.

    `name` is unique by `skeleton` (its look-alike key). `email` counts for nothing until `email_verified_at` is set;
    `email_key` is what it is compared by. `locale`, `time_zone` and `theme` are "" or "auto" where the browser decides.
    `notify` holds the choices about notifications, as JSON. Of an account on its way out, `erase_texts` says how it
    leaves its comments, or `joining_id` which account gets them: one that stays itself.
    """

    id: int
    name: str
    skeleton: str
    email: str | None
    email_key: str | None
    email_verified_at: datetime | None
    locale: str
    time_zone: str
    theme: str
    is_owner: bool
    state: State
    notify: str
    erase_texts: bool | None
    joining_id: int | None
    created_at: datetime


class Session(NamedTuple):
    """A sign-in that lasts, with fields in the order of the columns.

    One of a frame belongs to a site and the origin it was made on, and ends with its parent (the first-party session it
    came from; a publisher's sign-in has none). A first-party one has a site where that publisher's word began it, and
    then counts only while nobody but that publisher says who this person is. `fresh_at` is when its person last proved
    who they are.
    """

    id: int
    token_hash: str
    kind: Kind
    account_id: int
    site_id: int | None
    parent_id: int | None
    origin: str
    agent: str
    created_at: datetime
    seen_at: datetime
    fresh_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking: a guest (known on one site), or an account with the session and its role on that site."""

    kind: str
    id: int
    account: Account | None = None
    session: Session | None = None
    role: Role = Role.READER

    @property
    def is_owner(self) -> bool:
        """Whether the whole server is theirs."""
        return self.account is not None and self.account.is_owner

    @property
    def is_trusted(self) -> bool:
        """Whether they have a role on the site."""
        return self.is_owner or self.role.rank >= Role.TRUSTED.rank


class FlowKind(StrEnum):
    """Things that are begun and then finished once."""

    MAIL = "mail"  # a link and a code sent by mail
    FINISH = "finish"  # somebody proved who they are and has no name here yet
    HANDOFF = "handoff"  # a first-party session hands a frame its own
    PASSKEY = "passkey"  # a challenge for an authenticator
    FIRST = "first"  # the first owner of a server


class Flow(NamedTuple):
    """Something begun, with fields in the order of the columns. `data` is JSON of its kind; it can be finished once,
    before `expires_at`, with no more than a few wrong codes (`attempts`)."""

    handle: str
    kind: FlowKind
    purpose: str
    code_hash: str
    email: str | None
    account_id: int | None
    session_id: int | None
    site_id: int | None
    data: str
    attempts: int
    created_at: datetime
    expires_at: datetime


class Identity(NamedTuple):
    """A sign-in elsewhere: with an identity provider (`issuer` is its key here) or a publisher (`issuer` is the site's
    id), who calls this person `subject`."""

    kind: str
    issuer: str
    subject: str
    account_id: int
    label: str
    created_at: datetime
    used_at: datetime | None


class Passkey(NamedTuple):
    """A passkey: `id` and `public_key` as unpadded base64url, `transports` separated by spaces."""

    id: str
    account_id: int
    public_key: str
    sign_count: int
    name: str
    transports: str
    backed_up: bool
    created_at: datetime
    used_at: datetime | None


def account_tag(account_id: int) -> str:
    """The cache tag of what shows this account."""
    return f"a:{account_id}"
