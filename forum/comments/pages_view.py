"""Pages of a discussion put together: what the address asks for, and the context the template draws."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import Field

from forum.articles.model import ArticleRef, DiscussionState
from forum.articles.present import discussion_view, unknown_view
from forum.articles.views import DiscussionView
from forum.comments.fragments import Drawing
from forum.comments.json_ld import json_ld
from forum.comments.links import PageLinks
from forum.comments.model import Sort
from forum.comments.policy import may_post_as_guest
from forum.comments.present import comment_view
from forum.comments.service_read import Page
from forum.comments.tree import flatten
from forum.comments.views import Branch, ComposerView, OwnView, SortLink, ThreadPage
from forum.core.decision import Allow
from forum.runtime import Runtime
from forum.sites.model import Site
from forum.web.headers import shell_headers
from forum.web.inputs import PageParams
from forum.web.languages import Language, choose


class Look(PageParams):
    """Options every page of a discussion takes: language, and the looks an embed was given."""

    lang: Annotated[str | None, Field(max_length=35)] = None
    frame: Annotated[str | None, Field(pattern="^1$")] = None
    theme: Annotated[str | None, Field(pattern="^(auto|light|dark)$")] = None
    accent: Annotated[str | None, Field(pattern="^#?[0-9a-fA-F]{6}$")] = None

    def kept(self) -> tuple[tuple[str, str], ...]:
        """The options to repeat on links within the discussion."""
        pairs = {"lang": self.lang, "theme": self.theme, "accent": self.accent_code}
        return tuple((name, value) for name, value in pairs.items() if value)

    @property
    def accent_code(self) -> str | None:
        """The accent colour as six lower-case hexadecimal digits."""
        return self.accent.removeprefix("#").lower() if self.accent else None


class PageQuery(Look):
    """Which page of a discussion."""

    sort: Annotated[str | None, Field(pattern="^(newest|oldest)$")] = None
    after: Annotated[str | None, Field(max_length=40)] = None
    at: Annotated[str | None, Field(max_length=19)] = None

    @property
    def order(self) -> Sort:
        """The order asked for, newest first by default."""
        return Sort(self.sort or Sort.NEWEST)


@dataclass(frozen=True, slots=True)
class Viewing:
    """One page about to be drawn: whose site, which language, which links, framed or not, for one person or all."""

    rt: Runtime
    site: Site
    look: Look
    frame: bool
    links: PageLinks
    personal: bool = False

    @property
    def language(self) -> Language:
        """The language asked for, or else the site's."""
        return choose(self.look.lang, self.site.language)

    def headers(self) -> dict[str, str]:
        """The headers of this page."""
        https = self.rt.settings.secure_cookies
        return shell_headers(self.site.origins if self.frame else None, https=https)

    def drawing(self, own: dict[int, OwnView] | None = None) -> Drawing:
        """How this page draws its thread."""
        return Drawing(self.rt, self.language, self.links, own)

    def bare(self, discussion: DiscussionView) -> ThreadPage:
        """What all pages of a discussion have in common."""
        return ThreadPage(
            discussion=discussion,
            thread=self.drawing().thread(()),
            shown=0,
            sorts=(),
            composer=None,
            lang=self.language.code,
            frame=self.frame,
            personal=self.personal,
            theme=self.look.theme or "auto",
            accent=self.look.accent_code,
            origins=self.site.origins,
            full_href=discussion.permalink,
        )

    def composer(self, discussion: DiscussionView, *, parent_id: int | None = None) -> ComposerView | None:
        """The form to write in, where the discussion takes comments."""
        if discussion.state != DiscussionState.OPEN:
            return None
        return ComposerView(
            action=f"/embed/{self.site.key}/comments",
            site=self.site.key,
            url=None if discussion.id else discussion.url,
            discussion_id=discussion.id,
            parent_id=None if parent_id is None else str(parent_id),
            guests=isinstance(may_post_as_guest(self.site), Allow),
            max_length=self.rt.settings.max_comment_length,
        )


def conversation_page(viewing: Viewing, page: Page, query: PageQuery, drawing: Drawing) -> ThreadPage:
    """A page of conversations."""
    if page.discussion is None:
        raise ValueError("an unknown article has no conversations")
    rt, links = viewing.rt, viewing.links
    head = discussion_view(page.discussion, viewing.site, rt.settings.public_url)
    flat = flatten(page.nodes)
    first = query.after is None and query.at is None
    linked = None if viewing.frame or viewing.personal else json_ld(rt, head, flat)
    return replace(
        viewing.bare(head),
        thread=drawing.thread(page.nodes),
        shown=len(flat),
        sorts=tuple(_sort_link(links, sort, query.order, personal=viewing.personal) for sort in Sort),
        composer=viewing.composer(head),
        next_href=links.page(query.order, after=str(page.next_cursor)) if page.next_cursor else None,
        first_href=None if first else links.page(query.order),
        own_href=links.own(query.order),
        mine_href=None if viewing.personal else links.mine(),
        json_ld=linked,
    )


def _sort_link(links: PageLinks, sort: Sort, current: Sort, *, personal: bool) -> SortLink:
    href = links.own(sort) if personal else links.page(sort)
    return SortLink(sort.value, href, sort is current)


def thread_page(viewing: Viewing, page: Page, drawing: Drawing, *, after: int) -> ThreadPage:
    """The page of one comment's replies."""
    if page.discussion is None or page.focus is None:
        raise ValueError("a sub-thread hangs from a comment")
    rt, links, focus = viewing.rt, viewing.links, page.focus
    head = discussion_view(page.discussion, viewing.site, rt.settings.public_url)
    next_href = links.thread(focus.id, after=page.next_cursor.last) if page.next_cursor else None
    return replace(
        viewing.bare(head),
        thread=drawing.focused(focus, page.nodes),
        shown=1 + len(flatten(page.nodes)),
        composer=viewing.composer(head),
        next_href=next_href,
        first_href=links.page(at=focus.root_id) if not after else links.thread(focus.id),
        own_href=links.own(),
        mine_href=links.mine(),
        focus=Branch(comment_view(focus, rt.settings.public_url)),
    )


def unknown_page(viewing: Viewing, ref: ArticleRef, identifier: str | None) -> ThreadPage:
    """The page of an article that nobody has brought here: empty, ready to be announced and written in."""
    head = unknown_view(ref, viewing.site)
    composer = viewing.composer(head)
    return replace(
        viewing.bare(head),
        composer=None if composer is None else replace(composer, identifier=identifier),
        announce=f"/api/v1/sites/{viewing.site.key}/announce",
        identifier=identifier,
    )
