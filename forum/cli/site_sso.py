"""`aftershow site sso`: let a publisher sign its own readers in, by tokens of its key."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Final

import typer

from forum.accounts.frames.sso_tokens import ALGORITHMS, EDDSA, HS256, LEAST_SECRET, SsoProblem, verifying_key
from forum.accounts.model import Role
from forum.cli.options import taking
from forum.cli.output import PROBLEM, complain, explaining, read_settings, say
from forum.cli.site import Key
from forum.db import Tx, open_database
from forum.serving.schema import require_schema
from forum.settings import Settings
from forum.sites import queries
from forum.sites.model import Site

MOST_ISSUER: Final = 300
MOST_KEY: Final = 10_000
ROLES: Final = tuple(role.value for role in Role if role is not Role.READER)
NO_ROLE: Final = "none"


def _one_of(words: tuple[str, ...]) -> object:
    def parse(text: str) -> str:
        found = {word.lower(): word for word in words}.get(text.lower())
        if found is None:
            raise typer.BadParameter(f"{text!r}: choose one of {', '.join(words)}")
        return found

    return parse


def _issuer(text: str) -> str:
    if not text.strip() or len(text) > MOST_ISSUER:
        raise typer.BadParameter(f"An issuer has 1 to {MOST_ISSUER} characters")
    return text.strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The options of `site sso`."""

    algorithm: Annotated[
        str | None,
        typer.Option(parser=_one_of(ALGORITHMS), metavar="EdDSA|HS256", help="How the publisher signs its tokens."),
    ] = None
    public_key: Annotated[
        str | None, typer.Option(metavar="FILE", help="With EdDSA: its Ed25519 public key, in PEM. - reads stdin.")
    ] = None
    secret_file: Annotated[
        str | None,
        typer.Option(metavar="FILE", help=f"With HS256: a secret of {LEAST_SECRET} bytes or more. - reads stdin."),
    ] = None
    issuer: Annotated[str | None, typer.Option(parser=_issuer, metavar="TEXT", help="What its tokens name as iss.")] = (
        None
    )
    role: Annotated[
        str,
        typer.Option(
            parser=_one_of((NO_ROLE, *ROLES)),
            metavar="ROLE",
            help=f"The highest role a token may grant on this site: {', '.join(ROLES)}, or none.",
        ),
    ] = NO_ROLE
    off: Annotated[bool, typer.Option("--off", help="Take no tokens of this site any more.")] = False

    def fields(self) -> dict[str, str]:
        """What changes of the site; raises typer.BadParameter for options that don't go together."""
        if self.off:
            return {"sso_algorithm": "", "sso_key": "", "sso_issuer": "", "sso_role": ""}
        if self.algorithm is None or self.issuer is None:
            raise typer.BadParameter("Say --algorithm and --issuer, or --off")
        key, role = self._key(self.algorithm), "" if self.role == NO_ROLE else self.role
        return {"sso_algorithm": self.algorithm, "sso_key": key, "sso_issuer": self.issuer, "sso_role": role}

    def _key(self, algorithm: str) -> str:
        source, other = self.public_key, self.secret_file
        if algorithm == HS256:
            source, other = other, source
        if source is None or other is not None:
            raise typer.BadParameter("EdDSA takes --public-key, HS256 takes --secret-file, and neither the other's")
        text = _read(source).strip()
        try:
            verifying_key(algorithm, text)
        except SsoProblem as problem:
            raise typer.BadParameter(_WRONG_KEY[algorithm]) from problem
        return text


_WRONG_KEY: Final = {
    EDDSA: "That is no Ed25519 public key in PEM (-----BEGIN PUBLIC KEY-----). A private key stays with the publisher.",
    HS256: f"A secret has {LEAST_SECRET} bytes or more: make one with `openssl rand -hex 32`.",
}


def _read(source: str) -> str:
    try:
        text = sys.stdin.read(MOST_KEY) if source == "-" else Path(source).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{source} cannot be read: {error}") from error
    return text[:MOST_KEY]


@taking(Wanted)
def sso(key: Key, wanted: Wanted) -> None:
    """Let the publisher of a site sign its own readers in by tokens of its key. Running servers follow in a second."""
    fields = wanted.fields()

    async def work(settings: Settings) -> Site | None:
        async with open_database(settings.database_url) as db:

            async def change(tx: Tx) -> Site | None:
                found = {site.key: site for site in await queries.list_sites(tx)}.get(key)
                if found is not None:
                    await queries.update_site(tx, replace(found, **fields))  # type: ignore[arg-type]
                return found

            return await db.write(change)

    with explaining():
        settings = read_settings()
        require_schema(settings, say)
        site = asyncio.run(work(settings))
    if site is None:
        complain(f"There is no site {key!r} here. `aftershow site list` shows those there are.")
        raise typer.Exit(PROBLEM)
    if wanted.off:
        say(f"{key} takes no tokens any more. Who is signed in by one stays so for 14 days at most.")
        return
    say(f"{key} takes tokens signed with {wanted.algorithm} that name {wanted.issuer} as iss and")
    say(f"{settings.public_url} as aud. docs/publishers.md shows how to make them.")
