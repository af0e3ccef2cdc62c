"""The demo's articles and threads: complete, well formed, and long enough to show what threads do."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from urllib.parse import urlsplit

import httpx
import pytest

from forum.demo.content import CATALOGUE, NEWSROOM_MARK, Article, DemoContent, SeedComment, _check_thread, load
from forum.demo.newsroom import create_newsroom
from forum.spoilers.catalogue.checking import check
from forum.spoilers.catalogue.importing import read

OWN_URL = "http://127.0.0.1:9801"
AFTERSHOW_URL = "http://127.0.0.1:9800"
CONTENT: DemoContent = load(own_url=OWN_URL)
EVERY_ARTICLE = pytest.mark.parametrize("article", CONTENT.articles, ids=lambda article: article.slug)


def depths(article: Article) -> dict[str, int]:
    """How deep each comment stands, by key; a parent that does not come first is a KeyError."""
    found: dict[str, int] = {}
    for comment in article.comments:
        found[comment.key] = 0 if comment.parent_key is None else found[comment.parent_key] + 1
    return found


def test_five_articles_newest_first() -> None:
    assert len(CONTENT.articles) == 5
    assert all(one.published_at > other.published_at for one, other in pairwise(CONTENT.articles))
    assert CONTENT.find_article("nothing-of-the-kind") is None


@EVERY_ARTICLE
def test_the_last_paragraph_holds_the_question(article: Article) -> None:
    last = article.blocks[-1]
    assert last.kind == "p"
    assert article.question.endswith("?")
    assert article.question in last.plain
    assert 350 <= sum(len(block.plain.split()) for block in article.blocks) <= 600
    assert {block.kind for block in article.blocks} <= {"p", "h2", "quote", "warning"}


@EVERY_ARTICLE
def test_parents_stand_before_their_replies(article: Article) -> None:
    assert len(depths(article)) == len(article.comments)
    minutes = {comment.key: comment.minutes_after_publication for comment in article.comments}
    assert all(
        minutes[comment.key] > (minutes[comment.parent_key] if comment.parent_key else 0)
        for comment in article.comments
    )


@EVERY_ARTICLE
def test_comments_keep_the_limits(article: Article) -> None:
    for comment in article.comments:
        assert 0 < len(comment.body) <= 10_000
        assert 0 < len(comment.author) <= 40
        assert comment.author == comment.author.strip()
        assert NEWSROOM_MARK not in comment.body


def test_one_thread_is_long_deep_and_broad() -> None:
    article = CONTENT.find_article("gutterlight-second-season")
    assert article is not None
    assert len(article.comments) >= 120
    assert max(depths(article).values()) >= 8
    replies = Counter(comment.parent_key for comment in article.comments if comment.parent_key)
    assert replies.most_common(1)[0][1] > 60
    assert any(block.kind == "warning" for block in article.blocks)
    for state in ("held", "deleted", "edited"):
        assert any(getattr(comment, state) for comment in article.comments), state


def test_the_threads_show_what_can_be_done_about_spoilers() -> None:
    """By what their Markdown says: what becomes of it is seen in the running demo."""
    comments = [comment for article in CONTENT.articles for comment in article.comments]
    bodies = [comment.body for comment in comments]
    assert {article.gate for article in CONTENT.articles if article.assumes} == {"ask", "assume"}
    assert any(article.works and not article.assumes for article in CONTENT.articles)
    shown = (r"\[[^]?]+\] ?(\|\||>!)", r"(?<!\] )(?<!\])\|\|\w[^|]+\|\|", r"(?m)^>! ", r"(?m)^:::spoiler \w", r"\[\? ")
    for form in shown:
        assert any(re.search(form, body) for body in bodies), form
    nested = [body for body in bodies if re.search(r":::spoiler .*\[.+?\]\|\|.*\n:::", body, re.DOTALL)]
    assert nested
    assert any(comment.quoted_keys for comment in comments)
    by_key = {(article.slug, comment.key): comment for article in CONTENT.articles for comment in article.comments}
    marked = re.compile(r"\|\||>!|:::")
    answers = [
        (parent, comment)
        for (slug, _), comment in by_key.items()
        if comment.parent_key and marked.search((parent := by_key[slug, comment.parent_key]).body)
    ]
    assert {comment.scope for _, comment in answers} == {None, ()}, "one inherits, one gives nothing away"


def test_everything_the_articles_assume_is_in_the_catalogue() -> None:
    works = {work.id: work for work in check(read(CATALOGUE)).works}
    for article in CONTENT.articles:
        assert set(article.works) <= works.keys()
        for token in article.assumes.split():
            work, _, code = token.partition(":")
            assert code in {unit.code for unit in works[work].units}


def test_links_between_threads_lead_to_articles_of_the_newsroom() -> None:
    bodies = [comment.body for article in CONTENT.articles for comment in article.comments]
    links = [link for body in bodies for link in re.findall(r"\]\((\S+?)\)", body)]
    assert links
    paths = {article.path for article in CONTENT.articles}
    assert all(link.startswith(f"{OWN_URL}/") and urlsplit(link).path in paths for link in links)


def test_a_reply_to_a_later_comment_is_refused() -> None:
    early = SeedComment("a", None, "Nan", 5, "Hello")
    hasty = SeedComment("b", "a", "Lou", 5, "Hello back")
    with pytest.raises(ValueError, match="not earlier"):
        _check_thread("story", [early, hasty])
    with pytest.raises(ValueError, match="not earlier"):
        _check_thread("story", [early, SeedComment("b", None, "Lou", 5, "> @Nan#{a}\n> Hello")])
    with pytest.raises(ValueError, match="twice"):
        _check_thread("story", [early, early])


@pytest.mark.anyio
async def test_the_newsroom_embeds_aftershow_and_nothing_else() -> None:
    app = create_newsroom(aftershow_url=AFTERSHOW_URL, own_url=OWN_URL)
    article = CONTENT.articles[0]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=OWN_URL) as client:
        front, story, plain, missing, style = [
            await client.get(path)
            for path in ("/", article.path, f"/plain/{article.slug}", "/articles/none", "/newsroom-static/newsroom.css")
        ]
    said = 'data-assumes="gutterlight:S1E10" data-gate="ask" data-works="gutterlight gutterlight-comic tin-saints"'
    tag = f'<script src="{AFTERSHOW_URL}/static/embed.js" data-site="newsroom" {said} async></script>'
    assert [page.status_code for page in (front, story, plain, missing, style)] == [200, 200, 200, 404, 200]
    assert tag in story.text
    assert tag not in plain.text
    assert f'<iframe class="thread" src="{AFTERSHOW_URL}/embed/newsroom?url=' in plain.text
    assert all(f'data-aftershow-count="{OWN_URL}{one.path}"' in front.text for one in CONTENT.articles)
    assert f'<link rel="canonical" href="{OWN_URL}{article.path}">' in plain.text
    assert f"script-src {AFTERSHOW_URL};" in story.headers["content-security-policy"]
