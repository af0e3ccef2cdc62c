"""The demo's newsroom: a small site on another origin, as a publisher would run one, with Aftershow embedded.

It knows Aftershow only by its address. Its pages show the three ways to embed: the script (`/articles/…`), the plain
`<iframe>` (`/plain/…`) and counts on a list (`/`). In the demo it also shows the mail that Aftershow would send.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from anyio import to_thread
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from forum.demo import content
from forum.demo.mailbox import read_mailbox
from forum.paths import STATIC_DIR, TEMPLATES_DIR

STATIC_PATH: Final = "/newsroom-static"


def create_newsroom(
    *, aftershow_url: str, own_url: str, later_by: timedelta = timedelta(), mail: Path | None = None
) -> Starlette:
    """Return the newsroom as an application that believes to be at `own_url` and embeds the Aftershow at the other.

    Both are absolute addresses without a path, such as `http://localhost:8001`. `later_by` moves the articles in time.
    `mail` is the folder that mail is written into, shown as `/mailbox`.
    """
    newsroom = Newsroom(
        aftershow_url=aftershow_url.rstrip("/"), own_url=own_url.rstrip("/"), later_by=later_by, mail=mail
    )
    return Starlette(
        routes=[
            Route("/", newsroom.front_page),
            Route("/articles/{slug}", newsroom.article_page),
            Route("/plain/{slug}", newsroom.plain_page),
            *([Route("/mailbox", newsroom.mailbox_page)] if mail else []),
            Mount(STATIC_PATH, StaticFiles(directory=STATIC_DIR / "newsroom")),
        ],
        exception_handlers={404: newsroom.not_found_page},
    )


@dataclass(frozen=True, slots=True)
class Embed:
    """Where Aftershow is, for the templates: its script, and the address of the frame for one article."""

    script: str
    frame: str
    site: str = content.SITE_KEY


class Newsroom:
    """The pages of the newsroom; one instance serves all requests."""

    def __init__(self, *, aftershow_url: str, own_url: str, later_by: timedelta, mail: Path | None) -> None:
        self._aftershow_url = aftershow_url
        self._own_url = own_url
        self._mail = mail
        self._content = content.load(own_url=own_url, later_by=later_by)
        self._headers = {
            "Content-Security-Policy": _content_security_policy(aftershow_url),
            "Referrer-Policy": "strict-origin-when-cross-origin",
            "X-Content-Type-Options": "nosniff",
        }
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES_DIR / "newsroom"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    async def front_page(self, request: Request) -> Response:
        """`GET /`: all articles, each with its number of comments."""
        return self._page("home.html", {"embed": self._embed(None)})

    async def article_page(self, request: Request) -> Response:
        """`GET /articles/{slug}`: an article with the thread embedded by the script."""
        return self._article("article.html", request)

    async def plain_page(self, request: Request) -> Response:
        """`GET /plain/{slug}`: the same article and thread, embedded by an `<iframe>` and no script."""
        return self._article("plain.html", request)

    async def mailbox_page(self, request: Request) -> Response:
        """`GET /mailbox`: every mail Aftershow would have sent. Only under our own name: a page elsewhere that lets its
        name point here must not read it."""
        if self._mail is None or request.headers.get("host") != urlsplit(self._own_url).netloc:
            return self._page("not_found.html", {}, status=HTTPStatus.NOT_FOUND)
        folder, aftershow_url = self._mail, self._aftershow_url
        mails = await to_thread.run_sync(lambda: read_mailbox(folder, aftershow_url=aftershow_url))
        answer = self._page("mailbox.html", {"mails": mails})
        answer.headers["Cache-Control"] = "no-store"
        return answer

    async def not_found_page(self, request: Request, error: Exception) -> Response:
        """Any other address."""
        return self._page("not_found.html", {}, status=HTTPStatus.NOT_FOUND)

    def _article(self, template: str, request: Request) -> Response:
        article = self._content.find_article(request.path_params["slug"])
        if article is None:
            return self._page("not_found.html", {}, status=HTTPStatus.NOT_FOUND)
        context = {
            "article": article,
            "others": [other for other in self._content.articles if other is not article],
            "embed": self._embed(article),
            "json_ld": self._json_ld(article),
        }
        return self._page(template, context)

    def _page(self, template: str, context: Mapping[str, Any], *, status: int = HTTPStatus.OK) -> Response:
        html = self._templates.get_template(template).render(
            site_name=content.SITE_NAME,
            articles=self._content.articles,
            own_url=self._own_url,
            static=STATIC_PATH,
            has_mailbox=self._mail is not None,
            **context,
        )
        return HTMLResponse(html, status_code=status, headers=self._headers)

    def _embed(self, article: content.Article | None) -> Embed:
        query = urlencode(self._query(article)) if article else ""
        return Embed(
            script=f"{self._aftershow_url}/static/embed.js",
            frame=f"{self._aftershow_url}/embed/{content.SITE_KEY}?{query}",
        )

    def _query(self, article: content.Article) -> dict[str, str]:
        """What the address of a plain frame says, as the loader would."""
        said = {"assumes": article.assumes, "works": " ".join(article.works)}
        return {"url": f"{self._own_url}{article.path}", **{name: value for name, value in said.items() if value}}

    def _json_ld(self, article: content.Article) -> dict[str, Any]:
        """Describe the article for machines (schema.org), as a publisher's own system would."""
        return {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": article.title,
            "description": article.standfirst,
            "datePublished": article.published_at.isoformat(),
            "author": {"@type": "Person", "name": article.author},
            "publisher": {"@type": "Organization", "name": content.SITE_NAME},
            "image": [f"{self._own_url}{STATIC_PATH}/{article.image}"],
            "mainEntityOfPage": f"{self._own_url}{article.path}",
        }


def _content_security_policy(aftershow_url: str) -> str:
    """Allow this site's own styles and pictures, and Aftershow's script, frame and counts; nothing else."""
    parts = urlsplit(aftershow_url)
    aftershow = f"{parts.scheme}://{parts.netloc}"
    return "; ".join(
        [
            "default-src 'none'",
            "style-src 'self'",
            "img-src 'self'",
            f"script-src {aftershow}",
            f"frame-src {aftershow}",
            f"connect-src {aftershow}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ]
    )
