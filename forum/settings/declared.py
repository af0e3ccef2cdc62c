"""The settings themselves: each declared once with its type, default, allowed values and help."""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from forum.settings import mail, rules
from forum.settings.rules import Network, choice, required, setting, switch, whole

MAX_COMMENT_CHARACTERS: Final = 10_000  # an installation may allow less, never more


class WorkerMode(StrEnum):
    """Where outbox jobs are carried out."""

    INLINE = "inline"
    SEPARATE = "separate"


class LogFormat(StrEnum):
    """How log lines are written."""

    CONSOLE = "console"
    JSON = "json"


class LogLevel(StrEnum):
    """The least important line that is still written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How this installation runs. `load_settings` makes it; tests construct it with just what they need."""

    database_url: str = setting(
        rules.database_url,
        default="sqlite:///aftershow.db",
        allowed="`sqlite:///PATH` or `postgresql://USER:PASSWORD@HOST/NAME`",
        help="Where everything is stored. `sqlite:///` is followed by a path relative to the working "
        "directory, `sqlite:////` by an absolute one.",
        secret=True,
    )
    database_read_url: str | None = setting(
        rules.postgresql_url,
        allowed="`postgresql://USER:PASSWORD@HOST/NAME`",
        help="A streaming replica that answers reads. PostgreSQL only.",
        secret=True,
    )
    public_url: str = setting(
        rules.public_url,
        default="http://localhost:8000",
        allowed="`https://HOST[:PORT]` without a path; `http://` on loopback only (`localhost`, `127.0.0.1`)",
        help="The address readers reach this server at. Links, cookies and the check of a request's origin rest on it.",
    )
    secret_key: str = required(
        rules.secret,
        allowed=f"at least {rules.MIN_SECRET_CHARACTERS} characters that nobody can guess",
        help="Signs what must not be forged. When not given, one is made and kept beside an embedded "
        "database; PostgreSQL needs it given, the same for every process.",
    )
    host: str = setting(
        str,
        default="127.0.0.1",
        allowed="an address of this machine",
        help="The address `aftershow serve` listens on.",
    )
    port: int = whole(0, 65535, default=8000, help="The port `aftershow serve` listens on; 0 takes a free one.")
    trusted_proxies: tuple[Network, ...] = setting(
        rules.networks,
        allowed="addresses and networks, separated by commas",
        help="Reverse proxies whose `X-Forwarded-For` counts. Nobody else's does.",
    )
    worker: WorkerMode = choice(
        WorkerMode,
        default=WorkerMode.INLINE,
        help="Whether outbox jobs run inside `aftershow serve` or in an `aftershow worker` of their own.",
    )
    drain_seconds: int = whole(0, 300, default=30, help="How long a stopping server waits for requests under way.")
    cache_megabytes: int = whole(1, 65536, default=64, help="Memory for finished responses, in each process.")
    rate_limits: bool = switch(default="on", help="Whether writes are limited for each person and network.")
    rate_limit_storage: str = setting(
        rules.limit_storage,
        default="memory://",
        allowed=", ".join(f"`{scheme}…`" for scheme in rules.LIMIT_STORAGES),
        help="Where rate limits are counted. Several processes need a shared place (install `aftershow[redis]`).",
        secret=True,
    )
    egress_local: bool = switch(
        default="off",
        help="Whether article pages on loopback and private addresses may be fetched. For development only.",
    )
    egress_ports: frozenset[int] = setting(
        rules.ports,
        default="80,443",
        allowed="ports separated by commas",
        help="The ports outgoing requests may use.",
    )
    mail_url: str = setting(
        mail.mail_url_text,
        default=mail.NONE,
        allowed="`smtp://[USER:PASSWORD@]HOST[:PORT]`, `smtps://…`, `file:DIRECTORY` or `none`",
        help="How mail is sent; without it nobody can sign in by mail. `smtp://` (port 587) insists on STARTTLS, "
        "`smtps://` (port 465) is TLS from the beginning, and certificates are verified. Only a server on loopback "
        "(port 25) that wants no password is spoken to in plain text. `%40` stands for an `@` in a password. `file:` "
        "writes each mail into a directory instead, for development.",
        secret=True,
    )
    mail_from: str | None = setting(
        mail.mail_from_text,
        allowed="`ADDRESS` or `NAME <ADDRESS>`",
        help="Who mail is from. When not given, it is `no-reply@` the host of the public address.",
    )
    edit_window_minutes: int = whole(
        0, 1440, default=15, help="How many minutes authors may edit a comment for; 0 forbids it."
    )
    thread_depth: int = whole(
        1,
        12,
        default=6,
        help="Levels of replies drawn on one page; deeper ones continue on a page of their own.",
    )
    max_comment_length: int = whole(
        1, MAX_COMMENT_CHARACTERS, default=MAX_COMMENT_CHARACTERS, help="The longest comment, in characters."
    )
    metrics: bool = switch(default="off", help="Whether `/metrics` (Prometheus) answers on the public listener.")
    log_format: LogFormat = choice(LogFormat, default=LogFormat.CONSOLE, help="How log lines are written.")
    log_level: LogLevel = choice(
        LogLevel, default=LogLevel.INFO, help="The least important log line that is still written."
    )

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is an embedded file."""
        return self.database_url.startswith("sqlite:")

    @property
    def sqlite_path(self) -> Path:
        """The embedded database's file; raises `ValueError` with another engine."""
        return Path(rules.sqlite_file(self.database_url))

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies carry `Secure` and the `__Host-` prefix: always, except on plain-http loopback."""
        return self.public_url.startswith("https:")

    @property
    def public_origin(self) -> str:
        """Scheme, host and port as a browser sends them in `Origin`: a default port is left out."""
        return self.public_url.removesuffix(":443" if self.secure_cookies else ":80")

    @property
    def public_host(self) -> str:
        """The host of the public address, with its port unless that is the default one: how people know this server."""
        return self.public_origin.partition("://")[2]

    def trusts_proxy(self, address: str) -> bool:
        """Tell whether forwarded headers from this peer count; one without an IP address is never trusted."""
        try:
            peer = ip_address(address)
        except ValueError:
            return False
        return any(peer in network for network in self.trusted_proxies)
