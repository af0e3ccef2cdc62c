"""Pages of a discussion put together: what the address asks for, and the context the template draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, field_validator

from forum.accounts.views import AccountView
from forum.articles.assumed import tidy, works_in
from forum.articles.model import ArticleRef, Discussion, DiscussionState
from forum.articles.present import discussion_view, unknown_view
from forum.articles.views import DiscussionView, WarningView
from forum.comments.bodies import Bodies
from forum.comments.cards import Cards, article_key, draw_article, draw_featured, drawn_own, linked_key, linked_of
from forum.comments.fragments import Drawing
from forum.comments.json_ld import MOST_COMMENTS, json_ld, subjects_of
from forum.comments.links import PageLinks
from forum.comments.model import Comment, Outline, Sort, Status, outline_of
from forum.comments.policy import may_post_as_guest
from forum.comments.present import comment_view, own_view
from forum.comments.service_read import NOTHING_OWN, Own, Page
from forum.comments.told import standing_views, told_about
from forum.comments.tree import Node, flatten, with_own
from forum.comments.veil import Veil
from forum.comments.veils import spoilers_view, veil_of
from forum.comments.views import ComposerView, OwnView, SortLink, SpoilersView, StandingView, ThreadPage
from forum.core.decision import Allow
from forum.core.ids import time_of
from forum.markup.html import Drawn
from forum.runtime import Runtime
from forum.sites.model import Site
from forum.web.headers import shell_headers
from forum.web.inputs import PageParams
from forum.web.languages import Language, choose, find


def _tidy_points(value: object) -> object:
    """Whatever an address says about spoilers can be read: what can't be understood is one more reason to cover."""
    return (tidy(value) or None) if isinstance(value, str) else value


def _tidy_works(value: object) -> object:
    return (" ".join(works_in(tidy(value))) or None) if isinstance(value, str) else value


class Look(PageParams):
    """Options every page of a discussion takes: language, and the looks an embed was given.

    `assumes` and `works` are an embed's too: points that this view covers beside those that are stored, and ids of
    works to choose from first. They are kept in the one spelling of `forum.articles.assumed`.
    """

    lang: Annotated[str | None, Field(max_length=35)] = None
    frame: Annotated[str | None, Field(pattern="^1$")] = None
    theme: Annotated[str | None, Field(pattern="^(auto|light|dark)$")] = None
    accent: Annotated[str | None, Field(pattern="^#?[0-9a-fA-F]{6}$")] = None
    assumes: Annotated[str | None, BeforeValidator(_tidy_points)] = None
    works: Annotated[str | None, BeforeValidator(_tidy_works)] = None

    @field_validator("lang", "frame", "theme", "accent", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        """An option left empty ("accent=") is one that was not chosen."""
        return None if value == "" else value

    @field_validator("lang")
    @classmethod
    def _known_language(cls, value: str | None) -> str | None:
        """Our own code of the language asked for: what is repeated on links and in keys is never what somebody sent."""
        language = find(value)
        return None if language is None else language.code

    def kept(self) -> tuple[tuple[str, str], ...]:
        """The options to repeat on links within the discussion."""
        pairs = {"lang": self.lang, "theme": self.theme, "accent": self.accent_code}
        pairs |= {"assumes": self.assumes, "works": self.works}
        return tuple((name, value) for name, value in pairs.items() if value)

    def fields(self) -> dict[str, Any]:
        """The options that a form hands on beside language, frame and theme."""
        return {"accent": self.accent_code, "assumes": self.assumes, "works": self.works}

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
    """One page about to be drawn: whose site, which language, which links, framed or not, for one person or all.
    `person` is who is signed in, on personal pages."""

    rt: Runtime
    site: Site
    look: Look
    frame: bool
    links: PageLinks
    personal: bool = False
    opened: bool = False
    person: AccountView | None = None

    @property
    def language(self) -> Language:
        """The language asked for, or else the site's."""
        return choose(self.look.lang, self.site.language)

    def headers(self) -> dict[str, str]:
        """The headers of this page."""
        https = self.rt.settings.secure_cookies
        return shell_headers(self.site.origins if self.frame else None, https=https)

    async def veil(self, discussion: Discussion | None) -> Veil:
        """How this view covers the discussion's comments."""
        return await veil_of(self.rt, discussion, caution=self.look.assumes, opened=self.opened, on_article=self.frame)

    def bodies(self, veil: Veil) -> Bodies:
        """What draws the texts of the comments."""
        return Bodies(self.rt, self.language, self.frame, veil)

    def drawing(self, articles: Mapping[int, Drawn]) -> Drawing:
        """How this page draws its thread, given its drawn comments."""
        return Drawing(self.rt, self.language, self.links, articles)

    def want_articles(self, cards: Cards, outlines: Sequence[Outline], veil: Veil) -> dict[int, Drawn]:
        """Ask for the drawn form of these comments."""
        bodies = self.bodies(veil)
        return cards.want(outlines, article_key(bodies, self.links), draw_article(bodies, self.links))

    def draw_own(self, own: Own, veil: Veil) -> dict[int, Drawn]:
        """The visitor's own comments, whole, with what they may do now."""
        window = timedelta(minutes=self.rt.settings.edit_window_minutes)
        now, language = self.rt.clock.now(), self.language
        with_powers: dict[int, tuple[Comment, OwnView]] = {}
        for one in own.comments:
            told = told_about(one, own.decided.get(one.id, ()), language, featured=one.id == own.featured_id)
            # Whatever others see of it: its author sees it whole.
            whole = one._replace(marked=False)
            with_powers[one.id] = (whole, own_view(one, now=now, window=window, told=told))
        return drawn_own(self.bodies(veil), self.links, with_powers, own.inner)

    def standing(self, own: Own) -> tuple[StandingView, ...]:
        """What the visitor must know before they write."""
        fields = (("lang", self.language.code), *self.links.kept, *((("frame", "1"),) if self.frame else ()))
        where = dict(fields) | {"discussion_id": str(self.links.discussion_id)}
        path = f"/embed/{self.site.key}/warning"
        return standing_views(own.standing, self.language, acknowledge=path, fields=tuple(where.items()))

    def head(self, discussion: Discussion, veil: Veil) -> DiscussionView:
        """The discussion's head, with what this view takes it to give away."""
        works = discussion.warned.works
        warning = WarningView(veil.scope.tokens, veil.book.label(veil.scope), veil.gate.value, works)
        return discussion_view(discussion, self.site, self.rt.settings.public_url, warning=warning)

    async def spoilers(self, discussion: Discussion | None, veil: Veil) -> SpoilersView | None:
        """What the page knows about spoilers."""
        asked = tuple((self.look.works or "").split())
        return await spoilers_view(self.rt, self.site, discussion, veil, asked)

    async def subjects(self, discussion: Discussion, veil: Veil) -> dict[str, Any]:
        """What search engines are told that the discussion is about: what is stored, whatever the address adds."""
        return await subjects_of(self.rt, discussion.warned, veil.book.scope(discussion.warned.scope_id))

    def bare(self, discussion: DiscussionView) -> ThreadPage:
        """What all pages of a discussion have in common."""
        return ThreadPage(
            discussion=discussion,
            thread=self.drawing({}).thread(()),
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
            ask_name=self.person is None,
            guests=isinstance(may_post_as_guest(self.site), Allow),
            signed_in_as=self.person,
            max_length=self.rt.settings.max_comment_length,
            slow_seconds=discussion.slow_seconds,
            watched=discussion.watched,
            theme=self.look.theme,
            **self.look.fields(),
        )


async def conversation_page(viewing: Viewing, page: Page, query: PageQuery, own: Own = NOTHING_OWN) -> ThreadPage:
    """A page of conversations; on a personal one, with the visitor's `own` comments and their controls."""
    if page.discussion is None:
        raise ValueError("an unknown article has no conversations")
    links, veil = viewing.links, await viewing.veil(page.discussion)
    head = viewing.head(page.discussion, veil)
    nodes = with_own(page.nodes, own.comments)
    flat = flatten(nodes)
    cards = Cards(viewing.rt, viewing.site.id, veil)
    articles = viewing.want_articles(cards, flat, veil)
    public = [] if viewing.frame or viewing.personal else [c for c in flat if c.status is Status.PUBLISHED]
    linked = cards.want(public[:MOST_COMMENTS], linked_key(veil), linked_of)
    cards.want_whole(page.featured_id)
    await cards.load()
    top = cards.public(page.featured_id)
    articles |= viewing.draw_own(own, veil)
    described = [linked[c.id] for c in public if c.id in linked]
    subjects = await viewing.subjects(page.discussion, veil) if described else {}
    return replace(
        viewing.bare(head),
        spoilers=await viewing.spoilers(page.discussion, veil),
        thread=viewing.drawing(articles).thread(nodes),
        shown=len(flat),
        sorts=tuple(_sort_link(links, sort, query.order, personal=viewing.personal) for sort in Sort),
        composer=viewing.composer(head),
        next_href=links.page(query.order, after=str(page.next_cursor)) if page.next_cursor else None,
        first_href=None if query.after is None and query.at is None else links.page(query.order),
        own_href=links.own(query.order),
        mine_href=None if viewing.personal else links.mine(),
        standing=viewing.standing(own),
        json_ld=json_ld(head, described, time_of(page.discussion.id), subjects),
        featured=None if top is None else draw_featured(viewing.bodies(veil), links, top, on_page=top.id in articles),
    )


def _sort_link(links: PageLinks, sort: Sort, current: Sort, *, personal: bool) -> SortLink:
    href = links.own(sort) if personal else links.page(sort)
    return SortLink(sort.value, href, sort is current)


async def thread_page(viewing: Viewing, page: Page, *, after: int) -> ThreadPage:
    """The page of one comment's replies."""
    if page.discussion is None or page.focus is None:
        raise ValueError("a sub-thread hangs from a comment")
    rt, links, focus = viewing.rt, viewing.links, page.focus
    veil = await viewing.veil(page.discussion)
    head = viewing.head(page.discussion, veil)
    nodes = (Node(outline_of(focus), page.nodes),)
    cards = Cards(rt, viewing.site.id, veil)
    articles = viewing.want_articles(cards, flatten(nodes), veil)
    await cards.load()
    next_href = links.thread(focus.id, after=page.next_cursor.last) if page.next_cursor else None
    return replace(
        viewing.bare(head),
        spoilers=await viewing.spoilers(page.discussion, veil),
        thread=viewing.drawing(articles).thread(nodes),
        shown=len(flatten(nodes)),
        composer=viewing.composer(head),
        next_href=next_href,
        first_href=links.page(at=focus.root_id) if not after else links.thread(focus.id),
        own_href=links.own(),
        mine_href=links.mine(),
        focus=comment_view(focus, rt.settings.public_url, veil),
    )


async def unknown_page(viewing: Viewing, ref: ArticleRef, identifier: str | None) -> ThreadPage:
    """The page of an article that nobody has brought here: empty, ready to be announced and written in."""
    head = unknown_view(ref, viewing.site)
    composer = viewing.composer(head)
    return replace(
        viewing.bare(head),
        spoilers=await viewing.spoilers(None, await viewing.veil(None)),
        composer=None if composer is None else replace(composer, identifier=identifier),
        announce=f"/api/v1/sites/{viewing.site.key}/announce",
        identifier=identifier,
    )
