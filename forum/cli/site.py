"""`aftershow site`: add, list and edit the publishers whose articles are discussed here."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Final

import typer
from babel import Locale, UnknownLocaleError
from rich.table import Table

from forum.articles.service import configure_site
from forum.articles.urls import UrlProblem, normalise_origin
from forum.cli.options import taking
from forum.cli.output import PROBLEM, complain, explaining, read_settings, say, show
from forum.core.clock import SystemClock
from forum.core.ids import IdMaker
from forum.db import Database, open_database
from forum.serving.schema import require_schema
from forum.settings import Settings
from forum.sites import queries
from forum.sites.model import Site, hash_secret, new_secret
from forum.sites.service import add_site
from forum.web.languages import DEFAULT, choose

MOST_NAME = 100
MOST_EXPIRY_DAYS = 36_500
NEVER, ANYWHERE = "never", "any"

app = typer.Typer(help="Add, list and edit sites: the publishers whose articles are discussed here.")


def _origin(text: str) -> str:
    try:
        return normalise_origin(text)
    except UrlProblem as error:
        raise typer.BadParameter(f"{text!r}: {error}. Write it like https://news.example") from error


def _language(text: str) -> str:
    """A language tag as `de` or `pt-BR`."""
    try:
        return str(Locale.parse(text.replace("_", "-"), sep="-")).replace("_", "-")
    except (UnknownLocaleError, ValueError) as error:
        raise typer.BadParameter(f"{text!r} is no language. Write it like en or pt-BR") from error


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > MOST_NAME:
        raise typer.BadParameter(f"A name has 1 to {MOST_NAME} characters")
    return name


@dataclass(frozen=True, slots=True)
class Days:
    """A number of days, or never: apart from None, which in `site edit` says that nothing changes."""

    count: int | None


def _days(text: str) -> Days:
    if text.strip().lower() == NEVER:
        return Days(None)
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > MOST_EXPIRY_DAYS:
        raise typer.BadParameter(f"{text!r}: days are a whole number from 0 to {MOST_EXPIRY_DAYS}, or {NEVER}")
    return Days(int(text))


def _region(text: str) -> str:
    """A region's two letters as in GB; "any" stands for all that are known."""
    if text.lower() == ANYWHERE:
        return ANYWHERE
    if not re.fullmatch(r"[A-Za-z]{2}", text):
        raise typer.BadParameter(f"{text!r} is no region. Write its two letters as in GB, or {ANYWHERE}")
    return text.upper()


def _regions(said: Sequence[str]) -> tuple[str, ...]:
    return () if ANYWHERE in said else tuple(dict.fromkeys(said))


Key = Annotated[str, typer.Argument(help="The site's short name in addresses: lower-case letters, digits, hyphens.")]


def _name_option(help: str) -> Any:
    return typer.Option(parser=_name, metavar="NAME", help=help)


def _origin_option(help: str) -> Any:
    return typer.Option("--origin", parser=_origin, metavar="ORIGIN", help=help)


LANGUAGE: Final = typer.Option(parser=_language, metavar="TAG", help="The language of its readers.")
GUESTS: Final = typer.Option("--guests/--no-guests", help="May people write with just a name?")
HOLD: Final = typer.Option("--hold/--no-hold", help="Does every comment wait for a moderator?")
STRIP_WWW: Final = typer.Option(
    "--strip-www/--no-strip-www", help="Is www.HOST the same site as HOST? Choose before the first article."
)
EXPIRY: Final = typer.Option(
    "--expiry-days",
    parser=_days,
    metavar="N|never",
    help="How many days after the last release a spoiler opens for readers who never said how far they are.",
)
REGIONS: Final = typer.Option(
    "--region",
    parser=_region,
    metavar="GB",
    help="Whose release dates count for that. Repeat for several; any: all that are known.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSite:
    """The options of `site add`."""

    name: Annotated[str, _name_option("What readers know the site as.")]
    origin: Annotated[
        list[str],
        _origin_option("Where its articles are (https://news.example). Repeat for several; no other may show them."),
    ]
    language: Annotated[str, LANGUAGE] = DEFAULT
    guests: Annotated[bool, GUESTS] = True
    hold: Annotated[bool, HOLD] = False
    strip_www: Annotated[bool, STRIP_WWW] = False
    expiry_days: Annotated[Days | None, EXPIRY] = None
    region: Annotated[list[str] | None, REGIONS] = None

    def draft(self, key: str, now: datetime) -> Site:
        """The site as it is asked for; adding it gives it an id and a secret."""
        return Site(
            id=0,
            key=key,
            name=self.name,
            language=self.language,
            origins=tuple(dict.fromkeys(self.origin)),
            guests=self.guests,
            hold=self.hold,
            strip_www=self.strip_www,
            secret_hash="",
            created_at=now,
            expiry_days=None if self.expiry_days is None else self.expiry_days.count,
            regions=_regions(self.region or ()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The options of `site edit`; what is None stays as it is."""

    name: Annotated[str | None, _name_option("A new name.")] = None
    origin: Annotated[list[str] | None, _origin_option("The new origins: they replace all earlier ones.")] = None
    language: Annotated[str | None, LANGUAGE] = None
    guests: Annotated[bool | None, GUESTS] = None
    hold: Annotated[bool | None, HOLD] = None
    strip_www: Annotated[bool | None, STRIP_WWW] = None
    expiry_days: Annotated[Days | None, EXPIRY] = None
    region: Annotated[list[str] | None, REGIONS] = None
    new_secret: Annotated[
        bool, typer.Option("--new-secret", help="Make a new secret key; the old one stops working.")
    ] = False

    def apply(self, site: Site) -> Site:
        """The site with the changes in place."""
        said = {
            "name": self.name,
            "origins": tuple(dict.fromkeys(self.origin or ())) or None,
            "language": self.language,
            "guests": self.guests,
            "hold": self.hold,
            "strip_www": self.strip_www,
        }
        changed: Site = replace(site, **{name: value for name, value in said.items() if value is not None})  # type: ignore[arg-type]
        if self.expiry_days is not None:
            changed = replace(changed, expiry_days=self.expiry_days.count)
        return changed if not self.region else replace(changed, regions=_regions(self.region))


@app.command("add")
@taking(NewSite)
def add(key: Key, wanted: NewSite) -> None:
    """Add a site. Its secret key is shown once and cannot be read again; `site edit` can make a new one."""
    clock = SystemClock()

    async def work(settings: Settings) -> tuple[Site, str]:
        async with open_database(settings.database_url) as db:
            return await add_site(db, IdMaker(clock), wanted.draft(key, clock.now()))

    with explaining():
        settings = read_settings()
        require_schema(settings, say)
        site, secret = asyncio.run(work(settings))
    say(f"Added {site.key}. Its pages embed their discussion with:\n\n{snippet(settings, site)}\n")
    _note_language(site.language)
    _tell_secret(secret)


@app.command("edit")
@taking(Changes)
def edit(key: Key, changes: Changes) -> None:
    """Change a site. What is not named stays as it is; running servers follow within a second."""
    secret = new_secret() if changes.new_secret else None

    async def work(settings: Settings) -> Site | None:
        async with open_database(settings.database_url) as db:
            found = {site.key: site for site in await _list(db)}.get(key)
            if found is None:
                return None
            changed = changes.apply(found)
            if secret is not None:
                changed = replace(changed, secret_hash=hash_secret(secret))
            await configure_site(db, changed)
            return changed

    with explaining():
        settings = read_settings()
        require_schema(settings, say)
        site = asyncio.run(work(settings))
    if site is None:
        complain(f"There is no site {key!r} here. `aftershow site list` shows those there are.")
        raise typer.Exit(PROBLEM)
    show(_table([site]))
    _note_language(changes.language or DEFAULT)
    if secret is not None:
        _tell_secret(secret)


@app.command("list")
def list_all() -> None:
    """Show every site."""

    async def work(settings: Settings) -> list[Site]:
        async with open_database(settings.database_url) as db:
            return await _list(db)

    with explaining():
        settings = read_settings()
        require_schema(settings, say)
        sites = asyncio.run(work(settings))
    if sites:
        show(_table(sites))
    else:
        say("There are no sites yet. Add one: aftershow site add KEY --name NAME --origin https://news.example")


async def _list(db: Database) -> list[Site]:
    async with db.read(fresh=True) as tx:
        return await queries.list_sites(tx)


def snippet(settings: Settings, site: Site) -> str:
    """What a publisher pastes into the pages of its articles."""
    return f'<script src="{settings.public_url}/static/embed.js" data-site="{site.key}" async></script>'


def _note_language(wanted: str) -> None:
    if choose(wanted).code.split("-")[0] != wanted.split("-")[0]:
        say(f"The interface is not translated to {wanted} yet: readers will see English.")


def _tell_secret(secret: str) -> None:
    say(f"Secret key, shown only now (Authorization: Bearer …): {secret}")


def _table(sites: Sequence[Site]) -> Table:
    table = Table("Key", "Name", "Origins", "Language", "Guests", "Held", "www", "Spoilers expire")
    for column in table.columns:
        column.overflow = "fold"
    for site in sites:
        flags = ("yes" if flag else "no" for flag in (site.guests, site.hold))
        www = "ignored" if site.strip_www else "counts"
        table.add_row(site.key, site.name, "\n".join(site.origins), site.language, *flags, www, _expiry(site))
    return table


def _expiry(site: Site) -> str:
    if site.expiry_days is None:
        return NEVER
    return f"{site.expiry_days} days" + (f" ({', '.join(site.regions)})" if site.regions else "")
