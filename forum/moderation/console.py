"""What the pages of the console have in common: whose they are, on which site, the menu, how they are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from forum.accounts.model import Kind, Role
from forum.accounts.present import account_view
from forum.accounts.settings_pages import language_of
from forum.accounts.views import AccountView
from forum.comments.review.model import Queue
from forum.core.i18n import N_
from forum.errors import AftershowError, NotFound
from forum.moderation.guard import NOTHING, Moderator, mod_site, sites_of
from forum.moderation.verdicts import MOST, TOO_LONG
from forum.runtime import Runtime
from forum.sites.model import Site
from forum.web.headers import shell_headers
from forum.web.languages import Language
from forum.web.pages import personal_page
from forum.web.problems import sentences

HOME: Final = "/mod"
QUEUE_NAMES: Final[Mapping[str, str]] = {
    Queue.PENDING: N_("Pending"),
    Queue.REPORTED: N_("Reported"),
    Queue.SPOILERS: N_("Spoilers"),
    Queue.UNMODERATED: N_("Unmoderated"),
    Queue.SPAM: N_("Spam"),
    Queue.REMOVED: N_("Removed"),
    Queue.APPROVED: N_("Approved"),
}
# The rest of the menu: its key, where it leads, its name.
PLACES: Final = (
    ("discussions", "/mod/discussions", N_("Discussions")),
    ("rules", "/mod/rules", N_("Rules")),
    ("log", "/mod/log", N_("Log")),
)
# What people who are trusted, and no more, may see.
TRUSTED_QUEUES: Final = (Queue.SPOILERS,)
MODERATOR_QUEUES: Final = tuple(Queue)


@dataclass(frozen=True, slots=True)
class QueueLink:
    """A queue in the menu; `count` is a text ("1,000+"), None where it was not counted."""

    key: str
    name: str
    href: str
    count: str | None


@dataclass(frozen=True, slots=True)
class SiteLink:
    """A site one may moderate."""

    key: str
    name: str
    href: str


@dataclass(frozen=True, slots=True)
class UndoView:
    """What was done just now, and can be undone: one decision, or a batch; without either, by somebody else only.
    `about` leads to what it was about."""

    said: str
    decision_id: str = ""
    batch_id: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModPage:
    """What `mod.html` draws; pages add what they need. `here` is the key of the place in the menu. `said` is what was
    done just now and `error` what stood in the way: sentences marked with N_, or translated already."""

    person: AccountView
    site: SiteLink
    sites: tuple[SiteLink, ...]
    here: str
    queues: tuple[QueueLink, ...]
    places: tuple[tuple[str, str, str], ...]
    back: str
    theme: str = "auto"
    said: str = ""
    error: str = ""
    undo: UndoView | None = None


@dataclass(frozen=True, slots=True)
class Console:
    """A moderator at a page of the console, on one site."""

    rt: Runtime
    request: Request
    mod: Moderator
    site: Site
    sites: tuple[Site, ...]

    @property
    def language(self) -> Language:
        """The language of their choice, or else of their browser."""
        return language_of(self.mod.account, self.request)

    @property
    def may_moderate(self) -> bool:
        """Whether they may do more here than cover."""
        return self.mod.may(self.site.id, Role.MODERATOR)

    @property
    def queues(self) -> tuple[Queue, ...]:
        """The queues they may see."""
        return MODERATOR_QUEUES if self.may_moderate else TRUSTED_QUEUES

    @property
    def back(self) -> str:
        """This page, to come back to after something was undone; the list of queues after a form."""
        url = self.request.url
        return f"{url.path}?{url.query}" if self.request.method == "GET" and url.query else url.path

    def text(self, sentence: str, params: Mapping[str, object] | None = None) -> str:
        """A sentence marked with N_ in their language."""
        return self.language.text(sentence, params)

    def wrong(self, error: AftershowError | None) -> dict[str, str]:
        """What stood in the way, by field of a form; "" is the form itself. What is told has lengths of its own."""
        if error is None:
            return {}
        said = sentences(error, self.language)
        for one in error.errors:
            if one.code == "too_long" and one.loc in TOO_LONG:
                said[one.loc] = self.text(TOO_LONG[one.loc], {"most": self.language.number(MOST[one.loc])})
        return said

    def frame(self, here: str, counts: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The fields that every `ModPage` needs: `ThatPage(**console.frame("rules"), …)`. `counts`: texts by queue."""
        return {
            "person": account_view(self.mod.account, kind=Kind.MAIN),
            "site": _site_link(self.site),
            "sites": tuple(_site_link(site) for site in self.sites),
            "here": here,
            "back": self.back,
            "theme": self.mod.account.theme or "auto",
            "queues": tuple(
                QueueLink(queue, QUEUE_NAMES[queue], self.href(HOME, queue=queue), (counts or {}).get(queue))
                for queue in self.queues
            ),
            "places": tuple((key, self.href(path), name) for key, path, name in PLACES) if self.may_moderate else (),
        }

    def href(self, path: str, **query: object) -> str:
        """An address of the console on this site."""
        return f"{path}?{urlencode({'site': self.site.key, **{key: v for key, v in query.items() if v}})}"

    def page(self, template: str, page: ModPage, *, status: int = 200) -> Response:
        """A page for this moderator."""
        headers = shell_headers(None, https=self.rt.settings.secure_cookies)
        return personal_page(self.rt.renderer.page(template, page, self.language), headers, status)


def _site_link(site: Site) -> SiteLink:
    return SiteLink(site.key, site.name, f"{HOME}?{urlencode({'site': site.key})}")


async def open_console(
    rt: Runtime, request: Request, mod: Moderator, *, role: Role = Role.MODERATOR, key: str | None = None
) -> Console:
    """The console on the site in the address (`?site=`, or `key`), else on the first one where they are at least this;
    raises NotFound for one where they are not."""
    sites = tuple(await sites_of(rt, mod, role))
    if not sites:
        raise NotFound(detail=NOTHING)
    wanted = key if key is not None else request.query_params.get("site", "")
    site = await mod_site(rt, mod, wanted, role) if wanted else sites[0]
    return Console(rt, request, mod, site, sites)
